/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checker and the lints: files of tests/check and tests/lint go in, what
 * is said about them comes out (see cases.h; US_UPDATE=1 writes it anew). And
 * both take time in proportion to the rules.
 */
#include "engine/lint.h"
#include "engine/check.h"
#include "tests/unit/cases.h"

static void
check_case(struct us_src *src, struct us_buf *out)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};

	us_load_src(rs, src, &diags);
	us_check(rs, &diags);
	cases_diags(&diags, out);
	if (!diags.list.n)
		us_buf_puts(out, "nothing is wrong\n");
	us_diags_free(&diags);
	us_ruleset_free(rs);
}

/* Somebody is in okta 00sre and in entra-id 5f1c, nobody elsewhere. */
static void
lint_case(struct us_src *src, struct us_buf *out)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	struct us_group_id ids[] = {
	    {US_STR("okta"), US_STR("00sre")},
	    {US_STR("azure-ad"), US_STR("5f1c")},
	};
	us_group_ids inhabited = {.v = ids, .n = 2, .cap = 2};

	us_load_src(rs, src, &diags);
	if (us_check(rs, &diags) == 0 && !diags.errors)
		us_lint(rs, &inhabited, &diags);
	cases_diags(&diags, out);
	if (!diags.list.n)
		us_buf_puts(out, "nothing is suspect\n");
	us_diags_free(&diags);
	us_ruleset_free(rs);
}

/* Every lint has a file of its name, and its name is in what it brings up. */
static void
test_each_lint(void)
{
	struct us_buf text = {0};
	char path[512], wanted[128];

	for (int id = 0; id < US_DIAG_COUNT; id++) {
		if (id <= US_DIAG_NOT_INTERPRETED)
			continue;
		snprintf(wanted, sizeof(wanted), "tests/lint/%s.usher.out",
		    us_diag_name((enum us_diag_id)id));
		cases_path(path, sizeof(path), wanted);
		us_buf_reset(&text);
		cases_read(path, &text);
		snprintf(wanted, sizeof(wanted), "[%s]",
		    us_diag_name((enum us_diag_id)id));
		ok(text.p && strstr(text.p, wanted), "%s has a case", wanted);
	}
	us_buf_free(&text);
}

/* n rules with n names, groups and patterns, all of them right. */
static struct us_src *
many_rules(unsigned n)
{
	struct us_buf b = {0};
	struct us_src *src;

	us_buf_puts(&b, "group g = okta \"0\" \"\";\n");
	for (unsigned i = 0; i < n; i++)
		us_buf_printf(&b,
		    "group g%u = okta \"%u\" \"\";\n"
		    "rule r%u { from group g, g%u; to ssh { keep parent id ~ "
		    "\"^p%u$\"; } approve group g%u; deny; }\n",
		    i, i, i, i, i % 1000, i);
	src = us_src_new("many.usher", us_buf_str(&b), US_FORMAT_RULES);
	us_buf_free(&b);
	return src;
}

/* A quadratic step would take minutes here. */
static void
test_many(void)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	unsigned n = 30000;

	us_load_src(rs, many_rules(n), &diags);
	is_int(us_check(rs, &diags), 0, "many rules are right");
	is_int(us_lint(rs, NULL, &diags), 2 * n,
	    "each of many rules has its two lints");
	us_diags_free(&diags);
	us_ruleset_free(rs);
}

static void
test_too_many(void)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	struct us_rule *rule;

	for (unsigned i = 0; i <= US_RULES_MAX; i++) {
		rule = us_list_add(&rs->arena, &rs->rules);
		rule->name.s = us_str(us_arena_printf(&rs->arena, "r%u", i));
		rule->who.kind = US_WHO_ANY;
		rule->to.given = rule->to.any = true;
	}
	is_int(us_check(rs, &diags), 1, "one rule too many is an error");
	is_str(us_diag_name(diags.list.v[0].id), "limit", "about a limit");
	rs->rules.n--;
	us_diags_free(&diags);
	is_int(us_check(rs, &diags), 0, "as many as allowed are none");
	us_diags_free(&diags);
	us_ruleset_free(rs);
}

int
main(void)
{
	cases_run("tests/check", check_case);
	cases_run("tests/lint", lint_case);
	test_each_lint();
	test_many();
	test_too_many();
	return plan_done();
}
