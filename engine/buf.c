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

void
us_buf_reserve(struct us_buf *b, size_t n)
{
	if (b->cap - b->n > n)
		return;
	while (b->cap - b->n <= n) {
		if (!b->cap)
			b->cap = 256;
		else
			b->cap *= b->cap < 4096 ? 4 : 2;
	}
	b->p = us_realloc(b->p, b->cap);
}

void
us_buf_printf(struct us_buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	/* Most texts fit into the room that is there. */
	us_buf_reserve(b, strlen(fmt));
	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, ap);
	va_end(ap);
	if (n > 0 && b->cap - b->n <= (size_t)n) {
		us_buf_reserve(b, (size_t)n);
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	b->n += n > 0 ? (size_t)n : 0;
	b->p[b->n] = '\0';
}

void
us_buf_number(struct us_buf *b, int64_t n)
{
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char digits[20], *p = digits + sizeof(digits);

	if (n < 0)
		us_buf_putc(b, '-');
	do
		*--p = (char)('0' + rest % 10);
	while (rest /= 10);
	us_buf_add(b, p, (size_t)(digits + sizeof(digits) - p));
}

/* Controls, DEL, the quote and the backslash: a bit for each byte. */
static const uint32_t special[8] = {UINT32_MAX, UINT32_C(1) << ('"' % 32),
    UINT32_C(1) << ('\\' % 32), UINT32_C(1) << (0x7f % 32)};

static bool
is_special(char c)
{
	unsigned char u = (unsigned char)c;

	return special[u / 32] >> (u % 32) & 1;
}

/*
 * What JSON may have as it is, but YAML not, or takes for the end of a line: C1
 * controls, U+2028 and U+2029, the byte order mark, U+FFFE and U+FFFF. With
 * them escaped, JSON is YAML as well. Bytes of the one that s begins with; 0:
 * none.
 */
static size_t
no_yaml(struct us_str s, unsigned *c)
{
	unsigned char p[3] = {0};

	memcpy(p, s.p, s.n < 3 ? s.n : 3);
	*c = p[1];
	if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
		return 2;
	*c = (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	if (p[0] == 0xe2 && p[1] == 0x80)
		return p[2] == 0xa8 || p[2] == 0xa9 ? 3 : 0;
	if (p[0] == 0xef && p[1] == 0xbb)
		return p[2] == 0xbf ? 3 : 0;
	if (p[0] == 0xef && p[1] == 0xbf)
		return p[2] == 0xbe || p[2] == 0xbf ? 3 : 0;
	return 0;
}

/* Is one of 8 bytes the first of such a character, as far as it tells? */
static bool
may_be_no_yaml8(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t v, latin, general, last;

	if (us_ascii8(p))
		return false;
	memcpy(&v, p, sizeof(v));
	latin = v ^ ones * 0xc2;
	general = v ^ ones * 0xe2;
	last = v ^ ones * 0xef;
	return (((latin - ones) & ~latin) | ((general - ones) & ~general) |
		   ((last - ones) & ~last)) &
	       ones << 7;
}

/* Bytes of the character that s begins with, if it needs an escape; or 0. */
static size_t
special_at(struct us_str s, bool json, unsigned *c)
{
	*c = (unsigned char)*s.p;
	if (is_special(*s.p))
		return 1;
	return json && *c >= 0x80 ? no_yaml(s, c) : 0;
}

/* What stands for one of them inside quotes. */
static void
put_escape(struct us_buf *b, unsigned c, bool json)
{
	switch (c) {
	case '"':
		us_buf_puts(b, "\\\"");
		break;
	case '\\':
		us_buf_puts(b, "\\\\");
		break;
	case '\n':
		us_buf_puts(b, "\\n");
		break;
	case '\t':
		us_buf_puts(b, "\\t");
		break;
	default:
		if (json && c == '\r') /* the language has no such escape */
			us_buf_puts(b, "\\r");
		else
			us_buf_printf(b, json ? "\\u%04x" : "\\u{%x}", c);
	}
}

static void
quoted(struct us_buf *b, struct us_str s, bool json)
{
	size_t from = 0, i, n;
	unsigned c;

	us_buf_reserve(b, s.n + 2);
	us_buf_putc(b, '"');
	for (i = 0; i < s.n; i += n) {
		if (s.n - i >= 8 && (!json || !may_be_no_yaml8(s.p + i)) &&
		    (n = us_plain8(s.p + i)) > 0)
			continue;
		n = special_at((struct us_str){s.p + i, s.n - i}, json, &c);
		if (n) {
			us_buf_add(b, s.p + from, i - from);
			put_escape(b, c, json);
			from = i + n;
		} else {
			n = 1;
		}
	}
	if (from < i)
		us_buf_add(b, s.p + from, i - from);
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
