/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of JSON objects that are written one after another: "{" is there,
 * commas come by themselves, "}" is the caller's.
 */
#ifndef US_MEMBER_H
#define US_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buf.h"

/* A text that is empty is null. */
void us_member_str(struct us_buf *out, const char *name, struct us_str s);
void us_member_number(struct us_buf *out, const char *name, int64_t n);
void us_member_bool(struct us_buf *out, const char *name, bool b);
/* Milliseconds since the epoch as RFC 3339; 0 is null. */
void us_member_time(struct us_buf *out, const char *name, int64_t ms);
/* JSON as it is, or, when it is empty, `otherwise`. */
void us_member_json(struct us_buf *out, const char *name, struct us_str json,
    const char *otherwise);
/* The name alone: a value follows. */
void us_member_name(struct us_buf *out, const char *name);

#endif
