/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Due times: what happens by itself at a time, kept in the store and so over
 * restarts. One thread looks at the first of them.
 *
 * The clock of due times is the wall clock, but it never goes back: when the
 * wall clock is set back by J, due times stay J ahead of it, so that a grant
 * does not last longer for it. The difference is kept in the store. When the
 * wall clock leaps ahead, grants end at once: for all we know, the time passed.
 */
#ifndef US_DUE_H
#define US_DUE_H

#include "daemon/life.h"

struct us_world;

enum us_due_kind {
	US_DUE_APPROVAL,    /* a pending request times out */
	US_DUE_END,         /* a grant ends */
	US_DUE_REMINDER,    /* a grant ends soon */
	US_DUE_PREAPPROVAL, /* an approval in advance ends soon, or is over */
};

/*
 * On the writer thread: the time on this clock when the wall clock says `wall`,
 * which is read once, so that the two differ by the offset and nothing else.
 * Notes leaps of the wall clock in the transaction.
 */
int64_t us_due_now(struct us_org *org, struct us_txn *txn, int64_t wall);
/* How far it is ahead of the wall clock, ms; from any thread. */
int64_t us_due_offset(const struct us_world *world);

void us_due_add(struct us_change *change, int64_t at, enum us_due_kind kind,
    struct us_str id);
void us_due_drop(struct us_change *change, int64_t at, enum us_due_kind kind,
    struct us_str id);

struct us_keeper;
/* Reads the offset of the store; before the writer starts. */
bool us_due_open(struct us_world *world);
/*
 * Starts the thread, which begins with the first us_keeper_wake. NULL with a
 * message on the log when there can be none.
 */
struct us_keeper *us_keeper_start(struct us_world *world);
/* It may still be woken, until us_keeper_free. */
void us_keeper_stop(struct us_keeper *keeper);
void us_keeper_free(struct us_keeper *keeper);
/* For how long the first row that is due has been waiting, ms. */
int64_t us_keeper_lag(struct us_keeper *keeper);
/* Something may be due sooner than thought; from any thread. */
void us_keeper_wake(struct us_keeper *keeper);
/*
 * The directory or the workflow of an organisation changed: look which
 * requests that concerns (principals gone, what waits refused by new rules).
 */
void us_keeper_review(struct us_keeper *keeper, struct us_org *org);

#endif
