/* SPDX-License-Identifier: Apache-2.0 */
/* Requestors of rules and pre-approvals. */
#include "tests/agree/generate_parts.h"

/* So many groups of one rule, seldom. */
#define LONG_LIST 1500

void
generate_flat(struct generate *g, struct us_buf *out)
{
	generate_member(out, "directory", PICK(g, words_directories));
	us_buf_puts(out, ",");
	generate_member(out, "id", PICK(g, words_group_ids));
	us_buf_puts(out,
	    generate_chance(g, 50) ? ",\"label\":\"\"" : ",\"label\":\"Some\"");
}

/* The list, effect left out when it is keep and fate says so. */
void
generate_groups(struct generate *g, struct us_buf *out)
{
	unsigned n = 1 + generate_below(g, 3);

	if (g->many_groups) {
		g->many_groups = false;
		n = LONG_LIST;
	}
	us_buf_puts(out, "\"groups\":[");
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			us_buf_puts(out, ",");
		if (n == LONG_LIST && i > 0)
			us_buf_printf(out,
			    "{\"directory\":\"okta\",\"id\":\"many-%u\"}", i);
		else
			generate_group(g, out);
	}
	us_buf_puts(out, "]");
	if (generate_chance(g, 40))
		us_buf_puts(out, ",\"effect\":\"remove\"");
	else if (generate_chance(g, 50))
		us_buf_puts(out, ",\"effect\":\"keep\"");
}

static void
put_agent(struct generate *g, struct us_buf *out)
{
	switch (generate_below(g, 6)) {
	case 0:
		us_buf_puts(out, "{\"type\":\"any\"}");
		return;
	case 1:
		us_buf_printf(out, "{\"type\":\"%s\",\"clientId\":\"%s\"}",
		    generate_chance(g, 50) ? "agent-client" : "mcp-client",
		    PICK(g, words_ids));
		return;
	case 2:
		us_buf_puts(out, "{\"type\":\"agent-owner\",");
		generate_member(out, "owner", PICK(g, words_people));
		break;
	case 3:
		us_buf_puts(out, "{\"type\":\"owner-group\",\"groups\":{"
				 "\"type\":\"group\",");
		if (generate_chance(g, 15))
			generate_flat(g, out);
		else
			generate_groups(g, out);
		us_buf_puts(out, "}");
		break;
	default:
		us_buf_puts(out, "{\"type\":\"provider\",");
		generate_member(out, "providerId", PICK(g, words_ids));
		if (generate_chance(g, 50)) {
			us_buf_puts(out, ",");
			generate_pattern(g, "subjectPattern", out);
		}
	}
	us_buf_puts(out, "}");
}

static void
put_behalf(struct generate *g, struct us_buf *out)
{
	switch (generate_below(g, 5)) {
	case 0:
		us_buf_puts(out, "{\"type\":\"user\",");
		generate_member(out, "uid", PICK(g, words_people));
		break;
	case 1:
		us_buf_puts(out, "{\"type\":\"group\",");
		if (generate_chance(g, 15))
			generate_flat(g, out);
		else
			generate_groups(g, out);
		break;
	case 2:
		us_buf_puts(out, "{\"type\":\"none\"");
		break;
	default:
		us_buf_puts(out, "{\"type\":\"any\"");
	}
	us_buf_puts(out, "}");
}

/* Groups that keep are written by the rule's list, so that it can be split. */
static void
put_split_groups(
    struct generate *g, struct generate_rule *rule, struct us_buf *out)
{
	struct us_buf one = {0};

	rule->groups = 1 + generate_below(g, GENERATE_GROUPS_MAX);
	us_buf_puts(out, "{\"type\":\"group\",\"groups\":[");
	for (unsigned i = 0; i < rule->groups; i++) {
		generate_group(g, &one);
		us_buf_printf(out, "%s%s", i > 0 ? "," : "", one.p);
		rule->group[i] = generate_taken(&one);
	}
	us_buf_puts(out, "]}");
	us_buf_free(&one);
}

void
generate_requestor(
    struct generate *g, struct generate_rule *rule, struct us_buf *out)
{
	if (g->many_groups) {
		us_buf_puts(out, "{\"type\":\"group\",");
		generate_groups(g, out);
		us_buf_puts(out, "}");
		return;
	}
	if (g->crowd && generate_chance(g, 92)) {
		generate_crowd_requestor(g, out);
		return;
	}
	switch (g->storm ? 2 : generate_below(g, 14)) {
	case 0:
	case 1:
		us_buf_puts(out, "{\"type\":\"some\"}");
		break;
	case 2:
	case 3:
	case 12:
	case 13:
		us_buf_puts(out, "{\"type\":\"any\"}");
		break;
	case 4:
	case 5:
		us_buf_puts(out, "{\"type\":\"user\",");
		generate_member(out, "uid", PICK(g, words_people));
		us_buf_puts(out, "}");
		break;
	case 6:
	case 7:
		us_buf_puts(out, "{\"type\":\"agentic\",\"agent\":");
		put_agent(g, out);
		us_buf_puts(out, ",\"user\":");
		put_behalf(g, out);
		us_buf_puts(out, "}");
		break;
	case 8:
		us_buf_puts(out, "{\"type\":\"group\",");
		generate_groups(g, out);
		us_buf_puts(out, "}");
		break;
	case 9: /* the flat form of old */
		us_buf_puts(out, "{\"type\":\"group\",");
		generate_flat(g, out);
		us_buf_puts(out, "}");
		break;
	default:
		put_split_groups(g, rule, out);
	}
}
