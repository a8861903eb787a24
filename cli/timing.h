/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring time: clocks, and how steady some work is. */
#ifndef US_TIMING_H
#define US_TIMING_H

#include <time.h>

#include "cli/histogram.h"

/* Nanoseconds of a clock; of CLOCK_MONOTONIC. */
uint64_t us_clock_ns(clockid_t clock);
uint64_t us_now_ns(void);

/* One of many pieces of work that are alike. */
typedef void us_piece(void *arg, uint32_t number);

struct us_pace {
	double per_s, cpu_ns; /* pieces in a second; of the processor, each */
};

/*
 * Does n pieces in turn, again and again for ns nanoseconds, all of them as
 * often and at least once, and looks at the clock once in some hundred.
 */
struct us_pace us_time_all(
    us_piece *piece, void *arg, uint32_t n, uint64_t ns);

/* The same, and adds the nanoseconds of each to h. */
void us_time_each(us_piece *piece, void *arg, uint32_t n, uint64_t ns,
    struct us_histogram *h);

/*
 * How far the times of one and the same piece are apart: adds to spread, for
 * each of n pieces, 1000 x the p99 of its times : their p50. It is done so
 * often in a row; all have their row before the next rows begin, and the median
 * of five rows counts: what else the machine did meanwhile is not held against
 * the piece that it struck.
 */
void us_time_repeats(us_piece *piece, void *arg, uint32_t n, uint64_t repeats,
    struct us_histogram *spread);

#endif
