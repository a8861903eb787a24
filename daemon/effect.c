/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which requests have to do with an effect. Those that are not final have rows
 * in PERSON, whose value is their status. Those that want it in place hold it:
 * APPROVED, STAGED, DONE. Those that want it gone leave it: ..._SUBMITTED.
 */
#include "daemon/effect_parts.h"
#include "daemon/hash.h"
#include "daemon/record_parts.h"
#include "daemon/setting.h"

/* --- Keys --------------------------------------------------------------- */

/*
 * Does the text have the member "sudo": true? In a JSON text an unescaped
 * quote, the word, a quote and a colon are a member's name, and under a
 * filter's keys there are no booleans.
 */
static bool
has_sudo(struct us_str json)
{
	static const struct us_str sudo = {"\"sudo\"", 6}, yes = {"true", 4};

	for (size_t i = 0; i + sudo.n < json.n; i++) {
		size_t at = i + sudo.n;

		if (memcmp(json.p + i, sudo.p, sudo.n) != 0)
			continue;
		while (at < json.n && strchr(" :", json.p[at]))
			at++;
		if (at > i + sudo.n && at + yes.n <= json.n &&
		    memcmp(json.p + at, yes.p, yes.n) == 0)
			return true;
	}
	return false;
}

/* Whose it is: a principal, or an agent alone, which three names tell. */
static void
put_who(const struct us_permission *p, struct us_buf *who)
{
	if (p->principal.n) {
		us_person_fold(p->principal, who);
		return;
	}
	us_record_str(who, p->agent_provider);
	us_record_str(who, p->agent_client);
	us_person_fold(p->agent_owner, who);
}

void
us_effect_key(const struct us_permission *p, struct us_buf *key)
{
	struct us_buf text = {0}, who = {0};

	put_who(p, &who);
	us_record_number(&text, p->principal.n == 0, 1);
	us_record_str(&text, us_buf_str(&who));
	us_record_str(&text, us_service_canonical(p->service));
	us_record_str(&text, p->access);
	us_record_str(&text, p->item);
	us_record_number(&text, has_sudo(p->attributes), 1);
	us_person_key(us_buf_str(&who), key);
	us_hash_digits(us_buf_str(&text), US_EFFECT_KEY - US_PERSON_KEY, key);
	us_buf_free(&text);
	us_buf_free(&who);
}

struct us_str
us_effect_key_of(const struct us_permission *p, struct us_arena *a)
{
	struct us_buf key = {0};
	struct us_str s;

	if (p->effect.n)
		return p->effect;
	us_effect_key(p, &key);
	s = us_arena_str(a, us_buf_str(&key));
	us_buf_free(&key);
	return s;
}

/* --- Who holds it ------------------------------------------------------- */

bool
us_effect_holds(enum us_status status)
{
	return status == US_STATUS_APPROVED || status == US_STATUS_STAGED ||
	       status == US_STATUS_DONE;
}

bool
us_effect_leaves(enum us_status status)
{
	return us_life_has(status, US_EVENT_REMOVED);
}

/*
 * How many requests of a principal wait for approval is counted, in a row
 * beside theirs, so that nobody counts them again at each of a thousand.
 */
static struct us_key
count_row(struct us_str org, struct us_str key)
{
	char person[US_PERSON_KEY + 1];
	struct us_key row = {0};

	memcpy(person, key.p, US_PERSON_KEY);
	person[US_PERSON_KEY] = '#'; /* no digit of a key */
	us_key_text(&row, org);
	us_key_text(&row, (struct us_str){person, sizeof(person)});
	return row;
}

static uint32_t
pending_of(struct us_txn *txn, struct us_str org, struct us_str key)
{
	struct us_key row = count_row(org, key);
	struct us_str value;
	uint32_t n = 0;

	if (us_txn_get(txn, US_TABLE_PERSON, us_key_str(&row), &value) &&
	    value.n == sizeof(n))
		memcpy(&n, value.p, sizeof(n));
	return n;
}

static void
count_pending(
    struct us_txn *txn, struct us_str org, struct us_str key, bool more)
{
	uint32_t n = pending_of(txn, org, key);
	struct us_key row = count_row(org, key);

	n = more ? n + 1 : n - (n > 0);
	if (n == 0)
		us_txn_delete(txn, US_TABLE_PERSON, us_key_str(&row));
	else
		us_txn_put(txn, US_TABLE_PERSON, us_key_str(&row),
		    (struct us_str){(const char *)&n, sizeof(n)});
}

void
us_effect_note(struct us_txn *txn, struct us_str org, enum us_status before,
    const struct us_permission *p, struct us_arena *a)
{
	struct us_str key = us_effect_key_of(p, a);
	struct us_key row = us_effect_row(org, key);
	bool waits = us_status_is_pending(p->status);
	char status = (char)p->status;

	us_key_text(&row, p->id);
	if (us_status_is_final(p->status))
		us_txn_delete(txn, US_TABLE_PERSON, us_key_str(&row));
	else
		us_txn_put(txn, US_TABLE_PERSON, us_key_str(&row),
		    (struct us_str){&status, 1});
	if (waits != us_status_is_pending(before))
		count_pending(txn, org, key, waits);
}

static bool
add_live(void *arg, struct us_str key, struct us_str value)
{
	struct us_lives *lives = arg;
	struct us_live *live;

	if (key.n <= lives->prefix || value.n != 1)
		return true;
	live = us_list_add(lives->arena, &lives->list);
	live->id = us_arena_str(lives->arena,
	    (struct us_str){key.p + lives->prefix, key.n - lives->prefix - 1});
	live->status = (unsigned char)value.p[0];
	return true;
}

struct us_lives
us_effect_lives(struct us_txn *txn, struct us_str org, struct us_str key,
    struct us_arena *a)
{
	struct us_key prefix = us_effect_row(org, key);
	struct us_lives lives = {.arena = a, .prefix = prefix.n};

	us_txn_scan(txn, US_TABLE_PERSON, us_key_str(&prefix),
	    (struct us_str){0}, false, add_live, &lives);
	return lives;
}

struct us_lives
us_effect_lives_of(struct us_txn *txn, struct us_str org,
    const struct us_permission *p, struct us_arena *a)
{
	return us_effect_lives(txn, org, us_effect_key_of(p, a), a);
}

/* --- Twins -------------------------------------------------------------- */

/* Standing access lasts its setting, whatever is asked. */
static bool
asks_longer(struct us_txn *txn, struct us_str org,
    const struct us_permission *p, const struct us_permission *has)
{
	int64_t length = has->duration ? has->duration : has->asked_duration;

	if (!p->asked_duration || has->by == US_BY_PERSISTENT)
		return false;
	if (!length)
		length = us_setting_get(txn, org, US_SETTING_DEFAULT);
	return p->asked_duration > length;
}

/*
 * Agents of one client are not one: by provider and owner they differ. And
 * what one asked for another is not that one's request: it tells of what
 * others have, and is taken back by who asked.
 */
static bool
same_asker(const struct us_permission *p, const struct us_permission *q)
{
	return p->asker_kind == q->asker_kind &&
	       us_str_eq_nocase(p->asker, q->asker) &&
	       us_str_eq(p->agent_client, q->agent_client) &&
	       us_str_eq(p->agent_provider, q->agent_provider) &&
	       us_str_eq_nocase(p->agent_owner, q->agent_owner);
}

bool
us_effect_twin(struct us_txn *txn, struct us_str org,
    const struct us_permission *p, const struct us_lives *lives,
    struct us_permission *twin)
{
	struct us_arena *a = lives->arena;
	struct us_permission other;
	const struct us_live *live;
	bool found = false;

	US_EACH (live, &lives->list) {
		if (us_effect_leaves(live->status) ||
		    !us_permission_get(txn, org, live->id, a, &other) ||
		    !same_asker(&other, p) ||
		    !us_str_eq(other.public_key, p->public_key) ||
		    asks_longer(txn, org, p, &other))
			continue;
		/* What is there already is better than what may come. */
		if (!found || other.status == US_STATUS_DONE)
			*twin = other;
		found = true;
		if (other.status == US_STATUS_DONE)
			break;
	}
	return found;
}

/* --- How many ----------------------------------------------------------- */

const char *
us_effect_crowded(struct us_txn *txn, struct us_str org,
    const struct us_permission *p, const struct us_lives *lives, bool waits)
{
	struct us_str key = us_effect_key_of(p, lives->arena);
	bool own = !p->principal.n || us_str_eq_nocase(p->asker, p->principal);
	unsigned part = own ? 1 : 2;

	if (lives->list.n >= US_LIVE_MAX / part)
		return "there are too many requests for this already; take "
		       "one of them back first";
	if (waits && pending_of(txn, org, key) >= US_PENDING_MAX / part)
		return "too many requests wait for approval already; take "
		       "some of them back first";
	return NULL;
}
