/* SPDX-License-Identifier: Apache-2.0 */
/* us_test_request: the facts of a test file become a request. */
#include "engine/testset.h"
#include "grammar/parse.h"
#include "tests/tap.h"

static const char rules[] = "group sre = okta \"00sre\" \"SRE\";\n";

static const char text[] =
    "user \"Ana@example.com\" { groups sre, entra-id \"x\";\n"
    "	oncall pagerduty \"P1\"; oncall incidentio unknown;\n"
    "	profile okta manager \"mia@example.com\";\n"
    "	roles security-reviewer; }\n"
    "test \"full\" {\n"
    "	request from \"ana@example.com\" by \"bo@example.com\" to aws access "
    "role {\n"
    "		tag env = \"a\", \"b\"; tag team unknown; role name = \"r\";\n"
    "	}\n"
    "	reason \"INC\"; duration 2h; at \"1970-01-01T00:00:01Z\";\n"
    "	preapproved; escalated; expect unknown; }\n"
    "test \"agent\" {\n"
    "	request from agent client \"c\" owner \"ana@example.com\" provider p\n"
    "	    subject \"s\" user none to ssh { sudo is true; }\n"
    "	expect unknown; }\n"
    "test \"unknown\" {\n"
    "	request from \"nobody@example.com\" to ssh { sudo is unknown; }\n"
    "	expect unknown; }\n";

static void
is(struct us_str got, const char *want, const char *what)
{
	ok(us_str_eq(got, us_str(want)), "%s is %s (%.*s)", what, want,
	    US_ARG(got));
}

static void
test_full(const struct us_request *req)
{
	const struct us_person *p = req->principal;
	const struct us_approver *a = req->approver;

	ok(req->agent == NULL, "a person's own session");
	is(p->uid, "ana@example.com", "principal");
	is_int(p->groups.n, 2, "two groups, whatever the case of the e-mail");
	is(p->groups.v[0].directory, "okta", "directory of a named group");
	is(p->groups.v[0].id, "00sre", "id of a named group");
	is(p->groups.v[1].id, "x", "id of a group");
	is_int(p->oncall.n, 2, "two facts on call");
	is_int(p->oncall.v[0].state, US_YES, "on call for a service");
	is_int(p->oncall.v[1].state, US_CANNOT_TELL, "nobody knows");
	is(p->profile.v[0].value, "mia@example.com", "profile");
	is(req->requested_by, "bo@example.com", "requestedBy");
	is(req->access, "role", "access type");
	is_int(req->attrs.n, 2, "keys of one filter are one attribute");
	is_int(req->attrs.v[0].keys.n, 2, "with both keys");
	is_int(req->attrs.v[0].keys.v[0].values.n, 2, "and both values");
	ok(req->attrs.v[0].keys.v[1].unknown, "the other key is unknown");
	is(req->reason, "INC", "reason");
	is_int(req->duration, 7200, "duration");
	ok(req->has_at && req->at == 1000, "time");
	ok(req->preapproved && req->escalated, "flags");
	is(a->roles.v[0], "security-reviewer", "role of the approver");
	is_int(a->groups.n, 2, "groups of the approver");
	is_int(a->oncall.n, 1, "one service on call");
	is(a->oncall.v[0].service, "P1", "the service");
}

static void
test_agent(const struct us_request *req)
{
	ok(req->principal == NULL, "no human");
	is(req->agent->client_id, "c", "client");
	is(req->agent->owner, "ana@example.com", "owner");
	is(req->agent->provider_id, "p", "provider");
	is(req->agent->subject, "s", "subject");
	is_int(req->agent->owner_groups.n, 2, "groups of the owner");
	ok(req->access.p == NULL, "no access type");
	is_int(req->attrs.v[0].kind, US_ATTR_BOOLEAN, "a boolean");
	ok(req->attrs.v[0].value, "which is true");
	ok(!req->has_at && req->reason.p == NULL, "nothing else");
}

static void
test_unknown(const struct us_request *req)
{
	is_int(req->attrs.v[0].kind, US_ATTR_UNKNOWN, "not known");
	is_int(req->principal->groups.n, 0, "no facts of somebody undeclared");
	is_int(req->approver->groups.n, 0, "nor of an approver");
}

int
main(void)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_testset *ts =
	    us_testset_new(us_src_new("x.test", us_str(text), US_FORMAT_TEST));
	struct us_word ana = {.s = US_STR("ANA@example.com")};
	struct us_word other = {.s = US_STR("other@example.com")};
	struct us_diags diags = {0};
	struct us_arena a = {0};
	struct us_src *src =
	    us_src_new("x.usher", us_str(rules), US_FORMAT_RULES);

	*us_list_add(&rs->arena, &rs->sources) = src;
	us_parse_rules(rs, src, &diags);
	us_parse_tests(ts, &diags);
	us_testset_check(ts, rs, &diags);
	if (is_int(diags.errors, 0, "no errors") &&
	    is_int(ts->tests.n, 3, "three tests")) {
		test_full(us_test_request(ts, rs, &ts->tests.v[0], &ana, &a));
		test_agent(us_test_request(ts, rs, &ts->tests.v[1], NULL, &a));
		test_unknown(
		    us_test_request(ts, rs, &ts->tests.v[2], &other, &a));
	}
	us_arena_free(&a);
	us_diags_free(&diags);
	us_testset_free(ts);
	us_ruleset_free(rs);
	return plan_done();
}
