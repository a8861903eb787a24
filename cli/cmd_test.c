/* SPDX-License-Identifier: Apache-2.0 */
/* usher test: runs test files, shows what does not hold. */
#include <stdlib.h>

#include "cli/args.h"
#include "cli/expect.h"
#include "cli/junit.h"
#include "cli/out.h"
#include "cli/suite.h"
#include "engine/check.h"
#include "engine/explain.h"
#include "grammar/load.h"

struct runner {
	const struct us_args *args;
	struct us_arena arena;	 /* of the whole run */
	struct us_arena scratch; /* of one test */
	us_suites suites;
	struct us_junit junit;
	unsigned passed, failed;
	bool colour;
	int status;
};

static void
worsen(struct runner *r, int status)
{
	if (status > r->status)
		r->status = status;
}

static void
put_coloured(const struct runner *r, const char *code, const char *text,
    struct us_buf *out)
{
	if (r->colour)
		us_buf_printf(out, "\033[%sm%s\033[0m", code, text);
	else
		us_buf_puts(out, text);
}

/* text, each of its lines behind a tab. */
static void
put_indented(struct us_str text, struct us_buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if ((i == 0 || text.p[i - 1] == '\n') && text.p[i] != '\n')
			us_buf_putc(out, '\t');
		us_buf_putc(out, text.p[i]);
	}
}

/* One expectation that does not hold: where, what, the answer, and why. */
static void
put_failure(struct runner *r, const struct us_expect *expect,
    const struct us_why *why, struct us_buf *out)
{
	struct us_buf text = {0};
	uint32_t line, column;

	us_src_place(expect->loc.src, expect->loc.off, &line, &column);
	us_buf_printf(
	    out, "%s:%u:%u: expected ", expect->loc.src->name, line, column);
	us_expect_text(expect, out);
	us_buf_puts(out, "\n\tthe answer is ");
	us_expect_answer(expect, why->verdict, out);
	us_buf_puts(out, "\n\n");
	us_why_text(why, false, r->colour, &text);
	put_indented(us_buf_str(&text), out);
	us_buf_putc(out, '\n');
	us_buf_free(&text);
}

/* Decides for one expectation; says what is wrong when it does not hold. */
static bool
try_expect(struct runner *r, struct us_suite *suite,
    const struct us_testset *ts, const struct us_test *test,
    const struct us_expect *expect, struct us_buf *out)
{
	bool approver = expect->kind != US_EXPECT_OUTCOME;
	const struct us_request *req = us_test_request(ts, suite->workflow.rs,
	    test, approver ? &expect->approver : NULL, &r->scratch);
	const struct us_verdict *v = us_decide(suite->matcher, req);
	const struct us_why *why;

	if (us_expect_holds(expect, v))
		return true;
	why = us_explain(suite->matcher, req, &r->scratch);
	put_failure(r, expect, why, out);
	return false;
}

static void
report(struct runner *r, const char *file, struct us_str name, bool passed,
    const struct us_buf *failure)
{
	const char *message = passed ? NULL : failure->p;
	struct us_buf out = {0};
	size_t first;

	if (!passed || us_args_has(r->args, US_FLAG_VERBOSE)) {
		put_coloured(
		    r, passed ? "32" : "1;31", passed ? "ok" : "FAILED", &out);
		us_buf_printf(&out, " %s: %.*s\n", file, US_ARG(name));
	}
	if (!passed)
		us_buf_str_add(&out, us_buf_str(failure));
	us_out(&out);
	us_buf_reset(&out);
	if (!passed) {
		first = strcspn(message, "\n");
		us_buf_add(&out, message, first);
	}
	us_junit_case(&r->junit, file, name, passed ? NULL : out.p, message);
	us_buf_free(&out);
}

static void
run_test(struct runner *r, struct us_suite *suite, const struct us_testset *ts,
    const struct us_test *test)
{
	const struct us_expect *expect;
	struct us_buf failure = {0};
	bool passed = true;

	US_EACH (expect, &test->expects)
		passed &= try_expect(r, suite, ts, test, expect, &failure);
	us_coverage_count(&suite->coverage, suite->matcher,
	    us_test_request(ts, suite->workflow.rs, test, NULL, &r->scratch));
	report(r, ts->src->name, test->name.s, passed, &failure);
	r->passed += passed;
	r->failed += !passed;
	us_buf_free(&failure);
	us_arena_reset(&r->scratch);
}

/* Tests of a file run only when nothing is wrong with it and its rules. */
static bool
run_tests(struct runner *r, const struct us_testset *ts, struct us_diags *diags)
{
	const struct us_test *test;
	struct us_suite *suite;

	if (diags->errors)
		return false;
	suite = us_suite_of(&r->suites, ts, r->args, &r->arena);
	worsen(r, suite->status);
	if (!suite->matcher)
		return false;
	us_testset_check(ts, suite->workflow.rs, diags);
	if (diags->errors)
		return false;
	US_EACH (test, &ts->tests)
		run_test(r, suite, ts, test);
	return true;
}

static void
run_file(struct runner *r, const char *path)
{
	struct us_diags diags = {0};
	struct us_src *src =
	    us_load_file(path, US_FORMAT_TEST, US_WORKFLOW_MAX, &diags);
	struct us_testset *ts = src ? us_load_tests(src, &diags) : NULL;
	bool ran = ts && run_tests(r, ts, &diags);

	us_diags_sort(&diags);
	us_out_diags(&diags);
	worsen(r, us_out_status(&diags));
	if (!ran)
		us_junit_error(&r->junit, path,
		    diags.list.n ? diags.list.v[0].text
				 : "its rules have errors");
	us_junit_end_suite(&r->junit, path);
	us_diags_free(&diags);
	if (ts)
		us_testset_free(ts);
}

static void
run_path(struct runner *r, const char *path)
{
	struct us_diags diags = {0};
	us_paths files = {0};
	const char **file;

	us_load_expand(path, ".test", &r->arena, &files, &diags);
	us_out_diags(&diags);
	worsen(r, us_out_status(&diags));
	us_diags_free(&diags);
	US_EACH (file, &files)
		run_file(r, *file);
}

/* What is covered; too little of it fails the run. */
static void
put_coverage(struct runner *r, double min, struct us_buf *out)
{
	struct us_coverage_sum sum = {0};
	struct us_suite **suite;
	double seen;

	US_EACH (suite, &r->suites) {
		if ((*suite)->matcher)
			us_coverage_text(&(*suite)->coverage,
			    (*suite)->workflow.rs, &sum, out);
	}
	us_buf_printf(out,
	    "coverage: %u of %u rules matched, %u of %u conditions both ways\n",
	    sum.rules_matched, sum.rules, sum.conditions_both, sum.conditions);
	seen = sum.parts ? 100.0 * sum.parts_seen / sum.parts : 100;
	if (seen >= min)
		return;
	us_buf_printf(out, "coverage is %.1f %%, less than %g %%\n", seen, min);
	worsen(r, US_EXIT_NO);
}

/* The MIN of --coverage=MIN, 0 when there is none; negative: a message. */
static double
least_coverage(const struct us_args *args)
{
	const char *text = us_args_value(args, US_FLAG_COVERAGE);
	char *end;
	double min;

	if (!text || !*text)
		return 0;
	min = strtod(text, &end);
	if (end != text && !*end && min >= 0 && min <= 100)
		return min;
	us_args_wrong(
	    args, "--coverage=%s: a per cent from 0 to 100 is expected", text);
	return -1;
}

static void
finish(struct runner *r, double min)
{
	const char *junit = us_args_value(r->args, US_FLAG_JUNIT);
	struct us_buf out = {0};

	if (us_args_has(r->args, US_FLAG_COVERAGE))
		put_coverage(r, min, &out);
	if (junit && !us_junit_write(&r->junit, junit))
		worsen(r, US_EXIT_BAD);
	us_buf_printf(&out, "%u passed, %u failed\n", r->passed, r->failed);
	us_out(&out);
	us_buf_free(&out);
	if (r->failed)
		worsen(r, US_EXIT_NO);
}

int
us_cmd_test(struct us_args *args)
{
	struct runner r = {.args = args,
	    /* The same text goes to the XML, which has no word for colours. */
	    .colour =
		!us_args_has(args, US_FLAG_JUNIT) && us_out_colour(stdout)};
	double min = least_coverage(args);

	if (min < 0)
		return US_EXIT_BAD;
	for (uint32_t i = 0; i < args->operands.n; i++)
		run_path(&r, args->operands.v[i]);
	finish(&r, min);
	us_suites_free(&r.suites);
	us_junit_free(&r.junit);
	us_arena_free(&r.scratch);
	us_arena_free(&r.arena);
	return r.status;
}
