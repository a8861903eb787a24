/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON, strictly (RFC 8259). json-c reads it, but lets pass what we do not:
 * duplicate members, NaN, numbers beyond 2^53, lone surrogates, NUL, malformed
 * UTF-8, comments, text after the value. A scan refuses those first, and notes
 * where each value stands, so that messages can say it.
 */
#ifndef US_JSON_H
#define US_JSON_H

#include <stdint.h>

#include <json-c/json.h>

#include "engine/diag.h"
#include "engine/src.h"

#define US_JSON_DEPTH 32

/* So many errors in one input are all; a hostile one could have millions. */
#define US_JSON_ERRORS_MAX 10000

/*
 * Scans the text of src and fills src->nodes. Returns how many errors it added
 * (it stops at the first that breaks the grammar).
 */
unsigned us_json_scan(struct us_src *src, struct us_diags *diags);

/*
 * What every text must be before it is read: UTF-8, no NUL, no byte order
 * mark, not longer than json-c can take. Says what it is not.
 */
bool us_json_text_ok(struct us_src *src, struct us_diags *diags);

/*
 * Is a decimal number, as JSON or YAML writes it, beyond 2^53 in magnitude?
 * Reads to the first byte that is not part of it.
 */
bool us_json_number_beyond(const char *p);

/*
 * Scans and reads. On success *value owns the tree (json_object_put; NULL for
 * a JSON null) and each value but null knows its place.
 */
bool us_json_parse(
    struct us_src *src, struct us_diags *diags, struct json_object **value);

/* Used by readers: notes that value is node i of src. */
void us_json_set_node(struct json_object *value, uint32_t i);

/* Where value stands; the place of `around` when that is not known. */
struct us_loc us_json_loc(struct us_src *src, struct json_object *value,
    struct json_object *around);

/*
 * A value and its node, through a walk over the array or object around it:
 * nulls and fractions, which json-c lets carry no note, know their place too.
 */
struct us_json_value {
	struct json_object *v; /* NULL: null */
	uint32_t node;
	bool given; /* false: there is no such member */
};

struct us_json_walk {
	const struct us_src *src;
	struct json_object *around;
	struct lh_entry *entry; /* next member of an object */
	size_t i;               /* next item of an array */
	uint32_t node;          /* of the value before; of around at first */
};

/* A value that us_json_loc would find, to begin walking at. */
struct us_json_value us_json_root(
    const struct us_src *src, struct json_object *value);

struct us_json_walk us_json_walk(
    const struct us_src *src, struct us_json_value around);
/* The next member or item, with its name in src->nodes; false at the end. */
bool us_json_next(struct us_json_walk *walk, struct us_json_value *value);

#endif
