/* SPDX-License-Identifier: Apache-2.0 */
/* us_print_workflow: groups get names from their labels, each once. */
#include "engine/check.h"
#include "grammar/parse.h"
#include "grammar/print.h"
#include "tests/tap.h"

static const struct {
	const char *what, *text, *want;
} cases[] = {
    {"an empty workflow", "", ""},
    {"groups are named by their labels",
	"group x = okta \"1\" \"AWS  Developers!\";\n"
	"group y = okta \"2\" \"42 Ärzte\";\n"
	"group z = okta \"3\" \"\";\n"
	"rule r { from group x, y; to any; approve outside z; }",
	"group aws-developers = okta \"1\" \"AWS  Developers!\";\n"
	"group rzte           = okta \"2\" \"42 Ärzte\";\n"
	"group group          = okta \"3\" \"\";\n"
	"\n"
	"rule r {\n"
	"\tfrom group aws-developers, rzte;\n"
	"\tto any;\n"
	"\tapprove outside group;\n"
	"}\n"},
    {"clashes are numbered, also with a name that looks numbered",
	"group a = okta \"1\" \"SRE\";\n"
	"group b = okta \"2\" \"sre 2\";\n"
	"group c = okta \"3\" \"Sre\";\n"
	"group d = entra-id \"1\" \"SRE\";\n"
	"group e = okta \"1\" \"SRE\";\n"
	"rule r { from group a, b, c, d, e; to any; deny; }",
	"group sre   = okta \"1\" \"SRE\";\n"
	"group sre-2 = okta \"2\" \"sre 2\";\n"
	"group sre-3 = okta \"3\" \"Sre\";\n"
	"group sre-4 = entra-id \"1\" \"SRE\";\n"
	"\n"
	"rule r {\n"
	"\tfrom group sre, sre-2, sre-3, sre-4, sre;\n"
	"\tto any;\n"
	"\tdeny;\n"
	"}\n"},
    {"groups that no rule names are left out; all kinds of items",
	"group unused = okta \"9\" \"Unused\";\n"
	"group a = okta \"1\" \"A\";\n"
	"preapprove p { from agent any user group a; to s; duration 90m;\n"
	"	valid until \"2027-01-01T00:00:00Z\"; reason \"x\"; }\n"
	"rule r { from agent owner group a user none; to s access t;\n"
	"	approve nobody; disabled; }\n"
	"service s { access t; filter f key any; }",
	"service s {\n"
	"\taccess t;\n"
	"\tfilter f key any;\n"
	"}\n"
	"\n"
	"group a = okta \"1\" \"A\";\n"
	"\n"
	"rule r {\n"
	"\tdisabled;\n"
	"\tfrom agent owner group a user none;\n"
	"\tto s access t;\n"
	"\tapprove nobody;\n"
	"}\n"
	"\n"
	"preapprove p {\n"
	"\tfrom agent any user group a;\n"
	"\tto s;\n"
	"\tvalid until \"2027-01-01T00:00:00Z\";\n"
	"\tduration 90m;\n"
	"\treason \"x\";\n"
	"}\n"},
};

static void
print(const char *text, struct us_buf *out, const char *what)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_src *src =
	    us_src_new("x.usher", us_str(text), US_FORMAT_RULES);
	struct us_diags diags = {0};

	*us_list_add(&rs->arena, &rs->sources) = src;
	us_parse_rules(rs, src, &diags);
	us_check(rs, &diags);
	is_int(diags.errors, 0, "%s: no errors", what);
	us_print_workflow(rs, out);
	us_diags_free(&diags);
	us_ruleset_free(rs);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct us_buf out = {0}, again = {0};

		print(cases[i].text, &out, cases[i].what);
		is_str(out.p ? out.p : "", cases[i].want, "%s", cases[i].what);
		print(out.p ? out.p : "", &again, cases[i].what);
		is_str(again.p, out.p, "%s: again", cases[i].what);
		us_buf_free(&out);
		us_buf_free(&again);
	}
	return plan_done();
}
