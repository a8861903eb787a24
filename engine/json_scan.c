/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict scan: the grammar of RFC 8259 and the limits of SPEC 2 and 18,
 * once over the text, making a node of each value. What breaks the grammar ends
 * the scan (each function then returns false); what is well-formed but refused
 * is reported, and the scan goes on.
 */
#include <limits.h>

#include "engine/json.h"
#include "engine/json_escape.h"
#include "engine/names.h"

struct scan {
	struct us_src *src;
	struct us_diags *diags;
	uint32_t errors; /* that diags had before */
	uint32_t values_max;
	const char *p, *end;
	/* Arrays and objects around p, and the names used in each. */
	uint32_t depth;
	struct us_names names[US_JSON_DEPTH];
};

static struct us_loc
loc_between(const struct scan *s, const char *from, const char *to)
{
	return (struct us_loc){
	    s->src, (uint32_t)(from - s->src->text), (uint32_t)(to - from)};
}

/* What stands at p, for "found ...". */
static const char *
found(struct scan *s, const char *p)
{
	int n = 1;

	if (p == s->end)
		return "the end of the text";
	if ((unsigned char)*p < 0x20 || *p == 0x7f)
		return us_arena_printf(
		    &s->diags->arena, "a control character (0x%02x)", *p);
	if (*p == '"')
		return "a string";
	while (p + n < s->end && (p[n] & 0xc0) == 0x80)
		n++;
	return us_arena_printf(&s->diags->arena, "\"%.*s\"", n, p);
}

/* The grammar is broken at p. */
static bool
stop_at(struct scan *s, const char *p, const char *expected)
{
	us_diag_add(s->diags, US_DIAG_SYNTAX,
	    loc_between(s, p, p + (p < s->end)), "expected %s, found %s",
	    expected, found(s, p));
	return false;
}

static void
skip_space(struct scan *s)
{
	while (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t')
		s->p++;
}

/* s->p is at the u of \u. Pairs are taken together. */
static bool
scan_unicode_escape(struct scan *s)
{
	const char *from = s->p - 1;
	int c = us_json_hex4(s->p + 1, s->end), low = -1;

	if (c < 0)
		return stop_at(s, from, "four hexadecimal digits behind \\u");
	s->p += 5;
	if (us_json_is_high(c) && s->end - s->p >= 2 && s->p[0] == '\\' &&
	    s->p[1] == 'u')
		low = us_json_hex4(s->p + 2, s->end);
	if (us_json_is_high(c) && us_json_is_low(low)) {
		s->p += 6;
	} else if (us_json_is_high(c) || us_json_is_low(c)) {
		us_diag_add(s->diags, US_DIAG_ENCODING,
		    loc_between(s, from, s->p),
		    "\"%.6s\" is half of a surrogate pair, which is no "
		    "character; write both halves",
		    from);
	} else if (c == 0) {
		us_diag_add(s->diags, US_DIAG_ENCODING,
		    loc_between(s, from, s->p),
		    "a string may not hold the character NUL (\\u0000)");
	}
	return true;
}

static bool
scan_escape(struct scan *s)
{
	s->p++;
	if (*s->p == 'u')
		return scan_unicode_escape(s);
	if (s->p == s->end || !*s->p || !strchr("\"\\/bfnrt", *s->p))
		return stop_at(
		    s, s->p, "one of \" \\ / b f n r t u behind a backslash");
	s->p++;
	return true;
}

/* Over what stands for itself in a string; DEL does. */
static void
skip_run(struct scan *s)
{
	unsigned plain = 8;

	while (s->end - s->p >= 8 && (plain = us_plain8(s->p)) == 8)
		s->p += 8;
	if (plain < 8)
		s->p += plain;
	while ((unsigned char)*s->p >= 0x20 && *s->p != '"' && *s->p != '\\')
		s->p++;
}

/* From one quote behind the other. *escapes tells whether there are any. */
static bool
scan_string(struct scan *s, bool *escapes)
{
	const char *from = s->p++;

	for (*escapes = false;;) {
		skip_run(s);
		if (*s->p == '"')
			break;
		if (*s->p == '\\') {
			*escapes = true;
			if (!scan_escape(s))
				return false;
		} else if (s->p < s->end && *s->p != '\n') {
			return stop_at(
			    s, s->p, "an escape such as \\t or \\u001f");
		} else {
			us_diag_add(s->diags, US_DIAG_SYNTAX,
			    loc_between(s, from, s->p),
			    "this string has no closing quote on its line");
			return false;
		}
	}
	s->p++;
	return true;
}

static uint32_t
count_digits(struct scan *s)
{
	const char *from = s->p;

	while (*s->p >= '0' && *s->p <= '9')
		s->p++;
	return (uint32_t)(s->p - from);
}

static bool
scan_exponent(struct scan *s)
{
	s->p++;
	s->p += *s->p == '-' || *s->p == '+';
	return count_digits(s) || stop_at(s, s->p, "a digit of the exponent");
}

/* So many bytes cannot be beyond 2^53 without an exponent. */
#define FEW_DIGITS 15

static bool
scan_number(struct scan *s, struct us_src_node *node)
{
	const char *from = s->p, *digits = from + (*from == '-');
	bool exponent;
	uint32_t whole;

	node->kind = US_JSON_INT;

	if (!strncmp(digits, "Infinity", 8))
		return stop_at(s, from, "a number (JSON has no Infinity)");
	s->p = digits;
	whole = count_digits(s);
	if (!whole)
		return stop_at(s, s->p, "a digit");
	if (*digits == '0' && whole > 1)
		return stop_at(s, digits, "a number without leading zeros");
	if (*s->p == '.') {
		node->kind = US_JSON_NUMBER;
		s->p++;
		if (!count_digits(s))
			return stop_at(s, s->p, "a digit behind the point");
	}
	exponent = *s->p == 'e' || *s->p == 'E';
	if (exponent) {
		node->kind = US_JSON_NUMBER;
		if (!scan_exponent(s))
			return false;
	}
	if ((exponent || s->p - from > FEW_DIGITS) &&
	    us_json_number_beyond(from))
		us_diag_add(s->diags, US_DIAG_LIMIT, loc_between(s, from, s->p),
		    "%.*s%s is beyond 2^53, where numbers lose digits; write "
		    "it as a string if it is a name",
		    s->p - from > 40 ? 40 : (int)(s->p - from), from,
		    s->p - from > 40 ? "..." : "");
	return true;
}

static bool
scan_word(struct scan *s, struct us_src_node *node)
{
	static const struct {
		struct us_str text;
		enum us_json_kind kind;
	} words[] = {{{"true", 4}, US_JSON_BOOL}, {{"false", 5}, US_JSON_BOOL},
	    {{"null", 4}, US_JSON_NULL}};
	static const char *const others[][2] = {
	    {"NaN", "a value (JSON has no NaN)"},
	    {"Infinity", "a value (JSON has no Infinity)"},
	    {"undefined", "a value (JSON has null, not undefined)"},
	    {"/", "a value (JSON has no comments)"},
	    {"'", "a value (strings stand in double quotes)"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strncmp(s->p, words[i].text.p, words[i].text.n)) {
			s->p += words[i].text.n;
			node->kind = (uint8_t)words[i].kind;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (!strncmp(s->p, others[i][0], strlen(others[i][0])))
			return stop_at(s, s->p, others[i][1]);
	}
	return stop_at(s, s->p, "a value");
}

static bool scan_value(
    struct scan *s, uint32_t parent, uint32_t index, struct us_str name);

static void
complain_twice(
    struct scan *s, struct us_str name, struct us_loc here, uint32_t first)
{
	struct us_diag *diag;
	bool cut = name.n > 60;

	if (cut)
		name.n = us_utf8_bad(name.p, 60);
	diag = us_diag_add(s->diags, US_DIAG_DUPLICATE, here,
	    "the member \"%.*s%s\" is here twice; keep one", US_ARG(name),
	    cut ? "..." : "");
	us_diag_see(s->diags, diag, (struct us_loc){s->src, first, here.len},
	    "first here");
}

/* A member's name and the colon; the node of its value is yet to come. */
static bool
scan_name(struct scan *s, struct us_str *name)
{
	struct us_names *names = &s->names[s->depth - 1];
	const char *from = s->p;
	bool escapes;
	uint32_t first;

	if (*s->p != '"')
		return stop_at(s, s->p, "the name of a member in quotes");
	if (!scan_string(s, &escapes))
		return false;
	*name = (struct us_str){from + 1, (size_t)(s->p - from) - 2};
	if (escapes)
		*name = us_json_decode(*name, &s->src->arena);
	first = us_names_add(names, *name, (uint32_t)(from - s->src->text));
	if (first != US_NAMES_NEW)
		complain_twice(s, *name, loc_between(s, from, s->p), first);
	skip_space(s);
	if (*s->p != ':')
		return stop_at(s, s->p, "\":\" behind the name of a member");
	s->p++;
	skip_space(s);
	return true;
}

/* The members or items of the array or object that is node `own`. */
static bool
scan_inside(struct scan *s, uint32_t own, bool object)
{
	const char close = object ? '}' : ']';
	struct us_str name = {0};

	s->p++;
	skip_space(s);
	if (*s->p == close)
		return s->p++, true;
	for (uint32_t i = 0;; i++) {
		if (object && !scan_name(s, &name))
			return false;
		if (!scan_value(s, own, i, name))
			return false;
		skip_space(s);
		if (*s->p == close)
			return s->p++, true;
		if (*s->p != ',')
			return stop_at(s, s->p,
			    object ? "\",\" or \"}\" behind a member"
				   : "\",\" or \"]\" behind an item");
		s->p++;
		skip_space(s);
		if (*s->p == close)
			return stop_at(s, s->p,
			    object ? "another member behind the comma"
				   : "another item behind the comma");
	}
}

static bool
scan_container(struct scan *s, uint32_t own)
{
	bool good;

	if (s->depth == US_JSON_DEPTH) {
		us_diag_add(s->diags, US_DIAG_LIMIT,
		    loc_between(s, s->p, s->p + 1),
		    "arrays and objects are nested deeper than %d",
		    US_JSON_DEPTH);
		return false;
	}
	us_names_reset(&s->names[s->depth++]);
	good = scan_inside(s, own, *s->p == '{');
	s->depth--;
	return good;
}

/* What has nothing inside. */
static bool
scan_scalar(struct scan *s, struct us_src_node *node)
{
	if (*s->p == '"') {
		node->kind = US_JSON_STRING;
		return scan_string(s, &node->escapes);
	}
	if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9'))
		return scan_number(s, node);
	return scan_word(s, node);
}

static bool
scan_value(struct scan *s, uint32_t parent, uint32_t index, struct us_str name)
{
	uint32_t own = s->src->nodes.n;
	const char *from = s->p;
	struct us_src_node *node;
	bool good;

	if (own >= s->values_max) {
		us_diag_add(s->diags, US_DIAG_LIMIT, loc_between(s, from, from),
		    US_JSON_VALUES_OVER, s->values_max, s->src->size);
		return false;
	}
	if (s->diags->errors - s->errors >= US_JSON_ERRORS_MAX) {
		us_diag_add(s->diags, US_DIAG_LIMIT, loc_between(s, from, from),
		    "there are %d errors before this; the rest is not read",
		    US_JSON_ERRORS_MAX);
		return false;
	}
	node = us_list_add(&s->src->arena, &s->src->nodes);
	node->off = (uint32_t)(from - s->src->text);
	node->parent = parent;
	node->index = index;
	node->name = name;
	if (*from == '{' || *from == '[') {
		node->kind = *from == '{' ? US_JSON_OBJECT : US_JSON_ARRAY;
		good = scan_container(s, own);
		node = &s->src->nodes.v[own]; /* the list may have moved */
		node->more = s->src->nodes.n;
	} else {
		good = scan_scalar(s, node);
	}
	node->len = (uint32_t)(s->p - from);
	return good;
}

bool
us_json_text_ok(struct us_src *src, struct us_diags *diags)
{
	const char *nul = memchr(src->text, '\0', src->size);
	size_t bad = us_utf8_bad(src->text, src->size);

	if (src->size > INT_MAX - 1) {
		us_diag_add(diags, US_DIAG_LIMIT, (struct us_loc){src, 0, 0},
		    "the text is larger than 2 GiB");
		return false;
	}
	if (nul && (size_t)(nul - src->text) < bad) {
		us_diag_add(diags, US_DIAG_ENCODING,
		    (struct us_loc){src, (uint32_t)(nul - src->text), 1},
		    "the text has a NUL byte");
		return false;
	}
	if (bad < src->size) {
		us_diag_add(diags, US_DIAG_ENCODING,
		    (struct us_loc){src, (uint32_t)bad, 1},
		    "byte 0x%02x is not part of well-formed UTF-8; save the "
		    "file as UTF-8",
		    (unsigned char)src->text[bad]);
		return false;
	}
	if (src->size >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3)) {
		us_diag_add(diags, US_DIAG_ENCODING, (struct us_loc){src, 0, 3},
		    "the text begins with a byte order mark; save it as "
		    "UTF-8 without one");
		return false;
	}
	return true;
}

/* About as many nodes as the text has: a quoted name and a value take more. */
static void
reserve_nodes(struct us_src *src)
{
	uint32_t n = src->size / 16;

	n = n < 8 ? 8 : n > 8192 ? 8192 : n;
	us_list_reserve(&src->arena, &src->nodes, n);
}

bool
us_json_parse(
    struct us_src *src, struct us_diags *diags, struct us_json_value *value)
{
	struct scan s = {.src = src,
	    .diags = diags,
	    .errors = diags->errors,
	    .values_max = US_JSON_VALUES_MAX(src),
	    .p = src->text,
	    .end = src->text + src->size};

	*value = (struct us_json_value){0};
	if (!us_json_text_ok(src, diags))
		return false;
	reserve_nodes(src);
	skip_space(&s);
	if (s.p == s.end) {
		us_diag_add(diags, US_DIAG_SYNTAX, loc_between(&s, s.p, s.p),
		    "expected a JSON value, found an empty text");
	} else if (scan_value(&s, 0, 0, (struct us_str){0})) {
		skip_space(&s);
		if (s.p != s.end)
			stop_at(&s, s.p, "nothing behind the value");
	}
	for (uint32_t i = 0; i < US_JSON_DEPTH; i++) {
		if (s.names[i].v)
			us_names_free(&s.names[i]);
	}
	if (diags->errors != s.errors)
		return false;
	*value = us_json_at(src, 0);
	return true;
}
