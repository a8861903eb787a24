/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the engine: programs and requests from JSON in the test. */
#ifndef US_TEST_LOAD_H
#define US_TEST_LOAD_H

#include "engine/check.h"
#include "engine/compile.h"
#include "engine/json.h"
#include "engine/json_request.h"
#include "engine/json_rules.h"
#include "tests/tap.h"

/* Prints what is wrong and stops: a test with bad data tests nothing. */
static inline void
test_must_be_right(const struct us_diags *diags)
{
	struct us_buf buf = {0};

	if (!diags->errors)
		return;
	for (uint32_t i = 0; i < diags->list.n; i++)
		us_diag_text(&diags->list.v[i], false, &buf);
	printf("Bail out! bad test data\n%s", buf.p);
	exit(2);
}

static inline struct us_prog *
test_program(const char *json)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	struct us_src *src = us_src_new("rules", us_str(json), US_FORMAT_JSON);
	struct us_json_value value;
	struct us_prog *prog;

	*us_list_add(&rs->arena, &rs->sources) = src;
	if (us_json_parse(src, &diags, &value))
		us_rules_from_json(rs, src, value, &diags);
	us_check(rs, &diags);
	test_must_be_right(&diags);
	prog = us_compile(rs);
	us_diags_free(&diags);
	us_ruleset_free(rs); /* a program stands alone */
	return prog;
}

static inline struct us_request *
test_request(const char *json, struct us_arena *a)
{
	struct us_src *src = us_src_new("request", us_str(json), US_FORMAT_JSON);
	struct us_diags diags = {0};
	struct us_request *req = us_request_from_json(src, a, &diags);

	test_must_be_right(&diags);
	us_diags_free(&diags);
	us_src_free(src);
	return req;
}

#endif
