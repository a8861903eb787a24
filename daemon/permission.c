/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Permission requests in the store: their statuses, their rows with those of
 * the indices, pages of them, and their ids.
 */
#include <pthread.h>
#include <sys/random.h>

#include "daemon/permission.h"
#include "daemon/hash.h"

/* --- Statuses ----------------------------------------------------------- */

static const struct {
	const char *name, *label;
	bool final;
} statuses[] = {
#define US_STATUS(id, label, final) {#id, label, final},
#include "daemon/status.def"
};

const char *
us_status_name(enum us_status status)
{
	return statuses[status].name;
}

const char *
us_status_label(enum us_status status)
{
	return statuses[status].label;
}

enum us_status
us_status_find(struct us_str name)
{
	enum us_status status = 0;

	while (
	    status < US_STATUS_COUNT && !us_str_is(name, statuses[status].name))
		status++;
	return status;
}

bool
us_status_is_final(enum us_status status)
{
	return statuses[status].final;
}

bool
us_status_is_pending(enum us_status status)
{
	return status == US_STATUS_PENDING_APPROVAL ||
	       status == US_STATUS_PENDING_APPROVAL_ESCALATED;
}

/* --- Rows --------------------------------------------------------------- */

static struct us_key
key_of(struct us_str org, struct us_str id)
{
	struct us_key key = {0};

	us_key_text(&key, org);
	if (id.n)
		us_key_text(&key, id);
	return key;
}

/* An empty id: what all keys of the status begin with. */
static struct us_key
status_key(struct us_str org, enum us_status status, struct us_str id)
{
	struct us_key key = {0};

	us_key_text(&key, org);
	us_key_number(&key, status);
	if (id.n)
		us_key_text(&key, id);
	return key;
}

void
us_person_fold(struct us_str person, struct us_buf *out)
{
	for (size_t i = 0; i < person.n; i++) {
		char c = person.p[i];

		us_buf_putc(out, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
	}
}

void
us_person_key(struct us_str person, struct us_buf *out)
{
	struct us_buf folded = {0};

	us_person_fold(person, &folded);
	us_hash_digits(us_buf_str(&folded), US_PERSON_KEY, out);
	us_buf_free(&folded);
}

/* What all keys of the person begin with. */
static struct us_key
person_prefix(struct us_str org, struct us_str person)
{
	struct us_buf digits = {0};
	struct us_key key = {0};

	us_person_key(person, &digits);
	us_key_text(&key, org);
	us_key_text(&key, us_buf_str(&digits));
	us_buf_free(&digits);
	return key;
}

/* The key of the effect, if it is known, begins with that of the principal. */
static struct us_key
person_row(
    struct us_str org, struct us_str person, const struct us_permission *p)
{
	struct us_key key = {0};

	if (p->effect.n && us_str_eq(person, p->principal)) {
		us_key_text(&key, org);
		us_key_text(&key, (struct us_str){p->effect.p, US_PERSON_KEY});
	} else {
		key = person_prefix(org, person);
	}
	us_key_text(&key, p->id);
	return key;
}

static void
put_status(struct us_txn *txn, struct us_str org, enum us_status before,
    const struct us_permission *p)
{
	struct us_key key;

	if (before == p->status)
		return;
	if (before != US_STATUS_COUNT) {
		key = status_key(org, before, p->id);
		us_txn_delete(txn, US_TABLE_STATUS, us_key_str(&key));
	}
	key = status_key(org, p->status, p->id);
	us_txn_put(txn, US_TABLE_STATUS, us_key_str(&key), US_STR(""));
}

/* The i-th person that p has to do with; some come twice. False: no more. */
static bool
person_at(const struct us_permission *p, uint32_t i, struct us_str *person)
{
	const struct us_str first[] = {p->principal, p->asker, p->agent_owner};

	if (i >= 3 + p->history.n)
		return false;
	*person = i < 3 ? first[i] : p->history.v[i - 3].by;
	return true;
}

void
us_permission_put_people(struct us_txn *txn, struct us_str org,
    const struct us_permission *before, const struct us_permission *p)
{
	uint32_t known = before ? 3 + before->history.n : 0;
	struct us_str person, other;
	struct us_key key;
	bool seen;

	for (uint32_t i = known; person_at(p, i, &person); i++) {
		seen = person.n == 0 || us_str_is(person, US_SELF);
		for (uint32_t k = 0; !seen && k < i; k++)
			seen = person_at(p, k, &other) &&
			       us_str_eq_nocase(person, other);
		if (seen)
			continue;
		key = person_row(org, person, p);
		us_txn_put(txn, US_TABLE_PERSON, us_key_str(&key), US_STR(""));
	}
}

void
us_permission_put(struct us_txn *txn, struct us_str org,
    const struct us_permission *before, const struct us_permission *p)
{
	struct us_key key = key_of(org, p->id);
	struct us_buf value = {0};

	us_permission_encode(p, &value);
	us_txn_put(
	    txn, US_TABLE_PERMISSION, us_key_str(&key), us_buf_str(&value));
	us_buf_free(&value);
	put_status(txn, org, before ? before->status : US_STATUS_COUNT, p);
	us_permission_put_people(txn, org, before, p);
}

bool
us_permission_get(struct us_txn *txn, struct us_str org, struct us_str id,
    struct us_arena *a, struct us_permission *p)
{
	struct us_key key = key_of(org, id);
	struct us_str value;

	if (!id.n ||
	    !us_txn_get(txn, US_TABLE_PERMISSION, us_key_str(&key), &value))
		return false;
	if (us_permission_decode(us_arena_str(a, value), p, a))
		return true;
	us_txn_damaged(txn, "a permission request cannot be read");
	return false;
}

/* --- Pages -------------------------------------------------------------- */

struct scan {
	struct us_txn *txn;
	struct us_str org;
	const struct us_permission_scan *what;
	size_t prefix;
	us_permission_each *each;
	void *arg;
	struct us_arena arena; /* of one record */
	bool damaged;
};

/* Goes on after what cannot be read. */
static bool
pass_on(void *arg, struct us_str key, struct us_str value)
{
	struct scan *s = arg;
	struct us_permission p;
	struct us_key record;
	struct us_str id;

	/* Behind the prefix stands the id, and the NUL that ends it. */
	if (key.n <= s->prefix + 1)
		return true;
	id = (struct us_str){key.p + s->prefix, key.n - s->prefix - 1};
	if (us_str_eq(id, s->what->before))
		return true;
	us_arena_reset(&s->arena);
	if (s->what->scope != US_SCAN_ALL) {
		record = key_of(s->org, id);
		if (!us_txn_get(s->txn, US_TABLE_PERMISSION,
			us_key_str(&record), &value))
			return true;
	}
	if (us_permission_decode(us_arena_str(&s->arena, value), &p, &s->arena))
		return s->each(s->arg, &p);
	s->damaged = true;
	return true;
}

void
us_permission_scan(struct us_txn *txn, struct us_str org,
    const struct us_permission_scan *scan, us_permission_each *each, void *arg)
{
	struct scan s = {txn, org, scan, 0, each, arg, {0}, false};
	enum us_table table = US_TABLE_PERMISSION;
	struct us_key prefix = {0}, from;

	switch (scan->scope) {
	case US_SCAN_ALL:
		prefix = key_of(org, US_STR(""));
		break;
	case US_SCAN_STATUS:
		table = US_TABLE_STATUS;
		prefix = status_key(org, scan->status, US_STR(""));
		break;
	case US_SCAN_PERSON:
		table = US_TABLE_PERSON;
		prefix = person_prefix(org, scan->person);
		break;
	}
	s.prefix = prefix.n;
	from = prefix;
	if (scan->before.n)
		us_key_text(&from, scan->before);
	us_txn_scan(txn, table, us_key_str(&prefix),
	    scan->before.n ? us_key_str(&from) : (struct us_str){0}, true,
	    pass_on, &s);
	us_arena_free(&s.arena);
	if (s.damaged)
		us_txn_damaged(txn, "a permission request cannot be read");
}

/* --- Ids ---------------------------------------------------------------- */

#define RANDOM_BYTES 10

/* The one made last. */
static struct {
	pthread_mutex_t lock;
	int64_t ms;
	uint8_t random[RANDOM_BYTES];
} last_id = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Adds one; false when there is no greater number. */
static bool
count_up(uint8_t random[RANDOM_BYTES])
{
	for (unsigned i = RANDOM_BYTES; i > 0; i--) {
		if (++random[i - 1])
			return true;
	}
	return false;
}

/* 48 bits of time and 80 bits, five at a time, the first three of 130 free. */
static void
print_id(uint64_t ms, const uint8_t random[RANDOM_BYTES], char id[27])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t bits = 0;
	unsigned at = 10, n = 0;

	for (unsigned i = 10; i > 0; i--, ms >>= 5)
		id[i - 1] = digits[ms & 31];
	for (unsigned i = 0; i < RANDOM_BYTES; i++) {
		bits = bits << 8 | random[i];
		for (n += 8; n >= 5; n -= 5)
			id[at++] = digits[bits >> (n - 5) & 31];
	}
	id[at] = '\0';
}

void
us_permission_new_id(int64_t now, char id[27])
{
	pthread_mutex_lock(&last_id.lock);
	if (now > last_id.ms) {
		last_id.ms = now;
		/* So few bytes are always there, once the system is up. */
		if (getrandom(last_id.random, RANDOM_BYTES, 0) < 0)
			count_up(last_id.random);
		/* So that there is room to count. */
		last_id.random[0] &= 0x7f;
	} else if (!count_up(last_id.random)) {
		last_id.ms++;
	}
	print_id((uint64_t)last_id.ms, last_id.random, id);
	pthread_mutex_unlock(&last_id.lock);
}
