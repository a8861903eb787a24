/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the keeper's files share: keeper.c, which looks at what is due, and
 * keeper_review.c, which looks at live requests when what they rest on changed.
 */
#ifndef US_KEEPER_PARTS_H
#define US_KEEPER_PARTS_H

#include <pthread.h>

#include "daemon/due.h"
#include "daemon/world.h"

/* Rows of one write: it must not hold up others for long. */
#define US_KEEPER_BATCH 8

struct us_review;

struct us_keeper {
	struct us_world *world;
	pthread_t thread;
	atomic_llong lag; /* ms */

	/* The thread's own. */
	struct us_review *reviews; /* by organisation */
	struct us_key past;	   /* rows that cannot be done, for now */
	int64_t retry;		   /* us_clock_ticks: from the first again */
	unsigned batch;		   /* rows of the next write */

	int64_t marked; /* the time on the clock of due.h that was kept last */

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake, written;
	bool woken, stopping;
	bool *asked; /* for a review, by organisation */
};

/* A write that the keeper waits for. */
struct us_keeper_write {
	struct us_write write; /* first */
	struct us_keeper *keeper;
	bool is_done; /* under the lock */
	enum us_write_result result;
};
/* On the keeper's thread. publish may be NULL. */
enum us_write_result us_keeper_submit(struct us_keeper *keeper,
    struct us_keeper_write *w,
    bool (*apply)(struct us_write *write, struct us_txn *txn),
    void (*publish)(struct us_write *write));

struct us_review *us_reviews_new(unsigned orgs);
void us_reviews_free(struct us_review *reviews, unsigned orgs);
/*
 * Goes on with a review of org that is asked for, or under way, by some
 * requests. True when there is more to do.
 */
bool us_review_go_on(
    struct us_keeper *keeper, struct us_org *org, bool asked);

#endif
