/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: appending to the chain, its head, its pages. */
#include <inttypes.h>

#include "daemon/audit.h"
#include "daemon/hash.h"
#include "engine/json_canon.h"

#define VERSION 1
#define HASH_SIZE 32
#define HEX_SIZE (2 * HASH_SIZE)
#define TEXT_AT (1 + HASH_SIZE) /* where the JSON begins in a value */

/* What one page looks at: a filter must not hold a loop for the whole log. */
#define PAGE_EVENTS 20000
#define PAGE_BYTES (4u * 1024 * 1024)

static const struct {
	const char *name, *type;
} actions[] = {
#define US_ACTION(id, name, type, help) {name, type},
#include "daemon/action.def"
};

const char *
us_action_name(enum us_action action)
{
	return actions[action].name;
}

enum us_action
us_action_find(struct us_str name)
{
	enum us_action action = 0;

	while (
	    action < US_ACTION_COUNT && !us_str_is(name, actions[action].name))
		action++;
	return action;
}

/* The end of the chain. */
struct head {
	uint64_t seq;
	uint8_t hash[HASH_SIZE];
};

static bool
take_head(void *arg, struct us_str key, struct us_str value)
{
	struct head *head = arg;

	head->seq = us_key_last_number(key);
	/* A damaged event breaks the chain, and is not written over. */
	if (value.n >= TEXT_AT && value.p[0] == VERSION)
		memcpy(head->hash, value.p + 1, HASH_SIZE);
	return false;
}

static struct head
find_head(struct us_txn *txn, struct us_str org)
{
	struct head head = {0};
	struct us_key prefix = {0};

	us_key_text(&prefix, org);
	us_txn_scan(txn, US_TABLE_AUDIT, us_key_str(&prefix),
	    (struct us_str){0}, true, take_head, &head);
	return head;
}

/* The last event of a write transaction, so that the next one finds its head.
 */
struct last {
	struct head head;
	uint8_t org_n;
	char org[US_TXN_MEMO - sizeof(struct head) - 8];
};
_Static_assert(sizeof(struct last) <= US_TXN_MEMO, "fits");

static struct head
take_last(struct us_txn *txn, struct us_str org)
{
	struct last last;

	memcpy(&last, us_txn_memo(txn), sizeof(last));
	if (last.head.seq &&
	    us_str_eq((struct us_str){last.org, last.org_n}, org))
		return last.head;
	return find_head(txn, org);
}

static void
note_last(struct us_txn *txn, struct us_str org, const struct head *head)
{
	struct last last = {.head = *head, .org_n = (uint8_t)org.n};

	if (org.n > sizeof(last.org))
		last.head.seq = 0; /* it is looked for each time */
	else
		memcpy(last.org, org.p, org.n);
	memcpy(us_txn_memo(txn), &last, sizeof(last));
}

static void
put_hex(const uint8_t hash[HASH_SIZE], struct us_buf *out)
{
	char hex[HEX_SIZE];

	us_hex(hash, HASH_SIZE, hex);
	us_buf_add(out, hex, sizeof(hex));
}

static void
put_user(const struct us_actor *actor, struct us_buf *out)
{
	const struct us_group_id *group;
	const char *comma = "";

	us_buf_puts(out, "{\"email\":");
	us_canon_str(actor->email, out);
	us_buf_puts(out, ",\"groups\":[");
	for (uint32_t i = 0; actor->groups && i < actor->groups->n; i++) {
		group = &actor->groups->v[i];
		us_buf_puts(out, comma);
		us_buf_puts(out, "{\"directory\":");
		us_canon_str(group->directory, out);
		us_buf_puts(out, ",\"id\":");
		us_canon_str(group->id, out);
		us_buf_putc(out, '}');
		comma = ",";
	}
	us_buf_puts(out, "],\"provider\":");
	us_canon_str(actor->provider, out);
	us_buf_putc(out, '}');
}

/*
 * The members of an event in their canonical order are action, data, hash,
 * prev, seq, timestamp, type, user, vendor_account: what is before the hash...
 */
static void
put_front(enum us_action action, struct us_str data, struct us_buf *out)
{
	us_buf_puts(out, "{\"action\":\"");
	us_buf_puts(out, actions[action].name);
	us_buf_puts(out, "\",\"data\":");
	us_buf_str_add(out, data);
}

/* ... and what is behind it. */
static void
put_back(const struct head *prev, struct us_str org, int64_t now,
    enum us_action action, const struct us_actor *actor, struct us_buf *out)
{
	us_buf_puts(out, ",\"prev\":\"");
	put_hex(prev->hash, out);
	us_buf_puts(out, "\",\"seq\":");
	us_buf_number(out, (int64_t)(prev->seq + 1));
	us_buf_puts(out, ",\"timestamp\":");
	us_buf_number(out, now);
	us_buf_puts(out, ",\"type\":\"");
	us_buf_puts(out, actions[action].type);
	us_buf_puts(out, "\",\"user\":");
	put_user(actor, out);
	us_buf_puts(out, ",\"vendor_account\":");
	us_canon_str(org, out);
	us_buf_putc(out, '}');
}

static void
store(struct us_txn *txn, struct us_str org, const struct head *head,
    struct us_str front, struct us_str back)
{
	struct us_buf value = {0};
	struct us_key key = {0};

	us_buf_putc(&value, VERSION);
	us_buf_add(&value, (const char *)head->hash, HASH_SIZE);
	us_buf_str_add(&value, front);
	us_buf_puts(&value, ",\"hash\":\"");
	put_hex(head->hash, &value);
	us_buf_putc(&value, '"');
	us_buf_str_add(&value, back);
	us_key_text(&key, org);
	us_key_number(&key, head->seq);
	us_txn_put(txn, US_TABLE_AUDIT, us_key_str(&key), us_buf_str(&value));
	us_buf_free(&value);
}

void
us_audit_append_text(struct us_txn *txn, struct us_str org, int64_t now,
    enum us_action action, const struct us_actor *actor, struct us_str data)
{
	struct head head = take_last(txn, org);
	struct us_buf text = {0};
	size_t middle;

	put_front(action, data, &text);
	middle = text.n;
	put_back(&head, org, now, action, actor, &text);
	us_sha256(us_buf_str(&text), head.hash);
	head.seq++;
	store(txn, org, &head, (struct us_str){text.p, middle},
	    (struct us_str){text.p + middle, text.n - middle});
	note_last(txn, org, &head);
	us_buf_free(&text);
}

void
us_audit_append(struct us_txn *txn, struct us_str org, int64_t now,
    enum us_action action, const struct us_actor *actor,
    struct json_object *data)
{
	struct us_buf text = {0};
	bool canonical = data && us_canon(data, &text);

	/* No data, or none that has one text for all readers. */
	us_audit_append_text(txn, org, now, action, actor,
	    canonical ? us_buf_str(&text) : US_STR("{}"));
	us_buf_free(&text);
	json_object_put(data);
}

void
us_audit_head(struct us_txn *txn, struct us_str org, struct us_buf *out)
{
	struct head head = find_head(txn, org);

	us_buf_printf(out, "{\"seq\":%" PRIu64 ",\"hash\":\"", head.seq);
	put_hex(head.hash, out);
	us_buf_puts(out, "\"}");
}

struct page {
	struct us_buf *out;
	struct us_str front; /* of events of the wanted action; n 0: of all */
	unsigned room;	     /* events that may still be added */
	unsigned seen;
	size_t start;  /* of the page in out */
	uint64_t last; /* the event looked at last */
	bool more;
};

static bool
add_event(void *arg, struct us_str key, struct us_str value)
{
	struct page *page = arg;

	if (!page->room || page->seen == PAGE_EVENTS ||
	    page->out->n - page->start > PAGE_BYTES) {
		page->more = true;
		return false;
	}
	page->seen++;
	page->last = us_key_last_number(key);
	if (value.n < TEXT_AT || value.p[0] != VERSION)
		return true;
	value.p += TEXT_AT;
	value.n -= TEXT_AT;
	if (page->front.n &&
	    (value.n < page->front.n ||
		memcmp(value.p, page->front.p, page->front.n) != 0))
		return true;
	if (page->out->n != page->start)
		us_buf_putc(page->out, ',');
	us_buf_str_add(page->out, value);
	page->room--;
	return true;
}

void
us_audit_list(struct us_txn *txn, struct us_str org, uint64_t after,
    unsigned limit, enum us_action action, struct us_buf *out)
{
	struct page page = {.out = out, .room = limit};
	struct us_key prefix = {0}, from;
	struct us_buf front = {0};

	if (action != US_ACTION_COUNT)
		us_buf_printf(
		    &front, "{\"action\":\"%s\",", actions[action].name);
	page.front = us_buf_str(&front);
	us_key_text(&prefix, org);
	from = prefix;
	us_key_number(&from, after + 1);
	us_buf_puts(out, "{\"events\":[");
	page.start = out->n;
	us_txn_scan(txn, US_TABLE_AUDIT, us_key_str(&prefix), us_key_str(&from),
	    false, add_event, &page);
	us_buf_puts(out, "],\"next\":");
	if (page.more)
		us_buf_printf(out, "%" PRIu64 "}", page.last);
	else
		us_buf_puts(out, "null}");
	us_buf_free(&front);
}
