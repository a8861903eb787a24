/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Due times in the store, and their clock. META has, under "due", how far the
 * clock is ahead of the wall clock, and a mark that it has passed, so that a
 * wall clock that was set back is noticed, also while usherd was not running.
 */
#include "daemon/clock.h"
#include "daemon/due.h"
#include "daemon/log.h"
#include "daemon/record_parts.h"
#include "daemon/world.h"

#define VERSION 1

/* The mark is behind the clock by less than this. */
#define MARK_EVERY 1000

static const struct us_str name = {"due", 3};

struct clock {
	int64_t offset, mark;
};

/* False when it cannot be read. */
static bool
read_clock(struct us_txn *txn, struct clock *c)
{
	struct us_record_in in;
	struct us_str value;

	*c = (struct clock){0};
	if (!us_txn_get(txn, US_TABLE_META, name, &value))
		return us_txn_error(txn) == US_STORE_OK;
	us_record_begin(&in, value, VERSION);
	c->offset = us_record_take_time(&in);
	c->mark = us_record_take_time(&in);
	/* The clock is ahead of the wall clock, and of 1970. */
	if (us_record_end(&in) && c->offset >= 0 && c->mark >= 0)
		return true;
	*c = (struct clock){0};
	us_txn_damaged(txn, "the clock of due times cannot be read");
	return false;
}

static void
put_clock(struct us_txn *txn, const struct clock *c)
{
	struct us_buf value = {0};

	us_record_number(&value, VERSION, 1);
	us_record_time(&value, c->offset);
	us_record_time(&value, c->mark);
	us_txn_put(txn, US_TABLE_META, name, us_buf_str(&value));
	us_buf_free(&value);
}

/* The time on the clock, which goes on from its mark. */
static int64_t
now_on(struct clock *c, int64_t wall)
{
	if (wall + c->offset < c->mark)
		c->offset = c->mark - wall;
	return wall + c->offset;
}

int64_t
us_due_now(struct us_org *org, struct us_txn *txn, int64_t wall)
{
	struct clock c, old;
	int64_t now, ahead;

	read_clock(txn, &c);
	old = c;
	/* What was seen at the start is not stored yet. */
	ahead = atomic_load(&org->world->due_offset);
	if (c.offset < ahead)
		c.offset = ahead;
	now = now_on(&c, wall);
	if (c.offset != old.offset) {
		us_log(US_LOG_WARNING,
		    "the clock was set back by %lld ms; grants end as if it "
		    "had not been",
		    (long long)(c.offset - old.offset));
		atomic_store(&org->world->due_offset, c.offset);
	}
	if (now - c.mark < MARK_EVERY && c.offset == old.offset)
		return now;
	c.mark = now;
	put_clock(txn, &c);
	return now;
}

int64_t
us_due_offset(const struct us_world *world)
{
	return atomic_load(&world->due_offset);
}

bool
us_due_open(struct us_world *world)
{
	struct us_txn *txn = us_txn_read(world->store);
	struct clock c;
	bool good = read_clock(txn, &c);

	/* The first write says that the clock was set back, and stores it. */
	now_on(&c, us_clock_now());
	atomic_store(&world->due_offset, c.offset);
	us_txn_abort(txn);
	return good;
}

/* --- What is due -------------------------------------------------------- */

static struct us_key
key_of(const struct us_change *change, int64_t at, enum us_due_kind kind,
    struct us_str id)
{
	struct us_key key = {0};

	us_key_number(&key, at > 0 ? (uint64_t)at : 0);
	us_key_text(&key, change->org->name);
	us_key_number(&key, kind);
	us_key_text(&key, id);
	return key;
}

void
us_due_add(struct us_change *change, int64_t at, enum us_due_kind kind,
    struct us_str id)
{
	struct us_key key = key_of(change, at, kind, id);

	us_txn_put(change->txn, US_TABLE_DUE, us_key_str(&key), US_STR(""));
}

void
us_due_drop(struct us_change *change, int64_t at, enum us_due_kind kind,
    struct us_str id)
{
	struct us_key key = key_of(change, at, kind, id);

	us_txn_delete(change->txn, US_TABLE_DUE, us_key_str(&key));
}
