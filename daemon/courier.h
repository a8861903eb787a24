/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Couriers: threads that do the work of the outbox, some for each provisioner
 * and notifier, so that one that hangs holds up no other. Removing comes
 * before providing. The result of a try is written before the next of the
 * same effect begins; a try that usherd did not outlive is made again.
 */
#ifndef US_COURIER_H
#define US_COURIER_H

#include "daemon/outbox.h"

struct us_couriers;

/*
 * Takes up all that is in the outbox, from the first us_couriers_wake on. NULL:
 * logged.
 */
struct us_couriers *us_couriers_start(struct us_world *world);
/*
 * Ends after the tries under way, which are given at most `ms` more. They may
 * still be woken, until us_couriers_free, when the writer has stopped.
 */
void us_couriers_stop(struct us_couriers *couriers, unsigned ms);
void us_couriers_free(struct us_couriers *couriers);
/* There are new rows, of a committed transaction; from any thread. */
void us_couriers_wake(struct us_couriers *couriers);
/* Tries this row now, whatever it waits for (a person said so). */
void us_couriers_hurry(struct us_couriers *couriers, uint64_t seq);

struct us_courier_stats {
	uint64_t tries, failures; /* since the start */
	uint64_t waiting;         /* rows now, with those under way */
	uint64_t stuck;           /* removals that fail again and again */
	int64_t oldest;           /* wall clock of the oldest removal, or 0 */
	uint64_t unreadable;      /* rows that were passed; since the start */
};
struct us_courier_stats us_courier_stats(struct us_couriers *couriers);

#endif
