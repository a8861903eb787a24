/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical JSON (RFC 8785): one text for one value, so that it can be
 * hashed. Our events have no fractions, so none are written here.
 */
#ifndef US_JSON_CANON_H
#define US_JSON_CANON_H

#include <stdbool.h>

#include <json-c/json.h>

#include "engine/buf.h"

/*
 * Writes value (NULL: null). False, with out in pieces, when it has a fraction
 * or a whole number beyond 2^53, which other readers would not read alike.
 */
bool us_canon(struct json_object *value, struct us_buf *out);

/* A string, with its quotes. */
void us_canon_str(struct us_str s, struct us_buf *out);

#endif
