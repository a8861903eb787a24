/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deciding. One request under the active workflow is decided where it came in,
 * on its loop; lists, explanations and proposed workflows take longer, and go
 * to the worker.
 */
#include "daemon/api.h"
#include "daemon/clock.h"
#include "daemon/facts.h"
#include "daemon/job.h"
#include "daemon/version.h"
#include "daemon/world.h"
#include "engine/explain.h"
#include "engine/json_read.h"
#include "engine/json_request.h"

/* A longer body is not read on a loop. */
#define LOOP_BODY_MAX (64 * 1024)

/* Most answers are shorter. */
#define USUAL_BYTES 4000

#define REQUESTS_MAX 10000

/*
 * Explanations of many requests under many rules know no end, and each decision
 * may take its time, while what else is for the worker waits. Everyone signed
 * in may ask, so that those who are no managers get less.
 */
struct bounds {
	unsigned mib, seconds; /* of all answers of a list */
};
static const struct bounds bounds_anyone = {4, 2};
static const struct bounds bounds_manager = {128, 30};

static const char body_name[] = "request";

/* The body of a call. */
struct question {
	struct us_src *src;
	struct us_diags diags;
	struct us_arena arena;
	struct us_json_value request, requests, workflow;
	bool explain;
};

static void
question_free(struct question *q)
{
	us_diags_free(&q->diags);
	us_arena_free(&q->arena);
	us_src_free(q->src);
}

/* Either one request, or a list of them. */
static void
read_requests(struct us_json_reader *r, struct us_json_value root,
    const struct question *q)
{
	if (!q->request.has == !q->requests.has) {
		us_json_error(r, US_DIAG_MISSING, root,
		    "expected either \"request\" or \"requests\"");
		return;
	}
	if (us_json_is(r, q->requests, US_JSON_ARRAY) &&
	    us_json_length(r->src, q->requests) > REQUESTS_MAX)
		us_json_error(r, US_DIAG_LIMIT, q->requests,
		    "there are %zu requests; %d at most are decided at once",
		    us_json_length(r->src, q->requests), REQUESTS_MAX);
}

/* False with diagnostics when the body is no question. */
static bool
question_read(struct question *q, struct us_str body)
{
	enum { REQUEST, REQUESTS, WORKFLOW, EXPLAIN, COUNT };
	static const char *const names[] = {
	    "request", "requests", "workflow", "explain"};
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(COUNT) - 1}};
	static const struct us_json_form form =
	    US_FORM("a question", names, shapes);
	struct us_json_value root, slots[COUNT];
	struct us_json_reader r;

	*q = (struct question){
	    .src = us_src_new(body_name, body, US_FORMAT_JSON)};
	if (!us_json_parse(q->src, &q->diags, &root))
		return false;
	r = (struct us_json_reader){
	    .src = q->src, .diags = &q->diags, .arena = &q->arena};
	if (us_json_members(&r, &form, root, slots) >= 0) {
		q->request = slots[REQUEST];
		q->requests = slots[REQUESTS];
		q->workflow = slots[WORKFLOW];
		us_json_bool(&r, slots[EXPLAIN], &q->explain);
		read_requests(&r, root, q);
	}
	return r.errors == 0;
}

/* May the caller ask this at all? False with the reason. */
static bool
question_allowed(const struct question *q, const struct us_caller *caller,
    struct us_buf *why)
{
	struct us_json_walk walk = us_json_walk(q->src, q->requests);
	struct us_json_value request;

	if (q->workflow.has && !us_facts_any(caller)) {
		us_buf_puts(
		    why, "only a manager may decide under a proposed workflow");
		return false;
	}
	if (q->explain && !(caller->roles & US_ROLE_BIT(VIEWER))) {
		us_buf_puts(why,
		    "an explanation shows the rules, which you may not read");
		return false;
	}
	if (!us_facts_allowed(caller, q->src, q->request, why))
		return false;
	while (q->requests.has && us_json_next(&walk, &request)) {
		if (!us_facts_allowed(caller, q->src, request, why))
			return false;
	}
	return true;
}

/* What a question is answered with, on a loop or on the worker. */
struct setting {
	const struct us_caller *caller;
	struct us_matcher *matcher;
	struct us_org *org;
	const struct us_sources *sources; /* taken before prog was */
	unsigned loop;			  /* for the figures */
	struct us_arena *scratch;	  /* of one request */
};

/* One answer; false with diagnostics when the request is none. */
static bool
answer(struct setting *d, const struct question *q,
    struct us_json_value request, struct us_diags *diags, struct us_buf *out)
{
	int64_t begin = us_clock_ticks();
	const struct us_request *req = us_facts_request(d->caller, d->sources,
	    q->src, request, us_clock_now(), d->scratch, diags);
	const struct us_verdict *verdict;
	const struct us_why *why;

	if (!req)
		return false;
	if (q->explain) {
		why = us_explain(d->matcher, req, d->scratch);
		verdict = why->verdict;
		us_why_json(why, out);
	} else {
		verdict = us_decide(d->matcher, req);
		us_verdict_json(verdict, out);
	}
	us_metrics_decided(d->org->world->metrics, d->loop, d->org->index,
	    verdict->outcome, us_clock_ticks() - begin);
	return true;
}

/* Stands in the list for a request that is none. */
static void
put_error(const struct us_diags *diags, size_t index, struct us_buf *out)
{
	us_buf_puts(out, "{\"error\":");
	us_buf_json(out, us_str(us_diags_first(diags)));
	us_buf_printf(out, ",\"index\":%zu,\"diagnostics\":", index);
	us_diags_json(diags, out);
	us_buf_putc(out, '}');
}

/* False when there would be too much of it. */
static bool
answer_all(struct setting *d, const struct question *q,
    const struct bounds *bounds, struct us_buf *out)
{
	struct us_json_walk walk = us_json_walk(q->src, q->requests);
	int64_t end = us_clock_ticks() + bounds->seconds * INT64_C(1000000);
	struct us_json_value request;
	struct us_diags diags = {0};

	us_buf_putc(out, '[');
	for (size_t i = 0; us_json_next(&walk, &request); i++) {
		if (out->n > (size_t)bounds->mib * 1024 * 1024 ||
		    us_clock_ticks() > end)
			return false;
		us_buf_puts(out, i ? "," : "");
		if (!answer(d, q, request, &diags, out))
			put_error(&diags, i, out);
		us_diags_free(&diags);
		us_arena_reset(d->scratch);
	}
	us_buf_putc(out, ']');
	return true;
}

/* On the worker, under the program of d. */
static void
decide_under(struct us_job *job, struct question *q,
    const struct us_sources *sources, struct us_prog *prog)
{
	struct us_arena scratch = {0};
	struct setting d = {.caller = &job->caller,
	    .matcher = us_matcher_new(prog),
	    .org = job->org,
	    .sources = sources,
	    .loop = US_METRICS_WORKER,
	    .scratch = &scratch};
	const struct bounds *bounds =
	    us_facts_any(d.caller) ? &bounds_manager : &bounds_anyone;
	struct us_buf out = {0};

	if (q->requests.has && !answer_all(&d, q, bounds, &out))
		us_ticket_error(job->ticket, 413,
		    "the answers would be longer than %u MiB, or take longer "
		    "than %u seconds; ask less at once, or without explain",
		    bounds->mib, bounds->seconds);
	else if (q->requests.has || answer(&d, q, q->request, &q->diags, &out))
		us_ticket_reply(job->ticket, 200, NULL, us_buf_str(&out));
	else
		us_job_diags(job, 400, &q->diags);
	us_buf_free(&out);
	us_arena_free(&scratch);
	us_matcher_free(d.matcher);
}

/* Under a workflow that stands in the question. */
static void
decide_proposed(struct us_job *job, struct question *q,
    const struct us_sources *sources, const struct us_active *active)
{
	struct us_str services;
	struct us_draft draft;

	us_draft_init(&draft);
	us_draft_own(&draft, q->src);
	services = us_version_services(job->org->world->store, job->org->name,
	    active->version, &job->arena);
	if (us_draft_from_value(&draft, q->src, q->workflow, services))
		decide_under(job, q, sources, draft.prog);
	else
		us_job_diags(job, 422, &draft.diags);
	us_draft_free(&draft);
	q->src = NULL;
}

static void
decide(struct us_job *job)
{
	struct us_sources sources = us_sources_now(job->org);
	struct us_active *active = us_org_active(job->org);
	struct us_buf why = {0};
	struct question q;

	if (!question_read(&q, job->body))
		us_job_diags(job, 400, &q.diags);
	else if (!question_allowed(&q, &job->caller, &why))
		us_ticket_error(job->ticket, 403, "%s", why.p);
	else if (q.workflow.has)
		decide_proposed(job, &q, &sources, active);
	else
		decide_under(job, &q, &sources, active->prog);
	us_buf_free(&why);
	question_free(&q);
	us_active_unref(active);
	us_sources_done(&sources);
}

/* On the loop: one request, under the active workflow. */
static void
decide_here(struct us_call *call, struct question *q)
{
	struct us_sources sources = us_sources_now(call->org);
	const struct us_decider *own = us_loop_adopt(call->loop, call->org);
	struct setting d = {.caller = call->caller,
	    .matcher = own->matcher,
	    .org = call->org,
	    .sources = &sources,
	    .loop = call->loop_index,
	    .scratch = &call->arena};
	struct us_buf out = {0};

	us_buf_reserve(&out, USUAL_BYTES);
	if (answer(&d, q, q->request, &q->diags, &out))
		us_call_reply(call, 200, NULL, us_buf_str(&out));
	else
		us_call_diags(call, 400, &q->diags);
	us_buf_free(&out);
	us_sources_done(&sources);
}

static void
decide_or_defer(struct us_call *call)
{
	struct us_buf why = {0};
	struct question q;

	if (!question_read(&q, call->body))
		us_call_diags(call, 400, &q.diags);
	else if (!question_allowed(&q, call->caller, &why))
		us_call_error(call, 403, "%s", why.p);
	else if (q.workflow.has || q.requests.has || q.explain)
		us_job_start(call, 0, decide);
	else
		decide_here(call, &q);
	us_buf_free(&why);
	question_free(&q);
}

void
api_routing_decide(struct us_call *call)
{
	if (us_call_is_text(call))
		us_call_error(call, 415,
		    "a request is JSON (application/json); so is a workflow "
		    "beside it");
	else if (call->body.n > LOOP_BODY_MAX)
		us_job_start(call, 0, decide);
	else
		decide_or_defer(call);
}
