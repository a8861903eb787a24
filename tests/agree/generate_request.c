/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: everything SPEC 4 allows, known or not. */
#include "tests/agree/generate_parts.h"

/* The most that are allowed (SPEC 18), all of them seldom. */
#define MANY_GROUPS 5000
#define MANY_VALUES 200
#define LONG_VALUE 1024

/* --- People and agents ------------------------------------------------- */

static void
put_members(struct generate *g, struct us_buf *out)
{
	unsigned n = generate_below(g, 4);

	us_buf_puts(out, "[");
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			us_buf_puts(out, ",");
		generate_group(g, out);
	}
	if (generate_below(g, 500) == 0)
		for (unsigned i = n; i < MANY_GROUPS; i++)
			us_buf_printf(out,
			    "%s{\"directory\":\"okta\",\"id\":\"many-%u\"}",
			    i > 0 ? "," : "", i);
	us_buf_puts(out, "]");
}

/* An object from some of the names to what put writes for each. */
static void
put_map(struct generate *g, const char *const *names, unsigned n,
    void (*put)(struct generate *g, struct us_buf *out), struct us_buf *out)
{
	bool first = true;

	us_buf_puts(out, "{");
	for (unsigned i = 0; i < n; i++) {
		if (!generate_chance(g, 50))
			continue;
		us_buf_printf(out, "%s\"%s\":", first ? "" : ",", names[i]);
		put(g, out);
		first = false;
	}
	us_buf_puts(out, "}");
}

static void
put_on_call(struct generate *g, struct us_buf *out)
{
	static const char *const states[] = {"true", "true", "false", "null"};

	us_buf_puts(out, PICK(g, states));
}

static void
put_properties_value(struct generate *g, struct us_buf *out)
{
	if (generate_chance(g, 5))
		us_buf_puts(out, "null");
	else
		generate_string(out, PICK(g, words_people));
}

static void
put_properties(struct generate *g, struct us_buf *out)
{
	put_map(g, words_properties, 2, put_properties_value, out);
}

static void
put_person(struct generate *g, struct us_buf *out)
{
	us_buf_puts(out, "{");
	generate_member(out, "uid", PICK(g, words_people));
	if (generate_chance(g, 80)) {
		us_buf_puts(out, ",\"groups\":");
		put_members(g, out);
	}
	if (generate_chance(g, 60)) {
		us_buf_puts(out, ",\"profile\":");
		put_map(g, words_directories, 4, put_properties, out);
	}
	if (generate_chance(g, 60)) {
		us_buf_puts(out, ",\"oncall\":");
		put_map(g, words_integrations, 2, put_on_call, out);
	}
	us_buf_puts(out, "}");
}

static void
put_text(
    struct generate *g, const char *name, const char *value, struct us_buf *out)
{
	if (!generate_chance(g, 60))
		return;
	if (out->p[out->n - 1] != '{')
		us_buf_puts(out, ",");
	generate_member(out, name, value);
}

static void
put_agent(struct generate *g, struct us_buf *out)
{
	us_buf_puts(out, "{");
	put_text(g, "clientId", PICK(g, words_ids), out);
	put_text(g, "owner", PICK(g, words_people), out);
	put_text(g, "providerId", PICK(g, words_ids), out);
	put_text(g, "subject", PICK(g, words_values), out);
	if (generate_chance(g, 60)) {
		us_buf_puts(out, out->p[out->n - 1] != '{'
				     ? ",\"ownerGroups\":"
				     : "\"ownerGroups\":");
		put_members(g, out);
	}
	us_buf_puts(out, "}");
}

static void
put_services(struct generate *g, struct us_buf *out)
{
	us_buf_printf(out, "[\"%s\"%s]", PICK(g, words_ids),
	    generate_chance(g, 40) ? ",\"two\"" : "");
}

static void
put_approver(struct generate *g, struct us_buf *out)
{
	us_buf_puts(out, ",\"approver\":{");
	generate_member(out, "uid", PICK(g, words_people));
	if (generate_chance(g, 80)) {
		us_buf_puts(out, ",\"groups\":");
		put_members(g, out);
	}
	if (generate_chance(g, 60))
		us_buf_printf(out, ",\"roles\":[\"%s\"]",
		    generate_chance(g, 80) ? "security-reviewer" : "owner");
	if (generate_chance(g, 60)) {
		us_buf_puts(out, ",\"oncallServices\":");
		put_map(g, words_integrations, 2, put_services, out);
	}
	us_buf_puts(out, "}");
}

/* --- Attributes -------------------------------------------------------- */

static void
put_long_value(struct us_buf *out)
{
	us_buf_puts(out, "\"prod");
	for (unsigned i = 4; i < LONG_VALUE; i++)
		us_buf_putc(out, "dev-"[i % 4]);
	us_buf_puts(out, "\"");
}

static void
put_value(struct generate *g, struct us_buf *out)
{
	if (generate_chance(g, 5))
		us_buf_puts(out, "null");
	else if (generate_below(g, 2000) == 0)
		put_long_value(out);
	else
		generate_value(g, out);
}

/* One value, or a list with none, some, or some that are not known. */
static void
put_values(struct generate *g, struct us_buf *out)
{
	unsigned n = generate_below(g, g->crowd ? 6 : 4);

	if (g->many_values && generate_chance(g, 30)) {
		g->many_values = false;
		n = MANY_VALUES;
	} else if (!g->crowd && generate_chance(g, 60)) {
		put_value(g, out);
		return;
	}
	us_buf_puts(out, "[");
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			us_buf_puts(out, ",");
		put_value(g, out);
	}
	us_buf_puts(out, "]");
}

static void
put_attribute(
    struct generate *g, const struct words_filter *filter, struct us_buf *out)
{
	bool keyed = filter->keys[0] != NULL;
	const char *keys[] = {"id", "name", "other"};

	if (generate_chance(g, 4))
		keyed = !keyed;
	if (filter->keys[0]) {
		keys[0] = filter->keys[0];
		keys[1] = filter->keys[1] ? filter->keys[1] : "more";
	}
	generate_string(out, filter->name);
	us_buf_puts(out, ":");
	if (generate_chance(g, 5))
		us_buf_puts(out, "null");
	else if (!keyed)
		us_buf_puts(out, generate_chance(g, 50) ? "true" : "false");
	else
		put_map(g, keys, 3, put_values, out);
}

static void
put_attributes(
    struct generate *g, const struct words_service *service, struct us_buf *out)
{
	bool first = true;

	g->many_values = generate_below(g, 300) == 0;
	us_buf_puts(out, ",\"attributes\":{");
	for (unsigned i = 0; i < WORDS_FILTERS_MAX; i++) {
		if (!service->filters[i].name ||
		    !generate_chance(g, g->crowd ? 90 : 70))
			continue;
		if (!first)
			us_buf_puts(out, ",");
		put_attribute(g, &service->filters[i], out);
		first = false;
	}
	us_buf_puts(out, "}");
}

static void
put_resource(struct generate *g, struct us_buf *out)
{
	const struct words_service *service = generate_service(g);

	us_buf_puts(out, "\"resource\":{");
	generate_member(out, "service", service->name);
	if (generate_chance(g, 93)) {
		us_buf_puts(out, ",");
		generate_member(out, "accessType", generate_access(g, service));
	} else if (generate_chance(g, 20)) {
		us_buf_puts(out, ",\"accessType\":\"any\"");
	}
	if (generate_chance(g, 3))
		us_buf_puts(out, ",\"attributes\":null");
	else if (generate_chance(g, 95))
		put_attributes(g, service, out);
	us_buf_puts(out, "}");
}

/* --- The rest ---------------------------------------------------------- */

static void
put_circumstances(struct generate *g, struct us_buf *out)
{
	static const char *const reasons[] = {
	    "INC-42", "INC-42", "", " \t\n\v\f\r ", " x ", "\xc2\xa0"};
	static const char *const times[] = {"2026-01-01T23:59:59.999Z",
	    "2026-01-02T00:00:00Z", "2026-01-03T00:00:00+01:00",
	    "2026-01-03T23:59:59.999Z", "2026-01-04T00:00:00Z"};

	put_text(g, "reason", PICK(g, reasons), out);
	if (generate_chance(g, 50))
		us_buf_puts(out, ",\"durationSeconds\":3600");
	if (generate_chance(g, 60)) {
		us_buf_puts(out, ",");
		generate_member(out, "at", PICK(g, times));
	}
	if (generate_chance(g, 12))
		us_buf_puts(out, ",\"preapproved\":true");
	if (generate_chance(g, 50))
		us_buf_puts(out, ",\"escalated\":true");
	if (generate_chance(g, 25)) {
		us_buf_puts(out, ",");
		generate_member(out, "requestedBy", PICK(g, words_people));
	}
}

void
generate_people(struct generate *g, struct us_buf *out)
{
	bool agent = generate_chance(g, 25);

	if (g->crowd && generate_chance(g, 80))
		agent = generate_crowd_is_agents(g);
	us_buf_puts(out, "\"requestor\":");
	if (agent && generate_chance(g, 40))
		us_buf_puts(out, "null");
	else
		put_person(g, out);
	if (agent) {
		us_buf_puts(out, ",\"agent\":");
		put_agent(g, out);
	}
	if (generate_chance(g, 60))
		put_approver(g, out);
}

void
generate_item(struct generate *g, struct us_buf *out)
{
	put_resource(g, out);
	put_circumstances(g, out);
}
