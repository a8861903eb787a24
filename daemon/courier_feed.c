/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The feeder: one thread that takes rows from the outbox to the lanes of their
 * channels. It looks at each row once as it is written; a lane that was full
 * then is filled later from where it stopped.
 */
#include "daemon/clock.h"
#include "daemon/courier_parts.h"
#include "daemon/log.h"

/* Rows between two looks at whether usherd ends. */
#define PAGE_MAX 4096
/* Between two looks at the outbox, when each of many writes wakes it. */
#define FEED_US 3000

/* A walk over the outbox; only: of this lane, or NULL. */
struct walk {
	struct us_couriers *couriers;
	struct us_channel *only;
	unsigned lane;
	uint64_t last; /* row that was looked at */
	unsigned n;    /* rows so far */
	bool cut;      /* there may be more */
};

static unsigned
lane_of(const struct us_work *work)
{
	return work->kind == US_WORK_REMOVE ? US_LANE_FIRST : US_LANE_SECOND;
}

/*
 * A lane takes a row when it has room and misses none before it. Rows that it
 * took while it was filled come by once more.
 */
static void
offer(struct us_channel *channel, const struct us_work *work)
{
	const struct us_parcel parcel = {
	    .seq = work->seq, .created = work->created, .tries = work->tries};
	struct us_lane *lane = &channel->lanes[lane_of(work)];

	if (work->seq <= lane->last || lane->behind)
		return;
	if (!us_lane_has_room(lane)) {
		lane->behind = true;
		return;
	}
	us_lane_add(lane, &parcel);
	lane->last = work->seq;
	channel->fed = true;
}

static bool
each_new(void *arg, const struct us_work *work)
{
	struct walk *walk = arg;
	struct us_couriers *couriers = walk->couriers;
	struct us_channel *channel;

	walk->last = work->seq;
	pthread_mutex_lock(&couriers->lock);
	channel = us_courier_channel(couriers, work);
	if (channel) {
		channel->held++;
		offer(channel, work);
	}
	couriers->stats.unreadable += !work->org.n;
	pthread_mutex_unlock(&couriers->lock);
	if (!work->org.n)
		us_log(US_LOG_ERROR,
		    "row %llu of the outbox cannot be read, and is passed",
		    (unsigned long long)work->seq);
	walk->cut = ++walk->n == PAGE_MAX;
	return !walk->cut;
}

/* Rows that came since; true when there may be more. */
static bool
feed_new(struct us_couriers *couriers)
{
	struct walk walk = {.couriers = couriers, .last = couriers->seen};
	struct us_txn *txn = us_txn_read(couriers->world->store);

	us_outbox_scan(txn, couriers->seen, each_new, &walk);
	us_txn_abort(txn);
	couriers->seen = walk.last;
	return walk.cut;
}

static bool
each_missed(void *arg, const struct us_work *work)
{
	struct walk *walk = arg;
	struct us_couriers *couriers = walk->couriers;
	struct us_lane *lane = &walk->only->lanes[walk->lane];
	bool room;

	pthread_mutex_lock(&couriers->lock);
	room = us_lane_has_room(lane);
	if (room && lane_of(work) == walk->lane &&
	    us_courier_channel(couriers, work) == walk->only) {
		lane->behind = false;
		offer(walk->only, work);
		lane->behind = true;
	}
	if (room)
		lane->last = work->seq;
	pthread_mutex_unlock(&couriers->lock);
	walk->cut = !room || ++walk->n == PAGE_MAX;
	return !walk->cut;
}

/*
 * Fills a lane that is behind, by a page; what comes after the last is new.
 */
static void
feed_lane(struct us_channel *channel, unsigned lane)
{
	struct us_couriers *couriers = channel->couriers;
	struct walk walk = {
	    .couriers = couriers, .only = channel, .lane = lane};
	struct us_txn *txn = us_txn_read(couriers->world->store);

	us_outbox_scan(txn, channel->lanes[lane].last, each_missed, &walk);
	us_txn_abort(txn);
	if (walk.cut)
		return;
	pthread_mutex_lock(&couriers->lock);
	channel->lanes[lane].behind = false;
	pthread_mutex_unlock(&couriers->lock);
}

/* Once for all rows of a walk; the rest is up to the channel's threads. */
static void
call_fed(struct us_couriers *couriers)
{
	struct us_channel *channel;

	LIST_FOREACH(channel, &couriers->channels, entry)
	{
		if (channel->fed)
			us_courier_call(channel);
		channel->fed = false;
	}
}

/* A lane that is behind and has become half empty. */
static struct us_channel *
find_hungry(struct us_couriers *couriers, unsigned *lane)
{
	struct us_channel *channel;

	LIST_FOREACH(channel, &couriers->channels, entry)
	{
		for (*lane = 0; *lane < US_LANE_COUNT; ++*lane) {
			const struct us_lane *l = &channel->lanes[*lane];

			if (l->behind && l->n <= US_LANE_MAX / 2)
				return channel;
		}
	}
	return NULL;
}

/*
 * Until somebody wakes it, but not before `soonest`: rows that come one by one
 * go on together. Under the lock.
 */
static void
rest(struct us_couriers *couriers, int64_t soonest)
{
	const struct timespec ts = {
	    .tv_sec = soonest / 1000000, .tv_nsec = soonest % 1000000 * 1000};

	if (couriers->woken)
		pthread_cond_timedwait(&couriers->fed, &couriers->lock, &ts);
	else
		pthread_cond_wait(&couriers->fed, &couriers->lock);
}

void *
us_courier_feed(void *arg)
{
	struct us_couriers *couriers = arg;
	struct us_channel *hungry;
	int64_t soonest = 0;
	bool more = false;
	unsigned lane;

	pthread_mutex_lock(&couriers->lock);
	while (!couriers->stopping) {
		hungry = find_hungry(couriers, &lane);
		if (!hungry && !more &&
		    (!couriers->woken || us_clock_ticks() < soonest)) {
			rest(couriers, soonest);
			continue;
		}
		soonest = us_clock_ticks() + FEED_US;
		couriers->woken = false;
		pthread_mutex_unlock(&couriers->lock);
		if (hungry)
			feed_lane(hungry, lane);
		more = feed_new(couriers);
		pthread_mutex_lock(&couriers->lock);
		call_fed(couriers);
	}
	pthread_mutex_unlock(&couriers->lock);
	return NULL;
}
