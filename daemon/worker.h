/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker: one thread and a short queue, for what takes long (compiling a
 * workflow) and must not hold an event loop.
 */
#ifndef US_WORKER_H
#define US_WORKER_H

#include <stdbool.h>

struct us_worker;

/* NULL with a message on the log when there can be no thread. */
struct us_worker *us_worker_start(const char *name, unsigned queue_max);
/* Runs what is queued, then stops. It may be given more, which it refuses. */
void us_worker_stop(struct us_worker *worker);
void us_worker_free(struct us_worker *worker);
/* False when the queue is full, or the worker is stopping: 503. */
bool us_worker_submit(
    struct us_worker *worker, void (*run)(void *arg), void *arg);

#endif
