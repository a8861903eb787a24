/* SPDX-License-Identifier: Apache-2.0 */
/* The query of a request, name=value by name=value. */
#ifndef US_QUERY_H
#define US_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/str.h"

struct us_call;

/*
 * Takes the next pair off *rest; false at the end. Nothing is decoded: few
 * names and values that usherd knows have a character that is escaped.
 */
bool us_query_next(
    struct us_str *rest, struct us_str *name, struct us_str *value);

/*
 * What %XX stands for, of a segment or a value. NULL, or what is wrong with
 * it: "has a control character".
 */
const char *us_query_decode(
    struct us_str sent, struct us_arena *a, struct us_str *out);

/* Answers with 400: what stands in the query is not what was expected. */
void us_query_refuse(struct us_call *call, struct us_str name,
    struct us_str value, const char *wanted);

/* A whole number from 0 to max. */
bool us_query_number(struct us_str text, uint64_t max, uint64_t *number);

#endif
