/* SPDX-License-Identifier: Apache-2.0 */
/* The printer's group and service items. */
#include "grammar/print_rules.h"

static void
print_group(struct us_printer *p, const struct us_node *node)
{
	const struct us_group *group = node->data;
	struct us_buf *b = &p->line;

	us_buf_printf(
	    b, "group %-*.*s = ", (int)node->width, US_ARG(group->name.s));
	us_put_word(b, group->directory.s);
	us_buf_putc(b, ' ');
	us_buf_quote(b, group->id.s);
	us_buf_putc(b, ' ');
	us_buf_quote(b, group->label.s);
	us_buf_putc(b, ';');
}

struct us_node *
us_node_add_group(
    struct us_printer *p, us_nodes *nodes, const struct us_group *group)
{
	struct us_node *node =
	    us_node_add(p, nodes, group->loc, group, print_group);

	node->kind = US_ITEM_GROUP + 1;
	node->compact = true;
	return node;
}

static void
print_access(struct us_printer *p, const struct us_node *node)
{
	const struct us_service *service = node->data;

	us_buf_puts(&p->line, "access ");
	us_print_names(p, service->access.v, service->access.n, us_put_service);
	us_buf_putc(&p->line, ';');
}

static void
print_service_filter(struct us_printer *p, const struct us_node *node)
{
	const struct us_service_filter *f = node->data;

	us_buf_puts(&p->line, "filter ");
	us_put_word(&p->line, f->name.s);
	switch (f->kind) {
	case US_BOOLEAN:
		us_buf_puts(&p->line, " boolean");
		break;
	case US_ANY_KEY:
		us_buf_puts(&p->line, " key any");
		break;
	case US_KEYED:
		us_buf_puts(&p->line, " key ");
		us_print_names(p, f->keys.v, f->keys.n, us_put_service);
		break;
	}
	us_buf_putc(&p->line, ';');
}

static void
print_service(struct us_printer *p, const struct us_node *node)
{
	const struct us_service *service = node->data;
	const struct us_service_filter *f;
	us_nodes inside = {0};
	struct us_loc loc;

	us_buf_puts(&p->line, "service ");
	us_put_word(&p->line, service->name.s);
	if (service->access.n)
		us_node_add(
		    p, &inside, service->access_loc, service, print_access);
	US_EACH (f, &service->filters) {
		loc = f->name.loc;
		if (f->keys.n)
			loc = us_loc_span(loc, f->keys.v[f->keys.n - 1].loc);
		us_node_add(p, &inside, loc, f, print_service_filter);
	}
	us_print_block(p, node, &inside);
}

struct us_node *
us_node_add_service(
    struct us_printer *p, us_nodes *nodes, const struct us_service *service)
{
	struct us_node *node =
	    us_node_add(p, nodes, service->loc, service, print_service);

	node->kind = US_ITEM_SERVICE + 1;
	node->head_end = service->name.loc.off + service->name.loc.len;
	node->close = service->close.off;
	return node;
}
