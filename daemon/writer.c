/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's thread: takes what is queued as one batch, applies the writes
 * in one transaction, commits, publishes, answers. While one batch is made
 * durable the next one gathers.
 *
 * Nested transactions, with which a write can be undone alone, cost more than
 * most writes. So a batch is tried without them first, which works out when
 * each write is either made or refused before it wrote anything. When that
 * fails, all is undone and the batch is done again, each write apart.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/fail.h"
#include "daemon/http.h"
#include "daemon/log.h"
#include "daemon/writer.h"
#include "engine/err.h"

/* A batch is in memory until it is committed. */
#define BATCH_MAX 256

/* Of those, so many at most that can wait, while others cannot. */
#define PATIENT_MAX 8

struct queue {
	struct us_write *first, **last;
};

struct us_writer {
	struct us_store *store;
	pthread_t thread;
	bool full; /* and the log says so; the thread's */

	pthread_mutex_t lock;	     /* of all below */
	pthread_cond_t wake, passed; /* something came; something ended */
	struct queue urgent, patient;
	bool stopping;
	uint64_t submitted, ended; /* writes, since the start */
	struct us_writer_stats stats;
};

struct batch {
	struct us_write *writes[BATCH_MAX];
	enum us_write_result results[BATCH_MAX];
	unsigned n;
};

static enum us_write_result
result_of(enum us_store_error error)
{
	switch (error) {
	case US_STORE_OK:
		return US_WRITE_DONE;
	case US_STORE_FULL:
	case US_STORE_RESERVE:
		return US_WRITE_FULL;
	case US_STORE_CORRUPT:
	case US_STORE_IO:
		break;
	}
	return US_WRITE_FAILED;
}

/* False when something has to be undone. */
static bool
apply_together(struct batch *b, struct us_txn *all)
{
	bool new_work = false;

	for (unsigned i = 0; i < b->n; i++) {
		struct us_write *w = b->writes[i];
		uint64_t before = us_txn_writes(all);
		bool agreed = w->apply(w, all);

		if (us_txn_error(all) ||
		    (!agreed && us_txn_writes(all) != before))
			return false;
		b->results[i] = agreed ? US_WRITE_DONE : US_WRITE_REFUSED;
		new_work |= agreed && w->new_work;
	}
	/* After the writes, which may be what uses up the room. */
	return !new_work || us_txn_check_reserve(all);
}

/* An error that apply met counts more than what apply made of it. */
static enum us_write_result
apply_apart(struct us_write *w, struct us_txn *all)
{
	struct us_txn *txn = us_txn_nested(all);
	bool agreed = w->apply(w, txn);
	enum us_store_error error;

	if (agreed && w->new_work)
		us_txn_check_reserve(txn);
	if (agreed)
		return result_of(us_txn_commit(txn));
	error = us_txn_error(txn);
	us_txn_abort(txn);
	return error ? result_of(error) : US_WRITE_REFUSED;
}

/* Returns the transaction that is to be committed. */
static struct us_txn *
apply_all(struct us_writer *writer, struct batch *b)
{
	struct us_txn *all = us_txn_write(writer->store);

	if (apply_together(b, all))
		return all;
	us_txn_abort(all);
	all = us_txn_write(writer->store);
	for (unsigned i = 0; i < b->n; i++)
		b->results[i] = apply_apart(b->writes[i], all);
	return all;
}

/*
 * Commits what was applied. When that fails, all writes of the batch failed:
 * even who was refused was judged by what a neighbour wrote.
 */
static bool
commit(struct batch *b, struct us_txn *all)
{
	enum us_store_error error;
	bool any = false;

	for (unsigned i = 0; i < b->n; i++)
		any |= b->results[i] == US_WRITE_DONE;
	if (!any) {
		us_txn_abort(all);
		return false;
	}
	us_fail_point("before commit");
	error = us_txn_commit(all);
	us_fail_point("after commit");
	for (unsigned i = 0; error && i < b->n; i++)
		b->results[i] = result_of(error);
	return !error;
}

/* One line when the store gets full, one when it takes new work again. */
static void
tell_full(struct us_writer *writer, const struct batch *b)
{
	for (unsigned i = 0; i < b->n; i++) {
		bool full = b->results[i] == US_WRITE_FULL;

		if (full == writer->full)
			continue;
		if (!full &&
		    (b->results[i] != US_WRITE_DONE || !b->writes[i]->new_work))
			continue;
		writer->full = full;
		us_log(US_LOG_WARNING, "%s",
		    full ? "the store is full, or nearly: writes are refused "
			   "until its disk, or store-size, has more room"
			 : "the store has room again");
	}
}

static void
count(struct us_writer *writer, const struct batch *b, bool committed)
{
	struct us_writer_stats *stats = &writer->stats;

	pthread_mutex_lock(&writer->lock);
	stats->commits += committed;
	for (unsigned i = 0; i < b->n; i++) {
		stats->writes += b->results[i] == US_WRITE_DONE;
		stats->refused += b->results[i] == US_WRITE_REFUSED;
		stats->failed += b->results[i] == US_WRITE_FULL ||
				 b->results[i] == US_WRITE_FAILED;
	}
	pthread_mutex_unlock(&writer->lock);
}

static void
run(struct us_writer *writer, struct batch *b)
{
	bool committed = commit(b, apply_all(writer, b));

	for (unsigned i = 0; i < b->n; i++)
		if (b->results[i] == US_WRITE_DONE && b->writes[i]->publish)
			b->writes[i]->publish(b->writes[i]);
	tell_full(writer, b);
	count(writer, b, committed);
	us_http_hold();
	for (unsigned i = 0; i < b->n; i++)
		b->writes[i]->finish(b->writes[i], b->results[i]);
	us_http_release();
}

static void
put(struct queue *queue, struct us_write *w)
{
	w->next = NULL;
	if (!queue->first)
		queue->last = &queue->first;
	*queue->last = w;
	queue->last = &w->next;
}

static void
take_from(struct queue *queue, struct batch *b, unsigned most)
{
	for (; queue->first && most && b->n < BATCH_MAX; most--) {
		b->writes[b->n++] = queue->first;
		queue->first = queue->first->next;
	}
}

/* Waits for writes; false when there are none and there will be none. */
static bool
take(struct us_writer *writer, struct batch *b)
{
	b->n = 0;
	pthread_mutex_lock(&writer->lock);
	while (!writer->urgent.first && !writer->patient.first &&
	       !writer->stopping)
		pthread_cond_wait(&writer->wake, &writer->lock);
	take_from(&writer->urgent, b, BATCH_MAX);
	take_from(&writer->patient, b, b->n ? PATIENT_MAX : BATCH_MAX);
	pthread_mutex_unlock(&writer->lock);
	return b->n > 0;
}

/* After their finish: nothing of these writes is looked at any more. */
static void
pass(struct us_writer *writer, const struct batch *b)
{
	pthread_mutex_lock(&writer->lock);
	writer->ended += b->n;
	pthread_cond_broadcast(&writer->passed);
	pthread_mutex_unlock(&writer->lock);
}

static void *
work(void *arg)
{
	struct us_writer *writer = arg;
	struct batch b;

	while (take(writer, &b)) {
		run(writer, &b);
		pass(writer, &b);
	}
	return NULL;
}

static void
release(struct us_writer *writer)
{
	pthread_cond_destroy(&writer->wake);
	pthread_cond_destroy(&writer->passed);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

struct us_writer *
us_writer_start(struct us_store *store)
{
	struct us_writer *writer = us_calloc(1, sizeof(*writer));
	int rc;

	writer->store = store;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->wake, NULL);
	pthread_cond_init(&writer->passed, NULL);
	rc = pthread_create(&writer->thread, NULL, work, writer);
	if (rc) {
		us_log(
		    US_LOG_ERROR, "cannot start the writer: %s", strerror(rc));
		release(writer);
		return NULL;
	}
	pthread_setname_np(writer->thread, "usherd-writer");
	return writer;
}

void
us_writer_stop(struct us_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	writer->stopping = true;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	release(writer);
}

void
us_writer_submit(struct us_writer *writer, struct us_write *w)
{
	pthread_mutex_lock(&writer->lock);
	put(w->patient ? &writer->patient : &writer->urgent, w);
	writer->submitted++;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
}

void
us_writer_drain(struct us_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	while (writer->ended < writer->submitted)
		pthread_cond_wait(&writer->passed, &writer->lock);
	pthread_mutex_unlock(&writer->lock);
}

struct us_writer_stats
us_writer_stats(struct us_writer *writer)
{
	struct us_writer_stats stats;

	pthread_mutex_lock(&writer->lock);
	stats = writer->stats;
	stats.waiting = writer->submitted - writer->ended;
	pthread_mutex_unlock(&writer->lock);
	return stats;
}
