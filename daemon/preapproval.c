/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Approvals in advance in the store. A row of PREAPPROVED stands while one may
 * still count; the record stays for ever.
 */
#include "daemon/due.h"
#include "daemon/hash.h"
#include "daemon/outbox.h"
#include "daemon/preapproval.h"
#include "daemon/record_parts.h"
#include "daemon/setting.h"
#include "engine/vocab.h"

#define VERSION 1
/* Of a hash: nobody finds an item that has the digits of another. */
#define ITEM_DIGITS 22

/* --- Records ------------------------------------------------------------ */

void
us_advance_encode(const struct us_advance *r, struct us_buf *out)
{
	us_record_number(out, VERSION, 1);
	us_record_str(out, r->id);
	us_record_str(out, r->principal);
	us_record_str(out, r->issuer);
	us_record_str(out, r->service);
	us_record_str(out, r->access);
	us_record_str(out, r->item);
	us_record_str(out, r->label);
	us_record_str(out, r->attributes);
	us_record_str(out, r->reason);
	us_record_time(out, r->from);
	us_record_time(out, r->until);
	us_record_time(out, r->due_until);
	us_record_number(out, (uint64_t)r->duration, 8);
	us_record_time(out, r->created);
	us_record_str(out, r->ended_by);
	us_record_time(out, r->ended);
	us_record_str(out, r->grants_by);
}

bool
us_advance_decode(struct us_str value, struct us_advance *r)
{
	struct us_record_in in;

	us_record_begin(&in, value, VERSION);
	r->id = us_record_take_str(&in);
	r->principal = us_record_take_str(&in);
	r->issuer = us_record_take_str(&in);
	r->service = us_record_take_str(&in);
	r->access = us_record_take_str(&in);
	r->item = us_record_take_str(&in);
	r->label = us_record_take_str(&in);
	r->attributes = us_record_take_str(&in);
	r->reason = us_record_take_str(&in);
	r->from = us_record_take_time(&in);
	r->until = us_record_take_time(&in);
	r->due_until = us_record_take_time(&in);
	r->duration = us_record_take_time(&in);
	r->created = us_record_take_time(&in);
	r->ended_by = us_record_take_str(&in);
	r->ended = us_record_take_time(&in);
	r->grants_by = us_record_take_str(&in);
	return us_record_end(&in);
}

/* --- Rows --------------------------------------------------------------- */

static struct us_key
record_key(struct us_str org, struct us_str id)
{
	struct us_key key = {0};

	us_key_text(&key, org);
	us_key_text(&key, id);
	return key;
}

bool
us_advance_is_group(struct us_str principal)
{
	size_t n = sizeof(US_ADVANCE_GROUP) - 1;

	return principal.n >= n &&
	       memcmp(principal.p, US_ADVANCE_GROUP, n) == 0;
}

/* E-mails are filed in lower case; ids of groups stay as they are. */
static struct us_key
row_key(struct us_str org, struct us_str principal)
{
	struct us_key key = {0};
	char folded[255];

	us_key_text(&key, org);
	if (principal.n > sizeof(folded) || us_advance_is_group(principal)) {
		us_key_text(&key, principal);
		return key;
	}
	for (size_t i = 0; i < principal.n; i++) {
		char c = principal.p[i];

		folded[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	us_key_text(&key, (struct us_str){folded, principal.n});
	return key;
}

/*
 * Behind the principal stands what is covered, so that a look-up is as quick
 * for many of a principal as for one.
 */
static void
add_item(struct us_key *key, struct us_str service, struct us_str access,
    struct us_str item)
{
	struct us_buf text = {0}, digits = {0};

	us_record_str(&text, us_service_canonical(service));
	us_record_str(&text, access);
	us_record_str(&text, item);
	us_hash_digits(us_buf_str(&text), ITEM_DIGITS, &digits);
	us_key_text(key, us_buf_str(&digits));
	us_buf_free(&text);
	us_buf_free(&digits);
}

static struct us_key
whole_key(struct us_str org, const struct us_advance *r)
{
	struct us_key key = row_key(org, r->principal);

	add_item(&key, r->service, r->access, r->item);
	us_key_text(&key, r->id);
	return key;
}

/* a: where its strings are to live; NULL: in the transaction. */
static bool
find(struct us_txn *txn, struct us_str org, struct us_str id,
    struct us_arena *a, struct us_advance *r)
{
	struct us_key key = record_key(org, id);
	struct us_str value;

	if (!us_txn_get(txn, US_TABLE_PREAPPROVAL, us_key_str(&key), &value))
		return false;
	if (us_advance_decode(a ? us_arena_str(a, value) : value, r))
		return true;
	us_txn_damaged(txn, "an approval in advance");
	return false;
}

bool
us_advance_get(struct us_txn *txn, struct us_str org, struct us_str id,
    struct us_arena *a, struct us_advance *r)
{
	return find(txn, org, id, a, r);
}

/* When it ends, and when that is told beforehand. */
static void
add_due(struct us_change *change, const struct us_advance *r)
{
	int64_t before = 1000 * us_setting_get(change->txn, change->org->name,
				    US_SETTING_REMINDER);

	us_due_add(change, r->due_until, US_DUE_PREAPPROVAL, r->id);
	if (before && r->due_until - before > change->due_now)
		us_due_add(
		    change, r->due_until - before, US_DUE_PREAPPROVAL, r->id);
}

void
us_advance_put(struct us_change *change, const struct us_advance *before,
    const struct us_advance *r)
{
	struct us_key key = record_key(change->org->name, r->id);
	struct us_key row = whole_key(change->org->name, r);
	struct us_buf value = {0};

	us_advance_encode(r, &value);
	us_txn_put(change->txn, US_TABLE_PREAPPROVAL, us_key_str(&key),
	    us_buf_str(&value));
	us_buf_free(&value);
	if (r->ended) {
		us_txn_delete(
		    change->txn, US_TABLE_PREAPPROVED, us_key_str(&row));
	} else if (!before) {
		us_txn_put(change->txn, US_TABLE_PREAPPROVED, us_key_str(&row),
		    US_STR(""));
		add_due(change, r);
	}
}

struct scan {
	struct us_txn *txn;
	struct us_str org;
	us_advance_each *each;
	void *arg;
};

static bool
scan_row(void *arg, struct us_str key, struct us_str value)
{
	const struct scan *scan = arg;
	struct us_advance r;
	struct us_str id = {key.p, key.n - 1};
	const char *nul = memrchr(id.p, '\0', id.n);

	(void)value;
	if (!nul)
		return true;
	id.n -= (size_t)(nul + 1 - id.p);
	id.p = nul + 1;
	return !find(scan->txn, scan->org, id, NULL, &r) ||
	       scan->each(scan->arg, &r);
}

void
us_advance_scan(struct us_txn *txn, struct us_str org, struct us_str principal,
    const struct us_advance *from, us_advance_each *each, void *arg)
{
	struct scan scan = {txn, org, each, arg};
	struct us_key prefix = {0}, first = {0};

	if (principal.n)
		prefix = row_key(org, principal);
	else
		us_key_text(&prefix, org);
	if (from)
		first = whole_key(org, from);
	us_txn_scan(txn, US_TABLE_PREAPPROVED, us_key_str(&prefix),
	    from ? us_key_str(&first) : (struct us_str){0}, false, scan_row,
	    &scan);
}

void
us_advance_find(struct us_txn *txn, struct us_str org, struct us_str principal,
    const struct us_permission *p, us_advance_each *each, void *arg)
{
	struct scan scan = {txn, org, each, arg};
	struct us_key prefix;

	/* Where nothing is approved in advance no key need be hashed. */
	if (us_txn_count(txn, US_TABLE_PREAPPROVED) == 0)
		return;
	prefix = row_key(org, principal);
	add_item(&prefix, p->service, p->access, p->item);
	us_txn_scan(txn, US_TABLE_PREAPPROVED, us_key_str(&prefix),
	    (struct us_str){0}, false, scan_row, &scan);
}

static bool
count_row(void *arg, struct us_str key, struct us_str value)
{
	(void)key, (void)value;
	return ++*(uint32_t *)arg < US_ADVANCE_MAX;
}

uint32_t
us_advance_count(struct us_txn *txn, struct us_str org, struct us_str principal)
{
	struct us_key prefix = row_key(org, principal);
	uint32_t n = 0;

	us_txn_scan(txn, US_TABLE_PREAPPROVED, us_key_str(&prefix),
	    (struct us_str){0}, false, count_row, &n);
	return n;
}

static bool
note_row(void *arg, struct us_str key, struct us_str value)
{
	(void)key, (void)value;
	*(bool *)arg = true;
	return false;
}

bool
us_advance_for_groups(struct us_txn *txn, struct us_str org)
{
	struct us_key prefix = {0};
	bool any = false;

	us_key_text(&prefix, org);
	memcpy(prefix.bytes + prefix.n, US_ADVANCE_GROUP,
	    sizeof(US_ADVANCE_GROUP) - 1);
	prefix.n += sizeof(US_ADVANCE_GROUP) - 1;
	us_txn_scan(txn, US_TABLE_PREAPPROVED, us_key_str(&prefix),
	    (struct us_str){0}, false, note_row, &any);
	return any;
}

/* --- What it says ------------------------------------------------------- */

struct us_str
us_advance_group(const struct us_group_id *group, struct us_arena *a)
{
	struct us_str directory = us_directory_canonical(group->directory);

	return us_str(us_arena_printf(a, US_ADVANCE_GROUP "%.*s:%.*s",
	    US_ARG(directory), US_ARG(group->id)));
}

bool
us_advance_is_over(
    const struct us_advance *r, const struct us_world *world, int64_t now)
{
	return r->ended || now >= r->until ||
	       now + us_due_offset(world) >= r->due_until;
}

void
us_advance_due(struct us_change *change, struct us_str id)
{
	struct us_str org = change->org->name;
	struct us_buf body = {0};
	struct us_advance r;
	struct us_key row;

	if (!us_advance_get(change->txn, org, id, change->arena, &r) || r.ended)
		return;
	if (change->due_now >= r.due_until) {
		row = whole_key(org, &r);
		us_txn_delete(
		    change->txn, US_TABLE_PREAPPROVED, us_key_str(&row));
		return;
	}
	us_advance_notice(&r, US_NOTICE_PREAPPROVAL_ENDING, change, &body);
	us_notice_add_json(
	    change, US_NOTICE_PREAPPROVAL_ENDING, r.id, us_buf_str(&body));
	us_buf_free(&body);
}
