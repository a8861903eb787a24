/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: show FILE [RULES]
 *
 * What the parser makes of a file: its diagnostics, then the canonical text,
 * or, when there are errors, the items that were read whole. A *.test file is
 * checked against RULES.
 */
#include "engine/check.h"
#include "engine/testset.h"
#include "grammar/parse.h"
#include "grammar/print.h"

#include <stdio.h>
#include <stdlib.h>

static struct us_src *
read_src(const char *name, enum us_format format)
{
	FILE *f = fopen(name, "rb");
	struct us_buf text = {0};
	struct us_src *src;
	char part[4096];
	size_t n;

	if (!f) {
		perror(name);
		exit(2);
	}
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		us_buf_add(&text, part, n);
	fclose(f);
	src = us_src_new(name, us_buf_str(&text), format);
	us_buf_free(&text);
	return src;
}

static struct us_src *
read_rules(struct us_ruleset *rs, const char *name, struct us_diags *diags)
{
	struct us_src *src = read_src(name, US_FORMAT_RULES);

	*us_list_add(&rs->arena, &rs->sources) = src;
	us_parse_rules(rs, src, diags);
	us_check(rs, diags);
	return src;
}

static void
list_rules(const struct us_ruleset *rs, struct us_buf *out)
{
	const struct us_preapproval *pre;
	const struct us_rule *rule;

	US_EACH (rule, &rs->rules) {
		if (!rule->broken)
			us_buf_printf(out, "rule %.*s\n", US_ARG(rule->name.s));
	}
	US_EACH (pre, &rs->preapprovals) {
		if (!pre->broken)
			us_buf_printf(
			    out, "preapprove %.*s\n", US_ARG(pre->name.s));
	}
}

static void
list_tests(const struct us_testset *ts, struct us_buf *out)
{
	const struct us_test_user *user;
	const struct us_test *test;

	US_EACH (user, &ts->users) {
		if (!user->broken)
			us_buf_printf(out, "user %.*s\n", US_ARG(user->uid.s));
	}
	US_EACH (test, &ts->tests) {
		if (!test->broken)
			us_buf_printf(out, "test %.*s\n", US_ARG(test->name.s));
	}
}

static void
put_diags(struct us_diags *diags, struct us_buf *out)
{
	us_diags_sort(diags);
	for (uint32_t i = 0; i < diags->list.n; i++)
		us_diag_text(&diags->list.v[i], false, out);
}

static void
show_tests(struct us_ruleset *rs, const char *name, struct us_diags *diags,
    struct us_buf *out)
{
	struct us_testset *ts = us_testset_new(read_src(name, US_FORMAT_TEST));

	us_parse_tests(ts, diags);
	us_testset_check(ts, rs, diags);
	put_diags(diags, out);
	if (diags->errors)
		list_tests(ts, out);
	else
		us_print_tests(ts, out);
	us_testset_free(ts);
}

int
main(int argc, char **argv)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	struct us_buf out = {0};
	struct us_src *src;

	if (argc == 3) {
		read_rules(rs, argv[2], &diags);
		show_tests(rs, argv[1], &diags, &out);
	} else if (argc == 2) {
		src = read_rules(rs, argv[1], &diags);
		put_diags(&diags, &out);
		if (diags.errors)
			list_rules(rs, &out);
		else
			us_print_source(rs, src, &out);
	}
	if (out.n)
		fwrite(out.p, 1, out.n, stdout);
	us_buf_free(&out);
	us_diags_free(&diags);
	us_ruleset_free(rs);
	return 0;
}
