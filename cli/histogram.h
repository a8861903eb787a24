/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often which value was seen, to two per cent: in buckets of a width of
 * 1/64 of their value, so that a measurement needs little memory, and always
 * the same.
 */
#ifndef US_HISTOGRAM_H
#define US_HISTOGRAM_H

#include <stdint.h>

#define US_HISTOGRAM_BITS 6

/* A zeroed one is empty. */
struct us_histogram {
	uint64_t buckets[64 << US_HISTOGRAM_BITS];
	uint64_t n, max;
};

void us_histogram_add(struct us_histogram *h, uint64_t value);
/*
 * The value that a part of all, such as 0.99, does not go over; as exact as the
 * buckets are, and no higher.
 */
uint64_t us_histogram_part(const struct us_histogram *h, double part);

#endif
