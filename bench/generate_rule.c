/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: for whom, about an item and what is like it, and who approves. */
#include <string.h>

#include "bench/generate.h"

static enum who
choose_who(const struct generate *g, uint64_t *state)
{
	uint32_t at = random_below(state, 10000);

	if (g->kind == KIND_ANY)
		return WHO_ANY;
	if (g->kind == KIND_OUTSIDE)
		return WHO_OUTSIDE;
	if (g->kind == KIND_AGENTS || at < 300)
		return WHO_AGENT;
	if (at < 2500)
		return WHO_PERSON;
	if (at < 2502)
		return WHO_ANY;
	return at == 2502 ? WHO_OUTSIDE : WHO_GROUPS;
}

void
generate_rule(const struct generate *g, uint32_t number, struct rule *rule)
{
	static const uint32_t counts[] = {1, 1, 1, 1, 1, 1, 2, 2, 3};
	uint64_t s = generate_begin(g, SERIES_RULE, number);

	*rule = (struct rule){0};
	generate_item(g, random_below(&s, ITEMS), &rule->item);
	rule->who = choose_who(g, &s);
	rule->agent = (enum agent)random_below(&s, AGENT_IDP + 1);
	rule->behind = (enum behind)random_below(&s, BEHIND_GROUPS + 1);
	rule->person = random_below(&s, PEOPLE);
	rule->owner = random_below(&s, PEOPLE / 100);
	rule->client = random_below(&s, CLIENTS);
	rule->owners = generate_group(g, &s);
	rule->count = PICK(&s, counts);
	for (uint32_t i = 0; i < rule->count; i++)
		rule->groups[i] = generate_group(g, &s);
	rule->state = s;
}

/* --- For whom ------------------------------------------------------------ */

static void
put_groups(const uint32_t *groups, uint32_t n, bool keep, struct us_buf *out)
{
	us_buf_puts(out, "{\"type\":\"group\",\"groups\":[");
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			us_buf_putc(out, ',');
		generate_put_group(out, groups[i], true);
	}
	us_buf_printf(out, "],\"effect\":\"%s\"}", keep ? "keep" : "remove");
}

static void
put_user(uint32_t person, struct us_buf *out)
{
	us_buf_puts(out, "{\"type\":\"user\",\"uid\":");
	generate_put_email(out, person);
	us_buf_putc(out, '}');
}

static void
put_session(const struct rule *rule, struct us_buf *out)
{
	switch (rule->agent) {
	case AGENT_ANY:
		us_buf_puts(out, "{\"type\":\"any\"");
		break;
	case AGENT_CLIENT:
		us_buf_puts(out, "{\"type\":\"agent-client\",\"clientId\":");
		generate_put_client(out, rule->client);
		break;
	case AGENT_OWNER:
		us_buf_puts(out, "{\"type\":\"agent-owner\",\"owner\":");
		generate_put_email(out, rule->owner);
		break;
	case AGENT_OWNERS:
		us_buf_puts(out, "{\"type\":\"owner-group\",\"groups\":");
		put_groups(&rule->owners, 1, true, out);
		break;
	case AGENT_IDP:
		us_buf_puts(out, "{\"type\":\"provider\",\"providerId\":");
		generate_put_provider(out, rule->client);
		break;
	}
	us_buf_putc(out, '}');
}

static void
put_agent(const struct rule *rule, struct us_buf *out)
{
	us_buf_puts(out, "{\"type\":\"agentic\",\"agent\":");
	put_session(rule, out);
	us_buf_puts(out, ",\"user\":");
	switch (rule->behind) {
	case BEHIND_ANY:
		us_buf_puts(out, "{\"type\":\"any\"}");
		break;
	case BEHIND_NOBODY:
		us_buf_puts(out, "{\"type\":\"none\"}");
		break;
	case BEHIND_PERSON:
		put_user(rule->person, out);
		break;
	case BEHIND_GROUPS:
		put_groups(rule->groups, rule->count, true, out);
		break;
	}
	us_buf_putc(out, '}');
}

static void
put_requestor(const struct rule *rule, struct us_buf *out)
{
	switch (rule->who) {
	case WHO_ANY:
		us_buf_puts(out, "{\"type\":\"any\"}");
		break;
	case WHO_PERSON:
		put_user(rule->person, out);
		break;
	case WHO_AGENT:
		put_agent(rule, out);
		break;
	case WHO_GROUPS:
	case WHO_OUTSIDE:
		put_groups(
		    rule->groups, rule->count, rule->who == WHO_GROUPS, out);
		break;
	}
}

/* --- To what ---------------------------------------------------------------
 */

/* Keeps what is like the item; or removes what is like another. */
static void
put_pattern(const struct generate *g, struct rule *rule,
    const struct attr *attr, bool keep, struct us_buf *out)
{
	struct item item = rule->item;
	struct us_buf value = {0}, pattern = {0};

	if (!keep) {
		generate_item(g, random_below(&rule->state, ITEMS), &item);
		item.service = rule->item.service;
	}
	generate_put_value(&value, &item, attr);
	generate_pattern(g, &rule->state, us_buf_str(&value), &pattern);
	us_buf_printf(out, "{\"effect\":\"%s\",\"key\":\"%s\",\"pattern\":",
	    keep ? "keep" : "remove", attr->key);
	us_buf_json(out, us_buf_str(&pattern));
	us_buf_putc(out, '}');
	us_buf_free(&value);
	us_buf_free(&pattern);
}

static void
put_filter(const struct generate *g, struct rule *rule, const struct attr *attr,
    struct us_buf *out)
{
	us_buf_printf(out, "\"%s\":", attr->filter);
	if (!attr->key)
		us_buf_printf(out, "{\"effect\":\"keep\",\"value\":%s}",
		    rule->item.sudo ? "true" : "false");
	else if ((attr->optional && rule->item.bare) ||
		 generate_chance(&rule->state, 2))
		us_buf_puts(out, "{\"effect\":\"removeAll\"}");
	else
		put_pattern(
		    g, rule, attr, generate_chance(&rule->state, 90), out);
}

/* Filters that the item passes, most of the time. */
static void
put_filters(const struct generate *g, struct rule *rule, struct us_buf *out)
{
	static const uint8_t counts[] = {
	    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3};
	const struct attr *all[ATTRS_MAX], *taken[3];
	struct item whole = rule->item;
	unsigned wanted = PICK(&rule->state, counts), n, made = 0, i;

	whole.bare = false;
	n = generate_attrs(&whole, all);
	for (unsigned tries = 0; made < wanted && tries < 20; tries++) {
		taken[made] = all[random_below(&rule->state, n)];
		for (i = 0; i < made; i++) {
			if (!strcmp(taken[i]->filter, taken[made]->filter))
				break;
		}
		if (i < made)
			continue;
		us_buf_puts(out, made ? "," : ",\"filters\":{");
		put_filter(g, rule, taken[made++], out);
	}
	if (made)
		us_buf_putc(out, '}');
}

static void
put_resource(const struct generate *g, struct rule *rule, struct us_buf *out)
{
	uint32_t at = random_below(&rule->state, 1000);

	if (at < 3) {
		us_buf_puts(out, "{\"type\":\"any\"}");
		return;
	}
	us_buf_printf(out, "{\"type\":\"integration\",\"service\":\"%s\"",
	    rule->item.service);
	if (at > 300)
		us_buf_printf(out, ",\"accessType\":\"%s\"", rule->item.access);
	else if (at > 250)
		us_buf_puts(out, ",\"accessType\":\"any\"");
	put_filters(g, rule, out);
	us_buf_putc(out, '}');
}

/* --- How -------------------------------------------------------------------
 */

static void
put_alternative(const struct generate *g, uint64_t *state, struct us_buf *out)
{
	static const char *const texts[] = {
	    "{\"type\":\"auto\",\"integration\":\"pagerduty\"",
	    "{\"type\":\"auto\",\"integration\":\"incidentio\"",
	    "{\"type\":\"p0\"", "{\"type\":\"persistent\"",
	    "{\"type\":\"requestor-profile\",\"directory\":\"okta\","
	    "\"profileProperty\":\"manager\"",
	    "{\"type\":\"escalation\",\"integration\":\"pagerduty\","
	    "\"services\":[\"P1\",\"P2\"]"};
	static const char *const options[] = {"\"requireReason\":true",
	    "\"requireDuration\":true", "\"requirePreapproval\":true",
	    "\"allowOneParty\":true",
	    "\"requireReason\":true,\"requireDuration\":true"};
	uint32_t groups[2];

	if (generate_chance(state, 50)) {
		groups[0] = generate_group(g, state);
		groups[1] = generate_group(g, state);
		put_groups(groups, 1 + random_below(state, 2), true, out);
		out->n--; /* options may follow */
	} else {
		us_buf_puts(out, PICK(state, texts));
	}
	if (generate_chance(state, 40))
		us_buf_printf(out, ",\"options\":{%s}", PICK(state, options));
	us_buf_putc(out, '}');
}

void
generate_put_rule(const struct generate *g, uint32_t number, struct rule *rule,
    struct us_buf *out)
{
	static const uint8_t counts[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 3};
	unsigned n;

	us_buf_printf(out, "{\"name\":\"r%u\",\"requestor\":", number);
	put_requestor(rule, out);
	us_buf_puts(out, ",\"resource\":");
	put_resource(g, rule, out);
	us_buf_puts(out, ",\"approval\":[");
	if (random_below(&rule->state, 100) == 0) {
		us_buf_puts(out, "{\"type\":\"deny\"}]}");
		return;
	}
	n = PICK(&rule->state, counts);
	for (unsigned i = 0; i < n; i++) {
		if (i)
			us_buf_putc(out, ',');
		put_alternative(g, &rule->state, out);
	}
	us_buf_puts(out, "]}");
}
