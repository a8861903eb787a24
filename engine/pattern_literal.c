/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns that are only literal text at known ends, which is most of what
 * people write. The matcher compares those without PCRE2, so the answer here
 * must be equivalent or NULL.
 *
 * The pattern is multiplied out into branches without alternatives. That is
 * sound where every choice can be taken back: no atomic groups, possessive
 * repeats, verbs or references are let in.
 */
#include "engine/pattern_tree.h"

#define BRANCHES_MAX 16
#define PLAIN_DEPTH 20 /* PCRE2 may have been built to take few more */

struct branch {
	US_LIST(char) text;
	bool begun, ended; /* tied to the start; to the end, nothing follows */
	bool skips;	   /* what stands here now may be anything or nothing */
};

struct branches {
	struct us_arena *a;
	struct branch v[BRANCHES_MAX];
	unsigned n;
};

static bool expand(struct branches *set, const struct us_pat *node);

/*
 * x* that may as well be nothing: at an open start or end it changes no
 * answer. In the middle it does.
 */
static bool
settle_skip(struct branch *b)
{
	if (b->skips && (b->text.n || b->begun))
		return false;
	b->skips = false;
	return true;
}

static bool
add_literal(struct branches *set, const struct us_pat *node)
{
	char text[4];
	size_t n = us_utf8_put(text, node->c);
	struct branch *b;

	if (node->fold)
		return false;
	for (b = set->v; b < set->v + set->n; b++) {
		if (b->ended || !settle_skip(b))
			return false;
		for (size_t i = 0; i < n; i++)
			*us_list_add(set->a, &b->text) = text[i];
	}
	return true;
}

static bool
add_anchor(struct branches *set, bool begin)
{
	struct branch *b;

	for (b = set->v; b < set->v + set->n; b++) {
		if (!settle_skip(b) || (begin && b->text.n))
			return false;
		if (begin)
			b->begun = true;
		else
			b->ended = true;
	}
	return true;
}

static void
copy_branches(struct branches *to, const struct branches *from)
{
	struct branch *b;
	char *text;

	*to = *from;
	for (b = to->v; b < to->v + to->n; b++) {
		text = us_arena_alloc(to->a, b->text.cap);
		if (b->text.n)
			memcpy(text, b->text.v, b->text.n);
		b->text.v = text;
	}
}

/* All branches so far, each followed by each alternative. */
static bool
expand_alternatives(struct branches *set, const struct us_pat *node)
{
	struct branches before = *set, one;
	struct us_pat *const *kid;

	set->n = 0;
	US_EACH (kid, &node->kids) {
		copy_branches(&one, &before);
		if (!expand(&one, *kid) || set->n + one.n > BRANCHES_MAX)
			return false;
		memcpy(set->v + set->n, one.v, one.n * sizeof(*one.v));
		set->n += one.n;
	}
	return true;
}

static bool
is_one_character(const struct us_pat *node)
{
	return node->kind == US_PAT_LITERAL || node->kind == US_PAT_ANY ||
	       node->kind == US_PAT_SET;
}

static bool
expand_repeat(struct branches *set, const struct us_pat *node)
{
	const struct us_pat *kid = node->kids.v[0];
	struct us_pat *kids[2];
	struct us_pat nothing = {.kind = US_PAT_SEQ};
	struct us_pat maybe = {.kind = US_PAT_ALT};
	struct branch *b;

	if (node->possessive)
		return false;
	if (node->min == 1 && node->max == 1)
		return expand(set, kid);
	if (node->min == 0 && node->max == 1) {
		kids[0] = &nothing;
		kids[1] = node->kids.v[0];
		maybe.kids.v = kids;
		maybe.kids.n = maybe.kids.cap = 2;
		return expand(set, &maybe);
	}
	if (node->min != 0 || !is_one_character(kid))
		return false;
	for (b = set->v; b < set->v + set->n; b++)
		b->skips = b->skips || !b->ended;
	return true;
}

static bool
expand(struct branches *set, const struct us_pat *node)
{
	struct us_pat *const *kid;

	switch (node->kind) {
	case US_PAT_LITERAL:
		return add_literal(set, node);
	case US_PAT_BEGIN:
	case US_PAT_END:
		return add_anchor(set, node->kind == US_PAT_BEGIN);
	case US_PAT_SEQ:
	case US_PAT_GROUP:
		US_EACH (kid, &node->kids)
			if (!expand(set, *kid))
				return false;
		return true;
	case US_PAT_ALT:
		return expand_alternatives(set, node);
	case US_PAT_REPEAT:
		return expand_repeat(set, node);
	default:
		return false;
	}
}

static struct us_literal
literal_of(const struct branch *b)
{
	struct us_literal literal = {.text = {b->text.v, b->text.n}};

	if (b->begun)
		literal.kind = b->ended ? US_LITERAL_EXACT : US_LITERAL_PREFIX;
	else
		literal.kind =
		    b->ended ? US_LITERAL_SUFFIX : US_LITERAL_CONTAINS;
	return literal;
}

const struct us_literal *
us_pattern_literals(const struct us_pattern *p, struct us_arena *a, unsigned *n)
{
	struct branches *set = us_arena_alloc(a, sizeof(*set));
	struct us_literal *literals;

	*n = 0;
	set->a = a;
	set->n = 1;
	us_list_reserve(a, &set->v[0].text, (uint32_t)p->text.n);
	if (!expand(set, p->root))
		return NULL;
	literals = us_arena_alloc(a, set->n * sizeof(*literals));
	for (unsigned i = 0; i < set->n; i++)
		literals[i] = literal_of(&set->v[i]);
	*n = set->n;
	return literals;
}

struct us_str
us_pattern_head(const struct us_pattern *p, struct us_arena *a)
{
	struct branches set = {.a = a, .n = 1};
	struct us_pat *const *kid = p->root->kids.v;
	uint32_t n = p->root->kids.n;

	if (p->root->kind != US_PAT_SEQ || !n ||
	    (*kid)->kind != US_PAT_BEGIN)
		return (struct us_str){NULL, 0};
	while (--n && (*++kid)->kind == US_PAT_LITERAL)
		if (!add_literal(&set, *kid))
			break;
	return (struct us_str){set.v[0].text.v, set.v[0].text.n};
}

/* A character that stands for itself, whatever stands around it. */
static bool
is_text(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("/_-:@ ", c));
}

/* \. for a dot. */
static bool
is_dot(struct us_str pattern, size_t i)
{
	return i + 1 < pattern.n && pattern.p[i] == '\\' &&
	       pattern.p[i + 1] == '.';
}

const struct us_literal *
us_pattern_one_literal(struct us_str pattern, struct us_arena *a)
{
	struct branch b = {0};
	struct us_literal one;
	size_t i = 0;

	if (pattern.n && pattern.p[0] == '^') {
		b.begun = true;
		i++;
	}
	us_list_reserve(a, &b.text, (uint32_t)pattern.n);
	for (; i < pattern.n; i++) {
		if (pattern.p[i] == '$' && i + 1 == pattern.n) {
			b.ended = true;
			continue;
		}
		if (is_dot(pattern, i))
			i++;
		else if (!is_text(pattern.p[i]))
			return NULL;
		b.text.v[b.text.n++] = pattern.p[i];
	}
	one = literal_of(&b);
	return us_arena_copy(a, &one, sizeof(one));
}

bool
us_pattern_is_plain(struct us_str pattern)
{
	unsigned depth = 0;
	char c;

	for (size_t i = 0; i < pattern.n; i++) {
		c = pattern.p[i];
		if (c == '(' && depth < PLAIN_DEPTH)
			depth++;
		else if (c == ')' && depth)
			depth--;
		else if (c == '.')
			i += i + 1 < pattern.n && pattern.p[i + 1] == '*';
		else if (is_dot(pattern, i))
			i++;
		else if (!is_text(c) && c != '^' && c != '$' && c != '|')
			return false;
	}
	return !depth;
}
