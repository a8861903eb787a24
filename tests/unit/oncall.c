/* SPDX-License-Identifier: Apache-2.0 */
/* oncall.json: who is on call, who is not, of whom nobody can tell. */
#include "daemon/oncall.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

static struct us_oncall *
load(const char *text, struct us_buf *error)
{
	struct folder folder = folder_new();
	struct us_oncall *oncall;

	us_buf_reset(error);
	oncall = us_oncall_load(
	    folder_write(&folder, "oncall.json", text), error);
	folder_remove(&folder);
	return oncall;
}

static void
test_people(void)
{
	struct us_buf error = {0};
	struct us_oncall *oncall =
	    load("{\"pagerduty\": {\"P1\": [\"Ana@example.com\", "
		 "\"bo@example.com\"], \"P2\": [\"ana@EXAMPLE.com\"], \"P3\": "
		 "[]}}",
		&error);
	const struct us_str pagerduty = US_STR("pagerduty");
	struct us_approver approver = {0};
	const struct us_str *people;
	struct us_arena a = {0};
	uint32_t n;

	if (!ok(oncall != NULL, "a file loads")) {
		tap_note("error", error.p);
		return;
	}
	is_int(us_oncall_any(oncall, pagerduty, US_STR("ANA@example.com")),
	    US_YES, "on call, in any case");
	is_int(us_oncall_any(oncall, pagerduty, US_STR("mia@example.com")),
	    US_NO, "not on call");
	is_int(us_oncall_any(oncall, pagerduty, US_STR("")), US_NO,
	    "nobody is not on call");
	is_int(us_oncall_any(
		   oncall, US_STR("incidentio"), US_STR("ana@example.com")),
	    US_CANNOT_TELL, "an integration that the file does not name");
	us_oncall_services(oncall, US_STR("ana@example.com"), &a, &approver);
	is_int(approver.oncall.n, 2, "two services");
	ok(us_str_is(approver.oncall.v[0].service, "P1") &&
		us_str_is(approver.oncall.v[1].service, "P2") &&
		us_str_eq(approver.oncall.v[1].integration, pagerduty),
	    "which");
	us_oncall_services(oncall, US_STR("mia@example.com"), &a, &approver);
	is_int(approver.oncall.n, 2, "and none of another's");
	people = us_oncall_people(oncall, pagerduty, US_STR("P1"), &n);
	ok(n == 2 && us_str_is(people[0], "Ana@example.com") &&
		us_str_is(people[1], "bo@example.com"),
	    "who is on call for a service");
	us_oncall_people(oncall, pagerduty, US_STR("P3"), &n);
	is_int(n, 0, "nobody");
	us_oncall_people(oncall, US_STR("incidentio"), US_STR("P1"), &n);
	is_int(n, 0, "nor for that of another integration");
	us_oncall_ref(oncall);
	us_oncall_unref(oncall);
	is_int(us_oncall_any(oncall, pagerduty, US_STR("bo@example.com")),
	    US_YES, "counted");
	us_oncall_unref(oncall);
	us_arena_free(&a);
	us_buf_free(&error);
}

static void
test_refused(void)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"", "syntax"},
	    {"null", "found null"},
	    {"[]", "expected an object"},
	    {"{\"pagerdty\": {}}", "did you mean \"pagerduty\""},
	    {"{\"pagerduty\": []}", "expected an object"},
	    {"{\"pagerduty\": {\"P1\": \"a@b\"}}", "expected a list"},
	    {"{\"pagerduty\": {\"P1\": [null]}}", "found null"},
	    {"{\"pagerduty\": {\"P1\": [1]}}", "expected a string"},
	    {"{\"pagerduty\": {\"P1\": [\" \"]}}", "named by an e-mail"},
	    {"{\"pagerduty\": {\"\": []}}", "id of a service"},
	    {"{\"pagerduty\": {}, \"pagerduty\": {}}", "duplicate"},
	};
	struct us_buf error = {0};
	struct us_oncall *oncall;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		oncall = load(rows[i].text, &error);
		if (!ok(!oncall && error.n && strstr(error.p, rows[i].says),
			"refused with \"%s\"", rows[i].says))
			tap_note("said", error.n ? error.p : "nothing");
		us_oncall_unref(oncall);
	}
	us_buf_reset(&error);
	ok(!us_oncall_load("/does/not/exist", &error) && error.n,
	    "a file that is not there");
	us_buf_free(&error);
}

static void
test_empty(void)
{
	struct us_oncall *oncall = us_oncall_empty();

	is_int(us_oncall_any(
		   oncall, US_STR("pagerduty"), US_STR("ana@example.com")),
	    US_CANNOT_TELL, "without a file nobody can tell");
	us_oncall_unref(oncall);
}

int
main(void)
{
	test_people();
	test_refused();
	test_empty();
	return plan_done();
}
