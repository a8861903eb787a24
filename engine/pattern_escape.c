/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of patterns: escapes and classes, under ALT_BSUX (\x takes two
 * digits, \u four or braces, or they are plain letters) and without UCP.
 */
#include "engine/pattern_tree.h"

void
us_charset_add(struct us_charset *set, uint32_t from, uint32_t to)
{
	for (uint32_t c = from; c <= to && c < 0x80; c++)
		set->ascii[c / 64] |= UINT64_C(1) << (c % 64);
	if (to >= 0x80)
		set->wide = true;
}

void
us_charset_join(struct us_charset *set, const struct us_charset *other)
{
	set->ascii[0] |= other->ascii[0];
	set->ascii[1] |= other->ascii[1];
	set->wide |= other->wide;
}

bool
us_charset_meets(const struct us_charset *a, const struct us_charset *b)
{
	return a->ascii[0] & b->ascii[0] || a->ascii[1] & b->ascii[1] ||
	       (a->wide && b->wide);
}

bool
us_charset_is_full(const struct us_charset *set)
{
	return !~set->ascii[0] && !~set->ascii[1] && set->wide;
}

static void
complement(struct us_charset *set)
{
	set->ascii[0] = ~set->ascii[0];
	set->ascii[1] = ~set->ascii[1];
	set->wide = true;
}

static int
digit(char c, int base)
{
	int d = c >= '0' && c <= '9'   ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
				       : base;

	return d < base ? d : -1;
}

/* At most `most` digits; of more than make a number, some number. */
static uint32_t
read_digits(struct us_pat_reader *r, int base, unsigned most, unsigned *n)
{
	uint32_t c = 0;
	int d;

	for (*n = 0; *n < most; ++*n, r->at++) {
		d = digit(us_pat_peek(r, 0), base);
		if (d < 0)
			break;
		c = c * (uint32_t)base + (uint32_t)d;
	}
	return c;
}

/*
 * Digits in braces, however many. What else may stand in them depends on the
 * version of PCRE2.
 */
static uint32_t
read_braced(struct us_pat_reader *r, int base)
{
	uint32_t c;
	unsigned n;

	us_pat_take(r, "{");
	c = read_digits(r, base, UINT32_MAX, &n);
	if (!n || !us_pat_take(r, "}"))
		r->p->unsure = true;
	return c;
}

/* Exactly n digits; else `letter` itself. */
static uint32_t
read_hex(struct us_pat_reader *r, unsigned n, uint32_t letter)
{
	uint32_t start = r->at, c;
	unsigned got;

	c = read_digits(r, 16, n, &got);
	if (got == n)
		return c;
	r->at = start;
	return letter;
}

static uint32_t
read_octal(struct us_pat_reader *r)
{
	unsigned n;

	return read_digits(r, 8, 3, &n);
}

static bool
is_alnum(char c)
{
	return digit(c, 10) >= 0 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/*
 * An escape that stands for one character, r->at behind its backslash; false,
 * with nothing read, for all others.
 */
static bool
read_char_escape(struct us_pat_reader *r, uint32_t *c)
{
	static const char names[] = "aefnrt", values[] = "\a\033\f\n\r\t";
	char e = us_pat_peek(r, 0);
	const char *found = e ? strchr(names, e) : NULL;

	if (!is_alnum(e)) {
		*c = us_pat_char(r);
		return true;
	}
	if (e == '0') {
		*c = read_octal(r);
		return true;
	}
	if (!found && !strchr("cxuUo", e))
		return false;
	r->at++;
	if (found)
		*c = (uint32_t)values[found - names];
	else if (e == 'U')
		*c = 'U';
	else if (e == 'x')
		*c = read_hex(r, 2, 'x');
	else if (e == 'u' && us_pat_peek(r, 0) == '{')
		*c = read_braced(r, 16);
	else if (e == 'u')
		*c = read_hex(r, 4, 'u');
	else if (e == 'o')
		*c = read_braced(r, 8);
	else {
		*c = us_pat_char(r);
		*c = (*c >= 'a' && *c <= 'z' ? *c - 0x20 : *c) ^ 0x40;
	}
	return true;
}

static bool
add_type(struct us_charset *set, char type)
{
	struct us_charset own = {0};

	switch (type | 0x20) {
	case 'd':
		us_charset_add(&own, '0', '9');
		break;
	case 'w':
		us_charset_add(&own, '0', '9');
		us_charset_add(&own, 'A', 'Z');
		us_charset_add(&own, 'a', 'z');
		us_charset_add(&own, '_', '_');
		break;
	case 's':
		us_charset_add(&own, '\t', '\r');
		us_charset_add(&own, ' ', ' ');
		break;
	case 'h':
		us_charset_add(&own, '\t', '\t');
		us_charset_add(&own, ' ', ' ');
		own.wide = true;
		break;
	case 'v':
		us_charset_add(&own, '\n', '\r');
		own.wide = true;
		break;
	default:
		return false;
	}
	if (type < 'a')
		complement(&own);
	us_charset_join(set, &own);
	return true;
}

/* \p and \P, r->at at that letter: not known exactly, so all characters. */
static uint32_t
read_property(struct us_pat_reader *r)
{
	bool positive = r->s[r->at++] == 'p';
	char first = us_pat_peek(r, 0), second;

	r->at++;
	if (first == '{') {
		first = us_pat_peek(r, 0);
		second = us_pat_peek(r, 1);
		us_pat_skip_past(r, '}');
		if (first == 'L' && second == 'u')
			first = 'U';
	}
	if (!positive)
		return 0;
	return first == 'U' ? 'A' : first == 'N' ? '1' : first == 'P' ? '-' : 0;
}

static struct us_pat *
new_set(struct us_pat_reader *r, uint32_t off, uint32_t from, uint32_t to)
{
	struct us_pat *node = us_pat_new(r, US_PAT_SET, off);

	us_charset_add(&node->set, from, to);
	return node;
}

/* \g and \k: a group by number or name, matched again or called. */
static struct us_pat *
read_reference(struct us_pat_reader *r, uint32_t off)
{
	bool may_call = r->s[r->at++] == 'g';
	char open = us_pat_peek(r, 0);
	unsigned n;

	if (open == '<' || open == '\'') {
		r->at++;
		if (may_call)
			return us_pat_recursion(
			    r, off, open == '<' ? '>' : '\'');
		us_pat_skip_past(r, open == '<' ? '>' : '\'');
	} else if (open == '{') {
		us_pat_skip_past(r, '}');
	} else {
		if (open == '-' || open == '+')
			r->at++;
		read_digits(r, 10, 6, &n);
	}
	return us_pat_new(r, US_PAT_BACKREF, off);
}

/*
 * \1 to \9 refer to groups. With more digits they may be octal, of as many
 * digits as fit: then nothing is said about the pattern.
 */
static struct us_pat *
read_numbered(struct us_pat_reader *r, uint32_t off)
{
	struct us_pat *node = us_pat_new(r, US_PAT_BACKREF, off);
	unsigned n;

	node->number = read_digits(r, 10, 9, &n);
	if (n > 1)
		r->p->unsure = true;
	return node;
}

static struct us_pat *
read_not_newline(struct us_pat_reader *r, uint32_t off)
{
	struct us_pat *node = us_pat_new(r, US_PAT_ANY, off);

	if (us_pat_peek(r, 0) == '{' && us_pat_peek(r, 1) == 'U') {
		us_pat_skip_past(r, '}');
		node->kind = US_PAT_OPAQUE;
		return node;
	}
	us_charset_add(&node->set, 0, 0x10ffff);
	node->set.ascii[0] &= ~(UINT64_C(1) << '\n');
	return node;
}

struct us_pat *
us_pat_escape(struct us_pat_reader *r)
{
	uint32_t off = r->at++, c;
	struct us_pat *node;
	char e;

	if (read_char_escape(r, &c))
		return us_pat_literal(r, c, off);
	e = us_pat_peek(r, 0);
	if (e == 'g' || e == 'k')
		return read_reference(r, off);
	if (e == 'p' || e == 'P') {
		node = new_set(r, off, 0, 0x10ffff);
		node->c = read_property(r);
		return node;
	}
	if (digit(e, 10) >= 0)
		return read_numbered(r, off);
	r->at++;
	switch (e) {
	case 'A':
	case 'G':
		return us_pat_new(r, US_PAT_BEGIN, off);
	case 'z':
		return us_pat_new(r, US_PAT_END, off);
	case 'b':
	case 'B':
	case 'K':
	case 'Z':
		return us_pat_new(r, US_PAT_ASSERT, off);
	case 'N':
		return read_not_newline(r, off);
	case 'R':
		node = new_set(r, off, '\n', '\r');
		node->set.wide = true;
		return node;
	case 'X':
		return new_set(r, off, 0, 0x10ffff);
	default:
		node = us_pat_new(r, US_PAT_SET, off);
		if (!add_type(&node->set, e))
			node->kind = US_PAT_OPAQUE;
		return node;
	}
}

/* A class while it is read. */
struct class {
	struct us_charset set;
	bool quoting;
	bool vague;	  /* has what is not known exactly */
	unsigned chars;	  /* single characters in it... */
	bool more;	  /* ...and things other than those */
	uint32_t c, wide; /* the last character; some wide one */
};

static const struct {
	const char *name, *ranges; /* pairs of ends */
} posix_names[] = {
    {"alpha", "azAZ"},
    {"lower", "az"},
    {"upper", "AZ"},
    {"alnum", "azAZ09"},
    {"blank", "\t\t  "},
    {"digit", "09"},
    {"graph", "!~"},
    {"print", " ~"},
    {"punct", "!/:@[`{~"},
    {"space", "\t\r  "},
    {"word", "azAZ09__"},
    {"xdigit", "afAF09"},
    {NULL, NULL},
};

static void
fold_set(struct us_charset *set)
{
	struct us_charset letters = {{0}, false};
	uint64_t both;

	us_charset_add(&letters, 'a', 'z');
	us_charset_add(&letters, 'A', 'Z');
	if (us_charset_meets(set, &letters))
		set->wide = true;
	/* upper and lower case lie 32 bits apart in the same word */
	both = set->ascii[1] & letters.ascii[1];
	set->ascii[1] |= both << 32 | both >> 32;
}

static bool
add_posix(struct us_charset *set, struct us_str name, bool fold)
{
	const char *p;
	bool negated = name.n && name.p[0] == '^';
	struct us_charset own = {0};
	size_t i = 0;

	if (negated) {
		name.p++;
		name.n--;
	}
	while (posix_names[i].name && !us_str_is(name, posix_names[i].name))
		i++;
	if (!posix_names[i].name)
		return false; /* ascii, cntrl: rare */
	for (p = posix_names[i].ranges; *p; p += 2)
		us_charset_add(&own, (uint32_t)p[0], (uint32_t)p[1]);
	if (fold)
		fold_set(&own);
	if (negated)
		complement(&own);
	us_charset_join(set, &own);
	return true;
}

/* [:name:] at r->at; PCRE2 ends its search for the end at the next ]. */
static bool
read_posix(struct us_pat_reader *r, struct class *class)
{
	uint32_t end = r->at + 2;
	struct us_str name = {r->s + end, 0};

	if (us_pat_peek(r, 0) != '[' || us_pat_peek(r, 1) != ':')
		return false;
	while (end < r->n && r->s[end] != ']' && r->s[end] != ':')
		end++;
	if (end + 1 >= r->n || r->s[end] != ':' || r->s[end + 1] != ']')
		return false;
	name.n = (size_t)(r->s + end - name.p);
	if (!add_posix(&class->set, name, r->fold))
		class->vague = true;
	class->more = true;
	r->at = end + 2;
	return true;
}

/* One character of a class, or false for what stands for several. */
static bool
read_class_char(struct us_pat_reader *r, struct class *class)
{
	char e;

	if (class->quoting || us_pat_peek(r, 0) != '\\') {
		class->c = us_pat_char(r);
		return true;
	}
	r->at++;
	if (read_char_escape(r, &class->c))
		return true;
	e = us_pat_peek(r, 0);
	if (e >= '1' && e <= '7') {
		class->c = read_octal(r);
		return true;
	}
	if (e == '8' || e == '9' || e == 'b') {
		r->at++;
		class->c = e == 'b' ? '\b' : (uint32_t)e;
		return true;
	}
	class->more = true;
	if (e == 'p' || e == 'P') {
		read_property(r);
		class->vague = true;
	} else {
		r->at++;
		if (!add_type(&class->set, e))
			class->vague = true;
	}
	return false;
}

/* Between [ and a ^ that negates: as others, but no quotation begins there. */
static void
skip_nothings_before(struct us_pat_reader *r)
{
	while (
	    us_pat_take(r, "\\E") || us_pat_take(r, "\\Q\\E") ||
	    (r->extended_more && (us_pat_take(r, " ") || us_pat_take(r, "\t"))))
		;
}

static void
skip_class_nothings(struct us_pat_reader *r, struct class *class)
{
	for (;;) {
		if (us_pat_take(r, "\\E"))
			class->quoting = false;
		else if (!class->quoting && us_pat_take(r, "\\Q"))
			class->quoting = true;
		else if (!class->quoting && r->extended_more &&
			 (us_pat_peek(r, 0) == ' ' ||
			     us_pat_peek(r, 0) == '\t'))
			r->at++;
		else
			return;
	}
}

/* A character, and the range it may begin. */
static void
read_class_item(struct us_pat_reader *r, struct class *class)
{
	uint32_t from, dash;

	if (!class->quoting && read_posix(r, class))
		return;
	if (!read_class_char(r, class))
		return;
	from = class->c;
	class->chars++;
	skip_class_nothings(r, class);
	dash = r->at;
	if (!class->quoting && us_pat_take(r, "-")) {
		class->more = true;
		skip_class_nothings(r, class);
		if ((us_pat_peek(r, 0) == ']' && !class->quoting) ||
		    !read_class_char(r, class)) {
			us_charset_add(&class->set, '-', '-');
			if (us_pat_peek(r, 0) == ']')
				r->at = dash + 1;
			class->c = from;
		}
	}
	us_charset_add(&class->set, from, class->c);
	if (class->c >= 0x80)
		class->wide = class->c;
}

/* [...], r->at at the bracket. A single character in it is a literal. */
struct us_pat *
us_pat_class(struct us_pat_reader *r)
{
	uint32_t off = r->at;
	struct class class = {.more = false};
	struct us_pat *node;
	bool negated, first = true;

	if (us_pat_take(r, "[[:<:]]") || us_pat_take(r, "[[:>:]]"))
		return us_pat_new(r, US_PAT_ASSERT, off);
	r->at++;
	skip_nothings_before(r);
	negated = us_pat_take(r, "^");
	for (;; first = false) {
		skip_class_nothings(r, &class);
		if (r->at >= r->n)
			break;
		if (!class.quoting && !first && us_pat_take(r, "]"))
			break;
		read_class_item(r, &class);
	}
	if (class.chars == 1 && !class.more && !negated)
		return us_pat_literal(r, class.c, off);
	node = us_pat_new(r, US_PAT_SET, off);
	node->set = class.set;
	node->c = negated ? 0 : class.wide;
	if (r->fold)
		fold_set(&node->set);
	if (negated)
		complement(&node->set);
	if (class.vague || (r->fold && class.wide))
		us_charset_add(&node->set, 0, 0x10ffff);
	return node;
}
