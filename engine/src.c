/* SPDX-License-Identifier: Apache-2.0 */
/* Sources: lines, columns, paths, and places inside quoted strings. */
#include <stdlib.h>

#include "engine/err.h"
#include "engine/src.h"

struct us_src *
us_src_new(const char *name, struct us_str text, enum us_format format)
{
	struct us_src *src = us_calloc(1, sizeof(*src));

	src->name = us_arena_str(&src->arena, us_str(name)).p;
	src->text = us_arena_str(&src->arena, text).p;
	src->size = (uint32_t)text.n;
	src->format = format;
	return src;
}

struct us_src *
us_src_take(const char *name, struct us_buf *text, enum us_format format)
{
	struct us_src *src = us_src_new(name, us_str(""), format);

	if (text->n) {
		us_str_end(text->p, text->n); /* a buffer has whole vectors */
		src->text = src->taken = text->p;
		src->size = (uint32_t)text->n;
		*text = (struct us_buf){0};
	}
	us_buf_free(text);
	return src;
}

void
us_src_free(struct us_src *src)
{
	if (!src)
		return;
	us_arena_free(&src->arena);
	free(src->taken);
	free(src);
}

/*
 * A workflow may be one line of 128 MiB with a message about each rule, so
 * characters are counted once, and a column starts from the nearest count.
 */
#define STRIDE 4096

/* Characters that begin in the text at [from, to). */
static uint32_t
count_chars(const struct us_src *src, uint32_t from, uint32_t to)
{
	uint32_t n = 0;

	/* Continuation bytes belong to the character before them. */
	for (; from < to; from++)
		n += ((unsigned char)src->text[from] & 0xc0) != 0x80;
	return n;
}

static uint32_t
chars_before(const struct us_src *src, uint32_t off)
{
	uint32_t i = off / STRIDE;

	return src->chars.v[i] + count_chars(src, i * STRIDE, off);
}

static void
find_lines(struct us_src *src)
{
	const char *p = src->text, *end = src->text + src->size;
	uint32_t chars = 0;

	*us_list_add(&src->arena, &src->lines) = 0;
	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		*us_list_add(&src->arena, &src->lines) =
		    (uint32_t)(p - src->text);
	}
	*us_list_add(&src->arena, &src->chars) = 0;
	for (uint32_t at = STRIDE; at <= src->size; at += STRIDE) {
		chars += count_chars(src, at - STRIDE, at);
		*us_list_add(&src->arena, &src->chars) = chars;
	}
}

/* Index of the last element of v that is <= off; v[0] is. */
static uint32_t
last_not_after(const uint32_t *v, uint32_t n, uint32_t off)
{
	uint32_t low = 0, high = n, middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (v[middle] <= off)
			low = middle;
		else
			high = middle;
	}
	return low;
}

void
us_src_place(
    struct us_src *src, uint32_t off, uint32_t *line, uint32_t *column)
{
	uint32_t i;

	if (!src->lines.n)
		find_lines(src);
	i = last_not_after(src->lines.v, src->lines.n, off);
	*line = src->lines_before + i + 1;
	*column =
	    chars_before(src, off) - chars_before(src, src->lines.v[i]) + 1;
}

struct us_str
us_src_line(struct us_src *src, uint32_t line)
{
	uint32_t from, to;

	if (!src->lines.n)
		find_lines(src);
	line -= src->lines_before;
	from = src->lines.v[line - 1];
	to = line < src->lines.n ? src->lines.v[line] - 1 : src->size;
	if (to > from && src->text[to - 1] == '\r')
		to--;
	return (struct us_str){src->text + from, to - from};
}

/*
 * The outermost node that begins at off, or else the innermost around it:
 * messages also point inside of a value.
 */
static const struct us_src_node *
node_at(const struct us_src *src, uint32_t off)
{
	uint32_t low = 0, high = src->nodes.n, middle;
	const struct us_src_node *node, *root = src->nodes.v;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (src->nodes.v[middle].off < off)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < src->nodes.n && src->nodes.v[low].off == off)
		return &src->nodes.v[low];
	if (!low)
		return NULL;
	node = &src->nodes.v[low - 1];
	while (node != root && off >= node->off + node->len)
		node = &src->nodes.v[node->parent];
	return node;
}

static void
write_path(const struct us_src *src, const struct us_src_node *node,
    struct us_buf *out)
{
	const struct us_src_node *parent = &src->nodes.v[node->parent];

	if (parent == node)
		return;
	write_path(src, parent, out);
	if (!node->name.p) {
		us_buf_printf(out, "[%u]", node->index);
	} else if (us_str_is_name(node->name)) {
		/* No dot before the first name. */
		us_buf_puts(out, parent->parent != node->parent ? "." : "");
		us_buf_str_add(out, node->name);
	} else {
		us_buf_putc(out, '[');
		us_buf_json(out, node->name);
		us_buf_putc(out, ']');
	}
}

void
us_src_path(const struct us_src *src, uint32_t off, struct us_buf *out)
{
	const struct us_src_node *node = node_at(src, off);

	if (node)
		write_path(src, node, out);
}

/*
 * Length in the text of one character of a quoted string at p, and in *bytes
 * how many bytes it stands for. Of \uXXXX pairs only the first counts.
 */
static uint32_t
escaped_length(const char *p, const char *end, size_t *bytes)
{
	unsigned long c;
	char *stop, room[4];

	*bytes = 1;
	if (*p != '\\' || end - p < 2)
		return 1;
	if (p[1] != 'u')
		return 2;
	c = strtoul(p + (p[2] == '{' ? 3 : 2), &stop, 16);
	if (p[2] != '{') {
		c = strtoul((char[5]){p[2], p[3], p[4], p[5], 0}, NULL, 16);
		stop = (char *)(uintptr_t)(p + 5);
	}
	if (c >= 0xd800 && c <= 0xdfff) /* two of them make four bytes */
		*bytes = 2;
	else
		*bytes = us_utf8_put(room, (uint32_t)c);
	return stop < end ? (uint32_t)(stop + 1 - p) : 1;
}

struct us_loc
us_src_inside(struct us_loc loc, size_t at)
{
	const char *p, *end;
	size_t bytes;

	if (!loc.src || loc.len < 2 || loc.src->text[loc.off] != '"')
		return loc;
	p = loc.src->text + loc.off + 1;
	end = loc.src->text + loc.off + loc.len - 1;
	while (p < end && at > 0) {
		p += escaped_length(p, end, &bytes);
		at = at > bytes ? at - bytes : 0;
	}
	loc.off = (uint32_t)(p - loc.src->text);
	loc.len = 1;
	return loc;
}
