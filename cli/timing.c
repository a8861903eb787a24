/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring time. */
#include <stdlib.h>

#include "cli/timing.h"
#include "engine/err.h"

#define ROWS 5

uint64_t
us_clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

uint64_t
us_now_ns(void)
{
	return us_clock_ns(CLOCK_MONOTONIC);
}

struct us_pace
us_time_all(us_piece *piece, void *arg, uint32_t n, uint64_t ns)
{
	uint64_t cpu = us_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t start = us_now_ns(), elapsed, pieces = 0;
	uint32_t rounds = 512 / n + 1;

	do {
		for (uint32_t k = 0; k < rounds; k++) {
			for (uint32_t i = 0; i < n; i++)
				piece(arg, i);
		}
		pieces += (uint64_t)rounds * n;
		elapsed = us_now_ns() - start;
	} while (elapsed < ns);
	cpu = us_clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	return (struct us_pace){(double)pieces * 1e9 / (double)elapsed,
	    (double)cpu / (double)pieces};
}

/* Does a piece; adds its nanoseconds to h. */
static void
time_piece(us_piece *piece, void *arg, uint32_t number, struct us_histogram *h)
{
	uint64_t before = us_now_ns();

	piece(arg, number);
	us_histogram_add(h, us_now_ns() - before);
}

void
us_time_each(
    us_piece *piece, void *arg, uint32_t n, uint64_t ns, struct us_histogram *h)
{
	uint64_t start = us_now_ns();

	do {
		for (uint32_t i = 0; i < n; i++)
			time_piece(piece, arg, i, h);
	} while (us_now_ns() - start < ns);
}

static uint64_t
time_row(us_piece *piece, void *arg, uint32_t number, uint64_t repeats)
{
	struct us_histogram row = {0};
	uint64_t p50;

	for (uint64_t k = 0; k < repeats; k++)
		time_piece(piece, arg, number, &row);
	p50 = us_histogram_part(&row, 0.50);
	return 1000 * us_histogram_part(&row, 0.99) / (p50 + !p50);
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void
us_time_repeats(us_piece *piece, void *arg, uint32_t n, uint64_t repeats,
    struct us_histogram *spread)
{
	uint64_t (*rows)[ROWS] = us_calloc(n, sizeof(*rows));

	for (unsigned row = 0; row < ROWS; row++) {
		for (uint32_t i = 0; i < n; i++)
			rows[i][row] = time_row(piece, arg, i, repeats);
	}
	for (uint32_t i = 0; i < n; i++) {
		qsort(rows[i], ROWS, sizeof(rows[i][0]), by_value);
		us_histogram_add(spread, rows[i][ROWS / 2]);
	}
	free(rows);
}
