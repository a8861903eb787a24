/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workflow that requests and test files are held against: one rule of each
 * kind, few names, so that inputs come upon them.
 */
#include "engine/compile.h"
#include "tests/fuzz/fuzz.h"

static const char text[] =
    "group sre = okta \"s\" \"SRE\";\n"
    "group leads = entra-id \"l\" \"Leads\";\n"
    "group staff = workspace \"w@x.y\" \"Staff\";\n"
    "service lake {\n"
    "	access table;\n	filter name key id;\n	filter hot boolean;\n}\n"
    "rule a { from group sre, leads; to ssh access session {\n"
    "	keep parent id ~ \"^p-\"; remove group name ~ \"^x\";\n"
    "	keep sudo is false; } approve group leads;\n"
    "	approve escalation pagerduty \"P1\" require reason; }\n"
    "rule b { from any; to ssh { keep parent id ~ \"-z$\"; } deny; }\n"
    "rule c { from user \"a@x.y\"; to aws access role {\n"
    "	keep tag env ~ \"^(dev|qa)$\"; remove account id ~ \"[0-9]{3}\"; }\n"
    "	approve oncall pagerduty; }\n"
    "rule d { from user \"a@x.y\"; to aws access role {\n"
    "	remove-all tag key k; remove-all resource; }\n"
    "	approve oncall incidentio require reason; }\n"
    "rule e { from outside staff; to gcloud access role;\n"
    "	approve nobody; }\n"
    "rule f { from agent provider idp ~ \"^svc-[a-z]+$\" user none;\n"
    "	to aws access policy; approve persistent; }\n"
    "rule g { from some; to k8s; approve reviewers; }\n"
    "rule h { disabled; from any; to azure; approve persistent; }\n"
    "rule i { from agent client \"bot\" user group sre; to any;\n"
    "	approve reviewers require reason, duration; }\n"
    "rule j { from agent owner \"a@x.y\" user none; to lake access table {\n"
    "	keep hot is true; keep name id ~ \"(a+)+b\"; }\n"
    "	approve manager okta \"boss\"; }\n"
    "rule k { from agent owner outside staff user any; to k8s access resource\n"
    "	{ keep role name ~ \"^view$|^edit$\"; } approve persistent; }\n"
    "rule l { from agent any user \"a@x.y\"; to ssh access all;\n"
    "	approve group sre require reason; }\n"
    "rule m { from any; to lake { remove name id ~ \"(.*)\\\\1x\"; }\n"
    "	approve persistent; }\n"
    "preapprove n { from user \"a@x.y\"; to aws;\n"
    "	valid until \"2030-01-01T00:00:00Z\"; duration 60m; }\n";

static void
make_crowd(struct us_buf *out)
{
	/* A bucket that is long enough for a shelf of the index. */
	us_buf_puts(out, text);
	for (unsigned i = 0; i < 24; i++)
		us_buf_printf(out,
		    "rule q%u { from any; to pg access role {\n"
		    "	keep role name ~ \"^%s%u%s\"; } approve persistent; "
		    "}\n",
		    i, i % 3 ? "r" : "s", i, i % 2 ? "$" : "");
}

const struct fuzz_workflow *
fuzz_standing(void)
{
	static struct fuzz_workflow w;
	struct us_buf out = {0};

	if (w.rs)
		return &w;
	make_crowd(&out);
	fuzz_load_right(&w, us_buf_str(&out), US_FORMAT_RULES, "standing");
	us_buf_free(&out);
	return &w;
}

struct fuzz_decider *
fuzz_standing_decider(void)
{
	static struct fuzz_decider d;

	if (!d.prog)
		d = fuzz_decider(us_compile(fuzz_standing()->rs));
	return &d;
}
