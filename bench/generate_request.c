/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: two of three are what some rule is about. */
#include <string.h>

#include "bench/generate.h"

/* So often a person of a group is looked for. */
#define TRIES 2000

static void
find_member(const struct generate *g, uint64_t *state, uint32_t group,
    struct person *person)
{
	for (unsigned i = 0; i < TRIES; i++) {
		generate_person(g, random_below(state, PEOPLE), person);
		if (generate_is_member(person, group))
			return;
	}
}

static void
find_stranger(const struct generate *g, uint64_t *state,
    const struct rule *rule, struct person *person)
{
	uint32_t i;

	do {
		generate_person(g, random_below(state, PEOPLE), person);
		for (i = 0; i < rule->count; i++) {
			if (generate_is_member(person, rule->groups[i]))
				break;
		}
	} while (i < rule->count);
}

/* The human that the rule is for. */
static void
find_human(const struct generate *g, uint64_t *state, const struct rule *rule,
    struct person *person)
{
	if (rule->who == WHO_PERSON ||
	    (rule->who == WHO_AGENT && rule->behind == BEHIND_PERSON))
		generate_person(g, rule->person, person);
	else if (rule->who == WHO_GROUPS ||
		 (rule->who == WHO_AGENT && rule->behind == BEHIND_GROUPS))
		find_member(g, state, rule->groups[0], person);
	else if (rule->who == WHO_OUTSIDE)
		find_stranger(g, state, rule, person);
	else
		generate_person(g, random_below(state, PEOPLE), person);
}

static void
put_memberships(const struct person *person, struct us_buf *out)
{
	us_buf_putc(out, '[');
	for (uint32_t i = 0; i < person->count; i++) {
		if (i)
			us_buf_putc(out, ',');
		generate_put_group(out, person->groups[i], false);
	}
	us_buf_putc(out, ']');
}

static void
put_human(uint64_t *state, const struct person *person, struct us_buf *out)
{
	us_buf_puts(out, "{\"requestor\":{\"uid\":");
	generate_put_email(out, person->number);
	us_buf_puts(out, ",\"groups\":");
	put_memberships(person, out);
	if (generate_chance(state, 40)) {
		us_buf_puts(out, ",\"profile\":{\"okta\":{\"manager\":");
		generate_put_email(out, person->number % 50);
		us_buf_puts(out, "}}");
	}
	if (generate_chance(state, 40))
		us_buf_printf(out, ",\"oncall\":{\"pagerduty\":%s}",
		    generate_chance(state, 50) ? "true" : "false");
	us_buf_putc(out, '}');
}

static void
put_agent(const struct generate *g, uint64_t *state, const struct rule *rule,
    struct us_buf *out)
{
	struct person owner;

	if (rule->agent == AGENT_OWNERS)
		find_member(g, state, rule->owners, &owner);
	else
		generate_person(g, rule->owner, &owner);
	us_buf_puts(out, ",\"agent\":{\"clientId\":");
	generate_put_client(out, rule->client);
	us_buf_puts(out, ",\"owner\":");
	generate_put_email(out, owner.number);
	us_buf_puts(out, ",\"providerId\":");
	generate_put_provider(out, rule->client);
	us_buf_puts(out, ",\"ownerGroups\":");
	put_memberships(&owner, out);
	us_buf_putc(out, '}');
}

static void
put_attr(uint64_t *state, const struct item *item, const struct attr *attr,
    struct us_buf *out)
{
	struct us_buf value = {0};

	generate_put_value(&value, item, attr);
	us_buf_printf(out, "\"%s\":", attr->key);
	if (!strcmp(attr->filter, "tag") && generate_chance(state, 10)) {
		us_buf_putc(out, '[');
		us_buf_json(out, us_buf_str(&value));
		us_buf_printf(out, ",\"%s\"]", generate_env(state));
	} else {
		us_buf_json(out, us_buf_str(&value));
	}
	us_buf_free(&value);
}

static void
put_item(uint64_t *state, const struct item *item, struct us_buf *out)
{
	const struct attr *all[ATTRS_MAX];
	unsigned n = generate_attrs(item, all);
	const char *filter = "";

	us_buf_printf(out,
	    ",\"resource\":{\"service\":\"%s\",\"accessType\":\"%s\","
	    "\"attributes\":{",
	    item->service, item->access);
	for (unsigned i = 0; i < n; i++) {
		if (!all[i]->key) {
			us_buf_printf(out, "%s\"%s\":%s", i ? "}," : "",
			    all[i]->filter, item->sudo ? "true" : "false");
			continue;
		}
		if (!strcmp(filter, all[i]->filter))
			us_buf_putc(out, ',');
		else
			us_buf_printf(
			    out, "%s\"%s\":{", i ? "}," : "", all[i]->filter);
		filter = all[i]->filter;
		put_attr(state, item, all[i], out);
	}
	/* The last filter is open, unless it was the boolean. */
	us_buf_puts(out, n && all[n - 1]->key ? "}}}" : "}}");
}

static void
put_facts(uint64_t *state, struct us_buf *out)
{
	static const char *const reasons[] = {
	    "INC-42", "debugging", "deploy of the week", "on call", " "};

	if (generate_chance(state, 55))
		us_buf_printf(out, ",\"reason\":\"%s\"", PICK(state, reasons));
	if (generate_chance(state, 45))
		us_buf_printf(out, ",\"durationSeconds\":%u",
		    3600 * (1 + random_below(state, 24)));
	if (generate_chance(state, 10))
		us_buf_puts(out, ",\"preapproved\":true");
	if (generate_chance(state, 10))
		us_buf_puts(out, ",\"escalated\":true");
	us_buf_putc(out, '}');
}

void
generate_put_request(
    const struct generate *g, uint32_t number, struct us_buf *out)
{
	uint64_t state = generate_begin(g, SERIES_REQUEST, number);
	bool aimed = random_below(&state, 3) > 0, agent;
	struct person person;
	struct rule rule;

	/* One that is not in the workflow is like it, and nothing that is. */
	generate_rule(
	    g, random_below(&state, g->rules) + (aimed ? 0 : g->rules), &rule);
	agent = rule.who == WHO_AGENT;
	if (agent && rule.behind == BEHIND_NOBODY) {
		us_buf_puts(out, "{\"requestor\":null");
	} else {
		find_human(g, &state, &rule, &person);
		put_human(&state, &person, out);
	}
	if (agent)
		put_agent(g, &state, &rule, out);
	put_item(&state, &rule.item, out);
	put_facts(&state, out);
}
