/* SPDX-License-Identifier: Apache-2.0 */
/* ls: what the caller could ask for, on the loop, and so not for long. */
#include "daemon/api_reply.h"
#include "daemon/ask_parts.h"
#include "daemon/clock.h"
#include "daemon/effect.h"
#include "daemon/list.h"
#include "daemon/world.h"

struct listing {
	struct us_call *call;
	struct us_sources sources;
	const struct us_loop_org *own;
	struct us_txn *txn;
	int64_t now; /* ms */
	bool all;
};

static struct us_permission
request_for(const struct listing *l, const struct us_wanted *wanted)
{
	struct us_permission p = {
	    .principal = l->call->caller->uid,
	    .service = wanted->service,
	    .access = wanted->access,
	    .item = wanted->item,
	    .attributes = wanted->attributes,
	};

	us_ask_sign(l->call->caller, &p);
	return p;
}

/* Is there a rule about it that does not deny it? */
static bool
may(void *arg, const struct us_wanted *wanted, struct us_arena *a, bool *has)
{
	const struct listing *l = arg;
	struct us_permission p = request_for(l, wanted), twin;
	struct us_org *org = l->call->org;
	const struct us_verdict *v;
	struct us_str preapproval;
	struct us_lives lives;

	if (l->all)
		return true;
	v = us_decide(
	    l->own->matcher, us_case_request(&l->sources, l->own->matcher, org,
				 l->txn, &p, l->now, NULL, a, &preapproval));
	if (v->outcome == US_OUTCOME_NO_ROUTE ||
	    v->outcome == US_OUTCOME_DENIED)
		return false;
	lives = us_effect_lives_of(l->txn, org->name, &p, a);
	*has = us_effect_twin(l->txn, org->name, &p, &lives, &twin) &&
	       !us_status_is_pending(twin.status);
	return true;
}

static void
reply_error(struct us_call *call, int status, struct us_buf *text)
{
	us_call_error(call, status, "%s", text->p ? text->p : "");
	us_buf_free(text);
}

void
us_ls(struct us_call *call, const struct us_str *argv, uint32_t argc, bool all)
{
	struct listing l = {.call = call,
	    .sources = us_sources_now(call->org),
	    .txn = us_txn_read(call->org->world->store),
	    .now = us_clock_now(),
	    .all = all};
	struct us_shelf shelf = {l.sources.inventory, l.txn, call->org->name};
	struct us_buf out = {0};
	enum us_listed listed;

	l.own = us_loop_adopt(call->loop, call->org);
	listed = us_list_read(argv, argc, &l.own->active->services, &shelf,
	    &call->arena, may, &l, &out);
	us_sources_done(&l.sources);
	if (listed == US_LISTED) {
		us_api_reply(call, l.txn, 200, &out);
		return;
	}
	us_txn_abort(l.txn);
	reply_error(call, listed == US_LISTED_HELP ? 200 : 400, &out);
}
