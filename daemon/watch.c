/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients that wait for the end of a request. One thread serves them all: it
 * looks at those whose requests changed, and sends a heartbeat to those whose
 * last one is ten seconds old. As all wait equally long for the next, who got
 * the last one comes last: a queue is all the timer there is.
 */
#include <sys/queue.h>

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/clock.h"
#include "daemon/hash.h"
#include "daemon/log.h"
#include "daemon/permission.h"
#include "daemon/record_parts.h"
#include "daemon/watch.h"
#include "daemon/watch_json.h"
#include "daemon/world.h"
#include "engine/err.h"

#define BEAT INT64_C(10000000)	       /* us */
#define PATIENCE (INT64_C(15) * 60000) /* ms, of either clock */
#define BUCKETS 4096 /* of watches, by the id of the request */

static const char heartbeat[] = "{\"type\":\"heartbeat\"}\n";

struct watch {
	LIST_ENTRY(watch) same;	       /* of the bucket */
	LIST_ENTRY(watch) mates;       /* of the caller's bucket */
	TAILQ_ENTRY(watch) turn, call; /* of queue and ready */
	bool ready;		       /* is to be looked at */
	bool begun;		       /* its first heartbeat was sent */
	struct us_org *org;
	struct us_watcher watcher;
	int64_t since, since_ticks; /* wall clock, ms; us */
	int64_t beat;		    /* ticks of the next heartbeat */
	char id[32];
};

struct us_watches {
	struct us_world *world;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	bool stopping;
	LIST_HEAD(, watch) buckets[BUCKETS];
	LIST_HEAD(, watch) callers[BUCKETS];
	TAILQ_HEAD(, watch) queue; /* all; first whose beat is first */
	TAILQ_HEAD(, watch) ready;
};

static unsigned
bucket_of(struct us_str id)
{
	return us_str_hash(id, false) % BUCKETS;
}

static void
make_ready(struct us_watches *watches, struct watch *w)
{
	if (w->ready)
		return;
	w->ready = true;
	TAILQ_INSERT_TAIL(&watches->ready, w, call);
	pthread_cond_signal(&watches->wake);
}

static void
unready(struct us_watches *watches, struct watch *w)
{
	if (w->ready)
		TAILQ_REMOVE(&watches->ready, w, call);
	w->ready = false;
}

static void
drop(struct us_watches *watches, struct watch *w)
{
	unready(watches, w);
	TAILQ_REMOVE(&watches->queue, w, turn);
	LIST_REMOVE(w, same);
	LIST_REMOVE(w, mates);
	free(w);
}

/* --- From other threads ------------------------------------------------- */

uint64_t
us_watch_who(const struct us_org *org, const struct us_caller *caller)
{
	struct us_buf text = {0};
	uint8_t hash[32];
	uint64_t who;

	us_record_str(&text, org->name);
	us_record_number(&text, caller->kind, 1);
	us_person_fold(caller->uid, &text);
	us_buf_putc(&text, '\0');
	us_record_str(&text, caller->client_id);
	us_sha256(us_buf_str(&text), hash);
	us_buf_free(&text);
	memcpy(&who, hash, sizeof(who));
	return who;
}

/* How many one caller may wait for: others need connections, too. */
static unsigned
watches_max(const struct us_watches *watches)
{
	unsigned most = watches->world->conf->max_connections / 4 + 1;

	return most < US_WATCHES_MAX ? most : US_WATCHES_MAX;
}

static bool
waits_for_many(struct us_watches *watches, uint64_t who)
{
	struct watch *w;
	unsigned n = 0;

	LIST_FOREACH (w, &watches->callers[who % BUCKETS], mates)
		n += w->watcher.who == who;
	return n >= watches_max(watches);
}

static void
add(struct us_watches *watches, struct watch *w)
{
	LIST_INSERT_HEAD(&watches->buckets[bucket_of(us_str(w->id))], w, same);
	LIST_INSERT_HEAD(&watches->callers[w->watcher.who % BUCKETS], w, mates);
	TAILQ_INSERT_TAIL(&watches->queue, w, turn);
	make_ready(watches, w);
}

void
us_watch(struct us_watches *watches, struct us_org *org, struct us_str id,
    const struct us_watcher *watcher)
{
	struct watch *w = us_calloc(1, sizeof(*w));
	bool late, many;

	memcpy(w->id, id.p, id.n < sizeof(w->id) ? id.n : sizeof(w->id) - 1);
	w->org = org;
	w->watcher = *watcher;
	w->since = us_clock_now();
	w->since_ticks = us_clock_ticks();
	w->beat = w->since_ticks + BEAT;
	pthread_mutex_lock(&watches->lock);
	late = watches->stopping;
	many = waits_for_many(watches, watcher->who);
	if (!late && !many)
		add(watches, w);
	pthread_mutex_unlock(&watches->lock);
	if (!late && !many)
		return;
	free(w);
	if (late)
		us_ticket_error(
		    watcher->ticket, 503, "usherd is stopping; ask again");
	else
		us_ticket_error(watcher->ticket, 429,
		    "you wait for %u requests already; come back when one of "
		    "them has ended",
		    watches_max(watches));
}

void
us_watch_changed(
    struct us_watches *watches, struct us_org *org, struct us_str id)
{
	struct watch *w;

	pthread_mutex_lock(&watches->lock);
	LIST_FOREACH (w, &watches->buckets[bucket_of(id)], same) {
		if (w->org == org && us_str_is(id, w->id))
			make_ready(watches, w);
	}
	pthread_mutex_unlock(&watches->lock);
}

/* --- The thread --------------------------------------------------------- */

static bool
waited_long(const struct watch *w)
{
	return us_clock_now() - w->since >= PATIENCE ||
	       (us_clock_ticks() - w->since_ticks) / 1000 >= PATIENCE;
}

/*
 * Does the wait end here? Then out is the line of data. A request that cannot
 * be read ends it too: the client asks again, and hears why.
 */
static bool
look(const struct watch *w, bool end, struct us_buf *out)
{
	struct us_txn *txn = us_txn_read(w->org->world->store);
	struct us_arena a = {0};
	struct us_permission p;
	bool found =
	    us_permission_get(txn, w->org->name, us_str(w->id), &a, &p);

	if (found && (end || us_watch_is_over(&p)))
		us_watch_json(&p, w->watcher.generated, out);
	us_arena_free(&a);
	us_txn_abort(txn);
	return !found || out->n > 0;
}

/* Sends what is to be sent now; false when it is the last of this client. */
static bool
serve(struct watch *w, bool beat, bool end)
{
	struct us_buf line = {0};
	bool waits = true, over;

	if (!w->begun)
		us_ticket_begin(w->watcher.ticket, 200, "application/x-ndjson");
	if (beat || !w->begun)
		waits = us_ticket_send(w->watcher.ticket, us_str(heartbeat));
	w->begun = true;
	over = waits && look(w, end || waited_long(w), &line);
	if (over)
		us_ticket_send(w->watcher.ticket, us_buf_str(&line));
	us_buf_free(&line);
	if (waits && !over)
		return true;
	us_ticket_end(w->watcher.ticket);
	return false;
}

/* Lets the lock go in between: others add and mark, and take none away. */
static void
serve_one(struct us_watches *watches, struct watch *w, bool beat)
{
	bool end = watches->stopping, goes_on;

	unready(watches, w);
	if (beat) {
		TAILQ_REMOVE(&watches->queue, w, turn);
		w->beat = us_clock_ticks() + BEAT;
		TAILQ_INSERT_TAIL(&watches->queue, w, turn);
	}
	pthread_mutex_unlock(&watches->lock);
	goes_on = serve(w, beat, end);
	pthread_mutex_lock(&watches->lock);
	if (!goes_on)
		drop(watches, w);
}

static void
wait_until(struct us_watches *watches, int64_t ticks)
{
	struct timespec ts = {ticks / 1000000, ticks % 1000000 * 1000};

	pthread_cond_timedwait(&watches->wake, &watches->lock, &ts);
}

/* The next that is to be served; NULL at the end. */
static struct watch *
take(struct us_watches *watches, bool *beat)
{
	struct watch *w;

	for (;;) {
		w = TAILQ_FIRST(&watches->queue);
		*beat = w && us_clock_ticks() >= w->beat;
		if (*beat || watches->stopping)
			return w;
		if (!TAILQ_EMPTY(&watches->ready))
			return TAILQ_FIRST(&watches->ready);
		if (w)
			wait_until(watches, w->beat);
		else
			pthread_cond_wait(&watches->wake, &watches->lock);
	}
}

static void *
work(void *arg)
{
	struct us_watches *watches = arg;
	struct watch *w;
	bool beat;

	pthread_mutex_lock(&watches->lock);
	while ((w = take(watches, &beat)) != NULL)
		serve_one(watches, w, beat);
	pthread_mutex_unlock(&watches->lock);
	return NULL;
}

/* --- Beginning and end -------------------------------------------------- */

struct us_watches *
us_watches_start(struct us_world *world)
{
	struct us_watches *watches = us_calloc(1, sizeof(*watches));
	pthread_condattr_t attr;
	int rc;

	watches->world = world;
	TAILQ_INIT(&watches->queue);
	TAILQ_INIT(&watches->ready);
	pthread_mutex_init(&watches->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC); /* that of ticks */
	pthread_cond_init(&watches->wake, &attr);
	pthread_condattr_destroy(&attr);
	rc = pthread_create(&watches->thread, NULL, work, watches);
	if (rc) {
		us_log(US_LOG_ERROR, "cannot start the thread for polls: %s",
		    strerror(rc));
		free(watches);
		return NULL;
	}
	pthread_setname_np(watches->thread, "usherd-watch");
	return watches;
}

void
us_watches_stop(struct us_watches *watches)
{
	pthread_mutex_lock(&watches->lock);
	watches->stopping = true;
	pthread_cond_signal(&watches->wake);
	pthread_mutex_unlock(&watches->lock);
	pthread_join(watches->thread, NULL);
}

void
us_watches_free(struct us_watches *watches)
{
	if (!watches)
		return;
	pthread_cond_destroy(&watches->wake);
	pthread_mutex_destroy(&watches->lock);
	free(watches);
}
