/* SPDX-License-Identifier: Apache-2.0 */
/* Requests from the JSON form: as data, and the limits of SPEC 18. */
#include <json-c/json.h>

#include "engine/json_request.h"
#include "tests/unit/cases.h"

static void
put(struct us_buf *out, const char *name, struct us_str s)
{
	us_buf_printf(out, " %s=", name);
	if (s.p)
		us_buf_json(out, s);
	else
		us_buf_putc(out, '-');
}

static void
put_groups(struct us_buf *out, const us_group_ids *groups)
{
	const struct us_group_id *g;

	US_EACH (g, groups)
		us_buf_printf(
		    out, " %.*s:%.*s", US_ARG(g->directory), US_ARG(g->id));
	us_buf_putc(out, '\n');
}

static void
put_person(struct us_buf *out, const struct us_person *person)
{
	static const char *const states[] = {"no", "yes", "cannot tell"};
	const struct us_profile_fact *fact;
	const struct us_oncall_fact *on;

	us_buf_puts(out, "principal");
	put(out, "uid", person->uid);
	put_groups(out, &person->groups);
	US_EACH (fact, &person->profile)
		us_buf_printf(out, "  profile %.*s %.*s = %.*s\n",
		    US_ARG(fact->directory), US_ARG(fact->property),
		    US_ARG(fact->value));
	US_EACH (on, &person->oncall)
		us_buf_printf(out, "  oncall %.*s: %s\n",
		    US_ARG(on->integration), states[on->state]);
}

static void
put_agent(struct us_buf *out, const struct us_session *agent)
{
	us_buf_puts(out, "agent");
	put(out, "client", agent->client_id);
	put(out, "owner", agent->owner);
	put(out, "provider", agent->provider_id);
	put(out, "subject", agent->subject);
	put_groups(out, &agent->owner_groups);
}

static void
put_attribute(struct us_buf *out, const struct us_attr *attr)
{
	const struct us_attr_key *key;
	const struct us_str *value;

	us_buf_printf(out, "  %.*s%s\n", US_ARG(attr->filter),
	    attr->kind == US_ATTR_UNKNOWN   ? " unknown"
	    : attr->kind != US_ATTR_BOOLEAN ? ""
	    : attr->value		    ? " is true"
					    : " is false");
	US_EACH (key, &attr->keys) {
		us_buf_printf(out, "    %.*s:", US_ARG(key->key));
		US_EACH (value, &key->values) {
			us_buf_putc(out, ' ');
			us_buf_json(out, *value);
		}
		us_buf_puts(out, key->unknown ? " unknown\n" : "\n");
	}
}

static void
put_approver(struct us_buf *out, const struct us_approver *approver)
{
	const struct us_oncall_service *on;
	const struct us_str *role;

	us_buf_puts(out, "approver");
	put(out, "uid", approver->uid);
	put_groups(out, &approver->groups);
	US_EACH (role, &approver->roles)
		us_buf_printf(out, "  role %.*s\n", US_ARG(*role));
	US_EACH (on, &approver->oncall)
		us_buf_printf(out, "  oncall %.*s %.*s\n",
		    US_ARG(on->integration), US_ARG(on->service));
}

static void
put_request(struct us_buf *out, const struct us_request *request)
{
	const struct us_attr *attr;

	if (request->principal)
		put_person(out, request->principal);
	if (request->agent)
		put_agent(out, request->agent);
	us_buf_puts(out, "resource");
	put(out, "service", request->service);
	put(out, "access", request->access);
	us_buf_puts(out, request->attrs_unknown ? " unknown\n" : "\n");
	US_EACH (attr, &request->attrs)
		put_attribute(out, attr);
	us_buf_puts(out, "asked");
	put(out, "by", request->requested_by);
	put(out, "reason", request->reason);
	us_buf_printf(out, " duration=%lld at=%lld%s%s%s\n",
	    (long long)request->duration, (long long)request->at,
	    request->has_at ? "" : " (none)",
	    request->preapproved ? " preapproved" : "",
	    request->escalated ? " escalated" : "");
	if (request->approver)
		put_approver(out, request->approver);
}

static void
run(struct us_src *src, struct us_buf *out)
{
	struct us_diags diags = {0};
	struct us_arena a = {0};
	struct us_request *request = us_request_from_json(src, &a, &diags);

	cases_diags(&diags, out);
	/* Its strings are its own. */
	us_src_free(src);
	if (request)
		put_request(out, request);
	us_diags_free(&diags);
	us_arena_free(&a);
}

/* The only message a request leads to, "" when it is right. */
static const char *
message_of(const struct us_buf *text)
{
	static char message[256];
	struct us_src *src = us_src_new("t", us_buf_str(text), US_FORMAT_JSON);
	struct us_diags diags = {0};
	struct us_arena a = {0};
	bool good = us_request_from_json(src, &a, &diags) != NULL;

	snprintf(message, sizeof(message), "%s%s",
	    diags.list.n ? diags.list.v[0].text : "",
	    good != (diags.list.n == 0) ? " (but the other answer)" : "");
	us_arena_free(&a);
	us_diags_free(&diags);
	us_src_free(src);
	return message;
}

/* before, n times item with commas between, after. */
static const char *
message_of_many(
    const char *before, unsigned n, const char *item, const char *after)
{
	struct us_buf text = {0};
	const char *message;

	us_buf_puts(&text, before);
	for (unsigned i = 0; i < n; i++) {
		us_buf_puts(&text, i ? "," : "");
		us_buf_puts(&text, item);
	}
	us_buf_puts(&text, after);
	message = message_of(&text);
	us_buf_free(&text);
	return message;
}

#define GROUP "{\"directory\": \"okta\", \"id\": \"g\"}"
#define AWS "\"resource\": {\"service\": \"aws\"}"

static void
test_groups(void)
{
	static const struct {
		const char *who, *before, *after;
	} rows[] = {
	    {"requestor",
		"{" AWS ", \"requestor\": {\"uid\": \"a\", "
		"\"groups\": [",
		"]}}"},
	    {"agent", "{" AWS ", \"agent\": {\"ownerGroups\": [", "]}}"},
	    {"approver",
		"{" AWS ", \"agent\": {}, \"approver\": {\"uid\": "
		"\"a\", \"groups\": [",
		"]}}"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		is_str(
		    message_of_many(rows[i].before, 5000, GROUP, rows[i].after),
		    "", "5,000 groups of the %s", rows[i].who);
		is_str(
		    message_of_many(rows[i].before, 5001, GROUP, rows[i].after),
		    "there are 5001 groups; a person has 5000 at most",
		    "5,001 groups of the %s", rows[i].who);
	}
}

static void
test_values(void)
{
	static const char before[] =
	    "{\"agent\": {}, \"resource\": {\"service\": \"aws\", "
	    "\"attributes\": {\"sudo\": true, \"tag\": {\"k\": [";
	char value[1100] = "\"";

	is_str(message_of_many(before, 255, "\"v\"", "]}}}}"), "",
	    "256 values, of which one is boolean");
	is_str(message_of_many(before, 256, "\"v\"", "]}}}}"),
	    "the attributes have more than 256 values", "257 values");
	memset(value + 1, 'x', 1024);
	strcpy(value + 1025, "\"");
	is_str(message_of_many(before, 1, value, "]}}}}"), "",
	    "a value of 1,024 bytes");
	strcpy(value + 1025, "x\"");
	is_str(message_of_many(before, 1, value, "]}}}}"),
	    "this value has 1025 bytes; an attribute's value has 1024 at most",
	    "a value of 1,025 bytes");
	is_str(message_of_many(
		   "{\"agent\": {\"subject\": ", 1, value, "}, " AWS "}"),
	    "this subject has 1025 bytes; it may have 1024 at most",
	    "a subject of 1,025 bytes");
}

static void
test_size(void)
{
	struct us_buf text = {0};

	us_buf_puts(&text, "{\"agent\": {}, " AWS "}");
	while (text.n < US_REQUEST_MAX)
		us_buf_putc(&text, ' ');
	is_str(message_of(&text), "", "a request of 1 MiB");
	us_buf_putc(&text, ' ');
	is_str(message_of(&text),
	    "the request has 1048577 bytes; a request has 1048576 at most",
	    "a request of one byte more");
	us_buf_free(&text);
}

/* Every request of a file of lines is one. */
static void
test_lines(const char *path, const char *member)
{
	struct us_buf text = {0};
	struct json_object *value, *request;
	unsigned lines = 0, good = 0;
	char full[1024], *line = NULL;
	size_t room = 0;
	FILE *file;

	cases_path(full, sizeof(full), path);
	file = fopen(full, "r");
	if (!file) {
		skip("not in this checkout");
		return;
	}
	while (getline(&line, &room, file) > 0) {
		value = json_tokener_parse(line);
		request =
		    member ? json_object_object_get(value, member) : value;
		us_buf_reset(&text);
		us_buf_puts(&text, json_object_to_json_string(request));
		lines++;
		good += !*message_of(&text);
		json_object_put(value);
	}
	fclose(file);
	free(line);
	us_buf_free(&text);
	ok(lines > 0 && good == lines, "%s: %u of %u are requests", path, good,
	    lines);
}

int
main(void)
{
	cases_run("tests/json/request", run);
	test_groups();
	test_values();
	test_size();
	test_lines("tests/policy/conformance.jsonl", "request");
	test_lines("../shared/conformance/cases.jsonl", "request");
	test_lines("../shared/workload/1000/requests.jsonl", NULL);
	return plan_done();
}
