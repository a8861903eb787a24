/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syntax tree of a pattern, between the reader (pattern.c,
 * pattern_escape.c) and those who ask about it (pattern_ask.c, pattern_cost.c,
 * pattern_slow.c, pattern_literal.c).
 */
#ifndef US_PATTERN_TREE_H
#define US_PATTERN_TREE_H

#include "engine/pattern.h"

#define US_PAT_INF UINT32_MAX

enum us_pat_kind {
	US_PAT_LITERAL, /* one character */
	US_PAT_ANY,	/* a dot, or \N */
	US_PAT_SET,	/* one character out of a class, \d, ... */
	US_PAT_BEGIN,	/* ^ \A \G: only at the start of the value */
	US_PAT_END,	/* $ \z: only at its end */
	US_PAT_ASSERT,	/* \b, look-arounds, ...: no width, not weighed */
	US_PAT_SEQ,
	US_PAT_ALT,
	US_PAT_GROUP,	/* one kid */
	US_PAT_ATOMIC,	/* a group that does not give back what it took */
	US_PAT_REPEAT,	/* one kid, min to max times */
	US_PAT_BACKREF, /* what group `number` matched */
	US_PAT_OPAQUE,	/* beyond this reader, or not worth reading */
};

/*
 * Characters: the ASCII ones by bits, all others together. A set that is not
 * known exactly has more than it should.
 */
struct us_charset {
	uint64_t ascii[2];
	bool wide;
};

struct us_pat {
	enum us_pat_kind kind;
	uint32_t off;	       /* byte in the pattern */
	struct us_charset set; /* LITERAL, ANY, SET */
	uint32_t c;	       /* LITERAL; SET: some wide member, or 0 */
	bool fold;	       /* LITERAL with another case that matches too */
	bool dot;	       /* ANY that was written as a dot */
	bool possessive;       /* REPEAT */
	uint32_t min, max;     /* REPEAT */
	uint32_t number;       /* GROUP, BACKREF; 0: none, not known */
	US_LIST(struct us_pat *) kids;
};

struct us_pattern {
	struct us_str text;
	struct us_pat *root;
	bool unsure; /* it can be read in two ways */
	bool recurses;
	uint32_t recurses_at;
};

/* What is being read, and the options in force at this place. */
struct us_pat_reader {
	struct us_arena *a;
	struct us_pattern *p;
	const char *s;
	uint32_t n, at;
	uint32_t groups; /* opened so far */
	unsigned depth;
	bool fold, dotall, multiline, extended, extended_more;
	bool no_capture, quoting; /* (?n); between \Q and \E */
};

/* The byte k places on, or 0 behind the end. */
static inline char
us_pat_peek(const struct us_pat_reader *r, uint32_t k)
{
	return r->at + k < r->n ? r->s[r->at + k] : '\0';
}

/* Steps over z, if that is what comes next. */
static inline bool
us_pat_take(struct us_pat_reader *r, const char *z)
{
	uint32_t n = (uint32_t)strlen(z);

	if (r->at + n > r->n || memcmp(r->s + r->at, z, n) != 0)
		return false;
	r->at += n;
	return true;
}

/* pattern.c: a new node of the tree at offset off. */
struct us_pat *us_pat_new(
    struct us_pat_reader *r, enum us_pat_kind kind, uint32_t off);
/* One character, decoded; the pattern is well-formed UTF-8. */
uint32_t us_pat_char(struct us_pat_reader *r);
void us_pat_skip_past(struct us_pat_reader *r, char c);
struct us_pat *us_pat_literal(
    struct us_pat_reader *r, uint32_t c, uint32_t off);
/* Notes a call of a group; reads to the next `close`. */
struct us_pat *us_pat_recursion(
    struct us_pat_reader *r, uint32_t off, char close);

/* pattern_escape.c: what stands behind a backslash, and from [ to ]. */
struct us_pat *us_pat_escape(struct us_pat_reader *r);
struct us_pat *us_pat_class(struct us_pat_reader *r);

void us_charset_add(struct us_charset *set, uint32_t from, uint32_t to);
void us_charset_join(struct us_charset *set, const struct us_charset *other);
bool us_charset_meets(const struct us_charset *a, const struct us_charset *b);
bool us_charset_is_full(const struct us_charset *set);

/* pattern_ask.c: the characters of any text that the node can match. */
void us_pat_chars(const struct us_pat *node, struct us_charset *set);
/* Can match the empty text, whatever stands around. */
bool us_pat_is_nullable(const struct us_pat *node);

#endif
