/* SPDX-License-Identifier: Apache-2.0 */
/* A growing text, for everything that is written: JSON, language, messages. */
#ifndef US_BUF_H
#define US_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/str.h"

/* A zeroed struct us_buf is empty. p is NUL-terminated once not NULL. */
struct us_buf {
	char *p;
	size_t n, cap;
};

void us_buf_free(struct us_buf *b);
void us_buf_reset(struct us_buf *b); /* empties, keeps the memory */
struct us_str us_buf_str(const struct us_buf *b);

/* Makes room for n bytes more and a NUL. */
void us_buf_reserve(struct us_buf *b, size_t n);

static inline void
us_buf_add(struct us_buf *b, const char *p, size_t n)
{
	if (b->cap - b->n <= n)
		us_buf_reserve(b, n);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

static inline void
us_buf_puts(struct us_buf *b, const char *z)
{
	us_buf_add(b, z, strlen(z));
}

static inline void
us_buf_str_add(struct us_buf *b, struct us_str s)
{
	us_buf_add(b, s.p, s.n);
}

void us_buf_printf(struct us_buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void us_buf_number(struct us_buf *b, int64_t n); /* in decimal */

static inline void
us_buf_putc(struct us_buf *b, char c)
{
	if (b->cap - b->n < 2) {
		us_buf_add(b, &c, 1);
	} else {
		b->p[b->n++] = c;
		b->p[b->n] = '\0';
	}
}

/* s as a JSON string with its quotes, which YAML reads as the same; control
 * characters, and what YAML may not have as it is, as \uXXXX. */
void us_buf_json(struct us_buf *b, struct us_str s);

/* s as a string of the language with its quotes (\" \\ \n \t \u{...}). */
void us_buf_quote(struct us_buf *b, struct us_str s);

/*
 * A name of the language: bare when it is a NAME, quoted when not, or when it
 * is `any` and any_is_keyword says that this would be read as the keyword.
 */
void us_buf_word(struct us_buf *b, struct us_str s, bool any_is_keyword);

#endif
