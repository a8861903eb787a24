/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict scan that stands before json-c: the grammar of RFC 8259 and the
 * limits of SPEC 2 and 18, once over the text, noting where each value stands.
 * What breaks the grammar ends the scan (each function then returns false);
 * what is well-formed but refused is reported, and the scan goes on.
 */
#include <limits.h>

#include "engine/json.h"
#include "engine/names.h"

struct scan {
	struct us_src *src;
	struct us_diags *diags;
	uint32_t errors; /* that diags had before */
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

/* Four hexadecimal digits at p; -1 when they are not. */
static int
hex4(const char *p, const char *end)
{
	int c = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char d = p[i];

		if (d >= '0' && d <= '9')
			c = c << 4 | (d - '0');
		else if ((d | 0x20) >= 'a' && (d | 0x20) <= 'f')
			c = c << 4 | ((d | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return c;
}

static bool
is_high(int c)
{
	return c >= 0xd800 && c <= 0xdbff;
}

static bool
is_low(int c)
{
	return c >= 0xdc00 && c <= 0xdfff;
}

/* s->p is at the u of \u. Pairs are taken together. */
static bool
scan_unicode_escape(struct scan *s)
{
	const char *from = s->p - 1;
	int c = hex4(s->p + 1, s->end), low = -1;

	if (c < 0)
		return stop_at(s, from, "four hexadecimal digits behind \\u");
	s->p += 5;
	if (is_high(c) && s->end - s->p >= 2 && s->p[0] == '\\' &&
	    s->p[1] == 'u')
		low = hex4(s->p + 2, s->end);
	if (is_high(c) && is_low(low)) {
		s->p += 6;
	} else if (is_high(c) || is_low(c)) {
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

/* From one quote behind the other. *escapes tells whether there are any. */
static bool
scan_string(struct scan *s, bool *escapes)
{
	const char *from = s->p++;

	for (*escapes = false; *s->p != '"';) {
		if (*s->p == '\\') {
			*escapes = true;
			if (!scan_escape(s))
				return false;
		} else if ((unsigned char)*s->p >= 0x20) {
			s->p++;
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

static char *
put_escape(char *out, const char **p)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t c;

	if (**p != 'u') {
		*out = to[strchr(from, *(*p)++) - from];
		return out + 1;
	}
	c = (uint32_t)hex4(*p + 1, *p + 5);
	*p += 5;
	if (is_high((int)c) && (*p)[0] == '\\' && (*p)[1] == 'u') {
		c = 0x10000 + ((c - 0xd800) << 10) +
		    ((uint32_t)hex4(*p + 2, *p + 6) - 0xdc00);
		*p += 6;
	}
	return out + us_utf8_put(out, c);
}

/*
 * The string that was scanned from p on, decoded into the arena of the source.
 * Escapes that were refused may come out as anything that fits.
 */
static struct us_str
decode(struct scan *s, const char *p, const char *end)
{
	char *out = us_arena_alloc(&s->src->arena, (size_t)(end - p) + 4);
	struct us_str str = {out, 0};

	while (p < end) {
		if (*p != '\\') {
			*out++ = *p++;
		} else {
			p++;
			out = put_escape(out, &p);
		}
	}
	str.n = (size_t)(out - str.p);
	return str;
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

static bool
scan_number(struct scan *s)
{
	const char *from = s->p, *digits = from + (*from == '-');
	uint32_t whole;

	if (!strncmp(digits, "Infinity", 8))
		return stop_at(s, from, "a number (JSON has no Infinity)");
	s->p = digits;
	whole = count_digits(s);
	if (!whole)
		return stop_at(s, s->p, "a digit");
	if (*digits == '0' && whole > 1)
		return stop_at(s, digits, "a number without leading zeros");
	if (*s->p == '.') {
		s->p++;
		if (!count_digits(s))
			return stop_at(s, s->p, "a digit behind the point");
	}
	if ((*s->p == 'e' || *s->p == 'E') && !scan_exponent(s))
		return false;
	if (us_json_number_beyond(from))
		us_diag_add(s->diags, US_DIAG_LIMIT, loc_between(s, from, s->p),
		    "%.*s%s is beyond 2^53, where numbers lose digits; write "
		    "it as a string if it is a name",
		    s->p - from > 40 ? 40 : (int)(s->p - from), from,
		    s->p - from > 40 ? "..." : "");
	return true;
}

static bool
scan_word(struct scan *s)
{
	static const char *const words[] = {"true", "false", "null"};
	static const char *const others[][2] = {
	    {"NaN", "a value (JSON has no NaN)"},
	    {"Infinity", "a value (JSON has no Infinity)"},
	    {"undefined", "a value (JSON has null, not undefined)"},
	    {"/", "a value (JSON has no comments)"},
	    {"'", "a value (strings stand in double quotes)"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strncmp(s->p, words[i], strlen(words[i]))) {
			s->p += strlen(words[i]);
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
		*name = decode(s, from + 1, s->p - 1);
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

static bool
scan_value(struct scan *s, uint32_t parent, uint32_t index, struct us_str name)
{
	uint32_t own = s->src->nodes.n;
	const char *from = s->p;
	bool good, escapes;

	if (s->diags->errors - s->errors >= US_JSON_ERRORS_MAX) {
		us_diag_add(s->diags, US_DIAG_LIMIT, loc_between(s, from, from),
		    "there are %d errors before this; the rest is not read",
		    US_JSON_ERRORS_MAX);
		return false;
	}
	*us_list_add(&s->src->arena, &s->src->nodes) = (struct us_src_node){
	    .off = (uint32_t)(from - s->src->text),
	    .parent = parent,
	    .index = index,
	    .name = name,
	};
	if (*from == '{' || *from == '[')
		good = scan_container(s, own);
	else if (*from == '"')
		good = scan_string(s, &escapes);
	else if (*from == '-' || (*from >= '0' && *from <= '9'))
		good = scan_number(s);
	else
		good = scan_word(s);
	s->src->nodes.v[own].len = (uint32_t)(s->p - from);
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

unsigned
us_json_scan(struct us_src *src, struct us_diags *diags)
{
	struct scan s = {.src = src,
	    .diags = diags,
	    .errors = diags->errors,
	    .p = src->text,
	    .end = src->text + src->size};

	if (!us_json_text_ok(src, diags))
		return diags->errors - s.errors;
	skip_space(&s);
	if (s.p == s.end) {
		us_diag_add(diags, US_DIAG_SYNTAX, loc_between(&s, s.p, s.p),
		    "expected a JSON value, found an empty text");
	} else if (scan_value(&s, 0, 0, (struct us_str){0})) {
		skip_space(&s);
		if (s.p != s.end)
			stop_at(&s, s.p, "nothing behind the value");
	}
	for (uint32_t i = 0; i < US_JSON_DEPTH; i++)
		us_names_free(&s.names[i]);
	return diags->errors - s.errors;
}
