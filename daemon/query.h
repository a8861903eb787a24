/* SPDX-License-Identifier: Apache-2.0 */
/* The query of a request, name=value by name=value. */
#ifndef US_QUERY_H
#define US_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/str.h"

/*
 * Takes the next pair off *rest; false at the end. Nothing is decoded: no
 * name or value that usherd knows has a character that is escaped.
 */
bool us_query_next(
    struct us_str *rest, struct us_str *name, struct us_str *value);

/* A whole number from 0 to max. */
bool us_query_number(struct us_str text, uint64_t max, uint64_t *number);

#endif
