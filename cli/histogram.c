/* SPDX-License-Identifier: Apache-2.0 */
/* Counting values in buckets. */
#include "cli/histogram.h"

static unsigned
bucket_of(uint64_t value)
{
	unsigned shift = 0;

	while (value >> shift >= 2 << US_HISTOGRAM_BITS)
		shift++;
	return (shift << US_HISTOGRAM_BITS) + (unsigned)(value >> shift);
}

/* The least value of a bucket. */
static uint64_t
least_of(unsigned bucket)
{
	unsigned shift = bucket >> US_HISTOGRAM_BITS;

	if (shift)
		shift--;
	return (uint64_t)(bucket - (shift << US_HISTOGRAM_BITS)) << shift;
}

void
us_histogram_add(struct us_histogram *h, uint64_t value)
{
	h->buckets[bucket_of(value)]++;
	h->n++;
	if (value > h->max)
		h->max = value;
}

uint64_t
us_histogram_part(const struct us_histogram *h, double part)
{
	double rank = (double)h->n * part;
	uint64_t wanted = (uint64_t)rank, sum = 0;

	wanted += (double)wanted < rank || !wanted;
	for (unsigned i = 0; i < sizeof(h->buckets) / sizeof(*h->buckets);
	    i++) {
		sum += h->buckets[i];
		if (sum >= wanted)
			return least_of(i);
	}
	return h->max;
}
