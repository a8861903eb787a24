/* SPDX-License-Identifier: Apache-2.0 */
/* Strings with a length: borrowed bytes, not NUL-terminated. */
#ifndef US_STR_H
#define US_STR_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct us_str {
	const char *p;
	size_t n;
};

#define US_STR_INIT(lit) {lit, sizeof(lit) - 1} /* of what is static */
#define US_STR(lit) ((struct us_str)US_STR_INIT(lit))
/* For "%.*s". */
#define US_ARG(s) (int)(s).n, (s).p

/*
 * A search may read all of the vector that the end of a text stands in, and
 * ignores what is behind the end. This makes that zeros, the first the NUL of
 * the n bytes at p, which is aligned for any type and has room for it.
 */
static inline void
us_str_end(char *p, size_t n)
{
	enum { VECTOR = _Alignof(max_align_t) };

	memset(p + n, 0, VECTOR - n % VECTOR);
}

static inline struct us_str
us_str(const char *z)
{
	return (struct us_str){z, strlen(z)};
}

static inline bool
us_str_eq(struct us_str a, struct us_str b)
{
	return a.n == b.n &&
	    (a.n == 0 || a.p == b.p || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
us_str_is(struct us_str a, const char *z)
{
	return us_str_eq(a, us_str(z));
}

/*
 * How many of 8 bytes, from the first on, are neither a control character
 * (DEL is one), a quote nor a backslash. A byte less than a bound, or 0 after
 * an exclusive or, lends its high bit in a subtraction; what it makes of the
 * bytes behind it does not count.
 */
static inline unsigned
us_plain8(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t v, quote, slash, del, mask;

	memcpy(&v, p, sizeof(v));
	v = le64toh(v);
	quote = v ^ ones * '"';
	slash = v ^ ones * '\\';
	del = v ^ ones * 0x7f;
	mask = ((v - ones * ' ') & ~v) | ((quote - ones) & ~quote) |
	       ((slash - ones) & ~slash) | ((del - ones) & ~del);
	mask &= ones << 7;
	return mask ? (unsigned)__builtin_ctzll(mask) / 8 : 8;
}

/* Are the 8 bytes at p all ASCII? Most of every text is. */
static inline bool
us_ascii8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return !(v & UINT64_C(0x8080808080808080));
}

/* Equal but for the case of ASCII letters: how e-mails compare. */
bool us_str_eq_nocase(struct us_str a, struct us_str b);

/* <0, 0, >0 by bytes, a prefix first. */
int us_str_cmp(struct us_str a, struct us_str b);

/* Fast, and no secret: for tables of what operators and rules name, not for
 * what others send. `fold` reads ASCII letters as lower case. */
uint32_t us_str_hash(struct us_str s, bool fold);

/*
 * Offset of the first byte that is not part of well-formed UTF-8 (RFC 3629),
 * or n when there is none.
 */
size_t us_utf8_bad(const char *p, size_t n);

/* The beginning of s, of `most` bytes or, for no character to be cut, fewer. */
struct us_str us_utf8_cut(struct us_str s, size_t most);

/* Writes c (a scalar value) as UTF-8 to out (4 bytes of room); its length. */
size_t us_utf8_put(char *out, uint32_t c);

/* True if s is a NAME of the language: [A-Za-z_][A-Za-z0-9_-]* */
bool us_str_is_name(struct us_str s);

/* True if s has nothing but ASCII white space. */
bool us_str_is_blank(struct us_str s);

#endif
