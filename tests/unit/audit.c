/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: the chain, its head, pages, organisations apart. */
#include "daemon/audit.h"
#include "engine/json_canon.h"
#include "daemon/hash.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

static const us_group_ids sre = {
    (struct us_group_id[]){{{"okta", 4}, {"00sre", 5}}}, 1, 1};
static const struct us_actor ana = {
    {"ana@example.com", 15}, {"usherd", 6}, &sre};
static const struct us_actor key = {{"key:1", 5}, {"key", 3}, NULL};

static void
append(struct us_store *store, const char *org, enum us_action action,
    const char *data)
{
	struct us_txn *txn = us_txn_write(store);

	us_audit_append(txn, us_str(org), 1700000000000, action,
	    data ? &ana : &key, data ? json_tokener_parse(data) : NULL);
	us_txn_commit(txn);
}

/* The page, parsed; the caller's to free. */
static struct json_object *
list(struct us_store *store, const char *org, uint64_t after, unsigned limit,
    enum us_action action)
{
	struct us_txn *txn = us_txn_read(store);
	struct us_buf out = {0};
	struct json_object *page;

	us_audit_list(txn, us_str(org), after, limit, action, &out);
	us_txn_abort(txn);
	page = json_tokener_parse(out.p);
	if (!page)
		tap_note("no JSON:", out.p);
	us_buf_free(&out);
	return page;
}

static void
is_head(struct us_store *store, const char *org, const char *want)
{
	struct us_txn *txn = us_txn_read(store);
	struct us_buf out = {0};

	us_audit_head(txn, us_str(org), &out);
	us_txn_abort(txn);
	is_str(out.p, want, "the head of %s", org);
	us_buf_free(&out);
}

static void
hex(const uint8_t hash[32], char out[65])
{
	for (unsigned i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

/* Does the hash of event say what the event is? As anybody may check it. */
static bool
hash_is_true(struct json_object *event, const char *prev)
{
	struct json_object *hash =
	    json_object_get(json_object_object_get(event, "hash"));
	struct us_buf text = {0};
	uint8_t sum[32];
	char want[65];
	bool good;

	json_object_object_del(event, "hash");
	good = us_canon(event, &text);
	us_sha256(us_buf_str(&text), sum);
	hex(sum, want);
	good = good && strcmp(json_object_get_string(hash), want) == 0 &&
	       strcmp(json_object_get_string(
			  json_object_object_get(event, "prev")),
		   prev) == 0;
	json_object_object_add(event, "hash", hash);
	us_buf_free(&text);
	return good;
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void
test_chain(struct us_store *store)
{
	struct json_object *page, *events, *event;
	const char *prev = ZEROS;
	char want[100];

	is_head(store, "acme", "{\"seq\":0,\"hash\":\"" ZEROS "\"}");
	append(
	    store, "acme", US_ACTION_RULES_CREATED, "{\"b\":1,\"a\":\"\\\"\"}");
	append(store, "acme", US_ACTION_RULES_UPDATED,
	    "{\"hash\":\"" ZEROS "\",\"prev\":\"x\",\"seq\":7}");
	append(store, "acme", US_ACTION_APIKEY_CREATED, NULL);
	page = list(store, "acme", 0, 100, US_ACTION_COUNT);
	events = json_object_object_get(page, "events");
	is_int(json_object_array_length(events), 3, "three events");
	for (size_t i = 0; i < json_object_array_length(events); i++) {
		event = json_object_array_get_idx(events, i);
		is_int(
		    json_object_get_int64(json_object_object_get(event, "seq")),
		    (intmax_t)i + 1, "number %zu", i + 1);
		ok(hash_is_true(event, prev), "its link in the chain");
		prev = json_object_get_string(
		    json_object_object_get(event, "hash"));
	}
	snprintf(want, sizeof(want), "{\"seq\":3,\"hash\":\"%s\"}", prev);
	is_head(store, "acme", want);
	json_object_put(page);
}

static void
test_text(struct us_store *store)
{
	struct us_txn *txn = us_txn_read(store);
	struct us_buf out = {0};
	char *hash;

	us_audit_list(txn, US_STR("acme"), 0, 1, US_ACTION_COUNT, &out);
	us_txn_abort(txn);
	hash = strstr(out.p, "\"hash\":\"");
	if (ok(hash != NULL, "an event has a hash"))
		memset(hash + 8, '*', 64);
	is_str(out.p,
	    "{\"events\":[{\"action\":\"admin.routing-rules.created\","
	    "\"data\":{\"a\":\"\\\"\",\"b\":1},\"hash\":\""
	    "****************************************************************"
	    "\",\"prev\":\"" ZEROS "\",\"seq\":1,\"timestamp\":1700000000000,"
	    "\"type\":\"api\",\"user\":{\"email\":\"ana@example.com\","
	    "\"groups\":[{\"directory\":\"okta\",\"id\":\"00sre\"}],"
	    "\"provider\":\"usherd\"},\"vendor_account\":\"acme\"}],"
	    "\"next\":1}",
	    "the text of an event");
	us_buf_free(&out);
}

/* A page as "1 2 next 2". */
static void
is_page(struct us_store *store, uint64_t after, unsigned limit,
    enum us_action action, const char *want)
{
	struct json_object *page = list(store, "acme", after, limit, action);
	struct json_object *events = json_object_object_get(page, "events");
	struct us_buf got = {0};

	for (size_t i = 0; i < json_object_array_length(events); i++)
		us_buf_printf(&got, "%s ",
		    json_object_get_string(json_object_object_get(
			json_object_array_get_idx(events, i), "seq")));
	us_buf_printf(&got, "next %s",
	    json_object_object_get(page, "next")
		? json_object_get_string(json_object_object_get(page, "next"))
		: "null");
	is_str(got.p, want, "at most %u after %u", limit, (unsigned)after);
	us_buf_free(&got);
	json_object_put(page);
}

static void
test_pages(struct us_store *store)
{
	is_page(store, 0, 2, US_ACTION_COUNT, "1 2 next 2");
	is_page(store, 2, 2, US_ACTION_COUNT, "3 next null");
	is_page(store, 0, 3, US_ACTION_COUNT, "1 2 3 next null");
	is_page(store, 3, 3, US_ACTION_COUNT, "next null");
	is_page(store, (uint64_t)1 << 53, 3, US_ACTION_COUNT, "next null");
	is_page(store, 0, 1, US_ACTION_RULES_UPDATED, "2 next 2");
	is_page(store, 0, 2, US_ACTION_RULES_UPDATED, "2 next null");
	is_page(store, 0, 9, US_ACTION_BINDING_CREATED, "next null");
}

/* Names that begin alike have logs of their own. */
static void
test_apart(struct us_store *store)
{
	struct json_object *page;

	append(store, "acme2", US_ACTION_RULES_DELETED, NULL);
	append(store, "acm", US_ACTION_RULES_DELETED, NULL);
	is_page(store, 0, 9, US_ACTION_COUNT, "1 2 3 next null");
	page = list(store, "acm", 0, 9, US_ACTION_COUNT);
	is_int(json_object_array_length(json_object_object_get(page, "events")),
	    1, "one event of acm");
	json_object_put(page);
	is_head(store, "nobody", "{\"seq\":0,\"hash\":\"" ZEROS "\"}");
}

/* What is undone left no event, and several fit into one transaction. */
static void
test_transactions(struct us_store *store)
{
	struct us_txn *txn = us_txn_write(store), *inner;

	us_audit_append(
	    txn, US_STR("tx"), 1, US_ACTION_RULES_CREATED, &ana, NULL);
	inner = us_txn_nested(txn);
	us_audit_append(
	    inner, US_STR("tx"), 2, US_ACTION_RULES_DELETED, &ana, NULL);
	us_txn_abort(inner);
	us_audit_append(
	    txn, US_STR("tx"), 3, US_ACTION_RULES_UPDATED, &ana, NULL);
	us_txn_commit(txn);

	struct json_object *page = list(store, "tx", 0, 9, US_ACTION_COUNT);
	struct json_object *events = json_object_object_get(page, "events");
	struct json_object *first = json_object_array_get_idx(events, 0);

	is_int(json_object_array_length(events), 2, "two of three events");
	ok(hash_is_true(first, ZEROS) &&
		hash_is_true(json_object_array_get_idx(events, 1),
		    json_object_get_string(
			json_object_object_get(first, "hash"))),
	    "and a whole chain");
	json_object_put(page);
}

static void
append_to(struct us_txn *txn, const char *org)
{
	us_audit_append(txn, us_str(org), 1700000000000,
	    US_ACTION_APIKEY_CREATED, &key, NULL);
}

/* How many events of an organisation there are; 0 when a link is wrong. */
static size_t
count_linked(struct us_store *store, const char *org)
{
	struct json_object *page = list(store, org, 0, 100, US_ACTION_COUNT);
	struct json_object *events = json_object_object_get(page, "events");
	struct json_object *event;
	const char *prev = ZEROS;
	size_t n = json_object_array_length(events);

	for (size_t i = 0; i < json_object_array_length(events); i++) {
		event = json_object_array_get_idx(events, i);
		if (!hash_is_true(event, prev) ||
		    json_object_get_int64(json_object_object_get(
			event, "seq")) != (int64_t)i + 1)
			n = 0;
		prev = json_object_get_string(
		    json_object_object_get(event, "hash"));
	}
	json_object_put(page);
	return n;
}

/* Many events of a write are one chain, whatever becomes of its parts. */
static void
test_one_write(struct us_store *store)
{
	struct us_txn *txn = us_txn_write(store), *part;

	append_to(txn, "one");
	append_to(txn, "two");
	append_to(txn, "one");
	part = us_txn_nested(txn);
	append_to(part, "one");
	append_to(part, "two");
	us_txn_abort(part);
	append_to(txn, "one");
	part = us_txn_nested(txn);
	append_to(part, "one");
	append_to(part, "one");
	us_txn_commit(part);
	append_to(txn, "one");
	append_to(txn, "two");
	is_int(us_txn_commit(txn), US_STORE_OK, "a write of many events");
	is_int(count_linked(store, "one"), 6, "those of one are a chain");
	is_int(count_linked(store, "two"), 2, "and those of another");
}

int
main(void)
{
	struct folder f = folder_new();
	struct us_store *store;

	if (us_store_open(f.path, (size_t)64 << 20, 0, NULL, &store)) {
		printf("Bail out! no store\n");
		return 99;
	}
	for (unsigned i = 0; i < US_ACTION_COUNT; i++)
		is_int(us_action_find(us_str(us_action_name(i))), i,
		    "the name of action %u", i);
	is_int(us_action_find(US_STR("")), US_ACTION_COUNT, "no action");
	test_chain(store);
	test_text(store);
	test_pages(store);
	test_apart(store);
	test_transactions(store);
	test_one_write(store);
	us_store_close(store);
	folder_remove(&f);
	return plan_done();
}
