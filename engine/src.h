/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: a named text and the places in it. A location is (source, offset,
 * length), everywhere; lines and columns are worked out only to be printed.
 */
#ifndef US_SRC_H
#define US_SRC_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/buf.h"
#include "engine/str.h"

enum us_format {
	US_FORMAT_RULES, /* *.usher */
	US_FORMAT_TEST,  /* *.test */
	US_FORMAT_JSON,
	US_FORMAT_YAML,
};

/*
 * A value of a JSON or YAML text, in the order of their places: where it
 * stands, what it is (json.h reads that), and how it is reached, for the path
 * that messages show.
 */
struct us_src_node {
	uint32_t off, len;
	uint32_t parent; /* index of the array or object around; own: root */
	uint32_t index;  /* position in what is around */
	/*
	 * Of an array or object: the node behind all that is inside. Of a
	 * string or number of YAML: which of the strings of the source it is.
	 */
	uint32_t more;
	uint8_t kind;       /* enum us_json_kind */
	bool escapes;       /* a string of JSON with any */
	struct us_str name; /* in an object, decoded; p is NULL in an array */
};

struct us_src {
	const char *name; /* what messages call it: a path, or "-" */
	const char *text; /* size bytes, and a NUL behind them */
	uint32_t size;
	uint32_t lines_before; /* of a text that is part of a longer one */
	enum us_format format;
	struct us_arena arena; /* name, a text that was copied, the lists */
	char *taken;	       /* a text that was not */
	US_LIST(struct us_src_node) nodes;
	US_LIST(struct us_str) strings; /* of YAML: scalars, as JSON has them */
	/* Made when a place is asked for. */
	US_LIST(uint32_t) lines; /* offsets of line starts */
	US_LIST(uint32_t) chars; /* before every 4096th byte */
};

struct us_loc {
	struct us_src *src; /* NULL: no place */
	uint32_t off, len;
};

/* A string of the tree and its place (the quotes included, if any). */
struct us_word {
	struct us_str s;
	struct us_loc loc;
};

/* Copies name and text. Freed by us_src_free. */
struct us_src *us_src_new(
    const char *name, struct us_str text, enum us_format format);
/* Takes the text away, so that it is empty, and copies only the name. */
struct us_src *us_src_take(
    const char *name, struct us_buf *text, enum us_format format);
void us_src_free(struct us_src *src);

/* Line and column of an offset, from 1; columns count characters. */
void us_src_place(
    struct us_src *src, uint32_t off, uint32_t *line, uint32_t *column);

/* The text of a line (from 1), without its end. */
struct us_str us_src_line(struct us_src *src, uint32_t line);

/*
 * Writes the path of the value at or around off, like rules[3].approval[0];
 * nothing when the source has no values, or when it is the root.
 */
void us_src_path(const struct us_src *src, uint32_t off, struct us_buf *out);

/*
 * The place of byte `at` of the string value that stands at loc, whatever
 * escapes the text uses: messages about a pattern point inside the pattern.
 * Falls back to loc when the text cannot be followed (a YAML scalar in folds).
 */
struct us_loc us_src_inside(struct us_loc loc, size_t at);

/* From the start of a to the end of b, which lie in one source. */
static inline struct us_loc
us_loc_span(struct us_loc a, struct us_loc b)
{
	a.len = b.off + b.len - a.off;
	return a;
}

#endif
