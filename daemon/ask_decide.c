/* SPDX-License-Identifier: Apache-2.0 */
/* request and grant: what the rules say of each item. */
#include "daemon/ask_parts.h"
#include "daemon/clock.h"
#include "daemon/due.h"
#include "daemon/effect.h"
#include "daemon/setting.h"
#include "daemon/world.h"

/* --- How long a pre-approved grant lasts --------------------------------- */

/* A length of 0 bounds nothing. */
static int64_t
least(int64_t a, int64_t b)
{
	return b && b < a ? b : a;
}

/*
 * What was asked for, no longer than the approval in advance says, and not
 * past its end.
 */
static void
bound_grant(const struct us_asking *asking, struct us_asked *item,
    int64_t longest, int64_t until, int64_t due_until)
{
	struct us_str org = asking->ask->errand->org->name;
	int64_t length = item->p.asked_duration;
	int64_t rest = (until - asking->now) / 1000;

	if (!length)
		length = us_setting_get(asking->txn, org, US_SETTING_DEFAULT);
	length = least(length, longest);
	if (rest < length)
		length = rest > 0 ? rest : 1;
	item->duration = length;
	item->p.last_end = due_until;
}

/* By one that is stored, on the word of its issuer. */
static void
use_advance(const struct us_asking *asking, struct us_asked *item)
{
	struct us_org *org = asking->ask->errand->org;
	const struct us_user *user;
	struct us_advance r;

	if (!us_advance_get(asking->txn, org->name, item->p.preapproval,
		asking->ask->arena, &r))
		return;
	user = us_directory_find(asking->ask->sources.directory, r.issuer);
	item->voucher = r.issuer;
	item->voucher_roles = us_auth_roles(org, asking->txn, r.issuer, user);
	bound_grant(asking, item, r.duration, r.until, r.due_until);
}

/* By a block of the rules. */
static void
use_block(const struct us_asking *asking, const struct us_verdict *v,
    struct us_asked *item)
{
	const struct us_prog_preapproval *block =
	    &v->prog->preapprovals.v[v->preapproval];
	int64_t offset = us_due_offset(asking->ask->errand->org->world);

	bound_grant(
	    asking, item, block->duration, block->until, block->until + offset);
}

/* --- One item ------------------------------------------------------------ */

static enum us_event
event_of(enum us_outcome outcome)
{
	if (outcome == US_OUTCOME_GRANTED)
		return US_EVENT_GRANT;
	if (outcome == US_OUTCOME_PENDING)
		return US_EVENT_ROUTE;
	return US_EVENT_REFUSE;
}

/* grant: who asks approves, if that is a person who may. */
static struct us_approver *
approver_of(const struct us_asking *asking)
{
	const struct us_ask *ask = asking->ask;
	const struct us_caller *caller = &ask->errand->caller;

	if (ask->verb != US_WISH_GRANT || caller->kind != US_CALLER_PERSON)
		return NULL;
	return us_known_approver(
	    &ask->sources, caller->uid, caller->roles, ask->arena);
}

static void
set_words(struct us_ask *ask, const struct us_request *req,
    const struct us_verdict *v, struct us_asked *item)
{
	struct us_buf text = {0};

	us_verdict_json(v, &text);
	item->p.decision = us_ask_keep(ask, &text);
	text = (struct us_buf){0};
	if (item->event == US_EVENT_REFUSE) {
		us_case_refusal(v, &text);
		item->refusal = us_ask_keep(ask, &text);
	} else if (item->event == US_EVENT_ROUTE) {
		us_case_approvers(&ask->sources, req, v, &text);
		item->p.approvers = us_ask_keep(ask, &text);
	}
}

/* On the word of the caller, in the roles that this was decided by. */
static void
set_approval(const struct us_ask *ask, struct us_asked *item)
{
	item->approve = true;
	item->voucher = ask->errand->caller.uid;
	item->voucher_roles = ask->errand->caller.own_roles;
}

static void
decide(struct us_asking *asking, const struct us_wanted *wanted)
{
	struct us_ask *ask = asking->ask;
	struct us_org *org = ask->errand->org;
	struct us_asked *item = us_list_add(ask->arena, &ask->items);
	const struct us_judge judge = us_asking_judge(asking);
	int64_t begin = us_clock_ticks();
	const struct us_verdict *v;
	struct us_case c;

	item->p = us_ask_permission(asking, wanted);
	c = us_case_decide(&judge, &item->p, approver_of(asking), ask->arena);
	v = c.verdict;
	us_metrics_decided(org->world->metrics, asking->loop, org->index,
	    v->outcome, us_clock_ticks() - begin);
	item->event = event_of(v->outcome);
	item->p.by = v->by;
	set_words(ask, c.req, v, item);
	if (item->event == US_EVENT_ROUTE && v->allowed)
		set_approval(ask, item);
	if (v->by != US_BY_PREAPPROVAL)
		return;
	item->p.preapproval = c.preapproval;
	if (c.preapproval.n)
		use_advance(asking, item);
	else
		use_block(asking, v, item);
}

/* One of several is refused: none is made, and all that are are named. */
static bool
none_refused(struct us_ask *ask)
{
	struct us_buf text = {0};
	const struct us_asked *item;
	unsigned n = 0;

	if (ask->items.n < 2)
		return true;
	US_EACH (item, &ask->items) {
		if (item->event != US_EVENT_REFUSE)
			continue;
		us_buf_printf(&text, "%s%.*s: %.*s", n++ ? "; " : "",
		    US_ARG(item->p.label), US_ARG(item->refusal));
	}
	if (n)
		us_ask_refuse(ask, 400,
		    "%u of %u items would be denied, and none was asked for: "
		    "%s",
		    n, ask->items.n, text.p);
	us_buf_free(&text);
	return n == 0;
}

bool
us_ask_decide(struct us_asking *asking)
{
	const struct us_wanted *wanted;
	struct us_ask *ask = asking->ask;
	struct us_asked *item;

	US_EACH (wanted, &ask->wish.items) {
		if (us_ask_is_late(asking))
			return false;
		decide(asking, wanted);
	}
	US_EACH (item, &ask->items) {
		/* Here, and not on the writer, for whom all wait. */
		item->p.effect = us_effect_key_of(&item->p, ask->arena);
		item->decided = item->p;
	}
	return none_refused(ask);
}
