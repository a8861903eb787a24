/* SPDX-License-Identifier: Apache-2.0 */
/* us_parse_rules on several sources of one ruleset, and its count of errors. */
#include "grammar/parse.h"
#include "tests/tap.h"

static unsigned
parse(struct us_ruleset *rs, const char *text, struct us_diags *diags)
{
	struct us_src *src =
	    us_src_new("x.usher", us_str(text), US_FORMAT_RULES);

	*us_list_add(&rs->arena, &rs->sources) = src;
	return us_parse_rules(rs, src, diags);
}

int
main(void)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};

	is_int(parse(rs, "rule a { from any; to any; deny; }", &diags), 0,
	    "a rule");
	is_int(parse(rs, "rule b { from any; deny; }", &diags), 1,
	    "a rule that is right but for a statement");
	is_int(parse(rs, "zz", &diags), 1, "another file, all wrong");
	is_int(diags.list.n, 2, "does not take back what was said before");
	ok(!rs->rules.v[1].broken, "nor breaks a rule of the other file");
	is_int(diags.list.v[0].id, US_DIAG_MISSING, "the first error");
	is_int(diags.list.v[1].id, US_DIAG_SYNTAX, "the second error");

	is_int(parse(rs, "rule c { from any; } to any; deny; }", &diags), 1,
	    "a brace too early is one error");
	ok(rs->rules.v[2].broken, "in a broken rule");
	is_int(parse(rs, "group g = okta \"1\" \"", &diags), 1,
	    "a file that ends in a string");
	ok(rs->groups_broken, "may have lost a group");
	us_diags_free(&diags);
	us_ruleset_free(rs);
	return plan_done();
}
