/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about patterns: what a person probably did not mean, and a value
 * that would match.
 */
#include "engine/pattern_tree.h"

#define WITNESS_MAX 1024

void
us_pat_chars(const struct us_pat *node, struct us_charset *set)
{
	struct us_pat *const *kid;

	switch (node->kind) {
	case US_PAT_LITERAL:
	case US_PAT_ANY:
	case US_PAT_SET:
		us_charset_join(set, &node->set);
		break;
	case US_PAT_BACKREF:
	case US_PAT_OPAQUE:
		us_charset_add(set, 0, 0x10ffff);
		break;
	case US_PAT_ASSERT:
		break;
	default:
		US_EACH (kid, &node->kids)
			us_pat_chars(*kid, set);
	}
}

bool
us_pat_is_nullable(const struct us_pat *node)
{
	struct us_pat *const *kid;

	switch (node->kind) {
	case US_PAT_REPEAT:
		return node->min == 0 || us_pat_is_nullable(node->kids.v[0]);
	case US_PAT_ALT:
		US_EACH (kid, &node->kids)
			if (us_pat_is_nullable(*kid))
				return true;
		return false;
	case US_PAT_SEQ:
	case US_PAT_GROUP:
	case US_PAT_ATOMIC:
		US_EACH (kid, &node->kids)
			if (!us_pat_is_nullable(*kid))
				return false;
		return true;
	default:
		return false;
	}
}

/* What a group around the whole of something stands for. */
static const struct us_pat *
unwrap(const struct us_pat *node)
{
	while (node->kids.n == 1 &&
	       (node->kind == US_PAT_GROUP || node->kind == US_PAT_SEQ))
		node = node->kids.v[0];
	return node;
}

static bool
has_kind(const struct us_pat *node, unsigned kinds)
{
	struct us_pat *const *kid;

	if (kinds & 1u << node->kind)
		return true;
	US_EACH (kid, &node->kids)
		if (has_kind(*kid, kinds))
			return true;
	return false;
}

/* .* or .+ and the like: a person who writes it means "anything here". */
static bool
is_anything(const struct us_pat *node)
{
	node = unwrap(node);
	return node->kind == US_PAT_REPEAT && node->max == US_PAT_INF &&
	       unwrap(node->kids.v[0])->kind == US_PAT_ANY;
}

static bool
branch_is_unanchored(const struct us_pat *node)
{
	struct us_pat *const *kid;

	node = unwrap(node);
	if (node->kind == US_PAT_ALT) {
		US_EACH (kid, &node->kids)
			if (branch_is_unanchored(*kid))
				return true;
		return false;
	}
	if (has_kind(node, 1u << US_PAT_BEGIN | 1u << US_PAT_END |
			       1u << US_PAT_ASSERT | 1u << US_PAT_OPAQUE) ||
	    !has_kind(node, 1u << US_PAT_LITERAL | 1u << US_PAT_SET))
		return false;
	return node->kind != US_PAT_SEQ || !is_anything(node->kids.v[0]) ||
	       !is_anything(node->kids.v[node->kids.n - 1]);
}

bool
us_pattern_is_unanchored(const struct us_pattern *p)
{
	return branch_is_unanchored(p->root);
}

static bool
spans_all(const struct us_pat *node)
{
	struct us_pat *const *kid;
	bool some = false;

	switch (node->kind) {
	case US_PAT_REPEAT:
		node = node->max == US_PAT_INF && node->min == 0
			   ? unwrap(node->kids.v[0])
			   : NULL;
		return node &&
		       (node->kind == US_PAT_ANY ||
			   (node->kind == US_PAT_SET &&
			       us_charset_is_full(&node->set) && !node->c));
	case US_PAT_ALT:
		US_EACH (kid, &node->kids)
			if (spans_all(*kid))
				return true;
		return false;
	case US_PAT_GROUP:
	case US_PAT_SEQ:
		US_EACH (kid, &node->kids)
			if (spans_all(*kid))
				some = true;
			else if (!us_pat_is_nullable(*kid))
				return false;
		return some;
	default:
		return false;
	}
}

/*
 * One alternative: nothing in it must be there, and if it is tied to both ends
 * something between them takes all there is.
 */
static bool
branch_matches_everything(const struct us_pat *node)
{
	struct us_pat *const *kid;
	bool begun = false, ended = false, spanned = false, more = false;

	US_EACH (kid, &node->kids) {
		if ((*kid)->kind == US_PAT_SEQ && !(*kid)->kids.n)
			continue; /* (?s) and the like */
		if ((*kid)->kind == US_PAT_BEGIN) {
			if (more)
				return false;
			begun = true;
			continue;
		}
		more = true;
		if ((*kid)->kind == US_PAT_END)
			ended = true;
		else if (spans_all(*kid))
			spanned = spanned || !ended;
		else if (!us_pat_is_nullable(*kid))
			return false;
	}
	return !begun || !ended || spanned;
}

static bool
node_matches_everything(const struct us_pat *node)
{
	struct us_pat *const *kid;

	if (node->kind == US_PAT_SEQ && node->kids.n != 1)
		return branch_matches_everything(node);
	if (node->kind != US_PAT_ALT && node->kind != US_PAT_SEQ &&
	    node->kind != US_PAT_GROUP)
		return node->kind == US_PAT_BEGIN || node->kind == US_PAT_END ||
		       us_pat_is_nullable(node);
	US_EACH (kid, &node->kids)
		if (node_matches_everything(*kid))
			return true;
	return false;
}

bool
us_pattern_matches_everything(const struct us_pattern *p)
{
	return node_matches_everything(p->root);
}

/* The text that node ends with (or begins with) is literal. */
static bool
edge_is_literal(const struct us_pat *node, bool last)
{
	struct us_pat *const *kid;

	switch (node->kind) {
	case US_PAT_LITERAL:
		return true;
	case US_PAT_ALT:
		US_EACH (kid, &node->kids)
			if (edge_is_literal(*kid, last))
				return true;
		return false;
	case US_PAT_SEQ:
	case US_PAT_GROUP:
		return node->kids.n &&
		       edge_is_literal(
			   node->kids.v[last ? node->kids.n - 1 : 0], last);
	default:
		return false;
	}
}

/* A literal before the dot and one behind, or one of them and an open end. */
static bool
dot_is_amid_literals(const struct us_pat *seq, uint32_t i)
{
	const struct us_pat *before = i ? seq->kids.v[i - 1] : NULL;
	const struct us_pat *behind =
	    i + 1 < seq->kids.n ? seq->kids.v[i + 1] : NULL;
	bool left = before && edge_is_literal(before, true);
	bool right = behind && edge_is_literal(behind, false);

	if (left)
		return right || !behind || behind->kind == US_PAT_END;
	return right && !before;
}

static bool
find_literal_dot(const struct us_pat *node, size_t *at)
{
	const struct us_pat *kid;

	for (uint32_t i = 0; i < node->kids.n; i++) {
		kid = node->kids.v[i];
		if (node->kind == US_PAT_SEQ && kid->kind == US_PAT_ANY &&
		    kid->dot && dot_is_amid_literals(node, i)) {
			*at = kid->off;
			return true;
		}
		if (find_literal_dot(kid, at))
			return true;
	}
	return false;
}

bool
us_pattern_has_literal_dot(const struct us_pattern *p, size_t *at)
{
	return find_literal_dot(p->root, at);
}

/* What is written so far, and where each group lies in it. */
struct witness {
	struct us_buf *out;
	struct {
		size_t from, n;
	} groups[32];
};

static bool
in_set(const struct us_charset *set, uint32_t c)
{
	return set->ascii[c / 64] >> (c % 64) & 1;
}

/* A member of a set, one that is pleasant to read if there is one. */
static uint32_t
pick(const struct us_pat *node)
{
	static const char order[] = "aAz0Z_-. /";
	const struct us_charset *set = &node->set;

	if (node->c && node->c < 0x80)
		return node->c;
	for (const char *p = order; *p; p++)
		if (in_set(set, (uint32_t)*p))
			return (uint32_t)*p;
	for (uint32_t c = '!'; c < 0x7f; c++)
		if (in_set(set, c))
			return c;
	if (node->c || set->wide)
		return node->c ? node->c : 0xe9;
	for (uint32_t c = 0; c < 0x80; c++)
		if (in_set(set, c))
			return c;
	return 0xe9;
}

static void
put(struct witness *w, uint32_t c)
{
	char text[4];

	us_buf_add(w->out, text, us_utf8_put(text, c));
}

static bool write_witness(struct witness *w, const struct us_pat *node);

static bool
write_kids(struct witness *w, const struct us_pat *node)
{
	struct us_pat *const *kid;

	US_EACH (kid, &node->kids)
		if (!write_witness(w, *kid))
			return false;
	return true;
}

static bool
write_repeat(struct witness *w, const struct us_pat *node)
{
	size_t n;

	for (uint32_t i = 0; i < node->min; i++) {
		n = w->out->n;
		if (!write_witness(w, node->kids.v[0]))
			return false;
		if (w->out->n == n)
			break; /* nor would it write anything next time */
	}
	return true;
}

static bool
write_alternative(struct witness *w, const struct us_pat *node)
{
	struct us_pat *const *kid;
	size_t n = w->out->n;

	US_EACH (kid, &node->kids) {
		if (write_witness(w, *kid))
			return true;
		w->out->n = n;
	}
	return false;
}

static bool
write_group(struct witness *w, const struct us_pat *node)
{
	size_t from = w->out->n;

	if (!write_kids(w, node))
		return false;
	if (node->number && node->number < 32) {
		w->groups[node->number].from = from;
		w->groups[node->number].n = w->out->n - from;
	}
	return true;
}

static bool
write_reference(struct witness *w, const struct us_pat *node)
{
	if (!node->number || node->number >= 32)
		return false;
	for (size_t i = 0; i < w->groups[node->number].n; i++)
		us_buf_putc(
		    w->out, w->out->p[w->groups[node->number].from + i]);
	return true;
}

static bool
write_witness(struct witness *w, const struct us_pat *node)
{
	if (w->out->n > WITNESS_MAX)
		return false;
	switch (node->kind) {
	case US_PAT_LITERAL:
		put(w, node->c);
		return true;
	case US_PAT_ANY:
	case US_PAT_SET:
		put(w, pick(node));
		return true;
	case US_PAT_REPEAT:
		return write_repeat(w, node);
	case US_PAT_ALT:
		return write_alternative(w, node);
	case US_PAT_SEQ:
		return write_kids(w, node);
	case US_PAT_GROUP:
	case US_PAT_ATOMIC:
		return write_group(w, node);
	case US_PAT_BACKREF:
		return write_reference(w, node);
	case US_PAT_OPAQUE:
		return false;
	default: /* no width */
		return true;
	}
}

bool
us_pattern_witness(const struct us_pattern *p, struct us_buf *out)
{
	struct witness w = {.out = out};

	return write_witness(&w, p->root);
}
