/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels and their threads. Each provisioner and notifier has threads of
 * its own, begun when there is something for them; a try is written by the
 * writer while its thread goes on with the next row.
 */
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/courier_parts.h"
#include "daemon/log.h"
#include "engine/err.h"

/* Tries of a channel whose results are being written, and under way. */
#define TRIES_MAX 256
#define TICKS_PER_MS 1000
/* With a clock that tests set. */
#define LOOK_TEST_TICKS 100000

/* --- Channels ----------------------------------------------------------- */

static const struct us_conf_notifier *
find_notifier(const struct us_conf_org *conf, struct us_str name)
{
	for (unsigned i = 0; i < conf->notifier_count; i++) {
		if (us_str_is(name, conf->notifiers[i].name))
			return &conf->notifiers[i];
	}
	return NULL;
}

static void
init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

static struct us_channel *
new_channel(struct us_couriers *couriers, struct us_org *org, bool provisions,
    struct us_str name)
{
	struct us_channel *channel = us_calloc(1, sizeof(*channel));

	channel->couriers = couriers;
	channel->org = org;
	channel->provisions = provisions;
	channel->name.p = strndup(name.p, name.n);
	if (!channel->name.p)
		us_out_of_memory();
	channel->name.n = name.n;
	channel->thread_max = 1;
	if (provisions) {
		channel->provisioner = us_provisioner_named(org->conf, name);
		if (channel->provisioner)
			channel->thread_max = channel->provisioner->parallel;
	} else {
		channel->is_log = us_str_is(name, "log");
		channel->notifier = find_notifier(org->conf, name);
	}
	channel->threads =
	    us_calloc(channel->thread_max, sizeof(*channel->threads));
	init_cond(&channel->wake);
	LIST_INSERT_HEAD(&couriers->channels, channel, entry);
	return channel;
}

struct us_channel *
us_courier_channel(struct us_couriers *couriers, const struct us_work *work)
{
	bool provisions =
	    work->kind == US_WORK_PROVIDE || work->kind == US_WORK_REMOVE;
	struct us_org *org = us_world_org(couriers->world, work->org);
	struct us_channel *channel;

	LIST_FOREACH(channel, &couriers->channels, entry)
	{
		if (channel->org == org && channel->provisions == provisions &&
		    us_str_eq(channel->name, work->channel))
			return channel;
	}
	return org ? new_channel(couriers, org, provisions, work->channel)
		   : NULL;
}

static void
free_channel(struct us_channel *channel)
{
	for (unsigned i = 0; i < US_LANE_COUNT; i++)
		us_lane_free(&channel->lanes[i]);
	pthread_cond_destroy(&channel->wake);
	free(channel->threads);
	free((char *)(uintptr_t)channel->name.p);
	free(channel);
}

/* --- Time --------------------------------------------------------------- */

/*
 * The clock of retries goes only forward. One that tests set leaps ahead with
 * theirs.
 */
static int64_t
ticks_of(struct us_couriers *couriers)
{
	int64_t now;

	if (!couriers->world->conf->clock_file)
		return us_clock_ticks();
	now = us_clock_now();
	if (couriers->wall && now > couriers->wall)
		couriers->leapt += (now - couriers->wall) * TICKS_PER_MS;
	couriers->wall = now;
	return us_clock_ticks() + couriers->leapt;
}

/* When to look again, on the clock of the machine, if the next is due then. */
static struct timespec
look_at(const struct us_couriers *couriers, int64_t due)
{
	int64_t at = due - couriers->leapt;

	if (couriers->world->conf->clock_file &&
	    at > us_clock_ticks() + LOOK_TEST_TICKS)
		at = us_clock_ticks() + LOOK_TEST_TICKS;
	return (struct timespec){
	    .tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
}

/* --- Threads ------------------------------------------------------------ */

/* The lane has room for what is only in the store. */
static void
call_feeder(struct us_channel *channel, const struct us_lane *lane)
{
	if (lane->behind && lane->n <= US_LANE_MAX / 2)
		pthread_cond_signal(&channel->couriers->fed);
}

/* Some of the oldest notices, of which there are too many. */
static bool
take_excess(struct us_channel *channel, struct us_try *try)
{
	struct us_lane *lane = &channel->lanes[US_LANE_SECOND];

	if (!channel->notifier)
		return false;
	try->lane = US_LANE_SECOND;
	try->n = 0;
	/* They do not count while the writer has them. */
	while (try->n < US_TRY_MAX && channel->held > US_NOTICES_MAX &&
	       us_lane_take_old(lane, &try->parcels[try->n])) {
		try->n++;
		channel->held--;
	}
	call_feeder(channel, lane);
	try->too_many = try->n > 0;
	return try->too_many;
}

/* As many notices as there are for the log; else one row. */
static bool
take(struct us_channel *channel, struct us_try *try)
{
	int64_t ticks = ticks_of(channel->couriers);

	if (channel->try_count >= TRIES_MAX)
		return false;
	if (take_excess(channel, try))
		return true;
	if (ticks < channel->pause)
		return false;
	for (try->lane = 0; try->lane < US_LANE_COUNT; try->lane++) {
		struct us_lane *lane = &channel->lanes[try->lane];

		if (!us_lane_take(lane, ticks, &try->parcels[0]))
			continue;
		try->n = 1;
		while (channel->is_log && try->n < US_TRY_MAX &&
		       us_lane_take_fresh(lane, &try->parcels[try->n]))
			try->n++;
		call_feeder(channel, lane);
		return true;
	}
	return false;
}

/* Until something comes, or the first row that waits is due. */
static void
wait_for_work(struct us_channel *channel)
{
	int64_t first = us_lane_due(&channel->lanes[US_LANE_FIRST]);
	int64_t second = us_lane_due(&channel->lanes[US_LANE_SECOND]);
	int64_t due = first < second ? first : second;
	pthread_mutex_t *lock = &channel->couriers->lock;
	struct timespec until;

	/* What is new waits for the end of a pause, too. */
	if (due < channel->pause || channel->lanes[US_LANE_SECOND].n)
		due = channel->pause;
	until = look_at(channel->couriers, due);
	channel->idle++;
	if (due == INT64_MAX || channel->try_count >= TRIES_MAX)
		pthread_cond_wait(&channel->wake, lock);
	else
		pthread_cond_timedwait(&channel->wake, lock, &until);
	channel->idle--;
}

/* This thread may be long: others do what is left. */
static void
call_for_rest(struct us_channel *channel)
{
	for (unsigned i = 0; i < US_LANE_COUNT; i++) {
		if (channel->lanes[i].n) {
			us_courier_call(channel);
			return;
		}
	}
}

/* The next try of this thread; NULL when usherd ends. Under the lock. */
static struct us_try *
next_try(struct us_channel *channel)
{
	struct us_try *try = us_calloc(1, sizeof(*try));

	try->channel = channel;
	while (!channel->couriers->stopping) {
		if (take(channel, try)) {
			LIST_INSERT_HEAD(&channel->tries, try, entry);
			channel->try_count++;
			call_for_rest(channel);
			return try;
		}
		wait_for_work(channel);
	}
	free(try);
	return NULL;
}

static void *
work(void *arg)
{
	struct us_channel *channel = arg;
	struct us_couriers *couriers = channel->couriers;
	struct us_post *post = us_post_new();
	struct us_try *try;

	pthread_mutex_lock(&couriers->lock);
	while ((try = next_try(channel))) {
		channel->busy++;
		pthread_mutex_unlock(&couriers->lock);
		us_try_run(try, post);
		pthread_mutex_lock(&couriers->lock);
		channel->busy--;
		pthread_cond_broadcast(&couriers->quiet);
	}
	pthread_mutex_unlock(&couriers->lock);
	us_post_free(post);
	return NULL;
}

/* Wakes a thread that has nothing to do, or begins another one. */
void
us_courier_call(struct us_channel *channel)
{
	unsigned n = channel->thread_count;
	int rc;

	pthread_cond_signal(&channel->wake);
	if (channel->idle || n == channel->thread_max ||
	    channel->couriers->stopping)
		return;
	rc = pthread_create(&channel->threads[n], NULL, work, channel);
	if (rc == 0) {
		pthread_setname_np(channel->threads[n], "usherd-courier");
		channel->thread_count++;
	} else if (n == 0) {
		us_log(US_LOG_ERROR,
		    "cannot start a courier for \"%.*s\" of \"%.*s\": %s; "
		    "what waits for it will be tried later",
		    US_ARG(channel->name), US_ARG(channel->org->name),
		    strerror(rc));
	}
}

void
us_courier_heard(struct us_channel *channel, bool told)
{
	struct us_couriers *couriers = channel->couriers;

	pthread_mutex_lock(&couriers->lock);
	channel->failures = told ? 0 : channel->failures + 1;
	channel->pause =
	    told ? 0
		 : ticks_of(couriers) +
		       us_backoff_ms(channel->failures) * TICKS_PER_MS;
	pthread_mutex_unlock(&couriers->lock);
}

void
us_courier_end(struct us_try *try)
{
	struct us_channel *channel = try->channel;
	struct us_couriers *couriers = channel->couriers;

	pthread_mutex_lock(&couriers->lock);
	LIST_REMOVE(try, entry);
	channel->try_count--;
	if (try->too_many)
		channel->held += try->next ? try->n : 0;
	else
		channel->held -= try->next ? 0 : try->n;
	for (unsigned i = 0; try->next && i < try->n; i++) {
		try->parcels[i].due =
		    ticks_of(couriers) + try->next * TICKS_PER_MS;
		us_lane_wait(&channel->lanes[try->lane], &try->parcels[i]);
	}
	/* For a thread that must wait for less long, or waited for room. */
	if (try->next ||
	    channel->try_count + channel->thread_count >= TRIES_MAX)
		pthread_cond_signal(&channel->wake);
	pthread_cond_broadcast(&couriers->quiet);
	pthread_mutex_unlock(&couriers->lock);
	us_try_free(try);
}

/* --- From start to end -------------------------------------------------- */

struct us_couriers *
us_couriers_start(struct us_world *world)
{
	struct us_couriers *couriers = us_calloc(1, sizeof(*couriers));
	int rc;

	couriers->world = world;
	us_post_begin();
	pthread_mutex_init(&couriers->lock, NULL);
	init_cond(&couriers->fed);
	init_cond(&couriers->quiet);
	rc = pthread_create(&couriers->feeder, NULL, us_courier_feed, couriers);
	if (rc == 0) {
		pthread_setname_np(couriers->feeder, "usherd-feeder");
		return couriers;
	}
	us_log(US_LOG_ERROR, "cannot start the couriers: %s", strerror(rc));
	us_post_end();
	free(couriers);
	return NULL;
}

/* Threads that do something; or tries, which the writer may hold too. */
static unsigned
count_open(const struct us_couriers *couriers, bool tries)
{
	const struct us_channel *channel;
	unsigned n = 0;

	LIST_FOREACH(channel, &couriers->channels, entry)
	n += tries ? channel->try_count : channel->busy;
	return n;
}

/* No new tries; those under way end by themselves, or are broken off. */
static void
settle(struct us_couriers *couriers, unsigned ms)
{
	int64_t due = us_clock_ticks() + (int64_t)ms * TICKS_PER_MS;
	struct timespec until = {
	    .tv_sec = due / 1000000, .tv_nsec = due % 1000000 * 1000};
	struct us_channel *channel;
	int rc = 0;

	pthread_mutex_lock(&couriers->lock);
	couriers->stopping = true;
	pthread_cond_signal(&couriers->fed);
	LIST_FOREACH(channel, &couriers->channels, entry)
	pthread_cond_broadcast(&channel->wake);
	while (count_open(couriers, false) && rc == 0)
		rc = pthread_cond_timedwait(
		    &couriers->quiet, &couriers->lock, &until);
	atomic_store(&couriers->stop, true);
	while (count_open(couriers, true))
		pthread_cond_wait(&couriers->quiet, &couriers->lock);
	pthread_mutex_unlock(&couriers->lock);
}

void
us_couriers_stop(struct us_couriers *couriers, unsigned ms)
{
	struct us_channel *channel;

	settle(couriers, ms);
	pthread_join(couriers->feeder, NULL);
	LIST_FOREACH(channel, &couriers->channels, entry)
	{
		for (unsigned i = 0; i < channel->thread_count; i++)
			pthread_join(channel->threads[i], NULL);
	}
}

void
us_couriers_free(struct us_couriers *couriers)
{
	struct us_channel *channel;

	while ((channel = LIST_FIRST(&couriers->channels))) {
		LIST_REMOVE(channel, entry);
		free_channel(channel);
	}
	pthread_cond_destroy(&couriers->fed);
	pthread_cond_destroy(&couriers->quiet);
	pthread_mutex_destroy(&couriers->lock);
	us_post_end();
	free(couriers);
}

void
us_couriers_wake(struct us_couriers *couriers)
{
	pthread_mutex_lock(&couriers->lock);
	if (!couriers->woken)
		pthread_cond_signal(&couriers->fed);
	couriers->woken = true;
	pthread_mutex_unlock(&couriers->lock);
}

void
us_couriers_hurry(struct us_couriers *couriers, uint64_t seq)
{
	struct us_channel *channel;

	pthread_mutex_lock(&couriers->lock);
	LIST_FOREACH(channel, &couriers->channels, entry)
	{
		for (unsigned i = 0; i < US_LANE_COUNT; i++) {
			if (us_lane_hurry(&channel->lanes[i], seq))
				us_courier_call(channel);
		}
	}
	pthread_mutex_unlock(&couriers->lock);
}

/* --- Figures ------------------------------------------------------------ */

static void
count_removal(struct us_courier_stats *stats, const struct us_parcel *parcel)
{
	if (!stats->oldest || parcel->created < stats->oldest)
		stats->oldest = parcel->created;
}

/* Of new ones the first is the oldest. */
static void
count_removals(struct us_channel *channel, struct us_courier_stats *stats)
{
	const struct us_lane *lane = &channel->lanes[US_LANE_FIRST];
	const struct us_try *try;

	if (!channel->provisions)
		return;
	if (lane->n)
		count_removal(stats, &lane->fresh[lane->first]);
	for (size_t i = 0; i < lane->waiting_n; i++)
		count_removal(stats, &lane->waiting[i]);
	LIST_FOREACH(try, &channel->tries, entry)
	{
		if (try->lane == US_LANE_FIRST)
			count_removal(stats, &try->parcels[0]);
	}
}

struct us_courier_stats
us_courier_stats(struct us_couriers *couriers)
{
	struct us_txn *txn = us_txn_read(couriers->world->store);
	uint64_t waiting = us_txn_count(txn, US_TABLE_OUTBOX);
	const struct us_world *world = couriers->world;
	struct us_courier_stats stats;
	struct us_channel *channel;
	uint64_t stuck = 0;

	for (unsigned i = 0; i < world->org_count; i++)
		stuck += us_effect_stuck(txn, world->orgs[i]->name);
	us_txn_abort(txn);
	pthread_mutex_lock(&couriers->lock);
	stats = couriers->stats;
	LIST_FOREACH(channel, &couriers->channels, entry)
	count_removals(channel, &stats);
	pthread_mutex_unlock(&couriers->lock);
	stats.waiting = waiting;
	stats.stuck = stuck;
	return stats;
}
