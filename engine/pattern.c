/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of patterns: alternatives, sequences, repeats, groups, options.
 * It reads what PCRE2 has compiled, so it need not find mistakes; whatever it
 * does not know becomes a node that says so.
 */
#include "engine/pattern_tree.h"

/* PCRE2 allows 250; what goes deeper is not read. */
#define DEPTH_MAX 260

static struct us_pat *read_alternatives(struct us_pat_reader *r);

struct us_pat *
us_pat_new(struct us_pat_reader *r, enum us_pat_kind kind, uint32_t off)
{
	struct us_pat *node = us_arena_alloc(r->a, sizeof(*node));

	node->kind = kind;
	node->off = off;
	return node;
}

static void
add_kid(struct us_pat_reader *r, struct us_pat *node, struct us_pat *kid)
{
	*us_list_add(r->a, &node->kids) = kid;
}

uint32_t
us_pat_char(struct us_pat_reader *r)
{
	unsigned char first = (unsigned char)us_pat_peek(r, 0);
	uint32_t c;

	r->at++; /* may lie behind the end of what was cut off */
	if (first < 0xc0)
		return first;
	c = first & (first < 0xe0 ? 0x1f : first < 0xf0 ? 0x0f : 0x07);
	while (r->at < r->n && (r->s[r->at] & 0xc0) == 0x80)
		c = c << 6 | (r->s[r->at++] & 0x3f);
	return c;
}

static bool
is_letter(uint32_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80;
}

struct us_pat *
us_pat_literal(struct us_pat_reader *r, uint32_t c, uint32_t off)
{
	struct us_pat *node = us_pat_new(r, US_PAT_LITERAL, off);

	node->c = c;
	us_charset_add(&node->set, c, c);
	if (!r->fold || (c < 0x80 && !is_letter(c)))
		return node;
	node->fold = true;
	node->set.wide = true; /* k is K, and also the sign for kelvin */
	if (is_letter(c))
		us_charset_add(&node->set, c ^ 0x20, c ^ 0x20);
	else /* long s */
		us_charset_add(&node->set, 0, 0x7f);
	return node;
}

static struct us_pat *
read_dot(struct us_pat_reader *r)
{
	struct us_pat *node = us_pat_new(r, US_PAT_ANY, r->at++);

	node->dot = true;
	us_charset_add(&node->set, 0, 0x10ffff);
	if (!r->dotall)
		node->set.ascii[0] &= ~(UINT64_C(1) << '\n');
	return node;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Under (?x) white space and comments between items mean nothing. */
static void
skip_extended(struct us_pat_reader *r)
{
	while (r->extended && r->at < r->n) {
		if (is_space(us_pat_peek(r, 0)))
			r->at++;
		else if (us_pat_peek(r, 0) == '#')
			while (r->at < r->n && r->s[r->at++] != '\n')
				;
		else
			return;
	}
}

void
us_pat_skip_past(struct us_pat_reader *r, char c)
{
	while (r->at < r->n && r->s[r->at++] != c)
		;
}

/* Comments and empty quotes, which may stand between an item and its repeat. */
static void
skip_nothings(struct us_pat_reader *r)
{
	for (;;) {
		skip_extended(r);
		if (us_pat_peek(r, 0) != '(' && us_pat_peek(r, 0) != '\\')
			return;
		if (us_pat_take(r, "(?#"))
			us_pat_skip_past(r, ')');
		else if (!us_pat_take(r, "\\E") && !us_pat_take(r, "\\Q\\E"))
			return;
	}
}

static bool
read_number(struct us_pat_reader *r, uint32_t *number)
{
	uint32_t start = r->at;

	*number = 0;
	while (us_pat_peek(r, 0) >= '0' && us_pat_peek(r, 0) <= '9') {
		if (*number < 100000)
			*number = *number * 10 + (uint32_t)(r->s[r->at] - '0');
		r->at++;
	}
	return r->at > start;
}

/*
 * {n}, {n,} or {n,m}. What looks alike but is not ({,n}, spaces) is a repeat
 * to newer versions of PCRE2 and literal text to older ones: *unsure.
 */
static bool
read_braces(struct us_pat_reader *r, uint32_t *min, uint32_t *max, bool *unsure)
{
	uint32_t start = r->at++;
	char next = us_pat_peek(r, 0);

	*unsure = next == ',' || is_space(next);
	if (!read_number(r, min))
		goto no;
	*max = *min;
	*unsure = true;
	if (us_pat_take(r, ",") && !read_number(r, max))
		*max = US_PAT_INF;
	if (us_pat_take(r, "}"))
		return true;
no:
	r->at = start;
	return false;
}

static bool
read_quantifier(
    struct us_pat_reader *r, uint32_t *min, uint32_t *max, bool *unsure)
{
	*unsure = false;
	*min = 0;
	*max = US_PAT_INF;
	switch (us_pat_peek(r, 0)) {
	case '{':
		return read_braces(r, min, max, unsure);
	case '+':
		*min = 1;
		break;
	case '?':
		*max = 1;
		break;
	case '*':
		break;
	default:
		return false;
	}
	r->at++;
	return true;
}

/* The repeat behind item, if there is one; PCRE2 takes no second one. */
static struct us_pat *
read_repeat(struct us_pat_reader *r, struct us_pat *item)
{
	struct us_pat *node;
	uint32_t min, max;
	bool unsure;

	skip_nothings(r);
	if (!read_quantifier(r, &min, &max, &unsure)) {
		if (!unsure)
			return item;
		node = us_pat_new(r, US_PAT_OPAQUE, item->off);
		add_kid(r, node, item);
		return node;
	}
	node = us_pat_new(r, US_PAT_REPEAT, item->off);
	node->min = min;
	node->max = max;
	add_kid(r, node, item);
	skip_nothings(r);
	node->possessive = us_pat_take(r, "+");
	if (!node->possessive)
		us_pat_take(r, "?"); /* lazy: the same matches */
	return node;
}

/* The letters of (?i-s) and (?i-s:, up to but without the ) or the colon. */
static void
read_options(struct us_pat_reader *r)
{
	bool on = true;

	for (; r->at < r->n; r->at++) {
		switch (us_pat_peek(r, 0)) {
		case '^':
			r->fold = r->dotall = r->multiline = false;
			r->extended = r->extended_more = r->no_capture = false;
			break;
		case '-':
			on = false;
			break;
		case 'i':
			r->fold = on;
			break;
		case 's':
			r->dotall = on;
			break;
		case 'm':
			r->multiline = on;
			break;
		case 'n':
			r->no_capture = on;
			break;
		case 'x':
			r->extended_more = on && us_pat_peek(r, 1) == 'x';
			r->extended = on;
			if (us_pat_peek(r, 1) == 'x')
				r->at++;
			break;
		case ')':
		case ':':
			return;
		case 'J':
		case 'U': /* these change no match */
			break;
		default: /* what this is depends on the version of PCRE2 */
			r->p->unsure = true;
			break;
		}
	}
}

/* The inside of a group, r->at behind what opens it, to behind its ). */
static struct us_pat *
read_body(struct us_pat_reader *r, enum us_pat_kind kind, uint32_t off,
    uint32_t number)
{
	struct us_pat *node = us_pat_new(r, kind, off);
	struct us_pat_reader outer = *r;

	node->number = number;
	add_kid(r, node, read_alternatives(r));
	us_pat_take(r, ")");
	/* Options set inside end here; what was read stays read. */
	outer.at = r->at;
	outer.groups = r->groups;
	*r = outer;
	return node;
}

struct us_pat *
us_pat_recursion(struct us_pat_reader *r, uint32_t off, char close)
{
	if (!r->p->recurses) {
		r->p->recurses = true;
		r->p->recurses_at = off;
	}
	us_pat_skip_past(r, close);
	return us_pat_new(r, US_PAT_OPAQUE, off);
}

/* (?(condition)yes|no): read for what recurs inside, not understood. */
static struct us_pat *
read_conditional(struct us_pat_reader *r, uint32_t off)
{
	char next = us_pat_peek(r, 1);

	if (us_pat_take(r, "(R")) {
		/* a group may be called R...: then no recursion is asked for,
		 * and refusing it all the same costs only that name */
		us_pat_recursion(r, off, ')');
	} else if (next != '?' && next != '*') {
		us_pat_skip_past(r, ')');
	}
	return read_body(r, US_PAT_OPAQUE, off, 0);
}

static bool
is_call(const struct us_pat_reader *r)
{
	char c = us_pat_peek(r, 0), d = us_pat_peek(r, 1);

	if (c == '+' || c == '-')
		return d >= '0' && d <= '9';
	return c == 'R' || c == '&' || (c >= '0' && c <= '9') ||
	       (c == 'P' && d == '>');
}

/* (?i) acts on what follows, in the group around; (?i:...) on its inside. */
static struct us_pat *
read_option_group(struct us_pat_reader *r, uint32_t off)
{
	struct us_pat_reader outer = *r;
	struct us_pat *node;

	read_options(r);
	if (us_pat_take(r, ")"))
		return us_pat_new(r, US_PAT_SEQ, off);
	us_pat_take(r, ":");
	node = read_body(r, US_PAT_GROUP, off, 0);
	outer.at = r->at;
	outer.groups = r->groups;
	*r = outer;
	return node;
}

/* (?|...): its alternatives number their groups alike; not followed. */
static struct us_pat *
read_question_group(struct us_pat_reader *r, uint32_t off)
{
	char close = '>';

	if (us_pat_take(r, ":") || us_pat_take(r, "|"))
		return read_body(r, US_PAT_GROUP, off, 0);
	if (us_pat_take(r, ">"))
		return read_body(r, US_PAT_ATOMIC, off, 0);
	if (us_pat_take(r, "=") || us_pat_take(r, "!") || us_pat_take(r, "*") ||
	    us_pat_take(r, "<=") || us_pat_take(r, "<!") ||
	    us_pat_take(r, "<*"))
		return read_body(r, US_PAT_ASSERT, off, 0);
	if (is_call(r))
		return us_pat_recursion(r, off, ')');
	if (us_pat_take(r, "P=")) {
		us_pat_skip_past(r, ')');
		return us_pat_new(r, US_PAT_BACKREF, off);
	}
	if (us_pat_peek(r, 0) == '(')
		return read_conditional(r, off);
	if (us_pat_take(r, "'"))
		close = '\'';
	else if (!us_pat_take(r, "P<") && !us_pat_take(r, "<"))
		return read_option_group(r, off);
	us_pat_skip_past(r, close);
	return read_body(r, US_PAT_GROUP, off, ++r->groups);
}

/* Verbs, and look-arounds by name. */
static struct us_pat *
read_star_group(struct us_pat_reader *r, uint32_t off)
{
	enum us_pat_kind kind = US_PAT_ASSERT;
	struct us_str name = {r->s + r->at, 0};

	while (us_pat_peek(r, 0) == '_' ||
	       (us_pat_peek(r, 0) >= 'a' && us_pat_peek(r, 0) <= 'z'))
		r->at++;
	name.n = (size_t)(r->s + r->at - name.p);
	if (name.n && us_pat_take(r, ":")) {
		if (us_str_is(name, "atomic"))
			kind = US_PAT_ATOMIC;
		else if (name.p[0] == 's' || name.p[0] == 'a')
			kind = US_PAT_OPAQUE; /* script runs */
		return read_body(r, kind, off, 0);
	}
	us_pat_skip_past(r, ')');
	return us_pat_new(r, US_PAT_OPAQUE, off);
}

static struct us_pat *
read_group(struct us_pat_reader *r)
{
	uint32_t off = r->at++;
	struct us_pat *node;

	if (r->depth >= DEPTH_MAX) {
		r->at = r->n;
		return us_pat_new(r, US_PAT_OPAQUE, off);
	}
	r->depth++;
	if (us_pat_take(r, "?"))
		node = read_question_group(r, off);
	else if (us_pat_take(r, "*"))
		node = read_star_group(r, off);
	else
		node = read_body(
		    r, US_PAT_GROUP, off, r->no_capture ? 0 : ++r->groups);
	r->depth--;
	return node;
}

static struct us_pat *
read_item(struct us_pat_reader *r)
{
	uint32_t off = r->at, c;

	if (r->quoting)
		return us_pat_literal(r, us_pat_char(r), off);
	switch (us_pat_peek(r, 0)) {
	case '\\':
		return us_pat_escape(r);
	case '[':
		return us_pat_class(r);
	case '(':
		return read_group(r);
	case '.':
		return read_dot(r);
	case '^':
		r->at++;
		return us_pat_new(
		    r, r->multiline ? US_PAT_ASSERT : US_PAT_BEGIN, off);
	case '$':
		r->at++;
		return us_pat_new(
		    r, r->multiline ? US_PAT_ASSERT : US_PAT_END, off);
	default:
		c = us_pat_char(r);
		if (r->extended && c >= 0x80) /* may be white space to (?x) */
			return us_pat_new(r, US_PAT_OPAQUE, off);
		return us_pat_literal(r, c, off);
	}
}

/* Steps over what is no item; true when the sequence goes on behind it. */
static bool
more_items(struct us_pat_reader *r)
{
	for (;;) {
		if (r->quoting && us_pat_take(r, "\\E"))
			r->quoting = false;
		else if (r->quoting)
			return r->at < r->n;
		else if (us_pat_take(r, "\\Q"))
			r->quoting = true;
		else {
			skip_nothings(r);
			if (us_pat_peek(r, 0) == '\\' &&
			    us_pat_peek(r, 1) == 'Q')
				continue;
			return r->at < r->n && us_pat_peek(r, 0) != '|' &&
			       us_pat_peek(r, 0) != ')';
		}
	}
}

static struct us_pat *
read_sequence(struct us_pat_reader *r)
{
	struct us_pat *seq = us_pat_new(r, US_PAT_SEQ, r->at), *item;

	while (more_items(r)) {
		item = read_item(r);
		if (r->quoting && us_pat_take(r, "\\E"))
			r->quoting = false;
		if (!r->quoting)
			item = read_repeat(r, item);
		add_kid(r, seq, item);
	}
	return seq;
}

/* Options set in one alternative go on in the next ones. */
static struct us_pat *
read_alternatives(struct us_pat_reader *r)
{
	struct us_pat *first = read_sequence(r), *alt;

	if (us_pat_peek(r, 0) != '|' || r->at >= r->n)
		return first;
	alt = us_pat_new(r, US_PAT_ALT, first->off);
	add_kid(r, alt, first);
	while (us_pat_take(r, "|"))
		add_kid(r, alt, read_sequence(r));
	return alt;
}

const struct us_pattern *
us_pattern_parse(struct us_arena *a, struct us_str pattern)
{
	struct us_pattern *p = us_arena_alloc(a, sizeof(*p));
	struct us_pat_reader r = {.a = a, .p = p, .s = pattern.p};
	struct us_pat *root;

	p->text = pattern;
	r.n = (uint32_t)pattern.n;
	p->root = root = read_alternatives(&r);
	/* a ) too many, PCRE2 would not have taken it */
	if (r.at < r.n || p->unsure) {
		p->root = us_pat_new(&r, US_PAT_OPAQUE, r.at);
		add_kid(&r, p->root, root);
	}
	return p;
}

bool
us_pattern_recurses(const struct us_pattern *p, size_t *at)
{
	if (p->recurses)
		*at = p->recurses_at;
	return p->recurses;
}
