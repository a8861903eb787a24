/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures about the daemon for /metrics. Each loop counts in a shard of its
 * own, and the workers in one for them all, so that counting costs a decision
 * next to nothing; who reads adds the shards up.
 */
#ifndef US_METRICS_H
#define US_METRICS_H

#include <stdint.h>

#include "engine/buf.h"
#include "engine/verdict.h"

struct us_metrics;
struct us_world;

struct us_metrics *us_metrics_new(unsigned loops, unsigned orgs);
void us_metrics_free(struct us_metrics *metrics);

/* The shard of what is done on a worker, and not on loop 0, 1, ... */
#define US_METRICS_WORKER UINT32_MAX

/*
 * A decision was taken for organisation org (its index), in so many
 * microseconds (us_clock_ticks) from request to verdict.
 */
void us_metrics_decided(struct us_metrics *metrics, unsigned loop, unsigned org,
    enum us_outcome outcome, int64_t micros);

/* All figures in the text format of Prometheus. */
void us_metrics_write(struct us_world *world, struct us_buf *out);

#endif
