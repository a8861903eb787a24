/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syntax of patterns, read just far enough to say what a pattern is: what
 * PCRE2 would accept but we refuse, what a person probably did not mean, a
 * value that it would match. What is not understood is never guessed at.
 */
#ifndef US_PATTERN_H
#define US_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/buf.h"
#include "engine/str.h"

struct us_pattern; /* the syntax tree, in an arena */

/*
 * Reads a pattern that PCRE2 compiles with our options; lives in the arena.
 * Never NULL: parts beyond this reader become nodes that say so.
 */
const struct us_pattern *us_pattern_parse(
    struct us_arena *a, struct us_str pattern);

/* Uses recursion or a subroutine call; *at is its offset. */
bool us_pattern_recurses(const struct us_pattern *p, size_t *at);

/*
 * Some alternative matches text anywhere in a value, and nothing in it says
 * that this is meant: no ^, $, \b or look-around, and not .* at both ends.
 */
bool us_pattern_is_unanchored(const struct us_pattern *p);

/* Surely matches every value without a line break, the empty one too. */
bool us_pattern_matches_everything(const struct us_pattern *p);

/*
 * An unescaped dot with literal characters on both sides (or at one side and
 * the end), not repeated: \. was probably meant. *at is its offset.
 */
bool us_pattern_has_literal_dot(const struct us_pattern *p, size_t *at);

/* Repeats without bound what can match one text in several ways. */
bool us_pattern_is_slow(const struct us_pattern *p, size_t *at);

/*
 * What it may cost to try the pattern at one place of a value, going back not
 * counted: about so many nanoseconds, and so many for each byte of the value.
 * The same for one of its parts, which each step back may do again.
 */
struct us_pattern_cost {
	uint32_t fixed, walk;
	uint32_t part_fixed, part_walk;
};
struct us_pattern_cost us_pattern_cost(const struct us_pattern *p);

/*
 * What the pattern comes down to, when that is only literal text at known
 * ends: x, ^x, x$, ^x$; or an alternation of such.
 */
enum us_literal_kind {
	US_LITERAL_CONTAINS,
	US_LITERAL_PREFIX,
	US_LITERAL_SUFFIX,
	US_LITERAL_EXACT,
};
struct us_literal {
	enum us_literal_kind kind;
	struct us_str text;
};
/*
 * Has nothing but letters, digits, /_-:@ and space, \. and dots, .*, ^, $, |
 * and groups that end: PCRE2 surely takes it.
 */
bool us_pattern_is_plain(struct us_str pattern);

/*
 * The alternatives in the arena, *n of them (at most 16), or NULL when the
 * pattern says more than literals do.
 */
const struct us_literal *us_pattern_literals(
    const struct us_pattern *p, struct us_arena *a, unsigned *n);

/*
 * The same of a pattern of one literal, found without reading its syntax: most
 * are so simple. NULL when it is not surely one.
 */
const struct us_literal *us_pattern_one_literal(
    struct us_str pattern, struct us_arena *a);

/* The literal text that every value it matches begins with, or none. */
struct us_str us_pattern_head(const struct us_pattern *p, struct us_arena *a);

/*
 * Writes a short value that the pattern should match; false when none could
 * be made. The caller tries it: look-arounds are not weighed.
 */
bool us_pattern_witness(const struct us_pattern *p, struct us_buf *out);

#endif
