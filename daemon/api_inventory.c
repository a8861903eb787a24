/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls under /inventory: what there is, and items that are put in by the
 * API, which take the place of those of the file.
 */
#include "daemon/api.h"
#include "daemon/api_body.h"
#include "daemon/api_reply.h"
#include "daemon/audit.h"
#include "daemon/clock.h"
#include "daemon/errand.h"
#include "daemon/query.h"
#include "daemon/sources.h"
#include "daemon/world.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000

/* --- Showing ------------------------------------------------------------ */

struct page {
	struct us_arena *a;
	struct us_str after; /* p NULL: from the first on */
	uint64_t limit, n;
	struct us_str last; /* that was shown; more follow when `more` */
	bool more;
	struct us_buf *out;
};

static bool
list_thing(void *arg, const struct us_thing *thing)
{
	struct page *page = arg;

	page->more = page->n == page->limit;
	if (page->more)
		return false;
	us_buf_puts(page->out, page->n++ ? "," : "");
	us_thing_json(thing, page->out);
	/* Kept: an item of the store is gone at the next. */
	if (page->n == page->limit)
		page->last = us_arena_str(page->a, thing->id);
	return true;
}

/* NULL, or what was expected of the value. */
static const char *
read_parameter(struct us_str name, struct us_str value, struct page *page)
{
	if (us_str_is(name, "limit"))
		return us_query_number(value, LIMIT_MAX, &page->limit) &&
			       page->limit
			   ? NULL
			   : "a number from 1 to 1000";
	if (us_str_is(name, "after"))
		return us_query_decode(value, page->a, &page->after);
	return "one of the parameters limit and after";
}

static bool
read_page(struct us_call *call, struct page *page)
{
	struct us_str query = call->query, name, value;
	const char *wanted;

	while (us_query_next(&query, &name, &value)) {
		wanted = read_parameter(name, value, page);
		if (!wanted)
			continue;
		us_query_refuse(call, name, value, wanted);
		return false;
	}
	return true;
}

static struct us_shelf
shelf_of(
    const struct us_sources *sources, struct us_call *call, struct us_txn *txn)
{
	return (struct us_shelf){sources->inventory, txn, call->org->name};
}

void
api_inventory_list(struct us_call *call)
{
	struct us_buf out = {0};
	struct page page = {
	    .a = &call->arena, .limit = LIMIT_DEFAULT, .out = &out};
	struct us_str any = {0};
	struct us_sources sources;
	struct us_shelf shelf;

	if (!read_page(call, &page))
		return;
	sources = us_sources_now(call->org);
	shelf = shelf_of(&sources, call, us_txn_read(call->org->world->store));
	us_buf_puts(&out, "{\"items\":[");
	us_shelf_scan(
	    &shelf, call->params[1], any, page.after, list_thing, &page);
	us_buf_puts(&out, "],\"next\":");
	if (page.more)
		us_buf_json(&out, page.last);
	else
		us_buf_puts(&out, "null");
	us_buf_putc(&out, '}');
	us_sources_done(&sources);
	us_api_reply(call, shelf.txn, 200, &out);
}

void
api_inventory_get(struct us_call *call)
{
	struct us_sources sources = us_sources_now(call->org);
	struct us_shelf shelf =
	    shelf_of(&sources, call, us_txn_read(call->org->world->store));
	struct us_str any = {0};
	struct us_buf out = {0};
	struct us_thing thing;
	int status = 200;

	if (us_shelf_find(&shelf, call->params[1], any, call->params[2],
		&call->arena, &thing)) {
		us_thing_json(&thing, &out);
	} else {
		status = 404;
		us_error_json(US_STR("there is no such item"), &out);
	}
	us_sources_done(&sources);
	us_api_reply(call, shelf.txn, status, &out);
}

/* --- Changing ----------------------------------------------------------- */

struct put {
	const struct us_service_list *services;
	struct us_thing thing;
};

static void
read_put(struct us_json_reader *r, struct us_json_value value, void *what)
{
	struct put *put = what;

	us_thing_read(r, value, put->services, &put->thing);
}

static void
record_change(struct us_errand *errand, struct us_txn *txn,
    enum us_action action, const struct us_thing *thing)
{
	struct us_actor actor = us_caller_actor(&errand->caller);
	struct us_buf text = {0};

	us_thing_json(thing, &text);
	us_audit_append(txn, errand->org->name, us_clock_now(), action, &actor,
	    json_tokener_parse(text.p));
	us_buf_free(&text);
}

/* What was decided before the commit may not have seen it. */
static void
publish(struct us_write *write)
{
	us_sources_changed(((struct us_errand *)write)->org);
}

static bool
apply_put(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct us_thing *thing = errand->what;
	struct us_thing other;
	char *text;

	if (!us_shelf_put(
		txn, errand->org->name, thing, &errand->arena, &other)) {
		text = us_arena_printf(&errand->arena,
		    "an alias of it is a name of \"%.*s\" already; a name "
		    "means one item",
		    US_ARG(other.id));
		return us_errand_refuse(errand, 409, text);
	}
	/* Also for what is applied behind it, in the same commit. */
	us_sources_changed(errand->org);
	record_change(errand, txn, US_ACTION_INVENTORY_UPDATED, thing);
	us_buf_reset(&errand->body);
	us_thing_json(thing, &errand->body);
	errand->status = 200;
	return true;
}

/* False when it was answered. */
static bool
read_thing(struct us_call *call, struct us_arena *a, struct us_thing *thing)
{
	struct us_active *active = us_org_active(call->org);
	struct put put = {
	    &active->services, {.service = us_arena_str(a, call->params[1]),
				   .id = us_arena_str(a, call->params[2])}};
	bool good = us_api_body(call, a, read_put, &put);

	us_active_unref(active);
	*thing = put.thing;
	return good;
}

void
api_inventory_put(struct us_call *call)
{
	struct us_errand *errand;
	struct us_thing *thing;
	struct us_thing seen;

	/* An errand is there to be submitted: so it is read once before. */
	if (!read_thing(call, &call->arena, &seen))
		return;
	errand = us_errand_new(call, apply_put, true);
	thing = us_arena_alloc(&errand->arena, sizeof(*thing));
	read_thing(call, &errand->arena, thing);
	errand->what = thing;
	errand->write.publish = publish;
	us_errand_submit(errand, call);
}

static bool
apply_delete(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	struct us_thing *thing = errand->what;

	if (!us_shelf_take(txn, errand->org->name, thing->service, thing->id,
		&errand->arena, thing))
		return us_errand_refuse(errand, 404,
		    "there is no such item that was put by the API");
	us_sources_changed(errand->org);
	record_change(errand, txn, US_ACTION_INVENTORY_DELETED, thing);
	errand->status = 204;
	return true;
}

void
api_inventory_delete(struct us_call *call)
{
	struct us_errand *errand = us_errand_new(call, apply_delete, false);
	struct us_thing *thing = us_arena_alloc(&errand->arena, sizeof(*thing));

	thing->service = us_arena_str(&errand->arena, call->params[1]);
	thing->id = us_arena_str(&errand->arena, call->params[2]);
	errand->what = thing;
	errand->write.publish = publish;
	us_errand_submit(errand, call);
}
