/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of rules in the language. What parses is formatted, once and for
 * all; what is right means the same in every form, and decides.
 */
#include "engine/json_rules.h"
#include "grammar/print.h"
#include "tests/fuzz/fuzz.h"

const char fuzz_door[] = "rules";

static void
must_format(const struct fuzz_workflow *w)
{
	struct us_buf once = {0}, twice = {0}, was = {0}, is = {0};
	struct fuzz_workflow again;

	us_print_source(w->rs, w->rs->sources.v[0], &once);
	fuzz_load(&again, us_buf_str(&once), US_FORMAT_RULES);
	if (!again.parsed || again.good != w->good)
		fuzz_broken("formatted it is %s:\n%s",
		    again.parsed ? "another" : "wrong", once.p);
	if (fuzz_comments(w->rs->comments.v, w->rs->comments.n) !=
	    fuzz_comments(again.rs->comments.v, again.rs->comments.n))
		fuzz_broken("formatted it has other comments:\n%s", once.p);
	us_print_source(again.rs, again.rs->sources.v[0], &twice);
	fuzz_same("formatted", us_buf_str(&once), us_buf_str(&twice));
	if (w->good) {
		us_rules_to_json(w->rs, &was);
		us_rules_to_json(again.rs, &is);
		fuzz_same("formatted", us_buf_str(&was), us_buf_str(&is));
	}
	fuzz_unload(&again);
	us_buf_free(&once);
	us_buf_free(&twice);
	us_buf_free(&was);
	us_buf_free(&is);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_any_workflow(data, size, US_FORMAT_RULES, must_format);
}
