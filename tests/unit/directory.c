/* SPDX-License-Identifier: Apache-2.0 */
/* directory.json: what it says, what is refused, many people. */
#include <time.h>

#include "daemon/directory.h"
#include "daemon/role.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

/* The directory that text makes; NULL with *error, which is emptied first. */
static struct us_directory *
load(const char *text, struct us_buf *error)
{
	struct folder folder = folder_new();
	struct us_directory *d;

	us_buf_reset(error);
	d = us_directory_load(
	    folder_write(&folder, "directory.json", text), error);
	folder_remove(&folder);
	return d;
}

static void
test_people(void)
{
	struct us_buf error = {0};
	struct us_directory *d = load(
	    "{\"users\": {\"Ana@Example.com\": {\"groups\": ["
	    "{\"directory\": \"okta\", \"id\": \"00sre\"},"
	    "{\"directory\": \"azure-ad\", \"id\": \"5f1c\", \"label\": "
	    "\"P\"}],"
	    "\"profile\": {\"okta\": {\"manager\": \"mia@example.com\"},"
	    "\"azure-ad\": {\"x\": \"y\"}},"
	    "\"roles\": [\"viewer\", \"security-reviewer\"], \"name\": "
	    "\"Ana\"},"
	    "\"bo@example.com\": {\"name\": null, \"roles\": [\"owner\"]}}}",
	    &error);
	const struct us_user *ana, *bo;

	if (!ok(d != NULL, "a directory loads")) {
		tap_note("error", error.p);
		return;
	}
	is_int(us_directory_count(d), 2, "two people");
	ana = us_directory_find(d, US_STR("aNA@exAMPLE.com"));
	bo = us_directory_find(d, US_STR("bo@example.com"));
	ok(ana && bo && ana != bo, "both are found, in any case");
	ok(!us_directory_find(d, US_STR("ana@example.co")), "and nobody else");
	ok(!us_directory_find(d, US_STR("")), "the empty e-mail is nobody's");
	is_str(ana->uid.p, "Ana@Example.com", "e-mail as written");
	is_str(ana->name.p, "Ana", "name");
	is_int(ana->roles, US_ROLE_BIT(VIEWER) | US_ROLE_BIT(MANAGER),
	    "security-reviewer is manager");
	is_int(ana->groups.n, 2, "two groups");
	is_str(ana->groups.v[1].directory.p, "entra-id", "canonical name");
	is_int(ana->profile.n, 2, "two facts");
	is_str(ana->profile.v[0].value.p, "mia@example.com", "the manager");
	is_str(
	    ana->profile.v[1].directory.p, "entra-id", "canonical there too");
	ok(!bo->name.p, "null is as good as absent");
	is_int(us_directory_roles(d), US_ROLE_ALL, "an owner has all roles");
	us_directory_ref(d);
	us_directory_unref(d);
	is_int(us_directory_count(d), 2, "counted");
	us_directory_unref(d);
	us_buf_free(&error);
}

static void
test_refused(void)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"", "syntax"},
	    {"[]", "expected a directory"},
	    {"{}", "\"users\" is missing"},
	    {"{\"users\": []}", "expected an object"},
	    {"{\"users\": {}, \"groups\": {}}", "no member \"groups\""},
	    {"{\"users\": {\"a@b\": null}}", "expected a user"},
	    {"{\"users\": {\"a@b\": {\"group\": []}}}", "no member \"group\""},
	    {"{\"users\": {\"\": {}}}", "named by an e-mail"},
	    {"{\"users\": {\"a@b\": {}, \"A@B\": {}}}", "here twice"},
	    {"{\"users\": {\"a@b\": {}, \"a@b\": {}}}", "duplicate"},
	    {"{\"users\": {\"a@b\": {\"roles\": [\"ownr\"]}}}",
		"did you mean \"owner\""},
	    {"{\"users\": {\"a@b\": {\"roles\": \"owner\"}}}",
		"expected a list"},
	    {"{\"users\": {\"a@b\": {\"roles\": [null]}}}", "found null"},
	    {"{\"users\": {\"a@b\": {\"roles\": [1]}}}", "expected a string"},
	    {"{\"users\": {\"a@b\": {\"name\": 1}}}", "expected a string"},
	    {"{\"users\": {\"a@b\": {\"groups\": [{\"directory\": "
	     "\"okta\"}]}}}",
		"\"id\" is missing"},
	    {"{\"users\": {\"a@b\": {\"groups\": [{\"directory\": \"otka\","
	     "\"id\": \"1\"}]}}}",
		"did you mean \"okta\""},
	    {"{\"users\": {\"a@b\": {\"profile\": {\"otka\": {}}}}}",
		"did you mean \"okta\""},
	    {"{\"users\": {\"a@b\": {\"profile\": {\"okta\": {\"x\": 1}}}}}",
		"expected a string"},
	    {"{\"users\": {\"a\xff@b\": {}}}", "encoding"},
	};
	struct us_buf error = {0};
	struct us_directory *d;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		d = load(rows[i].text, &error);
		if (!ok(!d && error.n && strstr(error.p, rows[i].says),
			"refused with \"%s\"", rows[i].says))
			tap_note("said:", error.p);
		us_directory_unref(d);
	}
	us_buf_reset(&error);
	ok(!us_directory_load("/does/not/exist", &error) && error.n,
	    "a file that is not there");
	us_buf_free(&error);
}

/* What is wrong in every line is not told for every line. */
static void
test_many_errors(void)
{
	struct us_buf text = {0}, error = {0};

	us_buf_puts(&text, "{\"users\": {\"u\": {}");
	for (unsigned i = 0; i < 1000; i++)
		us_buf_printf(&text, ", \"u%u@x\": {\"rules\": []}", i);
	us_buf_puts(&text, "}}");
	ok(!load(text.p, &error) && error.n < 10000 &&
		strstr(error.p, "and 980 more"),
	    "twenty are told, and how many are not");
	us_buf_free(&text);
	us_buf_free(&error);
}

#define MANY 50000

static void
test_many(void)
{
	struct us_buf text = {0}, error = {0};
	clock_t start = clock();
	struct us_directory *d;
	unsigned found = 0;
	char uid[40];

	us_buf_puts(&text, "{\"users\": {");
	for (unsigned i = 0; i < MANY; i++)
		us_buf_printf(&text,
		    "%s\"user%u@example.com\": {\"groups\": [{\"directory\": "
		    "\"okta\", \"id\": \"g%u\"}]}",
		    i ? "," : "", i, i % 100);
	us_buf_puts(&text, "}}");
	d = load(text.p, &error);
	for (unsigned i = 0; d && i < MANY; i++) {
		snprintf(uid, sizeof(uid), "USER%u@Example.COM", i);
		found += us_directory_find(d, us_str(uid)) != NULL;
	}
	is_int(found, MANY, "all of %u people are found", MANY);
	/* Under the sanitizers too; a list that is searched takes minutes. */
	ok(clock() - start < 20 * CLOCKS_PER_SEC, "in good time");
	us_directory_unref(d);
	us_buf_free(&text);
	us_buf_free(&error);
}

int
main(void)
{
	struct us_directory *nobody = us_directory_empty();

	ok(!us_directory_find(nobody, US_STR("a@b")) &&
		!us_directory_count(nobody) && !us_directory_roles(nobody),
	    "an empty directory has nobody");
	us_directory_unref(nobody);
	us_directory_unref(NULL);
	test_people();
	test_refused();
	test_many_errors();
	test_many();
	return plan_done();
}
