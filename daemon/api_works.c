/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls under /provisioning: what is being put in place or taken away, and
 * what a person did of it. The id of a work is KEY-TASK, of its effect: what
 * was to be done when somebody looked may not be what is to be done now.
 */
#include "daemon/api.h"
#include "daemon/api_body.h"
#include "daemon/api_reply.h"
#include "daemon/effect.h"
#include "daemon/errand.h"
#include "daemon/member.h"
#include "daemon/provision.h"
#include "daemon/query.h"
#include "daemon/world.h"
#include "engine/when.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000
#define TEXT_MAX 1024

/* --- The list ----------------------------------------------------------- */

struct page {
	struct us_str after;
	uint64_t limit, taken;
	char last[US_EFFECT_KEY + 1];
	bool more;
	struct us_buf out;
};

static void
put_work(struct us_str key, const struct us_effect_record *effect,
    struct us_buf *out)
{
	bool removing = effect->state == US_EFFECT_REMOVING;

	us_buf_printf(out, "{\"id\":\"%.*s-%llu\"", US_ARG(key),
	    (unsigned long long)effect->task);
	us_member_str(
	    out, "verb", removing ? US_STR("revoke") : US_STR("grant"));
	us_member_str(out, "request", effect->id);
	us_member_str(out, "provisioner", effect->provisioner);
	us_member_bool(out, "accepted", effect->staged);
	us_member_bool(out, "stuck", effect->stuck);
	us_member_number(out, "tries", effect->tries);
	us_member_time(out, "since", effect->since);
	us_member_str(out, "error", effect->error);
	us_member_json(out, "grant", effect->grant, "{}");
	us_buf_putc(out, '}');
}

static bool
list_work(void *arg, struct us_str key, const struct us_effect_record *effect)
{
	struct page *page = arg;

	if (us_str_eq(key, page->after))
		return true;
	page->more = page->taken == page->limit;
	if (page->more)
		return false;
	memcpy(
	    page->last, key.p, key.n < US_EFFECT_KEY ? key.n : US_EFFECT_KEY);
	us_buf_puts(&page->out, page->taken++ ? "," : "");
	put_work(key, effect, &page->out);
	return true;
}

static bool
is_key(struct us_str text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < text.n; i++) {
		if (!memchr(digits, text.p[i], sizeof(digits) - 1))
			return false;
	}
	return text.n == US_EFFECT_KEY;
}

static bool
read_question(struct us_call *call, struct page *page)
{
	struct us_str query = call->query, value, name;
	const char *wanted;

	while (us_query_next(&query, &name, &value)) {
		wanted = "one of the parameters after and limit";
		if (us_str_is(name, "after")) {
			page->after = value;
			wanted = is_key(value)
				     ? NULL
				     : "the key of an effect, as next gave it";
		} else if (us_str_is(name, "limit")) {
			wanted =
			    us_query_number(value, LIMIT_MAX, &page->limit) &&
				    page->limit
				? NULL
				: "a number from 1 to 1000";
		}
		if (!wanted)
			continue;
		us_query_refuse(call, name, value, wanted);
		return false;
	}
	return true;
}

void
api_works_list(struct us_call *call)
{
	struct page page = {.limit = LIMIT_DEFAULT};
	struct us_txn *txn;

	if (!read_question(call, &page))
		return;
	txn = us_txn_read(call->org->world->store);
	us_buf_puts(&page.out, "{\"works\":[");
	us_effect_scan(txn, call->org->name, page.after, list_work, &page);
	us_buf_puts(&page.out, "],\"next\":");
	if (page.more)
		us_buf_json(&page.out, us_str(page.last));
	else
		us_buf_puts(&page.out, "null");
	us_buf_putc(&page.out, '}');
	us_api_reply(call, txn, 200, &page.out);
}

/* --- A person did it ---------------------------------------------------- */

struct work_done {
	struct us_str key;
	uint64_t task;
	struct us_str failed; /* why not; p NULL: it is done */
	us_request_ids touched;
};

/*
 * Is it for a person to do? What a program does by itself is so only when it
 * cannot any more.
 */
static bool
is_by_hand(const struct us_org *org, const struct us_effect_record *effect)
{
	return us_str_is(effect->type, "manual") || effect->stuck ||
	       !us_provisioner_of(org->conf, effect);
}

static enum us_work_result
result_of(const struct work_done *done, const struct us_effect_record *effect)
{
	if (!done->failed.p)
		return US_WORK_DONE;
	/* What has to go is tried until it is gone. */
	return effect->state == US_EFFECT_REMOVING ? US_WORK_LATER
						   : US_WORK_FAILED;
}

/*
 * A grant that was lost may be carried out after somebody looked: what was
 * taken away then is not known to be gone.
 */
static bool
refuse_early(struct us_errand *errand, const struct us_effect_record *effect)
{
	struct us_buf text = {0};

	us_buf_puts(&text, "a grant that was given up may still be carried out "
			   "until ");
	us_when_print(effect->late, &text);
	us_buf_puts(&text, "; see that it is gone after that, and say so then");
	us_errand_refuse(errand, 409, text.p);
	us_buf_free(&text);
	return false;
}

static bool
apply_done(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	struct work_done *done = errand->what;
	struct us_change change =
	    us_change_begin(errand->org, txn, &errand->arena);
	struct us_effect_record effect;
	int64_t next;

	if (!us_effect_get(
		txn, errand->org->name, done->key, change.arena, &effect) ||
	    effect.state == US_EFFECT_STANDING)
		return us_errand_refuse(
		    errand, 404, "there is no such work, or not any more");
	if (effect.task != done->task)
		return us_errand_refuse(errand, 409,
		    "that is not what is to be done any more; read the list "
		    "again");
	if (!is_by_hand(errand->org, &effect))
		return us_errand_refuse(errand, 409,
		    "its provisioner does that by itself; it is for people "
		    "only when that is stuck");
	if (effect.state == US_EFFECT_REMOVING && !done->failed.p &&
	    change.now < effect.late)
		return refuse_early(errand, &effect);
	us_effect_result(&change, done->key, result_of(done, &effect),
	    done->failed, (struct us_str){"", 0}, &next);
	done->touched = change.touched;
	errand->status = 200;
	us_buf_reset(&errand->body);
	us_buf_puts(&errand->body, "{}");
	return true;
}

static void
publish_done(struct us_write *write)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct work_done *done = errand->what;

	us_life_publish_all(errand->org, &done->touched);
	/* What is to be done next comes with no request's change. */
	if (errand->org->world->couriers)
		us_couriers_wake(errand->org->world->couriers);
}

static void
read_done(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { FAILED, COUNT };
	static const char *const names[] = {"failed"};
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(FAILED)}};
	static const struct us_json_form form =
	    US_FORM("what was done", names, shapes);
	struct us_json_value slots[COUNT];
	struct work_done *done = what;

	if (us_json_members(r, &form, value, slots) < 0)
		return;
	us_json_str(r, slots[FAILED], &done->failed);
	if (done->failed.p &&
	    (us_str_is_blank(done->failed) || done->failed.n > TEXT_MAX))
		us_json_error(r, US_DIAG_BAD_VALUE, slots[FAILED],
		    "why it failed has 1 to %d bytes", TEXT_MAX);
}

/* KEY-TASK */
static bool
read_id(struct us_str id, struct work_done *done)
{
	struct us_str task;

	if (id.n <= US_EFFECT_KEY || id.p[US_EFFECT_KEY] != '-')
		return false;
	done->key = (struct us_str){id.p, US_EFFECT_KEY};
	task =
	    (struct us_str){id.p + US_EFFECT_KEY + 1, id.n - US_EFFECT_KEY - 1};
	return is_key(done->key) &&
	       us_query_number(task, UINT64_MAX, &done->task);
}

void
api_work_done(struct us_call *call)
{
	struct work_done read = {0}, *done;
	struct us_errand *errand;

	if (!read_id(call->params[1], &read)) {
		us_call_error(call, 404, "there is no such work");
		return;
	}
	if (!us_api_body(call, &call->arena, read_done, &read))
		return;
	errand = us_errand_new(call, apply_done, false);
	errand->write.publish = publish_done;
	done = us_arena_alloc(&errand->arena, sizeof(*done));
	done->key = us_arena_str(&errand->arena, read.key);
	done->task = read.task;
	if (read.failed.p)
		done->failed = us_arena_str(&errand->arena, read.failed);
	errand->what = done;
	us_errand_submit(errand, call);
}
