/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a pattern backtrack without bound? It does where one text can be cut
 * into repeats in several ways and all of them are tried: (a+)+, (a|a)*,
 * (\w+\s?)*. A separator that the repeat itself cannot match makes the cut
 * plain: ([a-z]+-)* is fine.
 */
#include "engine/pattern_tree.h"

#define MANY 10	   /* a bound as high as this is as bad as none */
#define ADJACENT 3 /* x*x* is quadratic and common; x*x*x* is not */
#define PIECES_MAX 16

/* The sequences around a node, the innermost first. */
struct frame {
	const struct us_pat *seq;
	uint32_t i;
	const struct frame *up;
};

/* Something besides node must be there that set has no character of. */
static bool
is_separated(const struct us_charset *set, const struct frame *f)
{
	struct us_charset other;

	for (; f; f = f->up) {
		for (uint32_t i = 0; i < f->seq->kids.n; i++) {
			if (i == f->i || us_pat_is_nullable(f->seq->kids.v[i]))
				continue;
			other = (struct us_charset){.wide = false};
			us_pat_chars(f->seq->kids.v[i], &other);
			if (!us_charset_meets(set, &other) &&
			    (other.ascii[0] || other.ascii[1] || other.wide))
				return true;
		}
	}
	return false;
}

static bool
is_text(const struct us_pat *node)
{
	struct us_pat *const *kid;

	if (node->kind == US_PAT_LITERAL)
		return !node->fold;
	if (node->kind != US_PAT_SEQ || !node->kids.n)
		return false;
	US_EACH (kid, &node->kids)
		if (!is_text(*kid))
			return false;
	return true;
}

/* Characters of what is_text holds of. */
static uint32_t
text_length(const struct us_pat *node)
{
	return node->kind == US_PAT_LITERAL ? 1 : node->kids.n;
}

static uint32_t
text_at(const struct us_pat *node, uint32_t i)
{
	return node->kind == US_PAT_LITERAL ? node->c : node->kids.v[i]->c;
}

/* Is text, from `at` on, a chain of alternatives of alt? */
static bool
is_chain(const struct us_pat *alt, const struct us_pat *text, uint32_t at)
{
	uint32_t n = text_length(text), m, k;

	if (at == n)
		return true;
	for (uint32_t i = 0; i < alt->kids.n && i < PIECES_MAX; i++) {
		const struct us_pat *piece = alt->kids.v[i];

		if (piece == text || !is_text(piece))
			continue;
		m = text_length(piece);
		for (k = 0; k < m && at + k < n; k++)
			if (text_at(piece, k) != text_at(text, at + k))
				break;
		if (k == m && is_chain(alt, text, at + m))
			return true;
	}
	return false;
}

/* One character each, and some character of both. */
static bool
are_same_character(const struct us_pat *a, const struct us_pat *b)
{
	while (a->kind == US_PAT_SEQ && a->kids.n == 1)
		a = a->kids.v[0];
	while (b->kind == US_PAT_SEQ && b->kids.n == 1)
		b = b->kids.v[0];
	return a->kind <= US_PAT_SET && b->kind <= US_PAT_SET &&
	       us_charset_meets(&a->set, &b->set);
}

/* (a|a)*, (a|ab|b)*: one text, several ways through the alternatives. */
static bool
alternatives_overlap(const struct us_pat *alt)
{
	for (uint32_t i = 0; i < alt->kids.n && i < PIECES_MAX; i++) {
		if (is_text(alt->kids.v[i]) &&
		    text_length(alt->kids.v[i]) <= PIECES_MAX &&
		    is_chain(alt, alt->kids.v[i], 0))
			return true;
		for (uint32_t j = 0; j < i; j++)
			if (are_same_character(alt->kids.v[i], alt->kids.v[j]))
				return true;
	}
	return false;
}

/* A text of several repeats of what is around can be cut in several ways. */
static bool
splits(const struct us_pat *node, const struct frame *up)
{
	struct us_charset set = {.wide = false};
	struct frame f = {.seq = node, .up = up};

	switch (node->kind) {
	case US_PAT_SEQ:
		for (f.i = 0; f.i < node->kids.n; f.i++)
			if (splits(node->kids.v[f.i], &f))
				return true;
		return false;
	case US_PAT_ALT:
		if (alternatives_overlap(node)) {
			us_pat_chars(node, &set);
			if (!is_separated(&set, up))
				return true;
		}
		for (f.i = 0; f.i < node->kids.n; f.i++)
			if (splits(node->kids.v[f.i], up))
				return true;
		return false;
	case US_PAT_GROUP:
		return splits(node->kids.v[0], up);
	case US_PAT_REPEAT:
		if (node->possessive || node->max < MANY)
			return false;
		us_pat_chars(node, &set);
		return !is_separated(&set, up);
	default:
		return false;
	}
}

/* (?:a?){30}: each time round may take something or nothing. */
static bool
is_optional(const struct us_pat *node)
{
	struct us_charset set = {.wide = false};

	us_pat_chars(node, &set);
	return us_pat_is_nullable(node) &&
	       (set.ascii[0] || set.ascii[1] || set.wide);
}

/* .*.*.*: repeats side by side over some common character. */
static bool
repeats_adjoin(const struct us_pat *seq, size_t *at)
{
	struct us_charset common, set;
	unsigned run = 0;

	for (uint32_t i = 0; i < seq->kids.n; i++) {
		const struct us_pat *kid = seq->kids.v[i];

		while (kid->kind == US_PAT_GROUP ||
		       (kid->kind == US_PAT_SEQ && kid->kids.n == 1))
			kid = kid->kids.v[0];
		if (kid->kind != US_PAT_REPEAT || kid->possessive ||
		    kid->max < MANY) {
			if (!us_pat_is_nullable(kid))
				run = 0;
			continue;
		}
		set = (struct us_charset){.wide = false};
		us_pat_chars(kid, &set);
		if (!run || !us_charset_meets(&common, &set)) {
			common = set;
			run = 0;
		}
		if (++run == ADJACENT) {
			*at = kid->off;
			return true;
		}
		common.ascii[0] &= set.ascii[0];
		common.ascii[1] &= set.ascii[1];
		common.wide = common.wide && set.wide;
	}
	return false;
}

static bool
find_slow(const struct us_pat *node, size_t *at)
{
	struct us_pat *const *kid;

	if (node->kind == US_PAT_SEQ && repeats_adjoin(node, at))
		return true;
	if (node->kind == US_PAT_REPEAT && !node->possessive &&
	    node->max >= MANY &&
	    (is_optional(node->kids.v[0]) || splits(node->kids.v[0], NULL))) {
		*at = node->off;
		return true;
	}
	US_EACH (kid, &node->kids)
		if (find_slow(*kid, at))
			return true;
	return false;
}

bool
us_pattern_is_slow(const struct us_pattern *p, size_t *at)
{
	return find_slow(p->root, at);
}
