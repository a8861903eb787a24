/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files behind courier.h share.
 *
 *	courier.c       channels and their threads; starting, stopping, figures
 *	courier_lane.c  lanes: which row is next
 *	courier_feed.c  the feeder: from the outbox to lanes
 *	courier_try.c   a try: doing what a row says, and writing the result
 *
 * A row is handed out once: it is in a lane, or in one try, or, while its lane
 * is full, only in the store, behind the lane's last.
 */
#ifndef US_COURIER_PARTS_H
#define US_COURIER_PARTS_H

#include <pthread.h>
#include <sys/queue.h>

#include "daemon/courier.h"
#include "daemon/notify.h"
#include "daemon/provision.h"
#include "daemon/world.h"

/* New rows that a lane holds in memory. */
#define US_LANE_MAX 1024
/* Notices that one try of the log takes. */
#define US_TRY_MAX 64

/*
 * Notices that wait for a notifier: it may be away for long. Of more the
 * oldest are given up.
 */
#define US_NOTICES_MAX 10000

/* A row in memory. */
struct us_parcel {
	uint64_t seq;
	int64_t created; /* wall clock, ms */
	int64_t due; /* us_clock_ticks; of one that waits for its next try */
	uint32_t tries;
};

/* Rows of one channel: new ones in order, and those that are tried again. */
struct us_lane {
	struct us_parcel *fresh; /* a ring of US_LANE_MAX */
	unsigned first, n;
	struct us_parcel *waiting; /* a heap, the soonest first */
	size_t waiting_n, waiting_cap;
	uint64_t last; /* seq of the newest that was looked at */
	bool behind;   /* there may be more in the store after it */
	bool retried;  /* the last one that was taken had waited */
};

bool us_lane_has_room(const struct us_lane *lane);
void us_lane_add(struct us_lane *lane, const struct us_parcel *parcel);
void us_lane_wait(struct us_lane *lane, const struct us_parcel *parcel);
/* The next whose time has come; false when there is none. */
bool us_lane_take(
    struct us_lane *lane, int64_t ticks, struct us_parcel *parcel);
/* One of the oldest, whatever it waits for; false when there is none. */
bool us_lane_take_old(struct us_lane *lane, struct us_parcel *parcel);
/* The next that is new, however many wait. */
bool us_lane_take_fresh(struct us_lane *lane, struct us_parcel *parcel);
/* Its time has come. False when it does not wait here. */
bool us_lane_hurry(struct us_lane *lane, uint64_t seq);
/* When the first of those that wait is due; INT64_MAX: none waits. */
int64_t us_lane_due(const struct us_lane *lane);
void us_lane_free(struct us_lane *lane);

/* REMOVE comes before all else. */
enum { US_LANE_FIRST, US_LANE_SECOND, US_LANE_COUNT };

struct us_channel;

/* One try, from a row, or some notices, to the end of its write. */
struct us_try {
	struct us_write write; /* first: a write is a try */
	struct us_channel *channel;
	LIST_ENTRY(us_try) entry; /* of the channel's tries */
	unsigned lane;
	struct us_parcel parcels[US_TRY_MAX];
	unsigned n;
	bool too_many; /* notices, given up untold */
	struct us_arena arena;
	struct us_work work; /* of the first parcel */
	struct us_effect_record effect;
	enum us_work_result result;
	struct us_buf error, generated;
	us_request_ids touched; /* ids of requests that changed */
	int64_t next; /* ms until the next try; 0: the row is gone */
};

/* A provisioner or a notifier of an organisation, or its log. */
struct us_channel {
	struct us_couriers *couriers;
	LIST_ENTRY(us_channel) entry;
	struct us_org *org;
	struct us_str name;
	bool provisions; /* PROVIDE and REMOVE; or NOTICE and PAGE */
	const struct us_conf_provisioner *provisioner; /* NULL: not there */
	const struct us_conf_notifier
	    *notifier; /* NULL: the log, or not there */
	bool is_log;

	/* Under the lock of all couriers. */
	struct us_lane lanes[US_LANE_COUNT];
	bool fed; /* since its threads were called */
	pthread_cond_t wake;
	pthread_t *threads;
	unsigned thread_count, thread_max, idle;
	LIST_HEAD(, us_try) tries;
	unsigned try_count;
	/* A notifier that does not answer has a rest, and all that wait. */
	unsigned failures; /* one after the other */
	int64_t pause;     /* us_clock_ticks of its end */
	uint64_t held;     /* rows of the outbox */
	unsigned busy; /* threads that do something outside */
};

struct us_couriers {
	struct us_world *world;
	pthread_t feeder;
	atomic_bool stop; /* break off what is under way */

	pthread_mutex_t lock;	   /* of all below, and of channels */
	pthread_cond_t fed, quiet; /* something to feed; a try has ended */
	bool woken, stopping;
	LIST_HEAD(, us_channel) channels;
	int64_t wall, leapt; /* of a clock that tests set: ms, ticks */
	uint64_t seen;	     /* the last row that the feeder looked at */
	struct us_courier_stats stats;
};

/* The feeder's thread; arg: the couriers. */
void *us_courier_feed(void *arg);
/*
 * The channel of a row, made when there is none. NULL: its organisation is
 * not served any more. Under the lock.
 */
struct us_channel *us_courier_channel(
    struct us_couriers *couriers, const struct us_work *work);
/* There is something for the channel's threads; under the lock. */
void us_courier_call(struct us_channel *channel);

/* Does what the row says; on a thread of the channel. */
void us_try_run(struct us_try *try, struct us_post *post);
/* A notifier has answered, or not: then it has a rest. */
void us_courier_heard(struct us_channel *channel, bool told);
/* The writer is done with it: the row goes, or waits. */
void us_courier_end(struct us_try *try);
void us_try_free(struct us_try *try);

#endif
