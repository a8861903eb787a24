/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer: one commit for all that waits, each write undone alone, answers
 * after the commit and after all is published.
 */
#include <pthread.h>
#include <semaphore.h>

#include "daemon/writer.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

#define MIB ((size_t)1 << 20)

struct bench {
	struct folder folder;
	struct us_store *store;
	struct us_writer *writer;
	struct us_buf log; /* the writer thread's until all is finished */
	sem_t finished;	   /* goes up with each answer */
};

static void
bench_open(struct bench *b, size_t size, size_t reserve)
{
	*b = (struct bench){.folder = folder_new()};
	is_int(us_store_open(b->folder.path, size, reserve, NULL, &b->store),
	    US_STORE_OK, "the store opens");
	sem_init(&b->finished, 0, 0);
	b->writer = us_writer_start(b->store);
}

static void
bench_close(struct bench *b)
{
	us_writer_stop(b->writer);
	us_store_close(b->store);
	sem_destroy(&b->finished);
	us_buf_free(&b->log);
	folder_remove(&b->folder);
}

static bool
is_there(struct bench *b, const char *key)
{
	struct us_txn *txn = us_txn_read(b->store);
	struct us_str value;
	bool found = us_txn_get(txn, US_TABLE_SETTING, us_str(key), &value);

	us_txn_abort(txn);
	return found;
}

/* --- Writes ------------------------------------------------------------- */

struct write {
	struct us_write w; /* first */
	struct bench *bench;
	const char *key;
	size_t size; /* of the value */
	bool refuses, fails;
	bool early;	       /* it refuses before it wrote */
	unsigned applied;      /* times */
	const char *needs;     /* a key that must be there, or NULL */
	sem_t *reached, *open; /* NULL, or waits there in apply */
	enum us_write_result result;
};

static bool
apply(struct us_write *w, struct us_txn *txn)
{
	struct write *self = (struct write *)w;
	char *bytes = calloc(1, self->size + 1);
	struct us_str value;

	self->applied++;
	if (self->open) {
		sem_post(self->reached);
		sem_wait(self->open);
	}
	if (!self->early)
		us_txn_put(txn, US_TABLE_SETTING, us_str(self->key),
		    (struct us_str){bytes, self->size});
	free(bytes);
	if (self->fails)
		us_txn_put(txn, US_TABLE_SETTING, US_STR(""), US_STR(""));
	if (self->needs &&
	    !us_txn_get(txn, US_TABLE_SETTING, us_str(self->needs), &value))
		return false;
	return !self->refuses;
}

static void
publish(struct us_write *w)
{
	struct write *self = (struct write *)w;

	ok(is_there(self->bench, self->key), "%s: published when committed",
	    self->key);
	us_buf_printf(&self->bench->log, "+%s ", self->key);
}

static void
finish(struct us_write *w, enum us_write_result result)
{
	struct write *self = (struct write *)w;

	self->result = result;
	us_buf_printf(&self->bench->log, "%s=%d ", self->key, result);
	sem_post(&self->bench->finished);
}

static void
submit(struct bench *b, struct write *w)
{
	w->bench = b;
	w->w.apply = apply;
	w->w.publish = publish;
	w->w.finish = finish;
	us_writer_submit(b->writer, &w->w);
}

/* Submits all while the writer is held, so that they are one batch. */
static void
run_together(struct bench *b, struct write *writes, unsigned n)
{
	sem_t reached, open;
	struct write gate = {.key = "gate", .reached = &reached, .open = &open};

	sem_init(&reached, 0, 0);
	sem_init(&open, 0, 0);
	submit(b, &gate);
	sem_wait(&reached);
	for (unsigned i = 0; i < n; i++)
		submit(b, &writes[i]);
	is_int(us_writer_stats(b->writer).waiting, n + 1, "all of them wait");
	sem_post(&open);
	for (unsigned i = 0; i < n + 1; i++)
		sem_wait(&b->finished);
	us_writer_drain(b->writer);
	is_int(us_writer_stats(b->writer).waiting, 0, "then none waits");
	sem_destroy(&reached);
	sem_destroy(&open);
}

static void
test_batch(void)
{
	struct write writes[] = {
	    {.key = "a"},
	    {.key = "b", .refuses = true},
	    {.key = "c", .fails = true},
	    {.key = "d", .needs = "a"},
	    {.key = "e", .needs = "b"},
	    {.key = "f", .needs = "c"},
	    {.key = "g"},
	};
	struct us_writer_stats stats;
	struct bench b;

	bench_open(&b, 0, MIB);
	run_together(&b, writes, 7);
	stats = us_writer_stats(b.writer);
	is_int(stats.commits, 2, "seven writes behind another are one commit");
	is_int(stats.writes, 4, "four are done");
	is_int(stats.refused, 3, "three refused");
	is_int(stats.failed, 1, "one failed");
	is_str(us_buf_str(&b.log).p,
	    "+gate gate=0 +a +d +g a=0 b=1 c=3 d=0 e=1 f=1 g=0 ",
	    "all is published in order, then answered in order");
	ok(is_there(&b, "a") && is_there(&b, "d") && is_there(&b, "g"),
	    "what is done is there");
	ok(!is_there(&b, "b") && !is_there(&b, "c") && !is_there(&b, "e") &&
		!is_there(&b, "f"),
	    "what was refused or failed left nothing");
	bench_close(&b);
}

/* Only what has to be undone has the batch done again. */
static void
test_again(void)
{
	static const struct {
		const char *what;
		struct write odd;
		unsigned times, behind;
	} odds[] = {
	    {"all agree", {.key = "odd"}, 1, 1},
	    {"refused early", {.key = "odd", .refuses = true, .early = true}, 1,
		1},
	    {"refused late", {.key = "odd", .refuses = true}, 2, 1},
	    {"failed", {.key = "odd", .fails = true}, 2, 1},
	    {"no room for new work",
		{.key = "odd", .size = 7 * MIB, .w.new_work = true}, 2, 2},
	};

	for (unsigned i = 0; i < sizeof(odds) / sizeof(*odds); i++) {
		struct write writes[] = {
		    {.key = "a"}, odds[i].odd, {.key = "b"}};
		struct bench b;

		bench_open(&b, 8 * MIB, 2 * MIB);
		run_together(&b, writes, 3);
		is_int(writes[0].applied, odds[i].times, "%s: times",
		    odds[i].what);
		is_int(writes[2].applied, odds[i].behind, "%s: behind it",
		    odds[i].what);
		ok(is_there(&b, "a") && is_there(&b, "b"),
		    "%s: its neighbours are there", odds[i].what);
		is_int(is_there(&b, "odd"), i == 0, "%s: it left nothing",
		    odds[i].what);
		is_int(us_writer_stats(b.writer).commits, 2, "%s: one commit",
		    odds[i].what);
		bench_close(&b);
	}
}

/* A neighbour that does not fit, and one that needs the reserve. */
static void
test_full(void)
{
	struct write writes[] = {
	    {.key = "a"},
	    {.key = "huge", .size = 20 * MIB},
	    {.key = "new", .size = 7 * MIB, .w.new_work = true},
	    {.key = "old", .size = 3 * MIB},
	    {.key = "b", .w.new_work = true},
	};
	struct bench b;

	bench_open(&b, 8 * MIB, 2 * MIB);
	run_together(&b, writes, 5);
	is_str(us_buf_str(&b.log).p,
	    "+gate gate=0 +a +old +b a=0 huge=2 new=2 old=0 b=0 ",
	    "who has no room does not disturb the others");
	ok(!is_there(&b, "huge") && !is_there(&b, "new"), "and is undone");
	bench_close(&b);
}

/* What the neighbours of one batch take counts before it is committed. */
static void
test_full_together(void)
{
	struct write writes[] = {
	    {.key = "a", .size = 19 * MIB / 10, .w.new_work = true},
	    {.key = "b", .size = 19 * MIB / 10, .w.new_work = true},
	    {.key = "c", .size = 19 * MIB / 10, .w.new_work = true},
	    {.key = "d", .size = 19 * MIB / 10, .w.new_work = true},
	};
	struct bench b;

	bench_open(&b, 8 * MIB, 2 * MIB);
	run_together(&b, writes, 4);
	is_str(us_buf_str(&b.log).p, "+gate gate=0 +a +b +c a=0 b=0 c=0 d=2 ",
	    "new work that fits alone does not fit together");
	bench_close(&b);
}

/* --- Many threads ------------------------------------------------------- */

#define THREADS 4
#define EACH 200

struct counter {
	struct us_write w; /* first */
	uint64_t got;
	enum us_write_result result;
	sem_t finished;
};

/* Adds one to what is stored: none may be lost. */
static bool
add_one(struct us_write *w, struct us_txn *txn)
{
	struct counter *self = (struct counter *)w;
	struct us_key n = {0};
	struct us_str value;

	self->got = 0;
	if (us_txn_get(txn, US_TABLE_SETTING, US_STR("count"), &value))
		self->got = us_key_last_number(value);
	us_key_number(&n, self->got + 1);
	us_txn_put(txn, US_TABLE_SETTING, US_STR("count"), us_key_str(&n));
	return true;
}

static void
wake(struct us_write *w, enum us_write_result result)
{
	struct counter *self = (struct counter *)w;

	self->result = result;
	sem_post(&self->finished);
}

static uint64_t
stored_count(struct bench *b)
{
	struct us_txn *txn = us_txn_read(b->store);
	struct us_str value;
	uint64_t n = 0;

	if (us_txn_get(txn, US_TABLE_SETTING, US_STR("count"), &value))
		n = us_key_last_number(value);
	us_txn_abort(txn);
	return n;
}

static void *
count_up(void *arg)
{
	struct bench *b = arg;
	struct counter c = {.w = {.apply = add_one, .finish = wake}};
	uintptr_t bad = 0;

	sem_init(&c.finished, 0, 0);
	for (int i = 0; i < EACH; i++) {
		us_writer_submit(b->writer, &c.w);
		sem_wait(&c.finished);
		/* Who reads after the answer sees the write. */
		bad += c.result != US_WRITE_DONE || stored_count(b) <= c.got;
	}
	sem_destroy(&c.finished);
	return (void *)bad;
}

static void
test_threads(void)
{
	struct us_writer_stats stats;
	pthread_t threads[THREADS];
	uintptr_t bad = 0;
	struct bench b;
	void *result;

	bench_open(&b, 0, MIB);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count_up, &b);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		bad += (uintptr_t)result;
	}
	stats = us_writer_stats(b.writer);
	is_int(bad, 0, "each thread sees what it wrote");
	is_int(stats.writes, THREADS * EACH, "writes are counted");
	ok(stats.commits < stats.writes, "in fewer commits: %d",
	    (int)stats.commits);
	is_int(stats.refused + stats.failed, 0, "none failed");
	is_int(stored_count(&b), THREADS * EACH, "none was lost");
	bench_close(&b);
}

/* What is queued when the writer is told to stop is still done. */
static void
test_stop(void)
{
	struct counter counters[100];
	struct bench b;
	unsigned done = 0;

	bench_open(&b, 0, MIB);
	for (int i = 0; i < 100; i++) {
		counters[i] =
		    (struct counter){.w = {.apply = add_one, .finish = wake}};
		sem_init(&counters[i].finished, 0, 0);
		counters[i].result = US_WRITE_FAILED;
		us_writer_submit(b.writer, &counters[i].w);
		if (i != 49)
			continue;
		us_writer_drain(b.writer);
		for (int k = 0; k <= i; k++)
			done += counters[k].result == US_WRITE_DONE;
		is_int(done, 50, "draining waits for all that came before");
		done = 0;
	}
	us_writer_stop(b.writer);
	for (int i = 0; i < 100; i++) {
		done += counters[i].result == US_WRITE_DONE;
		sem_destroy(&counters[i].finished);
	}
	is_int(done, 100, "stopping finishes what is queued");
	is_int(stored_count(&b), 100, "and stores it");
	b.writer = us_writer_start(b.store);
	bench_close(&b);
}

int
main(void)
{
	test_batch();
	test_again();
	test_full();
	test_full_together();
	test_threads();
	test_stop();
	return plan_done();
}
