/* SPDX-License-Identifier: Apache-2.0 */
/* Effects as values of the store, and as the JSON that provisioners get. */
#include "daemon/effect_parts.h"
#include "daemon/member.h"
#include "daemon/record_parts.h"

#define VERSION 2

struct us_key
us_effect_row(struct us_str org, struct us_str key)
{
	struct us_key row = {0};

	us_key_text(&row, org);
	us_key_text(&row, key);
	return row;
}

static void
encode(const struct us_effect_record *e, struct us_buf *out)
{
	us_record_number(out, VERSION, 1);
	us_record_str(out, e->id);
	us_record_number(out, e->state, 1);
	us_record_number(out, e->staged, 1);
	us_record_str(out, e->provisioner);
	us_record_number(out, e->task, 8);
	us_record_number(out, e->tries, 4);
	us_record_time(out, e->since);
	us_record_str(out, e->error);
	us_record_str(out, e->grant);
	us_record_str(out, e->generated);
	us_record_number(out, e->stuck, 1);
	us_record_number(out, e->stands, 1);
	us_record_str(out, e->type);
	us_record_str(out, e->public_key);
	us_record_time(out, e->until);
	us_record_time(out, e->late);
	us_record_time(out, e->begun);
	us_record_str(out, e->connect);
}

static bool
decode(struct us_str value, struct us_effect_record *e)
{
	struct us_record_in in;
	unsigned version = us_record_begin(&in, value, VERSION);

	*e = (struct us_effect_record){0};
	e->id = us_record_take_str(&in);
	e->state = us_record_take_choice(&in, US_EFFECT_REMOVING + 1);
	e->staged = us_record_take_choice(&in, 2);
	e->provisioner = us_record_take_str(&in);
	e->task = us_record_take_number(&in, 8);
	e->tries = us_record_take_u32(&in);
	e->since = us_record_take_time(&in);
	e->error = us_record_take_str(&in);
	e->grant = us_record_take_str(&in);
	e->generated = us_record_take_str(&in);
	e->stuck = us_record_take_choice(&in, 2);
	e->stands = us_record_take_choice(&in, 2);
	e->type = us_record_take_str(&in);
	e->public_key = us_record_take_str(&in);
	e->until = us_record_take_time(&in);
	e->late = us_record_take_time(&in);
	if (version >= 2) {
		e->begun = us_record_take_time(&in);
		e->connect = us_record_take_str(&in);
	}
	return us_record_end(&in);
}

bool
us_effect_get(struct us_txn *txn, struct us_str org, struct us_str key,
    struct us_arena *a, struct us_effect_record *effect)
{
	struct us_key row = us_effect_row(org, key);
	struct us_str value;

	if (!us_txn_get(txn, US_TABLE_EFFECT, us_key_str(&row), &value))
		return false;
	if (decode(us_arena_str(a, value), effect))
		return true;
	us_txn_damaged(txn, "an effect cannot be read");
	return false;
}

/* Writes only what changes: a table of few rows, but at random places. */
static void
note_open(struct us_txn *txn, struct us_str row, bool open)
{
	struct us_str value;

	if (us_txn_get(txn, US_TABLE_OPEN, row, &value) == open)
		return;
	if (open)
		us_txn_put(txn, US_TABLE_OPEN, row, US_STR(""));
	else
		us_txn_delete(txn, US_TABLE_OPEN, row);
}

void
us_effect_put(struct us_txn *txn, struct us_str org, struct us_str key,
    const struct us_effect_record *effect)
{
	struct us_key row = us_effect_row(org, key);
	struct us_buf value = {0};

	encode(effect, &value);
	us_txn_put(txn, US_TABLE_EFFECT, us_key_str(&row), us_buf_str(&value));
	us_buf_free(&value);
	note_open(txn, us_key_str(&row), effect->state != US_EFFECT_STANDING);
}

void
us_effect_delete(struct us_txn *txn, struct us_str org, struct us_str key)
{
	struct us_key row = us_effect_row(org, key);

	us_txn_delete(txn, US_TABLE_EFFECT, us_key_str(&row));
	note_open(txn, us_key_str(&row), false);
}

struct scan {
	struct us_txn *txn;
	size_t prefix;
	us_effect_each *each;
	void *arg;
};

/* The key of an effect is what is behind that of its organisation. */
static bool
pass_on(void *arg, struct us_str key, struct us_str value)
{
	const struct scan *s = arg;
	struct us_effect_record effect;

	if (key.n <= s->prefix)
		return true;
	if (!us_txn_get(s->txn, US_TABLE_EFFECT, key, &value) ||
	    !decode(value, &effect)) {
		us_txn_damaged(s->txn, "an effect cannot be read");
		return false;
	}
	return s->each(s->arg,
	    (struct us_str){key.p + s->prefix, key.n - s->prefix - 1}, &effect);
}

void
us_effect_scan(struct us_txn *txn, struct us_str org, struct us_str from,
    us_effect_each *each, void *arg)
{
	struct us_key prefix = {0}, first = us_effect_row(org, from);
	struct scan s = {txn, 0, each, arg};

	us_key_text(&prefix, org);
	s.prefix = prefix.n;
	us_txn_scan(txn, US_TABLE_OPEN, us_key_str(&prefix),
	    from.n ? us_key_str(&first) : (struct us_str){0}, false, pass_on,
	    &s);
}

/* --- What is stuck ------------------------------------------------------ */

/* Counted in META, for figures are asked for often, of however many. */
static struct us_key
stuck_row(struct us_str org)
{
	struct us_key row = {0};

	us_key_text(&row, US_STR("stuck"));
	us_key_text(&row, org);
	return row;
}

uint64_t
us_effect_stuck(struct us_txn *txn, struct us_str org)
{
	struct us_key row = stuck_row(org);
	struct us_str value;
	uint64_t n = 0;

	if (us_txn_get(txn, US_TABLE_META, us_key_str(&row), &value) &&
	    value.n == sizeof(n))
		memcpy(&n, value.p, sizeof(n));
	return n;
}

void
us_effect_count_stuck(struct us_txn *txn, struct us_str org, bool more)
{
	uint64_t n = us_effect_stuck(txn, org);
	struct us_key row = stuck_row(org);

	n = more ? n + 1 : n - (n > 0);
	us_txn_put(txn, US_TABLE_META, us_key_str(&row),
	    (struct us_str){(const char *)&n, sizeof(n)});
}

/* --- For provisioners --------------------------------------------------- */

void
us_effect_grant(const struct us_change *change, const struct us_permission *p,
    struct us_str id, struct us_buf *out)
{
	int64_t ahead = change->due_now - change->now;

	us_buf_putc(out, '{');
	us_member_str(out, "id", id);
	us_member_str(out, "org", change->org->name);
	us_member_str(out, "principal", p->principal);
	if (p->agent_client.n)
		us_member_str(out, "agent", p->agent_client);
	us_member_str(out, "service", p->service);
	us_member_str(out, "accessType", p->access);
	us_member_str(out, "item", p->item);
	us_member_json(out, "attributes", p->attributes, "{}");
	us_member_json(out, "arguments", p->arguments, "[]");
	if (p->connect.n)
		us_member_json(out, "connect", p->connect, "{}");
	if (p->public_key.n)
		us_member_str(out, "publicKey", p->public_key);
	us_member_str(out, "reason", p->reason);
	us_member_number(out, "duration", p->duration);
	us_member_time(out, "expires", p->due_end ? p->due_end - ahead : 0);
	us_buf_putc(out, '}');
}
