/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON, strictly (RFC 8259), read in one pass into the nodes of its source.
 * What many readers let pass is refused: duplicate members, NaN, numbers beyond
 * 2^53, lone surrogates, NUL, malformed UTF-8, comments, text after the value.
 * Nothing is copied: strings and numbers stay in the text until asked for, and
 * every value, null too, knows its place.
 */
#ifndef US_JSON_H
#define US_JSON_H

#include <stdint.h>

#include "engine/diag.h"
#include "engine/src.h"

#define US_JSON_DEPTH 32

/* So many errors in one input are all; a hostile one could have millions. */
#define US_JSON_ERRORS_MAX 10000

/*
 * Values in a text: what is not written to have many has fewer, and each takes
 * more memory than the two bytes of the shortest.
 */
#define US_JSON_VALUES_MAX(src) (256u * 1024 + (src)->size / 8)
#define US_JSON_VALUES_OVER \
	"there are more values than %u, the most in a text of %u bytes"

enum us_json_kind {
	US_JSON_ABSENT, /* there is no such member */
	US_JSON_NULL,
	US_JSON_BOOL,
	US_JSON_INT,    /* written without point and exponent */
	US_JSON_NUMBER, /* any other */
	US_JSON_STRING,
	US_JSON_ARRAY, /* from here on with others inside */
	US_JSON_OBJECT,
};

/* A value of a source; zeroed, an absent one. */
struct us_json_value {
	uint32_t node;
	enum us_json_kind kind;
	bool has; /* it is there, and not null */
};

/*
 * Reads the text of src into src->nodes. False with errors, all there are up
 * to the first that breaks the grammar; else *value is the root.
 */
bool us_json_parse(
    struct us_src *src, struct us_diags *diags, struct us_json_value *value);

/*
 * What every text must be before it is read: UTF-8, no NUL, no byte order
 * mark, not longer than places can say. Says what it is not.
 */
bool us_json_text_ok(struct us_src *src, struct us_diags *diags);

/*
 * Is a decimal number, as JSON or YAML writes it, beyond 2^53 in magnitude?
 * Reads to the first byte that is not part of it.
 */
bool us_json_number_beyond(const char *p);

/* The value that is node i. */
struct us_json_value us_json_at(const struct us_src *src, uint32_t i);

/* A value as it stands in the text. */
struct us_str us_json_raw(
    const struct us_src *src, struct us_json_value value);

/*
 * What a string says, or how a number is written: a part of the text, or
 * decoded into the arena. Without a NUL behind it.
 */
struct us_str us_json_text(const struct us_src *src,
    struct us_json_value value, struct us_arena *a);

/* Of another kind: false, 0. */
bool us_json_true(const struct us_src *src, struct us_json_value value);
int64_t us_json_int(const struct us_src *src, struct us_json_value value);

/* How many items an array has, members an object; it counts them. */
size_t us_json_length(const struct us_src *src, struct us_json_value value);

/* A member of an object; absent when there is none, or value is no object. */
struct us_json_value us_json_member(
    const struct us_src *src, struct us_json_value value, const char *name);

/* Writes a value on one line, without what is only between. */
void us_json_print(const struct us_src *src, struct us_json_value value,
    struct us_buf *out);

/* What is in an array or object; nothing is in any other value. */
struct us_json_walk {
	const struct us_src *src;
	uint32_t next, end;
};

struct us_json_walk us_json_walk(
    const struct us_src *src, struct us_json_value around);
/* The next member or item, with its name in src->nodes; false at the end. */
bool us_json_next(struct us_json_walk *walk, struct us_json_value *value);

#endif
