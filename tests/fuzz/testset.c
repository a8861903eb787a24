/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of test files. What parses is formatted, once and for all; what is
 * right asks, and is answered.
 */
#include "engine/testset.h"
#include "grammar/load.h"
#include "grammar/print.h"
#include "tests/fuzz/fuzz.h"

const char fuzz_door[] = "testset";

static struct us_testset *
load(struct us_str text, struct us_diags *diags)
{
	return us_load_tests(us_src_new("input", text, US_FORMAT_TEST), diags);
}

static void
must_format(const struct us_testset *ts, unsigned errors)
{
	struct us_buf once = {0}, twice = {0};
	struct us_diags diags = {0};
	struct us_testset *again;

	us_print_tests(ts, &once);
	again = load(us_buf_str(&once), &diags);
	if (diags.errors)
		fuzz_broken("formatted it is wrong:\n%s", once.p);
	if (fuzz_comments(ts->comments.v, ts->comments.n) !=
	    fuzz_comments(again->comments.v, again->comments.n))
		fuzz_broken("formatted it has other comments:\n%s", once.p);
	us_print_tests(again, &twice);
	fuzz_same("formatted", us_buf_str(&once), us_buf_str(&twice));
	if (us_testset_check(again, fuzz_standing()->rs, &diags) != errors)
		fuzz_broken("formatted it has other errors:\n%s", once.p);
	us_testset_free(again);
	us_diags_free(&diags);
	us_buf_free(&once);
	us_buf_free(&twice);
}

static void
ask(const struct us_testset *ts)
{
	const struct us_expect *expect;
	const struct us_test *test;
	struct us_arena a = {0};

	US_EACH (test, &ts->tests) {
		fuzz_decide(fuzz_standing_decider(),
		    us_test_request(ts, fuzz_standing()->rs, test, NULL, &a));
		US_EACH (expect, &test->expects) {
			if (expect->kind != US_EXPECT_OUTCOME)
				fuzz_decide(fuzz_standing_decider(),
				    us_test_request(ts, fuzz_standing()->rs,
					test, &expect->approver, &a));
		}
		us_arena_reset(&a);
	}
	us_arena_free(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct us_diags diags = {0};
	struct us_testset *ts;
	unsigned errors;
	bool parsed;

	if (size > FUZZ_MAX)
		return 0;
	ts = load((struct us_str){(const char *)data, size}, &diags);
	parsed = diags.errors == 0;
	errors = us_testset_check(ts, fuzz_standing()->rs, &diags);
	fuzz_tell(&diags);
	if (parsed)
		must_format(ts, errors);
	if (!diags.errors)
		ask(ts);
	us_testset_free(ts);
	us_diags_free(&diags);
	return 0;
}
