/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls under /preapprovals. An approval in advance is seen by its issuer,
 * by whom it is for, and by those who read everything; its issuer and security
 * reviewers revoke it.
 */
#include "daemon/api.h"
#include "daemon/api_reply.h"
#include "daemon/clock.h"
#include "daemon/errand.h"
#include "daemon/preapproval.h"
#include "daemon/query.h"
#include "daemon/sight.h"
#include "daemon/world.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000
/* A page looks at so many, for so long. */
#define ROWS_MAX 20000
#define PAGE_US 5000

static const char no_such[] = "there is no such approval in advance";

/* --- Who ----------------------------------------------------------------- */

/* An agent is not the human that it speaks for. */
static bool
is_person(const struct us_caller *caller, struct us_str uid)
{
	return caller->kind != US_CALLER_AGENT &&
	       us_str_eq_nocase(caller->uid, uid);
}

static bool
is_for(const struct us_caller *caller, const struct us_advance *r,
    struct us_arena *a)
{
	const struct us_group_id *group;

	if (is_person(caller, r->principal))
		return true;
	if (!caller->user || caller->kind != US_CALLER_PERSON)
		return false;
	US_EACH (group, &caller->user->groups)
		if (us_str_eq(us_advance_group(group, a), r->principal))
			return true;
	return false;
}

static bool
may_revoke(const struct us_caller *caller, const struct us_advance *r)
{
	return is_person(caller, r->issuer) ||
	       (caller->roles & US_ROLE_BIT(MANAGER));
}

static bool
sees(const struct us_caller *caller, const struct us_advance *r,
    struct us_arena *a)
{
	return us_sight_all(caller) || is_person(caller, r->issuer) ||
	       is_for(caller, r, a);
}

/* --- Reading -------------------------------------------------------------- */

/* What stands in the query, and what has been found for it. */
struct page {
	struct us_call *call;
	struct us_txn *txn;
	struct us_advance after; /* id.n 0: from the first */
	uint64_t limit, taken, looked;
	int64_t begun;
	struct us_str last; /* that was looked at */
	bool more;
	struct us_buf out;
};

static bool
list_one(void *arg, const struct us_advance *r)
{
	struct page *page = arg;
	struct us_call *call = page->call;

	if (us_str_eq(r->id, page->after.id))
		return true;
	page->more = page->taken == page->limit || page->looked == ROWS_MAX ||
		     (page->looked && us_clock_ticks() - page->begun > PAGE_US);
	if (page->more)
		return false;
	page->looked++;
	page->last = r->id;
	if (us_advance_is_over(r, call->org->world, us_clock_now()) ||
	    !sees(call->caller, r, &call->arena))
		return true;
	us_buf_puts(&page->out, page->taken++ ? "," : "");
	us_advance_json(r, &page->out);
	return true;
}

/* NULL, or what the value should be. */
static const char *
read_parameter(struct page *page, struct us_str name, struct us_str value)
{
	struct us_call *call = page->call;

	if (us_str_is(name, "limit"))
		return us_query_number(value, LIMIT_MAX, &page->limit) &&
			       page->limit
			   ? NULL
			   : "a number from 1 to 1000";
	if (!us_str_is(name, "after"))
		return "one of the parameters limit and after";
	return us_advance_get(page->txn, call->org->name, value, &call->arena,
		   &page->after)
		   ? NULL
		   : "the id of an approval in advance, as next gave it";
}

static bool
read_page(struct page *page)
{
	struct us_str query = page->call->query, value, name;
	const char *wanted;

	while (us_query_next(&query, &name, &value)) {
		wanted = read_parameter(page, name, value);
		if (!wanted)
			continue;
		us_query_refuse(page->call, name, value, wanted);
		return false;
	}
	return true;
}

void
api_preapprovals_list(struct us_call *call)
{
	struct us_txn *txn = us_txn_read(call->org->world->store);
	struct page page = {.call = call,
	    .txn = txn,
	    .limit = LIMIT_DEFAULT,
	    .begun = us_clock_ticks()};

	if (!read_page(&page)) {
		us_txn_abort(txn);
		return;
	}
	us_buf_puts(&page.out, "{\"preapprovals\":[");
	us_advance_scan(txn, call->org->name, US_STR(""),
	    page.after.id.n ? &page.after : NULL, list_one, &page);
	us_buf_puts(&page.out, "],\"next\":");
	if (page.more)
		us_buf_json(&page.out, page.last);
	else
		us_buf_puts(&page.out, "null");
	us_buf_putc(&page.out, '}');
	us_api_reply(call, txn, 200, &page.out);
}

void
api_preapproval_get(struct us_call *call)
{
	struct us_txn *txn = us_txn_read(call->org->world->store);
	struct us_buf out = {0};
	struct us_advance r;
	int status = 200;

	if (us_advance_get(
		txn, call->org->name, call->params[1], &call->arena, &r) &&
	    sees(call->caller, &r, &call->arena)) {
		us_advance_json(&r, &out);
	} else {
		status = 404;
		us_error_json(us_str(no_such), &out);
	}
	us_api_reply(call, txn, status, &out);
}

/* --- Revoking ------------------------------------------------------------- */

struct revocation {
	struct us_str id;
	bool grants; /* and what it granted */
};

static bool
apply_delete(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	struct revocation *what = errand->what;
	struct us_actor actor = us_caller_actor(&errand->caller);
	struct us_change change =
	    us_change_begin(errand->org, txn, &errand->arena);
	struct us_advance before, r;

	if (!us_advance_get(
		txn, errand->org->name, what->id, &errand->arena, &before) ||
	    !sees(&errand->caller, &before, &errand->arena))
		return us_errand_refuse(errand, 404, no_such);
	if (!may_revoke(&errand->caller, &before))
		return us_errand_refuse(errand, 403,
		    "who gave it can revoke it, and security reviewers");
	r = before;
	if (what->grants)
		r.grants_by = actor.email;
	if (!r.ended) {
		r.ended = change.now;
		r.ended_by = actor.email;
		us_advance_audit(
		    &change, US_ACTION_PREAPPROVAL_REVOKED, &actor, &r);
	}
	us_advance_put(&change, &before, &r);
	errand->status = 204;
	return true;
}

/* What it granted is a review's to find, however much that is. */
static void
publish_delete(struct us_write *write)
{
	const struct us_errand *errand = (const struct us_errand *)write;
	const struct revocation *what = errand->what;

	if (what->grants && errand->org->world->keeper)
		us_keeper_review(errand->org->world->keeper, errand->org);
}

/* ?revoke=grants; false when it was answered. */
static bool
read_query(struct us_call *call, bool *grants)
{
	struct us_str rest = call->query, name, value;

	*grants = false;
	while (us_query_next(&rest, &name, &value)) {
		if (!us_str_is(name, "revoke") || !us_str_is(value, "grants")) {
			us_call_error(call, 400,
			    "\"%.*s=%.*s\" is not known; there is "
			    "revoke=grants",
			    US_ARG(name), US_ARG(value));
			return false;
		}
		*grants = true;
	}
	return true;
}

void
api_preapproval_delete(struct us_call *call)
{
	struct revocation *what;
	struct us_errand *errand;
	bool grants;

	if (!read_query(call, &grants))
		return;
	errand = us_errand_new(call, apply_delete, false);
	errand->write.publish = publish_delete;
	what = us_arena_alloc(&errand->arena, sizeof(*what));
	what->id = us_arena_str(&errand->arena, call->params[1]);
	what->grants = grants;
	errand->what = what;
	us_errand_submit(errand, call);
}
