/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people: columns as wide as their widest cell. */
#ifndef US_TABLE_H
#define US_TABLE_H

#include "engine/arena.h"
#include "engine/buf.h"

struct us_table {
	struct us_arena arena;
	unsigned columns;
	US_LIST(struct us_str) cells; /* row by row, the heads first */
};

/* The heads end with NULL. */
void us_table_begin(struct us_table *table, const char *const *heads);
void us_table_free(struct us_table *table);

/* The next cell, made harmless (text.h); an empty one is shown as "-". */
void us_table_add(struct us_table *table, struct us_str text);
void us_table_put(const struct us_table *table, struct us_buf *out);

#endif
