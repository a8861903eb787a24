/* SPDX-License-Identifier: Apache-2.0 */
/* Submissions on the writer: all of one, or nothing. */
#include "daemon/ask_parts.h"
#include "daemon/effect.h"
#include "daemon/outbox.h"
#include "daemon/world.h"

/* Does what was decided still stand on what it stood on? */
static bool
still_so(const struct us_ask *ask, const struct us_change *change,
    const struct us_asked *item)
{
	struct us_org *org = change->org;
	const struct us_user *user;
	struct us_advance r;

	if (item->p.preapproval.n &&
	    (!us_advance_get(change->txn, org->name, item->p.preapproval,
		 change->arena, &r) ||
		us_advance_is_over(&r, org->world, change->now)))
		return false;
	if (!item->voucher.n)
		return true;
	user = us_directory_find(ask->sources.directory, item->voucher);
	return us_auth_roles(org, change->txn, item->voucher, user) ==
	       item->voucher_roles;
}

static bool
step(struct us_change *change, struct us_asked *item, enum us_event event,
    const struct us_actor *actor, struct us_str text)
{
	return us_life_step(change, &item->p,
	    &(struct us_step){.event = event,
		.actor = actor,
		.text = text,
		.duration = item->duration});
}

/*
 * Is there one already, of the same asker? What others asked for is theirs to
 * see and to take back: who has it asked for by somebody else, and asks too,
 * makes a request of their own; the effect is there once. And what is granted
 * at once does not wait for another one that somebody has to approve.
 */
static bool
take_twin(struct us_change *change, struct us_asked *item,
    const struct us_lives *lives)
{
	struct us_permission twin;

	if (!us_effect_twin(
		change->txn, change->org->name, &item->p, lives, &twin) ||
	    (item->event == US_EVENT_GRANT &&
		us_status_is_pending(twin.status)))
		return false;
	item->p = twin;
	item->preexisting = true;
	return true;
}

/* False: refused, for there are too many. */
static bool
store_request(
    struct us_ask *ask, struct us_change *change, struct us_asked *item)
{
	const struct us_caller *caller = &ask->errand->caller;
	struct us_actor actor = us_caller_actor(caller);
	struct us_str nothing = US_STR("");
	struct us_lives lives;
	const char *why;

	item->p = item->decided;
	item->preexisting = false;
	if (item->event != US_EVENT_REFUSE) {
		lives = us_effect_lives_of(change->txn, change->org->name,
		    &item->p, change->arena);
		if (take_twin(change, item, &lives))
			return true;
		why = us_effect_crowded(change->txn, change->org->name,
		    &item->p, &lives, item->event == US_EVENT_ROUTE);
		if (why)
			return us_ask_refuse(ask, 409, "%s", why);
	}
	if (item->event == US_EVENT_GRANT && item->p.preapproval.n)
		us_advance_audit_use(
		    change, &actor, item->p.preapproval, &item->p);
	step(change, item, item->event, &actor,
	    item->event == US_EVENT_REFUSE ? item->refusal : nothing);
	if (item->approve)
		step(change, item, US_EVENT_APPROVE, &actor, nothing);
	return true;
}

static void
store_advance(
    struct us_ask *ask, struct us_change *change, struct us_asked *item)
{
	struct us_actor actor = us_caller_actor(&ask->errand->caller);
	struct us_advance *r = &item->advance;
	struct us_buf body = {0};

	r->created = change->now;
	r->due_until = r->until + (change->due_now - change->now);
	us_advance_put(change, NULL, r);
	*us_list_add(change->arena, &change->touched) = r->id;
	us_advance_audit(change, US_ACTION_PREAPPROVAL_CREATED, &actor, r);
	us_advance_notice(r, US_NOTICE_PREAPPROVAL_CREATED, change, &body);
	us_notice_add_json(
	    change, US_NOTICE_PREAPPROVAL_CREATED, r->id, us_buf_str(&body));
	us_buf_free(&body);
}

bool
us_ask_fits(struct us_ask *ask, const struct us_change *change)
{
	uint32_t n;

	ask->stale = false;
	if (ask->verb != US_WISH_ALLOW)
		return true;
	n = us_advance_count(change->txn, change->org->name, ask->principal);
	if (n + ask->items.n <= US_ADVANCE_MAX)
		return true;
	return us_ask_refuse(ask, 400,
	    "%.*s has %u approvals in advance that are not over, and %d is "
	    "the most; revoke some of them first",
	    US_ARG(ask->principal), n, US_ADVANCE_MAX);
}

bool
us_ask_store(struct us_ask *ask, struct us_change *change)
{
	struct us_asked *item;

	US_EACH (item, &ask->items) {
		ask->stale = !still_so(ask, change, item);
		if (ask->stale)
			return false;
	}
	US_EACH (item, &ask->items) {
		if (item->advance.id.n)
			store_advance(ask, change, item);
		else if (!store_request(ask, change, item))
			return false;
	}
	return true;
}
