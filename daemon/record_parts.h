/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What records are made of (records.h, permission.h, effect.h, outbox.h). The
 * first byte is the version; numbers are little-endian; a text is its length
 * in 4 bytes and its bytes. Nothing may follow the last member. A later
 * version adds members at the end, which are zero in records of an earlier one.
 */
#ifndef US_RECORD_PARTS_H
#define US_RECORD_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buf.h"
#include "engine/str.h"

void us_record_number(struct us_buf *out, uint64_t n, unsigned bytes);
void us_record_str(struct us_buf *out, struct us_str s);
/* Times: 8 bytes. */
static inline void
us_record_time(struct us_buf *out, int64_t ms)
{
	us_record_number(out, (uint64_t)ms, 8);
}

/* What is left of a value; bad once something was not there. */
struct us_record_in {
	struct us_str left;
	bool bad;
};

/* Begins to read; the version, which is not above newest. */
unsigned us_record_begin(
    struct us_record_in *in, struct us_str value, unsigned newest);
/* The next n bytes; empty when there are not so many. */
struct us_str us_record_take(struct us_record_in *in, size_t n);
uint64_t us_record_take_number(struct us_record_in *in, unsigned bytes);
struct us_str us_record_take_str(struct us_record_in *in);
static inline uint32_t
us_record_take_u32(struct us_record_in *in)
{
	return (uint32_t)us_record_take_number(in, 4);
}
/* No time is so far away; what is may be added up, and made milliseconds. */
#define US_RECORD_TIME_MAX (INT64_C(1) << 53)
int64_t us_record_take_time(struct us_record_in *in);
/* One of so many, counted from 0; more is bad. */
unsigned us_record_take_choice(struct us_record_in *in, unsigned count);
/* Was all of it read, and nothing missing? */
bool us_record_end(const struct us_record_in *in);

#endif
