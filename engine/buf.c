/* SPDX-License-Identifier: Apache-2.0 */
/* A growing text, and how strings are quoted in it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/buf.h"
#include "engine/err.h"

void
us_buf_free(struct us_buf *b)
{
	free(b->p);
	*b = (struct us_buf){0};
}

void
us_buf_reset(struct us_buf *b)
{
	b->n = 0;
	if (b->p)
		b->p[0] = '\0';
}

struct us_str
us_buf_str(const struct us_buf *b)
{
	return (struct us_str){b->p ? b->p : "", b->n};
}

/* Room for n bytes more and a NUL. */
static void
reserve(struct us_buf *b, size_t n)
{
	if (b->cap - b->n > n)
		return;
	while (b->cap - b->n <= n)
		b->cap = b->cap ? b->cap * 2 : 256;
	b->p = us_realloc(b->p, b->cap);
}

void
us_buf_add(struct us_buf *b, const char *p, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
us_buf_putc(struct us_buf *b, char c)
{
	us_buf_add(b, &c, 1);
}

void
us_buf_puts(struct us_buf *b, const char *z)
{
	us_buf_add(b, z, strlen(z));
}

void
us_buf_str_add(struct us_buf *b, struct us_str s)
{
	us_buf_add(b, s.p, s.n);
}

void
us_buf_printf(struct us_buf *b, const char *fmt, ...)
{
	va_list ap, again;
	char one[1];
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(one, sizeof(one), fmt, ap);
	va_end(ap);
	if (n > 0) {
		reserve(b, (size_t)n);
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

/* What stands for c inside quotes; NULL: c itself. */
static const char *
escape(unsigned char c, bool json, char room[8])
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\t':
		return "\\t";
	default:
		if (c >= 0x20 && c != 0x7f)
			return NULL;
		if (json && c == '\r') /* the language has no such escape */
			return "\\r";
		snprintf(room, 8, json ? "\\u%04x" : "\\u{%x}", c);
		return room;
	}
}

static void
quoted(struct us_buf *b, struct us_str s, bool json)
{
	const char *e;
	char room[8];
	size_t from = 0;

	us_buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		e = escape((unsigned char)s.p[i], json, room);
		if (!e)
			continue;
		us_buf_add(b, s.p + from, i - from);
		us_buf_puts(b, e);
		from = i + 1;
	}
	if (from < s.n)
		us_buf_add(b, s.p + from, s.n - from);
	us_buf_putc(b, '"');
}

void
us_buf_json(struct us_buf *b, struct us_str s)
{
	quoted(b, s, true);
}

void
us_buf_quote(struct us_buf *b, struct us_str s)
{
	quoted(b, s, false);
}

void
us_buf_word(struct us_buf *b, struct us_str s, bool any_is_keyword)
{
	if (!us_str_is_name(s) || (any_is_keyword && us_str_is(s, "any")))
		us_buf_quote(b, s);
	else
		us_buf_str_add(b, s);
}
