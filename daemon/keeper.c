/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: one thread that makes happen what is due, in order, a few rows a
 * write, and waits for each: so there is always room for new requests between
 * two. It sleeps until the first row is due, and looks once a second in any
 * case, for the wall clock may leap.
 */
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/keeper_parts.h"
#include "daemon/log.h"
#include "daemon/outbox.h"
#include "daemon/preapproval.h"
#include "engine/err.h"

#define LOOK_MS 1000
/* Between two looks at which nothing was left to do. */
#define LOOK_LEAST_MS 5
/* With a clock that tests set. */
#define LOOK_TEST_MS 100
/* Rows that could not be done, and a store that is full, are tried again. */
#define RETRY_MS 60000
#define MARK_MS INT64_C(60000)
/* Rows of organisations that are not served, looked at again and again. */
#define UNSERVED_MAX 256
#define FULL_MS 1000

/* --- Writes ------------------------------------------------------------- */

static void
finish(struct us_write *write, enum us_write_result result)
{
	struct us_keeper_write *w = (struct us_keeper_write *)write;
	struct us_keeper *keeper = w->keeper;

	pthread_mutex_lock(&keeper->lock);
	w->result = result;
	w->is_done = true;
	pthread_cond_signal(&keeper->written);
	pthread_mutex_unlock(&keeper->lock);
}

enum us_write_result
us_keeper_submit(struct us_keeper *keeper, struct us_keeper_write *w,
    bool (*apply)(struct us_write *write, struct us_txn *txn),
    void (*publish)(struct us_write *write))
{
	*w = (struct us_keeper_write){
	    .write = {.apply = apply,
		.publish = publish,
		.finish = finish,
		.patient = true},
	    .keeper = keeper};
	us_writer_submit(keeper->world->writer, &w->write);
	pthread_mutex_lock(&keeper->lock);
	while (!w->is_done)
		pthread_cond_wait(&keeper->written, &keeper->lock);
	pthread_mutex_unlock(&keeper->lock);
	return w->result;
}

/* --- The clock ---------------------------------------------------------- */

static bool
apply_mark(struct us_write *write, struct us_txn *txn)
{
	struct us_keeper_write *w = (struct us_keeper_write *)write;

	us_due_now(w->keeper->world->orgs[0], txn, us_clock_now());
	return true;
}

/*
 * The store has to know what time it is, at least to a minute: if the wall
 * clock is set back, that is where time goes on.
 */
static void
mark(struct us_keeper *keeper, int64_t now)
{
	struct us_keeper_write w;

	keeper->marked = now;
	us_keeper_submit(keeper, &w, apply_mark, NULL);
}

/* The time on the clock of due.h, which must hear of leaps from somebody. */
static int64_t
now_of(struct us_keeper *keeper)
{
	int64_t now = us_clock_now() + us_due_offset(keeper->world);

	if (now < keeper->marked || now - keeper->marked >= MARK_MS) {
		mark(keeper, now);
		now = us_clock_now() + us_due_offset(keeper->world);
	}
	return now;
}

/* --- Rows --------------------------------------------------------------- */

/* A row of DUE. Its key has all: time, organisation, kind, id. */
struct due {
	struct us_key key;
	int64_t at;
	struct us_org *org;
	enum us_due_kind kind;
	struct us_str id; /* in the key */
};

static int64_t
number_at(const char *p)
{
	struct us_str s = {p, 8};

	return (int64_t)us_key_last_number(s);
}

/*
 * False for one of an organisation that is not served, which stays; with its
 * key.
 */
static bool
read_row(struct us_world *world, struct us_str key, struct due *due)
{
	const char *p, *end;
	struct us_str org;

	due->key.n = 0;
	if (key.n > sizeof(due->key.bytes) || key.n < 8)
		return false;
	memcpy(due->key.bytes, key.p, key.n);
	due->key.n = key.n;
	p = due->key.bytes + 8;
	end = due->key.bytes + key.n;
	due->at = number_at(due->key.bytes);
	org = (struct us_str){p, strnlen(p, (size_t)(end - p))};
	p += org.n + 1;
	/* The kind, the id, and the NUL of the id. */
	if (end - p < 10)
		return false;
	due->kind = (enum us_due_kind)number_at(p);
	due->id = (struct us_str){p + 8, (size_t)(end - p) - 9};
	due->org = us_world_org(world, org);
	return due->org != NULL;
}

struct touched {
	struct us_org *org;
	struct us_str id;
};

/* What happens in one write. */
struct batch {
	struct us_keeper_write w; /* first */
	struct us_world *world;
	struct due rows[US_KEEPER_BATCH];
	unsigned n, max;
	int64_t now;  /* on the clock of due.h */
	int64_t next; /* when the first is due that is not yet; INT64_MAX */
	unsigned unserved;  /* rows before the first of a served one */
	struct us_key past; /* the last of them */
	struct us_arena arena;
	US_LIST(struct touched) touched;
};

static bool
gather(void *arg, struct us_str key, struct us_str value)
{
	struct batch *b = arg;
	struct due *due = &b->rows[b->n];

	(void)value;
	if (key.n >= 8 && number_at(key.p) > b->now) {
		b->next = number_at(key.p);
		return false;
	}
	if (!read_row(b->world, key, due)) {
		if (b->n == 0 && due->key.n) {
			b->unserved++;
			b->past = due->key;
		}
		return true;
	}
	b->n++;
	return b->n < b->max;
}

/* --- What happens ------------------------------------------------------- */

static void
happen_to_request(struct us_change *change, const struct due *due)
{
	struct us_step step = {.event = due->kind == US_DUE_END
					    ? US_EVENT_EXPIRE
					    : US_EVENT_TIME_OUT};
	struct us_permission p;

	if (!us_permission_get(
		change->txn, change->org->name, due->id, change->arena, &p))
		return;
	if (due->kind != US_DUE_REMINDER)
		us_life_step(change, &p, &step);
	else if (p.status == US_STATUS_DONE)
		us_notice_add(change, US_NOTICE_EXPIRING, &p);
}

/* The row is dropped first: the event may set another one. */
static void
happen(struct us_change *change, const struct due *due)
{
	struct us_str value;

	if (!us_txn_get(
		change->txn, US_TABLE_DUE, us_key_str(&due->key), &value))
		return;
	us_txn_delete(change->txn, US_TABLE_DUE, us_key_str(&due->key));
	if (due->kind == US_DUE_PREAPPROVAL)
		us_advance_due(change, due->id);
	else
		happen_to_request(change, due);
}

static bool
apply(struct us_write *write, struct us_txn *txn)
{
	struct batch *b = (struct batch *)write;

	b->touched.n = 0;
	for (unsigned i = 0; i < b->n; i++) {
		const struct due *due = &b->rows[i];
		struct us_change change =
		    us_change_begin(due->org, txn, &b->arena);
		struct us_str *id;

		/* The clock went back since, and this is not due any more. */
		if (due->at > change.due_now)
			continue;
		happen(&change, due);
		US_EACH (id, &change.touched)
			*us_list_add(&b->arena, &b->touched) =
			    (struct touched){due->org, *id};
	}
	return true;
}

static void
publish(struct us_write *write)
{
	struct batch *b = (struct batch *)write;
	const struct touched *touched;

	US_EACH (touched, &b->touched)
		us_life_publish(touched->org, touched->id);
	/* Notices alone touch no request. */
	us_couriers_wake(b->world->couriers);
}

/*
 * A row that cannot be done must not hold up those behind it: they are done
 * one by one, and it is passed, until RETRY_MS later.
 */
static void
pass_bad(struct us_keeper *keeper, const struct batch *b)
{
	if (!keeper->retry)
		keeper->retry = us_clock_ticks() + RETRY_MS * 1000;
	if (b->n > 1) {
		keeper->batch = 1;
		return;
	}
	us_log(US_LOG_ERROR,
	    "organisation \"%.*s\": what is due for %.*s cannot be done; it "
	    "will be tried again",
	    US_ARG(b->rows[0].org->name), US_ARG(b->rows[0].id));
	keeper->past = b->rows[0].key;
}

/*
 * What is left of an organisation that is not served any more stands before
 * all that comes. A lot of it is passed too: new rows are due after now, and so
 * after these, but for the rare one that is late when it is made; it waits.
 */
static void
pass_unserved(struct us_keeper *keeper, const struct batch *b)
{
	if (b->unserved < UNSERVED_MAX)
		return;
	if (!keeper->retry)
		keeper->retry = us_clock_ticks() + RETRY_MS * 1000;
	keeper->past = b->past;
}

static void
look_from_first_again(struct us_keeper *keeper)
{
	if (!keeper->retry || us_clock_ticks() < keeper->retry)
		return;
	keeper->retry = 0;
	keeper->past.n = 0;
	keeper->batch = US_KEEPER_BATCH;
}

static void
find_due(struct us_keeper *keeper, struct batch *b)
{
	struct us_txn *txn = us_txn_read(keeper->world->store);
	struct us_key from = keeper->past;

	/* The smallest key after the one that is passed. */
	if (from.n && from.n < sizeof(from.bytes))
		from.bytes[from.n++] = '\0';
	us_txn_scan(txn, US_TABLE_DUE, US_STR(""),
	    from.n ? us_key_str(&from) : (struct us_str){0}, false, gather, b);
	us_txn_abort(txn);
}

/*
 * Makes some of what is due happen. Returns for how many ms there is nothing
 * more to do.
 */
static int64_t
keep(struct us_keeper *keeper)
{
	struct us_world *world = keeper->world;
	struct batch *b = us_calloc(1, sizeof(*b));
	enum us_write_result result = US_WRITE_DONE;
	int64_t ms;

	look_from_first_again(keeper);
	b->world = world;
	b->max = keeper->batch;
	b->next = INT64_MAX;
	b->now = now_of(keeper);
	find_due(keeper, b);
	pass_unserved(keeper, b);
	ms = b->n ? 0 : b->next - b->now;
	atomic_store(&keeper->lag, b->n ? b->now - b->rows[0].at : 0);
	if (b->n)
		result = us_keeper_submit(keeper, &b->w, apply, publish);
	if (result == US_WRITE_FULL)
		ms = FULL_MS;
	else if (result != US_WRITE_DONE)
		pass_bad(keeper, b);
	us_arena_free(&b->arena);
	free(b);
	return ms;
}

/* --- The thread --------------------------------------------------------- */

/* True when there is more to review. */
static bool
review(struct us_keeper *keeper)
{
	const struct us_world *world = keeper->world;
	bool more = false;

	for (unsigned i = 0; i < world->org_count; i++) {
		bool asked;

		pthread_mutex_lock(&keeper->lock);
		asked = keeper->asked[i];
		keeper->asked[i] = false;
		pthread_mutex_unlock(&keeper->lock);
		more |= us_review_go_on(keeper, world->orgs[i], asked);
	}
	return more;
}

static struct timespec
ticks_at(int64_t ticks)
{
	return (struct timespec){
	    .tv_sec = ticks / 1000000, .tv_nsec = ticks % 1000000 * 1000};
}

/* Until something may be due, or somebody says so; false: usherd ends. */
static bool
rest(struct us_keeper *keeper, int64_t ms)
{
	int64_t most = keeper->world->conf->clock_file ? LOOK_TEST_MS : LOOK_MS;
	int64_t now = us_clock_ticks();
	const struct timespec last =
	    ticks_at(now + (ms < most ? ms : most) * 1000);
	const struct timespec first =
	    ticks_at(now + (ms < LOOK_LEAST_MS ? ms : LOOK_LEAST_MS) * 1000);
	bool goes_on;
	int rc = 0;

	pthread_mutex_lock(&keeper->lock);
	while (!keeper->woken && !keeper->stopping && rc == 0)
		rc =
		    pthread_cond_timedwait(&keeper->wake, &keeper->lock, &last);
	/* Woken again at once: by each of many writes. */
	while (keeper->woken && !keeper->stopping && rc == 0)
		rc = pthread_cond_timedwait(
		    &keeper->wake, &keeper->lock, &first);
	keeper->woken = false;
	goes_on = !keeper->stopping;
	pthread_mutex_unlock(&keeper->lock);
	return goes_on;
}

/* The first us_keeper_wake says that the world is there. */
static void
wait_for_world(struct us_keeper *keeper)
{
	pthread_mutex_lock(&keeper->lock);
	while (!keeper->woken && !keeper->stopping)
		pthread_cond_wait(&keeper->wake, &keeper->lock);
	pthread_mutex_unlock(&keeper->lock);
}

static void *
work(void *arg)
{
	struct us_keeper *keeper = arg;
	int64_t ms = 0;

	wait_for_world(keeper);
	/* What is due comes before what is reviewed. */
	while (rest(keeper, ms)) {
		ms = keep(keeper);
		if (ms > 0 && review(keeper))
			ms = 0;
	}
	return NULL;
}

struct us_keeper *
us_keeper_start(struct us_world *world)
{
	struct us_keeper *keeper = us_calloc(1, sizeof(*keeper));
	pthread_condattr_t attr;
	int rc;

	keeper->world = world;
	keeper->batch = US_KEEPER_BATCH;
	keeper->reviews = us_reviews_new(world->org_count);
	keeper->asked = us_calloc(world->org_count, sizeof(*keeper->asked));
	/* Once at the start: things may have changed while usherd was not. */
	memset(keeper->asked, true, world->org_count * sizeof(*keeper->asked));
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&keeper->lock, NULL);
	pthread_cond_init(&keeper->wake, &attr);
	pthread_cond_init(&keeper->written, NULL);
	pthread_condattr_destroy(&attr);
	rc = pthread_create(&keeper->thread, NULL, work, keeper);
	if (rc == 0) {
		pthread_setname_np(keeper->thread, "usherd-keeper");
		return keeper;
	}
	us_log(US_LOG_ERROR, "cannot start the keeper: %s", strerror(rc));
	us_keeper_free(keeper);
	return NULL;
}

void
us_keeper_stop(struct us_keeper *keeper)
{
	pthread_mutex_lock(&keeper->lock);
	keeper->stopping = true;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->lock);
	pthread_join(keeper->thread, NULL);
}

void
us_keeper_free(struct us_keeper *keeper)
{
	us_reviews_free(keeper->reviews, keeper->world->org_count);
	pthread_cond_destroy(&keeper->wake);
	pthread_cond_destroy(&keeper->written);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper->asked);
	free(keeper);
}

void
us_keeper_wake(struct us_keeper *keeper)
{
	pthread_mutex_lock(&keeper->lock);
	if (!keeper->woken)
		pthread_cond_signal(&keeper->wake);
	keeper->woken = true;
	pthread_mutex_unlock(&keeper->lock);
}

void
us_keeper_review(struct us_keeper *keeper, struct us_org *org)
{
	pthread_mutex_lock(&keeper->lock);
	keeper->asked[org->index] = true;
	keeper->woken = true;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->lock);
}

int64_t
us_keeper_lag(struct us_keeper *keeper)
{
	return atomic_load(&keeper->lag);
}
