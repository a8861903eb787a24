/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of due times, and what is due; over restarts too. */
#include "tests/tap.h"
#include "tests/unit/life.h"

#define DAY_MS (INT64_C(86400) * 1000)

/* The due time of a write at this wall-clock time. */
static int64_t
at(struct bench *b, int64_t wall, bool commit)
{
	int64_t due;

	bench_time(b, wall);
	bench_begin(b);
	is_int(b->change.now, wall, "the wall clock");
	due = b->change.due_now;
	if (commit)
		bench_commit(b);
	else
		us_txn_abort(b->change.txn);
	return due;
}

static void
test_clock(struct bench *b)
{
	is_int(at(b, START, true), START, "it is the wall clock");
	is_int(at(b, START + 5000, true), START + 5000, "and goes with it");
	is_int(us_due_offset(&b->world), 0, "by no difference");
	is_int(at(b, START + 5000 - DAY_MS, false), START + 5000,
	    "it stands when the wall clock is set back");
	is_int(us_due_offset(&b->world), DAY_MS, "by a day");
	is_int(at(b, START + 5000 - DAY_MS, true), START + 5000,
	    "also when that write was undone");
	is_int(at(b, START + 6000 - DAY_MS, true), START + 6000,
	    "and goes on with it");
	is_int(us_due_offset(&b->world), DAY_MS, "by that day");
	is_int(at(b, START + 6200 - DAY_MS, true), START + 6200, "and on");
	is_int(at(b, START + 6200, true), START + 6200 + DAY_MS,
	    "it leaps with the wall clock");
	is_int(at(b, START + 7000, true), START + 7000 + DAY_MS, "once");
}

/* The wall clock is read once, and goes on meanwhile. */
static void
test_one_reading(struct bench *b)
{
	struct us_txn *txn = us_txn_write(b->world.store);

	bench_time(b, START + 9001);
	is_int(us_due_now(&b->org, txn, START + 9000), START + 9000 + DAY_MS,
	    "that of the reading, not of a later one");
	us_txn_abort(txn);
}

/* As after a stop, a wall clock set back, and a start. */
static void
test_restart(struct bench *b)
{
	us_store_close(b->world.store);
	us_store_open(b->folder.path, (size_t)1 << 30, 0, NULL, &b->world.store);
	atomic_store(&b->world.due_offset, 0);
	bench_time(b, START + 8000);
	ok(us_due_open(&b->world), "the clock is read");
	is_int(us_due_offset(&b->world), DAY_MS, "as it was");
	bench_time(b, START - 10 * DAY_MS);
	ok(us_due_open(&b->world), "again, ten days before");
	ok(us_due_offset(&b->world) > 11 * DAY_MS - 10000,
	    "it is ahead of that");
	ok(at(b, START - 10 * DAY_MS, true) >= START + 6000 + DAY_MS,
	    "and did not go back by more than a second");
}

static bool
add(void *arg, struct us_str key, struct us_str value)
{
	(void)value;
	us_buf_printf(arg, "%lld ",
	    (long long)us_key_last_number((struct us_str){key.p, 8}));
	return true;
}

static void
is_due(struct bench *b, const char *want, const char *what)
{
	struct us_buf got = {0};

	us_txn_scan(b->change.txn, US_TABLE_DUE, US_STR(""), (struct us_str){0},
	    false, add, &got);
	is_str(us_buf_str(&got).p, want, "%s", what);
	us_buf_free(&got);
}

static void
test_rows(struct bench *b)
{
	bench_begin(b);
	us_due_add(&b->change, 300, US_DUE_END, US_STR("a"));
	us_due_add(&b->change, 200, US_DUE_APPROVAL, US_STR("b"));
	us_due_add(&b->change, 200, US_DUE_END, US_STR("b"));
	us_due_add(&b->change, -5, US_DUE_REMINDER, US_STR("c"));
	is_due(b, "0 200 200 300 ", "in the order of time");
	us_due_drop(&b->change, 200, US_DUE_REMINDER, US_STR("b"));
	us_due_drop(&b->change, 300, US_DUE_END, US_STR("b"));
	is_due(b, "0 200 200 300 ", "another one is not dropped");
	us_due_drop(&b->change, 200, US_DUE_END, US_STR("b"));
	us_due_drop(&b->change, -5, US_DUE_REMINDER, US_STR("c"));
	is_due(b, "200 300 ", "dropped");
	us_txn_abort(b->change.txn);
}

static void
test_backoff(void)
{
	int64_t last = 0;
	bool grows = true;

	for (uint32_t i = 1; i < 100; i++) {
		grows &= us_backoff_ms(i) >= last;
		last = us_backoff_ms(i);
	}
	is_int(us_backoff_ms(1), 1000, "a second after the first try");
	is_int(us_backoff_ms(4), 8000, "twice as long after each");
	ok(grows, "never shorter");
	is_int(last, 15 * 60 * 1000, "and never longer than 15 minutes");
}

/* Numbers are given once, also when no row is left. */
static void
test_outbox(struct bench *b)
{
	struct us_work work = {.kind = US_WORK_NOTICE,
	    .ref = US_STR("id"),
	    .channel = US_STR("log"),
	    .body = US_STR("{}")};
	struct us_work got;
	uint64_t seq;

	bench_begin(b);
	seq = us_outbox_add(&b->change, &work);
	ok(us_outbox_tried(b->change.txn, seq, &b->arena), "tried");
	ok(us_outbox_get(b->change.txn, seq, &b->arena, &got) &&
		got.tries == 1 && got.seq == seq &&
		us_str_is(got.org, "acme") && us_str_is(got.body, "{}") &&
		got.created == b->change.now,
	    "and read");
	us_outbox_done(b->change.txn, seq);
	ok(!us_outbox_get(b->change.txn, seq, &b->arena, &got), "gone");
	ok(!us_outbox_tried(b->change.txn, seq, &b->arena), "not to be tried");
	ok(us_outbox_add(&b->change, &work) == seq + 1, "the next number");
	us_txn_abort(b->change.txn);
}

int
main(void)
{
	struct bench b;

	bench_open(&b);
	test_clock(&b);
	test_one_reading(&b);
	test_restart(&b);
	test_rows(&b);
	test_backoff();
	test_outbox(&b);
	bench_close(&b);
	return plan_done();
}
