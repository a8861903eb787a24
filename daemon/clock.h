/* SPDX-License-Identifier: Apache-2.0 */
/* The clock, which tests can set. Nothing else reads the time of day. */
#ifndef US_CLOCK_H
#define US_CLOCK_H

#include <stdint.h>

/* From now on the time is the number in this file (ms), read at each call. */
void us_clock_follow(const char *path);
/* Milliseconds since the epoch. */
int64_t us_clock_now(void);
/* Microseconds of a clock that only goes forward, for durations. */
int64_t us_clock_ticks(void);

#endif
