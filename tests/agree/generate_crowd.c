/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crowds: workflows with many rules for the same people, service and access
 * type, told apart by what they keep. That is what the shelves of the index are
 * for. Texts are of a few lengths and letters, so that some patterns match,
 * some begin what others are, and several are the same.
 */
#include "tests/agree/generate_parts.h"

#define NUMBERS 5

/* --- Texts ------------------------------------------------------------- */

static void
put_text(struct generate *g, struct us_buf *out)
{
	static const char *const first[] = {"a", "B", "\xc3\xbc"};

	us_buf_printf(out, "%s%u", first[generate_below(g, g->hard ? 3 : 2)],
	    generate_below(g, NUMBERS));
	if (g->tails && generate_chance(g, 50))
		us_buf_printf(out, "-%u", generate_below(g, NUMBERS));
}

static void
put_two(struct generate *g, const char *before, const char *between,
    const char *behind, struct us_buf *out)
{
	us_buf_puts(out, before);
	put_text(g, out);
	us_buf_puts(out, between);
	put_text(g, out);
	us_buf_puts(out, behind);
}

static void
put_one(struct generate *g, const char *before, const char *behind,
    struct us_buf *out)
{
	us_buf_puts(out, before);
	put_text(g, out);
	us_buf_puts(out, behind);
}

static void
put_undecidable(struct generate *g, struct us_buf *out)
{
	us_buf_printf(out, "^(a+)+x{0,%u}$", generate_below(g, 40));
}

static void
put_pattern(struct generate *g, struct us_buf *out)
{
	uint32_t fate = generate_below(g, 100);

	if (g->common && generate_chance(g, 60))
		us_buf_puts(out, "^(a0|B0)$");
	else if (g->hard && fate < 10)
		put_undecidable(g, out);
	else if (fate < 40)
		put_one(g, "^", "$", out);
	else if (fate < 62)
		put_one(g, "^", "", out);
	else if (fate < 69)
		put_two(g, "^(", "|", ")$", out);
	else if (fate < 76)
		put_two(g, "^(?:", "|", ")", out);
	else if (fate < 82)
		put_two(g, "^", "$|^", "", out);
	else if (fate < 85)
		put_one(g, "^", "0?$", out);
	else if (fate < 88)
		put_one(g, "^", ".*", out);
	else if (fate < 90)
		put_one(g, "", "$", out);
	else if (fate < 92)
		put_one(g, "", "", out);
	else if (fate < 94)
		put_two(g, "^", "|", "$", out);
	else if (fate < 97)
		put_one(g, "^", "[0-9]?$", out);
	else
		us_buf_puts(out, PICK(g, words_patterns));
}

/* As JSON, which what is put above is not. */
static void
put_string(struct generate *g, void (*put)(struct generate *, struct us_buf *),
    struct us_buf *out)
{
	struct us_buf text = {0};

	put(g, &text);
	us_buf_json(out, us_buf_str(&text));
	us_buf_free(&text);
}

void
generate_crowd_pattern(struct generate *g, struct us_buf *out)
{
	put_string(g, put_pattern, out);
}

static void
put_value(struct generate *g, struct us_buf *out)
{
	uint32_t fate = generate_below(g, 100);

	if (g->hard && fate < 40)
		us_buf_puts(out, WORDS_HARD);
	else if (fate < 85)
		put_text(g, out);
	else if (fate < 90)
		put_one(g, "x", "", out);
	else if (fate < 95)
		put_one(g, "", "\n", out);
	else
		us_buf_puts(out, PICK(g, words_values));
	if (generate_chance(g, 10))
		us_buf_puts(out, "0");
}

void
generate_crowd_value(struct generate *g, struct us_buf *out)
{
	put_string(g, put_value, out);
}

/* --- Whose the rules are ----------------------------------------------- */

static const char behalf_any[] = "\"user\":{\"type\":\"any\"}}";
static const char agent_any[] =
    "{\"type\":\"agentic\",\"agent\":{\"type\":\"any\"},";

static void
put_agent(const char *agent, const char *value, struct us_buf *out)
{
	us_buf_printf(out, "{\"type\":\"agentic\",\"agent\":{%s:\"%s\"},%s",
	    agent, value, behalf_any);
}

/* Its groups, the first of them often the same. */
static void
put_groups(struct generate *g, bool outside, struct us_buf *out)
{
	us_buf_puts(out, "{\"type\":\"group\",\"groups\":[");
	for (unsigned n = 1 + generate_below(g, 2); n; n--) {
		generate_group(g, out);
		us_buf_puts(out, n > 1 ? "," : "]");
	}
	us_buf_puts(out, outside ? ",\"effect\":\"remove\"}" : "}");
}

/* One for each kind of entry, in the order of enum us_entry_kind. */
enum {
	EVERYONE,
	HUMANS,
	USER,
	GROUP,
	AGENTS,
	CLIENT,
	OWNER,
	OWNER_GROUP,
	PROVIDER,
	BEHALF,
	BEHALF_GROUP,
	ENTRIES
};

bool
generate_crowd_is_agents(const struct generate *g)
{
	return g->entry >= AGENTS;
}

void
generate_crowd_begin(struct generate *g)
{
	const struct words_filter *filters = words_services[g->theme].filters;

	g->entry = g->crowds++ % ENTRIES;
	g->filter = filters[0].keys[0] ? 0 : 1;
	g->hard = generate_chance(g, 25);
	g->tails = generate_chance(g, 50);
	g->common = generate_chance(g, 20);
}

static void
put_agents(struct generate *g, struct us_buf *out)
{
	switch (g->entry) {
	case CLIENT:
		put_agent("\"type\":\"agent-client\",\"clientId\"",
		    PICK(g, words_ids), out);
		return;
	case OWNER:
		put_agent("\"type\":\"agent-owner\",\"owner\"",
		    PICK(g, words_people), out);
		return;
	case PROVIDER:
		put_agent("\"type\":\"provider\",\"providerId\"",
		    PICK(g, words_ids), out);
		return;
	case OWNER_GROUP:
		us_buf_puts(out, "{\"type\":\"agentic\",\"agent\":{"
				 "\"type\":\"owner-group\",\"groups\":");
		put_groups(g, false, out);
		us_buf_printf(out, "},%s", behalf_any);
		return;
	case BEHALF:
		us_buf_printf(
		    out, "%s\"user\":{\"type\":\"user\",\"uid\":", agent_any);
		generate_string(out, PICK(g, words_people));
		us_buf_puts(out, "}}");
		return;
	case BEHALF_GROUP:
		us_buf_printf(out, "%s\"user\":", agent_any);
		put_groups(g, false, out);
		us_buf_puts(out, "}");
		return;
	default:
		us_buf_printf(out, "%s%s", agent_any, behalf_any);
	}
}

void
generate_crowd_requestor(struct generate *g, struct us_buf *out)
{
	switch (g->entry) {
	case EVERYONE:
		us_buf_printf(out, "{\"type\":\"%s\"}",
		    generate_chance(g, 20) ? "some" : "any");
		return;
	case HUMANS:
	case GROUP:
		put_groups(g, g->entry == HUMANS, out);
		return;
	case USER:
		us_buf_puts(out, "{\"type\":\"user\",");
		generate_member(out, "uid", PICK(g, words_people));
		us_buf_puts(out, "}");
		return;
	default:
		put_agents(g, out);
	}
}
