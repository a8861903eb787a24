/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes of JSON strings, for the scan and for the readers of its nodes. */
#ifndef US_JSON_ESCAPE_H
#define US_JSON_ESCAPE_H

#include <stdbool.h>

#include "engine/arena.h"

/* Four hexadecimal digits at p; -1 when they are not. */
int us_json_hex4(const char *p, const char *end);

static inline bool
us_json_is_high(int c)
{
	return c >= 0xd800 && c <= 0xdbff;
}

static inline bool
us_json_is_low(int c)
{
	return c >= 0xdc00 && c <= 0xdfff;
}

/*
 * What the string says whose scanned text, without its quotes, is `text`.
 * Half of a surrogate pair, which was refused, comes out as U+FFFD.
 */
struct us_str us_json_decode(struct us_str text, struct us_arena *a);

#endif
