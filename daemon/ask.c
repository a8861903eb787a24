/* SPDX-License-Identifier: Apache-2.0 */
/* Submissions, from the loop to the writer, by the worker if need be. */
#include <stdarg.h>

#include "daemon/api_reply.h"
#include "daemon/ask_parts.h"
#include "daemon/clock.h"
#include "daemon/job.h"
#include "daemon/world.h"

/* So often is decided; then something changes faster than we decide. */
#define TRIES_MAX 3

static const char busy[] =
    "what this is decided by changes too fast, or too much waits; try again "
    "in a moment";

struct us_judge
us_asking_judge(const struct us_asking *asking)
{
	return (struct us_judge){.org = asking->ask->errand->org,
	    .sources = &asking->ask->sources,
	    .matcher = asking->own.matcher,
	    .txn = asking->txn,
	    .now = asking->now};
}

bool
us_ask_refuse(struct us_ask *ask, int status, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = us_arena_vprintf(ask->arena, fmt, ap);
	va_end(ap);
	return us_errand_refuse(ask->errand, status, text);
}

struct us_str
us_ask_keep(struct us_ask *ask, struct us_buf *text)
{
	struct us_str s = us_arena_str(ask->arena, us_buf_str(text));

	us_buf_free(text);
	return s;
}

bool
us_ask_is_late(struct us_asking *asking)
{
	/* One can be decided anywhere. */
	asking->late =
	    asking->ask->items.n > 0 && us_clock_ticks() > asking->end;
	return asking->late;
}

/* --- Deciding ----------------------------------------------------------- */

/* Is help what was asked for? */
static bool
asks_help(const struct us_ask *ask)
{
	for (uint32_t i = 0; i < ask->argc; i++)
		if (us_str_is(ask->argv[i], "--help") ||
		    us_str_is(ask->argv[i], "-h"))
			return true;
	return false;
}

static bool
read_wish(const struct us_asking *asking)
{
	struct us_ask *ask = asking->ask;
	struct us_shelf shelf = {
	    ask->sources.inventory, asking->txn, ask->errand->org->name};
	struct us_buf error = {0};

	ask->wish = (struct us_wish){0};
	if (us_wish_read(ask->verb, ask->argv, ask->argc,
		&asking->own.active->services, &shelf, ask->arena, &ask->wish,
		&error))
		return true;
	us_ask_refuse(
	    ask, asks_help(ask) ? 200 : 400, "%s", error.p ? error.p : "");
	us_buf_free(&error);
	return false;
}

/* All that is to be known before anything is stored. */
static bool
prepare(struct us_asking *asking)
{
	struct us_ask *ask = asking->ask;
	bool good;

	asking->txn = us_txn_read(ask->errand->org->world->store);
	asking->now = us_clock_now();
	ask->items.n = 0;
	ask->stale = false;
	us_caller_renew(&ask->errand->caller, ask->errand->org, asking->txn,
	    ask->sources.directory);
	good = read_wish(asking) && us_ask_who(asking) &&
	       (ask->verb == US_WISH_ALLOW ? us_ask_allow(asking)
					   : us_ask_decide(asking));
	if (us_txn_error(asking->txn))
		good = us_ask_refuse(ask, 503, US_API_UNREAD,
		    us_store_error_text(us_txn_error(asking->txn)));
	us_txn_abort(asking->txn);
	return good;
}

/* On the worker: decides anew. */
static void
decide_anew(void *arg)
{
	struct us_ask *ask = arg;
	struct us_errand *errand = ask->errand;
	struct us_asking asking = {
	    .ask = ask, .loop = US_METRICS_WORKER, .end = INT64_MAX};
	bool good;

	us_sources_done(&ask->sources);
	/* In this order: what is replaced in between is seen as stale. */
	ask->sources = us_sources_now(errand->org);
	asking.own = us_decider_now(errand->org);
	good = prepare(&asking);
	us_decider_done(&asking.own);
	if (good)
		us_writer_submit(errand->org->world->writer, &errand->write);
	else
		us_errand_finish(&errand->write, US_WRITE_REFUSED);
}

/* --- Storing ------------------------------------------------------------ */

static bool
apply(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	struct us_ask *ask = errand->what;
	struct us_change change = us_change_begin(errand->org, txn, ask->arena);

	if (!us_ask_fits(ask, &change) || !us_errand_stands(errand, txn))
		return false;
	ask->stale =
	    us_sources_generation(errand->org) != ask->sources.generation;
	if (ask->stale || !us_ask_store(ask, &change))
		return ask->stale && us_errand_refuse(errand, 503, busy);
	ask->touched = change.touched;
	errand->status = 200;
	us_buf_reset(&errand->body);
	us_ask_answer(ask, &change, &errand->body);
	return true;
}

static void
publish(struct us_write *write)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct us_ask *ask = errand->what;

	us_life_publish_all(errand->org, &ask->touched);
}

static void
finish(struct us_write *write, enum us_write_result result)
{
	struct us_errand *errand = (struct us_errand *)write;
	struct us_ask *ask = errand->what;

	if (result == US_WRITE_REFUSED && ask->stale &&
	    ++ask->tries < TRIES_MAX &&
	    us_worker_submit(errand->org->worker, decide_anew, ask))
		return;
	us_errand_finish(write, result);
}

/* --- From the loop ------------------------------------------------------ */

static void
ask_done(struct us_errand *errand)
{
	struct us_ask *ask = errand->what;

	us_sources_done(&ask->sources);
}

static struct us_ask *
ask_new(struct us_call *call, enum us_wish_verb verb, const struct us_str *argv,
    uint32_t argc)
{
	struct us_errand *errand = us_errand_new(call, apply, true);
	struct us_arena *a = &errand->arena;
	struct us_ask *ask = us_arena_alloc(a, sizeof(*ask));
	struct us_str *copy = us_arena_alloc(a, (argc + 1) * sizeof(*copy));

	for (uint32_t i = 0; i < argc; i++)
		copy[i] = us_arena_str(a, argv[i]);
	errand->write.apply = apply;
	errand->write.publish = publish;
	errand->write.finish = finish;
	errand->done = ask_done;
	errand->what = ask;
	ask->errand = errand;
	ask->arena = a;
	ask->verb = verb;
	ask->argv = copy;
	ask->argc = argc;
	return ask;
}

/* Its turn has come. */
static void
decide_late(void *arg)
{
	struct us_ask *ask = arg;

	us_job_give_room(ask->errand->org, &ask->errand->caller, 0);
	decide_anew(ask);
}

/* All items, from the first on: what there is, the worker sees anew. */
static bool
leave_to_worker(struct us_ask *ask)
{
	struct us_errand *errand = ask->errand;

	if (!us_job_take_room(errand->org, &errand->caller, 0))
		return false;
	if (us_worker_submit(errand->org->worker, decide_late, ask))
		return true;
	us_job_give_room(errand->org, &errand->caller, 0);
	return false;
}

void
us_ask(struct us_call *call, enum us_wish_verb verb, const struct us_str *argv,
    uint32_t argc)
{
	struct us_ask *ask = ask_new(call, verb, argv, argc);
	struct us_asking asking = {.ask = ask,
	    .loop = call->loop_index,
	    .end = us_clock_ticks() + US_JOB_LOOP_US};

	ask->sources = us_sources_now(call->org);
	asking.own = *us_loop_adopt(call->loop, call->org);
	if (prepare(&asking)) {
		us_errand_submit(ask->errand, call);
		return;
	}
	ask->errand->ticket = us_call_defer(call);
	if (asking.late && leave_to_worker(ask))
		return;
	if (asking.late)
		us_errand_refuse(ask->errand, 503, busy);
	us_errand_finish(&ask->errand->write, US_WRITE_REFUSED);
}
