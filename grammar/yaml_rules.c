/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as JSON values. libyaml's events become the nodes of the source; plain
 * scalars are read by the core schema of YAML 1.2 (so yes, no, on and off are
 * strings), all others are strings. What JSON cannot say, and what would let
 * one text mean another (aliases, tags), is refused.
 */
#include <stdio.h>
#include <stdlib.h>

#include <yaml.h>

#include "engine/err.h"
#include "engine/json.h"
#include "engine/names.h"
#include "grammar/yaml_rules.h"

struct reader {
	struct us_src *src;
	struct us_diags *diags;
	yaml_parser_t parser;
	yaml_event_t event; /* the one being read */
	size_t characters;  /* libyaml counts these ... */
	uint32_t bytes;	    /* ... and this is where that many end */
	uint32_t depth;
	struct us_names names[US_JSON_DEPTH];
};

static bool
is_inside(const struct us_src *src, uint32_t byte)
{
	return byte < src->size &&
	       ((unsigned char)src->text[byte] & 0xc0) == 0x80;
}

/* The byte offset of a mark. Marks come nearly in order. */
static uint32_t
byte_of(struct reader *r, const yaml_mark_t *mark)
{
	while (r->characters < mark->index && r->bytes < r->src->size) {
		do
			r->bytes++;
		while (is_inside(r->src, r->bytes));
		r->characters++;
	}
	while (r->characters > mark->index && r->bytes) {
		do
			r->bytes--;
		while (is_inside(r->src, r->bytes));
		r->characters--;
	}
	return r->bytes;
}

static struct us_loc
event_loc(struct reader *r)
{
	uint32_t off = byte_of(r, &r->event.start_mark);

	return (struct us_loc){
	    r->src, off, byte_of(r, &r->event.end_mark) - off};
}

static bool
refuse(struct reader *r, enum us_diag_id id, const char *text)
{
	us_diag_add(r->diags, id, event_loc(r), "%s", text);
	return false;
}

/* libyaml's own complaint, where it found the trouble. */
static bool
complain(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	struct us_loc loc = {r->src, byte_of(r, &p->problem_mark), 0};

	if (p->error == YAML_MEMORY_ERROR)
		us_out_of_memory();
	us_diag_add(r->diags, US_DIAG_SYNTAX, loc, "this is no YAML: %s%s%s",
	    p->problem ? p->problem : "it cannot be read",
	    p->context ? " " : "", p->context ? p->context : "");
	return false;
}

static bool
next_event(struct reader *r)
{
	yaml_event_delete(&r->event);
	return yaml_parser_parse(&r->parser, &r->event) || complain(r);
}

static bool
is_one_of(struct us_str s, const char *const *words, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (us_str_is(s, words[i]))
			return true;
	}
	return false;
}

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Digits of the number at *p that are in the set; moves *p behind them. */
static size_t
skip_digits(const char **p, const char *set)
{
	size_t n = strspn(*p, set);

	*p += n;
	return n;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool
is_float(const char *p)
{
	static const char digits[] = "0123456789";
	size_t whole, part = 0;

	p += *p == '-' || *p == '+';
	whole = skip_digits(&p, digits);
	if (*p == '.') {
		p++;
		part = skip_digits(&p, digits);
	}
	if (!whole && !part)
		return false;
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '-' || *p == '+';
		if (!skip_digits(&p, digits))
			return false;
	}
	return !*p;
}

/* The base of a whole number of the core schema; 0 when it is none. */
static int
integer_base(const char *p)
{
	if (p[0] == '0' && p[1] == 'o')
		return p[2] && !p[2 + strspn(p + 2, "01234567")] ? 8 : 0;
	if (p[0] == '0' && p[1] == 'x')
		return p[2] && !p[2 + strspn(p + 2, "0123456789abcdefABCDEF")]
			   ? 16
			   : 0;
	p += *p == '-' || *p == '+';
	return *p && !p[strspn(p, "0123456789")] ? 10 : 0;
}

/* Does JSON write a number like this too? */
static bool
is_json_number(const char *p)
{
	static const char digits[] = "0123456789";

	p += *p == '-';
	if (*p == '0' ? p[1] >= '0' && p[1] <= '9' : *p < '1' || *p > '9')
		return false;
	skip_digits(&p, digits);
	return *p != '.' || (p[1] >= '0' && p[1] <= '9');
}

/* What the scalar says, as JSON has it, is s. */
static bool
keep(struct reader *r, struct us_src_node *node, enum us_json_kind kind,
    struct us_str s)
{
	struct us_src *src = r->src;

	node->kind = (uint8_t)kind;
	node->more = src->strings.n;
	*us_list_add(&src->arena, &src->strings) = us_arena_str(&src->arena, s);
	return true;
}

/* A number of the core schema as JSON writes it, unless it is too big. */
static bool
read_number(struct reader *r, const char *s, struct us_src_node *node)
{
	int base = integer_base(s);
	long long whole = 0;
	char text[40];
	bool beyond;

	if (base)
		whole = strtoll(base == 10 ? s : s + 2, NULL, base);
	/* Where strtoll overflows, it answers with more than 2^53 too. */
	beyond = base == 8 || base == 16 ? whole > 1LL << 53
					 : us_json_number_beyond(s);
	if (beyond)
		return refuse(r, US_DIAG_LIMIT,
		    "this number is beyond 2^53, where numbers lose digits; "
		    "put it in quotes if it is a name");
	if (base)
		snprintf(text, sizeof(text), "%lld", whole);
	else
		snprintf(text, sizeof(text), "%.17g", strtod(s, NULL));
	if (!base && !strpbrk(text, ".e"))
		strcat(text, ".0");
	/* 0.1 is not to become another text. */
	return keep(r, node, base ? US_JSON_INT : US_JSON_NUMBER,
	    us_str(!base && is_json_number(s) ? s : text));
}

/* A plain scalar, by the core schema. */
static bool
read_plain(struct reader *r, struct us_str s, struct us_src_node *node)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
	static const char *const bools[] = {
	    "true", "True", "TRUE", "false", "False", "FALSE"};
	static const char *const odd[] = {".nan", ".NaN", ".NAN", ".inf",
	    ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf",
	    "-.INF"};

	if (is_one_of(s, nulls, COUNT(nulls)))
		node->kind = US_JSON_NULL;
	else if (is_one_of(s, bools, COUNT(bools)))
		node->kind = US_JSON_BOOL;
	else if (is_one_of(s, odd, COUNT(odd)))
		return refuse(r, US_DIAG_SYNTAX,
		    "expected a value JSON can say; it has no infinity and no "
		    "NaN");
	else if (integer_base(s.p) || is_float(s.p))
		return read_number(r, s.p, node);
	else
		return keep(r, node, US_JSON_STRING, s);
	return true;
}

static bool
check_text(struct reader *r, struct us_str s)
{
	if (memchr(s.p, '\0', s.n))
		return refuse(r, US_DIAG_ENCODING,
		    "a string may not hold the character NUL");
	if (us_utf8_bad(s.p, s.n) < s.n)
		return refuse(r, US_DIAG_ENCODING,
		    "an escape stands for half of a surrogate pair, which is "
		    "no character");
	return true;
}

/* Anchors and tags may stand before any value. */
static bool
check_plain_event(struct reader *r, const void *anchor, const void *tag)
{
	if (anchor)
		return refuse(r, US_DIAG_SYNTAX,
		    "anchors (&) are not used here; write the value out");
	if (tag)
		return refuse(r, US_DIAG_SYNTAX,
		    "tags (!) are not used here; quotes make a string");
	return true;
}

static struct us_str
scalar_text(const struct reader *r)
{
	return (struct us_str){(const char *)r->event.data.scalar.value,
	    r->event.data.scalar.length};
}

static bool
read_scalar(struct reader *r, struct us_src_node *node)
{
	struct us_str s = scalar_text(r);

	if (!check_plain_event(
		r, r->event.data.scalar.anchor, r->event.data.scalar.tag) ||
	    !check_text(r, s))
		return false;
	if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return read_plain(r, s, node);
	return keep(r, node, US_JSON_STRING, s);
}

static bool read_value(
    struct reader *r, uint32_t parent, uint32_t index, struct us_str name);

static bool
read_list(struct reader *r, uint32_t own)
{
	for (uint32_t i = 0;; i++) {
		if (!next_event(r))
			return false;
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return true;
		if (!read_value(r, own, i, (struct us_str){0}))
			return false;
	}
}

/* The key of a member, in the arena of the source. */
static bool
read_key(struct reader *r, struct us_str *name)
{
	struct us_loc loc = event_loc(r);
	struct us_src_node key = {0}; /* not one of the nodes */
	struct us_diag *diag;
	uint32_t first;

	if (r->event.type != YAML_SCALAR_EVENT)
		return refuse(
		    r, US_DIAG_TYPE, "the name of a member must be a string");
	if (!read_scalar(r, &key))
		return false;
	if (key.kind != US_JSON_STRING)
		return refuse(r, US_DIAG_TYPE,
		    "the name of a member must be a string; put it in quotes");
	*name = r->src->strings.v[key.more];
	first = us_names_add(&r->names[r->depth - 1], *name, loc.off);
	if (first == US_NAMES_NEW)
		return true;
	diag = us_diag_add(r->diags, US_DIAG_DUPLICATE, loc,
	    "the member \"%.*s\" is here twice; keep one", US_ARG(*name));
	us_diag_see(r->diags, diag, (struct us_loc){r->src, first, loc.len},
	    "first here");
	return true;
}

static bool
read_object(struct reader *r, uint32_t own)
{
	struct us_str name;

	for (uint32_t i = 0;; i++) {
		if (!next_event(r))
			return false;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return true;
		if (!read_key(r, &name) || !next_event(r) ||
		    !read_value(r, own, i, name))
			return false;
	}
}

static bool
read_container(struct reader *r, uint32_t own)
{
	bool list = r->event.type == YAML_SEQUENCE_START_EVENT, good;
	struct us_src *src = r->src;

	if (list ? !check_plain_event(r, r->event.data.sequence_start.anchor,
		       r->event.data.sequence_start.tag)
		 : !check_plain_event(r, r->event.data.mapping_start.anchor,
		       r->event.data.mapping_start.tag))
		return false;
	if (r->depth == US_JSON_DEPTH) {
		us_diag_add(r->diags, US_DIAG_LIMIT, event_loc(r),
		    "lists and mappings are nested deeper than %d",
		    US_JSON_DEPTH);
		return false;
	}
	us_names_reset(&r->names[r->depth++]);
	src->nodes.v[own].kind = list ? US_JSON_ARRAY : US_JSON_OBJECT;
	good = list ? read_list(r, own) : read_object(r, own);
	src->nodes.v[own].more = src->nodes.n;
	r->depth--;
	return good;
}

/* The value that begins with the event that was read. */
static bool
read_value(
    struct reader *r, uint32_t parent, uint32_t index, struct us_str name)
{
	struct us_src *src = r->src;
	uint32_t own = src->nodes.n;
	struct us_loc loc = event_loc(r);
	struct us_src_node *node;

	if (own >= US_JSON_VALUES_MAX(src)) {
		us_diag_add(r->diags, US_DIAG_LIMIT, loc, US_JSON_VALUES_OVER,
		    US_JSON_VALUES_MAX(src), src->size);
		return false;
	}
	node = us_list_add(&src->arena, &src->nodes);
	*node = (struct us_src_node){.off = loc.off,
	    .len = loc.len,
	    .parent = parent,
	    .index = index,
	    .name = name};
	switch (r->event.type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(r, node);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		if (!read_container(r, own))
			return false;
		src->nodes.v[own].len =
		    byte_of(r, &r->event.end_mark) - loc.off;
		return true;
	case YAML_ALIAS_EVENT:
		return refuse(r, US_DIAG_SYNTAX,
		    "aliases (*) are not used here; write the value out");
	default:
		return refuse(r, US_DIAG_SYNTAX, "expected a value");
	}
}

/* The events around the one document. */
static bool
read_document(struct reader *r)
{
	if (!next_event(r) || !next_event(r))
		return false;
	if (r->event.type == YAML_STREAM_END_EVENT)
		return refuse(r, US_DIAG_SYNTAX,
		    "expected a YAML value, found an empty text");
	if (!next_event(r) || !read_value(r, 0, 0, (struct us_str){0}) ||
	    !next_event(r) || !next_event(r))
		return false;
	if (r->event.type != YAML_STREAM_END_EVENT)
		return refuse(r, US_DIAG_SYNTAX,
		    "expected the end of the text, found another document");
	return true;
}

bool
us_yaml_parse(
    struct us_src *src, struct us_diags *diags, struct us_json_value *value)
{
	struct reader r = {.src = src, .diags = diags};
	uint32_t before = diags->errors;

	*value = (struct us_json_value){0};
	if (!us_json_text_ok(src, diags))
		return false;
	if (!yaml_parser_initialize(&r.parser))
		us_out_of_memory();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &r.parser, (const unsigned char *)src->text, src->size);
	read_document(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	for (uint32_t i = 0; i < US_JSON_DEPTH; i++)
		us_names_free(&r.names[i]);
	if (diags->errors != before)
		return false;
	*value = us_json_at(src, 0);
	return true;
}
