/* SPDX-License-Identifier: Apache-2.0 */
/* Times and lengths as text (RFC 3339; 30m, 2h, 5d, 1w). */
#ifndef US_WHEN_H
#define US_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buf.h"
#include "engine/str.h"

/* An RFC 3339 date-time as milliseconds since the epoch. */
bool us_when_parse(struct us_str text, int64_t *ms);
/* Milliseconds since the epoch as RFC 3339 in UTC, with "Z". */
void us_when_print(int64_t ms, struct us_buf *out);

/* [0-9]+[mhdw] as seconds; false when malformed, zero, or over 100 years. */
bool us_length_parse(struct us_str text, int64_t *seconds);
/* Seconds (whole minutes) in the largest unit that divides them. */
void us_length_print(int64_t seconds, struct us_buf *out);

#endif
