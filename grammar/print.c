/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical printer of one rule file. */
#include "grammar/print.h"
#include "grammar/print_rules.h"

/* A longer name does not push the others aside. */
#define ALIGN_MAX 32

/* Fills the names of groups that stand together, from *first on. */
static void
align_run(struct us_node *first, const struct us_node *end)
{
	const struct us_group *group;
	struct us_node *node;
	uint32_t width = 0;

	for (node = first; node < end; node++) {
		group = node->data;
		if (group->name.s.n > width && group->name.s.n <= ALIGN_MAX)
			width = (uint32_t)group->name.s.n;
	}
	for (node = first; node < end; node++)
		node->width = width;
}

void
us_nodes_align(const struct us_printer *p, us_nodes *nodes)
{
	struct us_node *node, *first = nodes->v;

	US_EACH (node, nodes) {
		if (node->kind != US_ITEM_GROUP + 1) {
			align_run(first, node);
			first = node + 1;
		} else if (us_node_stands_apart(p, node)) {
			align_run(first, node);
			first = node;
		}
	}
	align_run(first, node);
}

static void
add_item(struct us_printer *p, us_nodes *nodes, const struct us_ruleset *rs,
    const struct us_item *item, const struct us_src *src)
{
	switch (item->kind) {
	case US_ITEM_GROUP:
		if (rs->groups.v[item->index].loc.src == src)
			us_node_add_group(p, nodes, &rs->groups.v[item->index]);
		break;
	case US_ITEM_SERVICE:
		if (rs->services.v[item->index].loc.src == src)
			us_node_add_service(
			    p, nodes, &rs->services.v[item->index]);
		break;
	case US_ITEM_RULE:
		if (rs->rules.v[item->index].loc.src == src)
			us_node_add_rule(p, nodes, &rs->rules.v[item->index]);
		break;
	case US_ITEM_PREAPPROVAL:
		if (rs->preapprovals.v[item->index].loc.src == src)
			us_node_add_preapproval(
			    p, nodes, &rs->preapprovals.v[item->index]);
		break;
	}
}

/* The comments of a source stand together. */
static void
find_comments(
    struct us_printer *p, const struct us_ruleset *rs, const struct us_src *src)
{
	const struct us_comment *c;

	US_EACH (c, &rs->comments) {
		if (c->loc.src != src)
			continue;
		if (p->comment_count++ == 0)
			p->comments = c;
	}
}

void
us_print_source(
    const struct us_ruleset *rs, const struct us_src *src, struct us_buf *out)
{
	struct us_printer p = {.out = out};
	const struct us_item *item;
	us_nodes nodes = {0};
	struct us_notes left;

	find_comments(&p, rs, src);
	US_EACH (item, &rs->items)
		add_item(&p, &nodes, rs, item, src);
	left =
	    us_nodes_attach(&p, &nodes, (struct us_notes){0, p.comment_count});
	us_nodes_align(&p, &nodes);
	us_nodes_print(&p, &nodes, left);
	us_buf_free(&p.line);
	us_arena_free(&p.arena);
}
