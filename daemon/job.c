/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs, from the loop to the worker, and how they are answered. */
#include <stdlib.h>

#include "daemon/api_reply.h"
#include "daemon/job.h"
#include "daemon/org_parts.h"
#include "daemon/version.h"
#include "engine/check.h"
#include "engine/err.h"

/* Bodies of jobs, all together: a queue of the longest would be gigabytes. */
#define BYTES_MAX (2 * (size_t)US_WORKFLOW_MAX)

static const char busy[] =
    "too many workflows are being worked on; try again in a moment";

/*
 * Everyone signed in may ask for decisions; that must not keep those from
 * working who look after the rules.
 */
#define GUESTS_MAX 4

static bool
is_guest(const struct us_caller *caller)
{
	return !(caller->roles & US_ROLE_BIT(MANAGER));
}

void
us_job_give_room(struct us_org *org, const struct us_caller *caller, size_t n)
{
	atomic_fetch_sub(&org->state->jobs, n);
	if (is_guest(caller))
		atomic_fetch_sub(&org->state->guests, 1);
}

bool
us_job_take_room(struct us_org *org, const struct us_caller *caller, size_t n)
{
	struct us_org_state *state = org->state;
	bool room = atomic_fetch_add(&state->jobs, n) + n <= BYTES_MAX;

	if (is_guest(caller))
		room &= atomic_fetch_add(&state->guests, 1) < GUESTS_MAX;
	if (!room)
		us_job_give_room(org, caller, n);
	return room;
}

void
us_job_free(struct us_job *job)
{
	us_job_give_room(job->org, &job->caller, job->body.n);
	us_caller_done(&job->caller);
	us_arena_free(&job->arena);
	free(job);
}

static void
run_job(void *arg)
{
	struct us_job *job = arg;
	struct us_org *org = job->org;
	size_t body = job->body.n;

	job->run(job);
	us_job_free(job);
	us_org_settle(org, body);
}

bool
us_call_is_text(const struct us_call *call)
{
	return us_str_is(call->content_type, "text/x-usher");
}

struct us_job *
us_job_new(struct us_call *call)
{
	struct us_job *job;

	if (!us_job_take_room(call->org, call->caller, call->body.n))
		return NULL;
	job = us_calloc(1, sizeof(*job));
	job->org = call->org;
	job->is_text = us_call_is_text(call);
	job->body = us_arena_str(&job->arena, call->body);
	job->name = us_arena_str(&job->arena, call->params[1]);
	us_caller_copy(call->caller, &job->arena, &job->caller);
	return job;
}

bool
us_job_submit(
    struct us_job *job, struct us_call *call, void (*run)(struct us_job *job))
{
	job->run = run;
	job->ticket = us_call_defer(call);
	return us_worker_submit(job->org->worker, run_job, job);
}

void
us_job_start(
    struct us_call *call, uint64_t version, void (*run)(struct us_job *job))
{
	struct us_job *job = us_job_new(call);

	if (!job) {
		us_call_error(call, 503, "%s", busy);
		return;
	}
	job->version = version;
	if (us_job_submit(job, call, run))
		return;
	us_ticket_error(job->ticket, 503, "%s", busy);
	us_job_free(job);
}

bool
us_job_caller(struct us_job *job, struct us_txn *txn,
    struct us_directory *directory, struct us_caller *now)
{
	us_caller_copy(&job->caller, &job->arena, now);
	us_caller_renew(now, job->org, txn, directory);
	if (us_caller_holds(now, job->org, txn))
		return true;
	us_caller_done(now);
	us_ticket_error(job->ticket, 401, "%s", US_KEY_IS_GONE);
	return false;
}

bool
us_call_follows(struct us_call *call)
{
	if (!call->org->follows)
		return false;
	us_call_error(call, 409,
	    "the rules of this organisation follow files (rules-follow); "
	    "change them there");
	return true;
}

static void
put_diags(const struct us_diags *diags, struct us_buf *out)
{
	us_buf_puts(out, "{\"error\":");
	us_buf_json(out, us_str(us_diags_first(diags)));
	us_buf_puts(out, ",\"diagnostics\":");
	us_diags_json(diags, out);
	us_buf_putc(out, '}');
}

void
us_call_diags(struct us_call *call, int status, const struct us_diags *diags)
{
	struct us_buf out = {0};

	put_diags(diags, &out);
	us_call_reply(call, status, NULL, us_buf_str(&out));
	us_buf_free(&out);
}

void
us_job_diags(struct us_job *job, int status, const struct us_diags *diags)
{
	struct us_buf out = {0};

	put_diags(diags, &out);
	us_job_reply(job, status, &out);
}

void
us_job_reply(struct us_job *job, int status, struct us_buf *body)
{
	us_ticket_reply(job->ticket, status, NULL, us_buf_str(body));
	us_buf_free(body);
}

void
us_job_reply_read(
    struct us_job *job, struct us_txn *txn, int status, struct us_buf *body)
{
	enum us_store_error error = us_txn_error(txn);

	us_txn_abort(txn);
	if (error) {
		us_ticket_error(job->ticket, 503, US_API_UNREAD,
		    us_store_error_text(error));
		us_buf_free(body);
	} else {
		us_job_reply(job, status, body);
	}
}

void
us_job_stale(struct us_job *job)
{
	struct us_active *now = us_org_active(job->org);
	struct us_buf out = {0};

	us_buf_puts(&out, "{\"error\":\"another workflow was saved in between; "
			  "read it, and save again with its version\","
			  "\"currentVersion\":");
	us_version_json(now->version, &out);
	us_buf_putc(&out, '}');
	us_active_unref(now);
	us_job_reply(job, 409, &out);
}

void
us_job_unrevised(struct us_job *job, enum us_revised revised)
{
	if (revised == US_REVISED_STALE)
		us_job_stale(job);
	else
		us_api_unwritten(job->ticket, revised == US_REVISED_FULL
						  ? US_WRITE_FULL
						  : US_WRITE_FAILED);
}
