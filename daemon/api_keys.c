/* SPDX-License-Identifier: Apache-2.0 */
/* The calls under /settings/api-keys. A secret is shown once, at its birth. */
#include "daemon/api.h"
#include "daemon/api_body.h"
#include "daemon/api_reply.h"
#include "daemon/apikey.h"
#include "daemon/audit.h"
#include "daemon/clock.h"
#include "daemon/due.h"
#include "daemon/errand.h"
#include "daemon/hash.h"
#include "daemon/http.h"
#include "daemon/org.h"
#include "daemon/records.h"
#include "daemon/world.h"
#include "engine/check.h"
#include "engine/when.h"

#define ID_BYTES 10
#define DAYS_DEFAULT 90 /* a key has an end, also when none was asked for */
#define DAYS_MAX 3650
#define DAY INT64_C(86400000) /* ms */

struct api_key {
	struct us_str id;
	struct us_apikey_record record;
};

/* --- Showing ------------------------------------------------------------ */

static void
put_time(struct us_buf *out, const char *name, int64_t ms)
{
	us_buf_printf(out, ",\"%s\":\"", name);
	us_when_print(ms, out);
	us_buf_putc(out, '"');
}

/* Without its closing brace: the answer to a new key has one member more. */
static void
put_key(const struct api_key *key, struct us_buf *out)
{
	const struct us_apikey_record *r = &key->record;

	us_buf_puts(out, "{\"id\":");
	us_buf_json(out, key->id);
	us_buf_puts(out, ",\"name\":");
	us_buf_json(out, r->name);
	us_buf_puts(out, ",\"roles\":");
	us_roles_print(r->roles, out);
	us_buf_printf(
	    out, ",\"forOthers\":%s", r->for_others ? "true" : "false");
	put_time(out, "createdDate", r->created);
	us_buf_puts(out, ",\"createdBy\":");
	us_buf_json(out, r->created_by);
	if (r->expires)
		put_time(out, "expires", r->expires);
	else
		us_buf_puts(out, ",\"expires\":null");
}

struct key_list {
	struct us_buf *out;
	size_t prefix; /* of keys in the store */
	bool any;
};

static bool
list_key(void *arg, struct us_str key, struct us_str value)
{
	struct key_list *list = arg;
	struct api_key k;

	if (key.n <= list->prefix || !us_apikey_decode(value, &k.record))
		return true;
	k.id.p = key.p + list->prefix;
	k.id.n = key.n - list->prefix - 1;
	us_buf_puts(list->out, list->any ? "," : "");
	put_key(&k, list->out);
	us_buf_putc(list->out, '}');
	list->any = true;
	return true;
}

void
api_keys_list(struct us_call *call)
{
	struct us_txn *txn = us_txn_read(call->org->world->store);
	struct us_buf out = {0};
	struct us_key prefix = {0};
	struct key_list list = {.out = &out};

	us_key_text(&prefix, call->org->name);
	list.prefix = prefix.n;
	us_buf_puts(&out, "{\"keys\":[");
	us_txn_scan(txn, US_TABLE_APIKEY, us_key_str(&prefix),
	    (struct us_str){0}, false, list_key, &list);
	us_buf_puts(&out, "]}");
	us_api_reply(call, txn, 200, &out);
}

static struct us_key
key_of(const struct us_org *org, struct us_str id)
{
	struct us_key key = {0};

	us_key_text(&key, org->name);
	us_key_text(&key, id);
	return key;
}

/* Strings of the record live as long as nothing else is written. */
static bool
find_key(struct us_org *org, struct us_txn *txn, struct api_key *key)
{
	struct us_key name = key_of(org, key->id);
	struct us_str value;

	return us_txn_get(txn, US_TABLE_APIKEY, us_key_str(&name), &value) &&
	       us_apikey_decode(value, &key->record);
}

void
api_key_get(struct us_call *call)
{
	struct us_txn *txn = us_txn_read(call->org->world->store);
	struct api_key key = {.id = call->params[1]};
	struct us_buf out = {0};
	int status = 200;

	if (find_key(call->org, txn, &key)) {
		put_key(&key, &out);
		us_buf_putc(&out, '}');
	} else {
		status = 404;
		us_error_json(US_STR("there is no such key"), &out);
	}
	us_api_reply(call, txn, status, &out);
}

/* --- Making ------------------------------------------------------------- */

static void
read_name(
    struct us_json_reader *r, struct us_json_value value, struct us_str *name)
{
	struct us_word word;

	if (!us_json_word(r, value, &word))
		return;
	*name = word.s;
	if (us_str_is_blank(word.s) || word.s.n > US_NAME_MAX)
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "the name of a key has 1 to %d bytes", US_NAME_MAX);
}

/* When the key ends: a number of days, or a time, or the default. */
static void
read_end(struct us_json_reader *r, struct us_json_value days,
    struct us_json_value time, int64_t now, int64_t *expires)
{
	int64_t n = DAYS_DEFAULT;

	if (us_json_is(r, days, US_JSON_INT)) {
		n = us_json_int(r->src, days);
		if (n < 1 || n > DAYS_MAX)
			us_json_error(r, US_DIAG_BAD_VALUE, days,
			    "%s days; expected 1 to %d", us_json_show(r, days),
			    DAYS_MAX);
		if (time.has)
			us_json_error(r, US_DIAG_FORBIDDEN, time,
			    "a key has \"expiresInDays\" or \"expires\", not "
			    "both");
	}
	if (!us_json_time(r, time, expires))
		*expires = now + n * DAY;
	else if (*expires <= now || *expires > now + DAYS_MAX * DAY)
		us_json_error(r, US_DIAG_BAD_VALUE, time,
		    "%s is past, or more than %d days ahead",
		    us_json_show(r, time), DAYS_MAX);
}

static void
read_new_key(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { NAME, ROLES, DAYS, EXPIRES, FOR_OTHERS, COUNT };
	static const char *const names[] = {
	    "name", "roles", "expiresInDays", "expires", "forOthers"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(NAME) | US_BIT(ROLES),
		US_BIT(DAYS) | US_BIT(EXPIRES) | US_BIT(FOR_OTHERS)}};
	static const struct us_json_form form = US_FORM("a key", names, shapes);
	struct us_apikey_record *record = what;
	struct us_json_value slots[COUNT];
	int64_t now = us_clock_now();
	unsigned roles = 0;

	if (us_json_members(r, &form, value, slots) < 0)
		return;
	read_name(r, slots[NAME], &record->name);
	us_roles_read(r, slots[ROLES], &roles);
	record->roles = roles;
	read_end(r, slots[DAYS], slots[EXPIRES], now, &record->expires);
	us_json_bool(r, slots[FOR_OTHERS], &record->for_others);
	record->created = now;
}

/* Which key was made or revoked; never its secret. */
static void
record_change(struct us_errand *errand, struct us_txn *txn,
    enum us_action action, int64_t now)
{
	const struct api_key *key = errand->what;
	struct us_actor actor = us_caller_actor(&errand->caller);
	struct us_buf text = {0};

	put_key(key, &text);
	us_buf_putc(&text, '}');
	us_audit_append(txn, errand->org->name, now, action, &actor,
	    json_tokener_parse(text.p));
	us_buf_free(&text);
}

static bool
apply_create(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct api_key *key = errand->what;
	struct us_key name = key_of(errand->org, key->id);
	struct us_buf value = {0};

	us_apikey_encode(&key->record, &value);
	us_txn_put(txn, US_TABLE_APIKEY, us_key_str(&name), us_buf_str(&value));
	us_buf_free(&value);
	record_change(errand, txn, US_ACTION_APIKEY_CREATED, us_clock_now());
	errand->status = 201;
	return true;
}

/* Makes id and secret, and the answer that shows them. */
static void
make_key(struct us_errand *errand, struct api_key *key)
{
	struct us_buf id = {0}, secret = {0};

	us_random_hex(&id, ID_BYTES);
	key->id = us_arena_str(&errand->arena, us_buf_str(&id));
	us_apikey_new(errand->org->name, key->id, &secret, key->record.hash);
	key->record.created_by = us_caller_actor(&errand->caller).email;
	put_key(key, &errand->body);
	us_buf_puts(&errand->body, ",\"key\":");
	us_buf_json(&errand->body, us_buf_str(&secret));
	us_buf_putc(&errand->body, '}');
	us_buf_free(&id);
	us_buf_free(&secret);
}

void
api_key_create(struct us_call *call)
{
	struct us_apikey_record record = {0};
	struct api_key *key;
	struct us_errand *errand;

	if (!us_api_body(call, &call->arena, read_new_key, &record))
		return;
	if (us_roles_implied(record.roles) & ~call->caller->roles) {
		us_call_error(call, 403,
		    "a key has no role that its maker does not have");
		return;
	}
	errand = us_errand_new(call, apply_create, true);
	key = us_arena_alloc(&errand->arena, sizeof(*key));
	key->record = record;
	key->record.name = us_arena_str(&errand->arena, record.name);
	errand->what = key;
	make_key(errand, key);
	us_errand_submit(errand, call);
}

/* --- Revoking ----------------------------------------------------------- */

static bool
apply_delete(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	struct api_key *key = errand->what;
	struct us_key name = key_of(errand->org, key->id);

	if (!find_key(errand->org, txn, key))
		return us_errand_refuse(errand, 404, "there is no such key");
	/* The event first: the record points into the store. */
	record_change(errand, txn, US_ACTION_APIKEY_DELETED, us_clock_now());
	us_txn_delete(txn, US_TABLE_APIKEY, us_key_str(&name));
	errand->status = 204;
	return true;
}

/* What the key asked for itself goes with it. */
static void
publish_delete(struct us_write *write)
{
	const struct us_errand *errand = (const struct us_errand *)write;

	if (errand->org->world->keeper)
		us_keeper_review(errand->org->world->keeper, errand->org);
}

void
api_key_delete(struct us_call *call)
{
	struct us_errand *errand = us_errand_new(call, apply_delete, false);
	struct api_key *key = us_arena_alloc(&errand->arena, sizeof(*key));

	errand->write.publish = publish_delete;
	key->id = us_arena_str(&errand->arena, call->params[1]);
	errand->what = key;
	us_errand_submit(errand, call);
}
