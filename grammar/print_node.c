/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of the printer. */
#include <stdlib.h>

#include "grammar/print_node.h"

#define COLUMNS 80
#define TAB 8

/* --- Lines --- */

/* Columns that a text takes. */
static size_t
width(struct us_str s)
{
	size_t columns = 0;

	for (size_t i = 0; i < s.n; i++)
		columns += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return columns;
}

static void
indent(struct us_printer *p, unsigned depth)
{
	while (depth--)
		us_buf_putc(p->out, '\t');
}

/*
 * Writes the line that was composed, folded where it would be too long: by one
 * tab, or by two where the line opens a block, whose lines follow.
 */
static void
write_line(struct us_printer *p)
{
	struct us_str rest = us_buf_str(&p->line), part;
	bool opens = rest.n && rest.p[rest.n - 1] == '{';
	unsigned deeper = p->depth + (opens ? 2 : 1);
	size_t column = p->depth * TAB;
	const char *fold;

	indent(p, p->depth);
	for (bool first = true; rest.n || first; first = false) {
		fold = memchr(rest.p, US_FOLD[0], rest.n);
		part.p = rest.p;
		part.n = fold ? (size_t)(fold - rest.p) : rest.n;
		if (!first && column + 1 + width(part) > COLUMNS) {
			us_buf_putc(p->out, '\n');
			indent(p, deeper);
			column = deeper * TAB;
		} else if (!first) {
			us_buf_putc(p->out, ' ');
			column++;
		}
		us_buf_str_add(p->out, part);
		column += width(part);
		rest.p += part.n + (fold != NULL);
		rest.n -= part.n + (fold != NULL);
	}
	us_buf_reset(&p->line);
	p->top = false;
}

static void
end_line(struct us_printer *p)
{
	us_buf_putc(p->out, '\n');
}

static void
blank_line(struct us_printer *p)
{
	if (!p->top)
		end_line(p);
	p->top = true;
}

/* --- Comments --- */

static struct us_str
comment_text(const struct us_comment *c)
{
	return (struct us_str){c->loc.src->text + c->loc.off, c->loc.len};
}

/* True when a blank line stands right before loc. */
static bool
blank_before(struct us_loc loc)
{
	unsigned ends = 0;

	if (!loc.src)
		return false;
	for (uint32_t i = loc.off; i > 0; i--) {
		char c = loc.src->text[i - 1];

		if (c == '\n')
			ends++;
		else if (c != ' ' && c != '\t' && c != '\r')
			break;
	}
	return ends > 1;
}

static bool
on_one_line(const struct us_src *src, uint32_t from, uint32_t to)
{
	return !memchr(src->text + from, '\n', to - from);
}

static void
print_notes(struct us_printer *p, struct us_notes notes)
{
	for (uint32_t i = notes.from; i < notes.to; i++) {
		if (blank_before(p->comments[i].loc))
			blank_line(p);
		/* As it is: what is in it is no mark of ours to fold at. */
		indent(p, p->depth);
		us_buf_str_add(p->out, comment_text(&p->comments[i]));
		p->top = false;
		end_line(p);
	}
}

/* Ends the line just written, with the comment that stood behind it. */
static void
end_with_note(struct us_printer *p, struct us_notes trail)
{
	if (trail.from < trail.to) {
		us_buf_putc(p->out, ' ');
		us_buf_str_add(p->out, comment_text(&p->comments[trail.from]));
	}
	end_line(p);
}

/* --- Nodes --- */

struct us_node *
us_node_add(struct us_printer *p, us_nodes *nodes, struct us_loc loc,
    const void *data,
    void (*print)(struct us_printer *p, const struct us_node *node))
{
	struct us_node *node = us_list_add(&p->arena, nodes);

	node->loc = loc;
	node->data = data;
	node->print = print;
	return node;
}

/* The comments of *all that stand before off; they are taken from it. */
static struct us_notes
take_before(const struct us_printer *p, struct us_notes *all, uint32_t off)
{
	struct us_notes taken = {all->from, all->from};

	while (taken.to < all->to && p->comments[taken.to].loc.off < off)
		taken.to++;
	all->from = taken.to;
	return taken;
}

/* The comment of *all behind `end` on its line and before `next`, if any. */
static struct us_notes
take_trail(const struct us_printer *p, struct us_notes *all, uint32_t end,
    const struct us_node *next)
{
	struct us_notes taken = {all->from, all->from};
	const struct us_comment *c;

	if (all->from == all->to)
		return taken;
	c = &p->comments[all->from];
	if (c->own_line || (next && c->loc.off > next->loc.off) ||
	    !on_one_line(c->loc.src, end, c->loc.off))
		return taken;
	taken.to = ++all->from;
	return taken;
}

static int
by_place(const void *x, const void *y)
{
	const struct us_node *a = *(struct us_node *const *)x;
	const struct us_node *b = *(struct us_node *const *)y;

	return a->loc.off < b->loc.off ? -1 : a->loc.off > b->loc.off;
}

static struct us_node **
in_source_order(struct us_printer *p, us_nodes *nodes)
{
	struct us_node **sorted =
	    us_arena_alloc(&p->arena, (nodes->n + 1) * sizeof(*sorted));

	for (uint32_t i = 0; i < nodes->n; i++)
		sorted[i] = &nodes->v[i];
	if (nodes->n)
		qsort(sorted, nodes->n, sizeof(*sorted), by_place);
	return sorted;
}

struct us_notes
us_nodes_attach(struct us_printer *p, us_nodes *nodes, struct us_notes all)
{
	struct us_node **sorted, *node;
	uint32_t end;

	if (all.from == all.to)
		return all;
	sorted = in_source_order(p, nodes);
	for (uint32_t i = 0; i < nodes->n; i++) {
		node = sorted[i];
		end = node->loc.off + node->loc.len;
		if (node->close) {
			node->lead = take_before(p, &all, node->head_end);
			node->inside = take_before(p, &all, node->close);
		} else {
			node->lead = take_before(p, &all, end);
		}
		node->trail = take_trail(p, &all, end, sorted[i + 1]);
	}
	return all;
}

static struct us_loc
begin_of(const struct us_printer *p, const struct us_node *node)
{
	if (node->lead.from < node->lead.to)
		return p->comments[node->lead.from].loc;
	return node->loc;
}

bool
us_node_stands_apart(const struct us_printer *p, const struct us_node *node)
{
	return blank_before(begin_of(p, node));
}

static void
print_node(struct us_printer *p, const struct us_node *node,
    const struct us_node *last)
{
	if (last && node->kind &&
	    (last->kind != node->kind || !node->compact ||
		us_node_stands_apart(p, node)))
		blank_line(p);
	print_notes(p, node->lead);
	if (node->lead.from < node->lead.to && blank_before(node->loc))
		blank_line(p);
	node->print(p, node);
	write_line(p);
	end_with_note(p, node->trail);
}

void
us_nodes_print(
    struct us_printer *p, const us_nodes *nodes, struct us_notes left)
{
	const struct us_node *node, *last = NULL;

	p->top = true;
	US_EACH (node, nodes) {
		print_node(p, node, last);
		last = node;
	}
	print_notes(p, left);
}

void
us_print_block(
    struct us_printer *p, const struct us_node *block, us_nodes *inside)
{
	struct us_notes all = block->inside, head = {0};

	if (all.from < all.to)
		head = take_trail(
		    p, &all, block->head_end, in_source_order(p, inside)[0]);
	us_buf_puts(&p->line, " {");
	if (inside->n == 0 && block->inside.from == block->inside.to) {
		us_buf_putc(&p->line, '}');
		return;
	}
	write_line(p);
	end_with_note(p, head);
	all = us_nodes_attach(p, inside, all);
	p->depth++;
	us_nodes_print(p, inside, all);
	p->depth--;
	us_buf_putc(&p->line, '}');
}

/* --- Parts of a line --- */

void
us_put_word(struct us_buf *b, struct us_str s)
{
	us_buf_word(b, s, false);
}

void
us_put_service(struct us_buf *b, struct us_str s)
{
	us_buf_word(b, s, true);
}

void
us_print_names(struct us_printer *p, const struct us_word *v, uint32_t n,
    void (*put)(struct us_buf *b, struct us_str s))
{
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			us_buf_puts(&p->line, "," US_FOLD);
		put(&p->line, v[i].s);
	}
}
