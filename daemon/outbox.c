/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the outbox. The number of the last one is kept in META. */
#include "daemon/outbox.h"
#include "daemon/record_parts.h"

#define VERSION 1
#define KINDS (US_WORK_PAGE + 1)

#define BACKOFF_FIRST INT64_C(1000)
#define BACKOFF_LAST (INT64_C(15) * 60 * 1000)

static const struct us_str counter = {"outbox", 6};

static struct us_key
key_of(uint64_t seq)
{
	struct us_key key = {0};

	us_key_number(&key, seq);
	return key;
}

static void
encode(const struct us_work *work, struct us_buf *out)
{
	us_record_number(out, VERSION, 1);
	us_record_number(out, work->kind, 1);
	us_record_str(out, work->org);
	us_record_str(out, work->ref);
	us_record_str(out, work->channel);
	us_record_str(out, work->body);
	us_record_time(out, work->created);
	us_record_number(out, work->tries, 4);
}

static bool
decode(uint64_t seq, struct us_str value, struct us_work *work)
{
	struct us_record_in in;

	us_record_begin(&in, value, VERSION);
	*work = (struct us_work){.seq = seq};
	work->kind = us_record_take_choice(&in, KINDS);
	work->org = us_record_take_str(&in);
	work->ref = us_record_take_str(&in);
	work->channel = us_record_take_str(&in);
	work->body = us_record_take_str(&in);
	work->created = us_record_take_time(&in);
	work->tries = us_record_take_u32(&in);
	return us_record_end(&in);
}

static void
put(struct us_txn *txn, const struct us_work *work)
{
	struct us_key key = key_of(work->seq);
	struct us_buf value = {0};

	encode(work, &value);
	us_txn_put(txn, US_TABLE_OUTBOX, us_key_str(&key), us_buf_str(&value));
	us_buf_free(&value);
}

/* A number is given once, even when the row that had it is long gone. */
static uint64_t
next_seq(struct us_txn *txn)
{
	struct us_key next = {0};
	struct us_str value;
	uint64_t seq = 1;

	if (us_txn_get(txn, US_TABLE_META, counter, &value))
		seq = us_key_last_number(value) + 1;
	us_key_number(&next, seq);
	us_txn_put(txn, US_TABLE_META, counter, us_key_str(&next));
	return seq;
}

uint64_t
us_outbox_add(struct us_change *change, const struct us_work *work)
{
	struct us_work row = *work;

	row.seq = next_seq(change->txn);
	row.org = change->org->name;
	row.created = change->now;
	row.tries = 0;
	put(change->txn, &row);
	return row.seq;
}

bool
us_outbox_get(
    struct us_txn *txn, uint64_t seq, struct us_arena *a, struct us_work *work)
{
	struct us_key key = key_of(seq);
	struct us_str value;

	if (!us_txn_get(txn, US_TABLE_OUTBOX, us_key_str(&key), &value))
		return false;
	if (decode(seq, us_arena_str(a, value), work))
		return true;
	us_txn_damaged(txn, "a row of the outbox cannot be read");
	return false;
}

bool
us_outbox_tried(struct us_txn *txn, uint64_t seq, struct us_arena *a)
{
	struct us_work work;

	if (!us_outbox_get(txn, seq, a, &work))
		return false;
	work.tries++;
	put(txn, &work);
	return true;
}

void
us_outbox_done(struct us_txn *txn, uint64_t seq)
{
	struct us_key key = key_of(seq);

	us_txn_delete(txn, US_TABLE_OUTBOX, us_key_str(&key));
}

struct scan {
	us_outbox_each *each;
	void *arg;
};

static bool
pass_on(void *arg, struct us_str key, struct us_str value)
{
	const struct scan *s = arg;
	struct us_work work;

	if (!decode(us_key_last_number(key), value, &work))
		work = (struct us_work){.seq = us_key_last_number(key)};
	return s->each(s->arg, &work);
}

void
us_outbox_scan(
    struct us_txn *txn, uint64_t after, us_outbox_each *each, void *arg)
{
	struct scan s = {each, arg};
	struct us_key from = key_of(after + 1);

	us_txn_scan(txn, US_TABLE_OUTBOX, US_STR(""), us_key_str(&from), false,
	    pass_on, &s);
}

int64_t
us_backoff_ms(uint32_t tries)
{
	int64_t ms = BACKOFF_FIRST;

	while (tries-- > 1 && ms < BACKOFF_LAST)
		ms *= 2;
	return ms < BACKOFF_LAST ? ms : BACKOFF_LAST;
}
