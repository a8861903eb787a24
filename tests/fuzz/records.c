/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of what stands in the store: a value of a table, put there as it
 * is, read by who reads it. What can be read is written back as it was, or,
 * when it is of an earlier version, is the same when it is read once more.
 *
 * The first byte of an input says what the rest is a value of.
 */
#include "daemon/audit.h"
#include "daemon/due.h"
#include "daemon/effect_parts.h"
#include "daemon/inventory.h"
#include "daemon/outbox.h"
#include "daemon/preapproval.h"
#include "daemon/version.h"
#include "tests/fuzz/fuzz.h"
#include "tests/tap.h"
#include "tests/unit/life.h"

const char fuzz_door[] = "records";

/* Of the clock of due times, ms. */
#define AHEAD 777

static struct bench bench;

/* Adds to out what the value is when it was read; false when it cannot be. */
typedef bool again_fn(struct us_str value, struct us_buf *out);

/* --- Records that stand alone ------------------------------------------- */

static bool
workflow_again(struct us_str value, struct us_buf *out)
{
	struct us_workflow_record r;
	struct us_buf json = {0};

	if (!us_workflow_decode(value, &r))
		return false;
	us_version_saved_json(1, &r, &json);
	us_buf_free(&json);
	us_workflow_encode(&r, out);
	return true;
}

static bool
apikey_again(struct us_str value, struct us_buf *out)
{
	struct us_apikey_record r;

	if (!us_apikey_decode(value, &r))
		return false;
	us_apikey_encode(&r, out);
	return true;
}

static bool
mark_again(struct us_str value, struct us_buf *out)
{
	struct us_mark_record r;

	if (!us_mark_decode(value, &r))
		return false;
	us_mark_encode(&r, out);
	return true;
}

static bool
permission_again(struct us_str value, struct us_buf *out)
{
	struct us_permission p;
	struct us_buf json = {0};

	if (!us_permission_decode(value, &p, &bench.arena))
		return false;
	us_permission_json(&p, AHEAD, 0, &json);
	us_permission_json(&p, AHEAD, US_SHOW_RULES | US_SHOW_GENERATED, &json);
	us_effect_key(&p, &json);
	us_buf_free(&json);
	us_permission_encode(&p, out);
	return true;
}

static bool
advance_again(struct us_str value, struct us_buf *out)
{
	struct us_advance r;
	struct us_buf json = {0};

	if (!us_advance_decode(value, &r))
		return false;
	us_advance_json(&r, &json);
	us_buf_free(&json);
	us_advance_encode(&r, out);
	return true;
}

/* --- Rows of the store -------------------------------------------------- */

static void
put(enum us_table table, const struct us_key *key, struct us_str value)
{
	us_txn_put(bench.change.txn, table, us_key_str(key), value);
}

static void
add_stored(enum us_table table, const struct us_key *key, struct us_buf *out)
{
	struct us_str value;

	if (!us_txn_get(bench.change.txn, table, us_key_str(key), &value))
		fuzz_broken("what was put is not there");
	us_buf_str_add(out, value);
}

static bool
effect_again(struct us_str value, struct us_buf *out)
{
	struct us_key row = us_effect_row(bench.org.name, US_STR("k"));
	struct us_effect_record e;

	put(US_TABLE_EFFECT, &row, value);
	if (!us_effect_get(bench.change.txn, bench.org.name, US_STR("k"),
		&bench.arena, &e))
		return false;
	us_effect_put(bench.change.txn, bench.org.name, US_STR("k"), &e);
	add_stored(US_TABLE_EFFECT, &row, out);
	return true;
}

/* Counting a try changes the last number, which is set back. */
static bool
outbox_again(struct us_str value, struct us_buf *out)
{
	struct us_key key = {0};
	struct us_work work;

	us_key_number(&key, 7);
	put(US_TABLE_OUTBOX, &key, value);
	if (!us_outbox_tried(bench.change.txn, 7, &bench.arena))
		return false;
	if (!us_outbox_get(bench.change.txn, 7, &bench.arena, &work))
		fuzz_broken("a try was counted, and the row is lost");
	add_stored(US_TABLE_OUTBOX, &key, out);
	work.tries--;
	for (unsigned i = 0; i < 4; i++)
		out->p[out->n - 4 + i] = (char)(work.tries >> 8 * i);
	return true;
}

/* As it is put when it is changed, for its members may be in any order. */
static bool
thing_again(struct us_str value, struct us_buf *out)
{
	struct us_shelf shelf = {NULL, bench.change.txn, bench.org.name};
	struct us_str aws = US_STR("aws"), id = US_STR("i");
	struct us_thing thing, other;
	struct us_key key = {0};

	us_key_text(&key, bench.org.name);
	us_key_text(&key, aws);
	us_key_text(&key, id);
	put(US_TABLE_INVENTORY, &key, value);
	if (!us_shelf_find(
		&shelf, aws, (struct us_str){0}, id, &bench.arena, &thing))
		return false;
	if (us_str_eq(thing.service, aws) && us_str_eq(thing.id, id) &&
	    !us_shelf_put(
		bench.change.txn, bench.org.name, &thing, &bench.arena, &other))
		fuzz_broken("an item is its own rival");
	us_buf_putc(out, value.p[0]);
	us_thing_json(&thing, out);
	return true;
}

/* The clock of due times: whatever is there, time goes on. */
static bool
clock_again(struct us_str value, struct us_buf *out)
{
	int64_t first, second;

	us_txn_put(bench.change.txn, US_TABLE_META, US_STR("due"), value);
	atomic_store(&bench.world.due_offset, 0);
	first = us_due_now(&bench.org, bench.change.txn, START);
	second = us_due_now(&bench.org, bench.change.txn, START - 5000);
	if (us_txn_error(bench.change.txn) == US_STORE_OK &&
	    second < first - 1000) /* how far behind its mark may be */
		fuzz_broken("the clock of due times went back");
	atomic_store(&bench.world.due_offset, 0);
	(void)out;
	return false;
}

static bool
audit_again(struct us_str value, struct us_buf *out)
{
	struct us_actor actor = {US_STR("a@x.y"), US_STR("x"), NULL};
	struct us_key key = {0};

	us_key_text(&key, bench.org.name);
	us_key_number(&key, 1);
	put(US_TABLE_AUDIT, &key, value);
	us_audit_append(
	    bench.change.txn, bench.org.name, START, 0, &actor, NULL);
	for (unsigned i = 0; i < 3; i++)
		us_audit_list(bench.change.txn, bench.org.name, i, 2,
		    i ? US_ACTION_COUNT : 0, out);
	us_audit_head(bench.change.txn, bench.org.name, out);
	return false;
}

/* --- All ---------------------------------------------------------------- */

static const struct {
	again_fn *again;
	char newest; /* versions before this are written as this */
	bool free;   /* more than one text for one value */
} kinds[] = {
    {workflow_again, 2, false},
    {apikey_again, 1, false},
    {mark_again, 1, false},
    {permission_again, 1, false},
    {advance_again, 1, false},
    {effect_again, 2, false},
    {outbox_again, 1, false},
    {thing_again, 1, true},
    {clock_again, 1, false},
    {audit_again, 1, false},
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

static void
close_bench(void)
{
	bench_close(&bench);
}

static void
open_bench(void)
{
	if (bench.world.store)
		return;
	bench_open(&bench);
	atexit(close_bench);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct us_str value = {(const char *)data + 1, size - 1};
	struct us_buf once = {0}, twice = {0};
	unsigned kind;

	if (size == 0 || size > FUZZ_MAX)
		return 0;
	kind = data[0] % KINDS;
	open_bench();
	us_arena_reset(&bench.arena);
	/* Not us_change_begin, which writes the clock and reads a file. */
	bench.change = (struct us_change){
	    .txn = us_txn_write(bench.world.store),
	    .org = &bench.org,
	    .now = START,
	    .due_now = START,
	    .arena = &bench.arena,
	};
	if (kinds[kind].again(value, &once)) {
		if (!kinds[kind].free && value.p[0] == kinds[kind].newest)
			fuzz_same("written back", value, us_buf_str(&once));
		if (!kinds[kind].again(us_buf_str(&once), &twice))
			fuzz_broken("what was written cannot be read");
		fuzz_same("once more", us_buf_str(&once), us_buf_str(&twice));
	}
	us_txn_abort(bench.change.txn);
	us_buf_free(&once);
	us_buf_free(&twice);
	return 0;
}
