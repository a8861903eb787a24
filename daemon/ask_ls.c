/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ls: what the caller could ask for. On the loop, and so not for long; where
 * that is not enough the worker lists it anew, and takes longer.
 */
#include "daemon/api_reply.h"
#include "daemon/ask_parts.h"
#include "daemon/clock.h"
#include "daemon/effect.h"
#include "daemon/job.h"
#include "daemon/list.h"
#include "daemon/world.h"

#define WORKER_US 200000

/* What stands behind ls. */
struct words {
	const struct us_str *v;
	uint32_t n;
	bool all; /* whoever may ask for it */
};

struct listing {
	struct words words;
	const struct us_caller *caller;
	struct us_sources sources;
	struct us_active *active;
	struct us_judge judge;
	struct us_arena *arena;
	const struct us_request *first; /* that was decided, in the arena */
};

static struct us_permission
request_for(const struct listing *l, const struct us_wanted *wanted)
{
	struct us_permission p = {
	    .principal = l->caller->uid,
	    .service = wanted->service,
	    .access = wanted->access,
	    .item = wanted->item,
	    .attributes = wanted->attributes,
	};

	us_ask_sign(l->caller, &p);
	return p;
}

static enum us_outcome
decide(struct listing *l, const struct us_permission *p, struct us_arena *a)
{
	struct us_case c;

	if (l->first)
		return us_case_decide_next(&l->judge, p, l->first, a)
		    .verdict->outcome;
	c = us_case_decide(&l->judge, p, NULL, l->arena);
	l->first = c.req;
	return c.verdict->outcome;
}

/* Is there a rule about it that does not deny it? */
static bool
may(void *arg, const struct us_wanted *wanted, struct us_arena *a, bool *has)
{
	struct listing *l = arg;
	struct us_permission p = request_for(l, wanted), twin;
	struct us_str org = l->judge.org->name;
	struct us_lives lives;
	enum us_outcome outcome;

	if (l->words.all)
		return true;
	outcome = decide(l, &p, a);
	if (outcome == US_OUTCOME_NO_ROUTE || outcome == US_OUTCOME_DENIED)
		return false;
	lives = us_effect_lives_of(l->judge.txn, org, &p, a);
	*has = us_effect_twin(l->judge.txn, org, &p, &lives, &twin) &&
	       !us_status_is_pending(twin.status);
	return true;
}

/* By what there is when it begins: sources first, then the rest. */
static void
begin(struct listing *l, struct us_org *org)
{
	l->sources = us_sources_now(org);
	l->judge = (struct us_judge){.org = org,
	    .sources = &l->sources,
	    .txn = us_txn_read(org->world->store),
	    .now = us_clock_now()};
}

static enum us_listed
list(struct listing *l, int64_t us, struct us_buf *out)
{
	struct us_shelf shelf = {
	    l->sources.inventory, l->judge.txn, l->judge.org->name};
	enum us_listed listed = us_list_read(l->words.v, l->words.n,
	    &l->active->services, &shelf, us, l->arena, may, l, out);

	us_sources_done(&l->sources);
	return listed;
}

/* The text of a help or an error becomes JSON; the status of either. */
static int
status_of(enum us_listed listed, struct us_buf *out)
{
	struct us_buf text = *out;

	if (listed == US_LISTED || listed == US_LISTED_CUT)
		return 200;
	*out = (struct us_buf){0};
	us_error_json(us_buf_str(&text), out);
	us_buf_free(&text);
	return listed == US_LISTED_HELP ? 200 : 400;
}

/* --- On the worker ------------------------------------------------------ */

static void
list_late(struct us_job *job)
{
	struct listing l = {
	    .words = *(struct words *)job->what, .arena = &job->arena};
	struct us_decider own;
	struct us_caller caller;
	struct us_buf out = {0};
	int status;

	begin(&l, job->org);
	if (!us_job_caller(job, l.judge.txn, l.sources.directory, &caller)) {
		us_sources_done(&l.sources);
		us_txn_abort(l.judge.txn);
		return;
	}
	l.caller = &caller;
	own = us_decider_now(job->org);
	l.active = own.active;
	l.judge.matcher = own.matcher;
	status = status_of(list(&l, WORKER_US, &out), &out);
	us_decider_done(&own);
	us_caller_done(&caller);
	us_job_reply_read(job, l.judge.txn, status, &out);
}

/* so_far: what is answered when too much waits for the worker. */
static void
leave_to_worker(struct us_job *job, struct us_call *call,
    const struct words *words, struct us_buf *so_far)
{
	struct words *copy = us_arena_alloc(&job->arena, sizeof(*copy));
	struct us_str *v =
	    us_arena_alloc(&job->arena, (words->n + 1) * sizeof(*v));

	for (uint32_t i = 0; i < words->n; i++)
		v[i] = us_arena_str(&job->arena, words->v[i]);
	*copy = (struct words){v, words->n, words->all};
	job->what = copy;
	if (us_job_submit(job, call, list_late)) {
		us_buf_free(so_far);
		return;
	}
	us_job_reply(job, 200, so_far);
	us_job_free(job);
}

/* --- On the loop -------------------------------------------------------- */

void
us_ls(struct us_call *call, const struct us_str *argv, uint32_t argc, bool all)
{
	struct listing l = {.words = {argv, argc, all},
	    .caller = call->caller,
	    .arena = &call->arena};
	const struct us_decider *own;
	struct us_buf out = {0};
	struct us_job *job = NULL;
	enum us_listed listed;

	begin(&l, call->org);
	own = us_loop_adopt(call->loop, call->org);
	l.active = own->active;
	l.judge.matcher = own->matcher;
	listed = list(&l, US_JOB_LOOP_US, &out);
	if (listed == US_LISTED_CUT)
		job = us_job_new(call);
	if (!job) {
		us_api_reply(call, l.judge.txn, status_of(listed, &out), &out);
		return;
	}
	us_txn_abort(l.judge.txn);
	leave_to_worker(job, call, &l.words, &out);
}
