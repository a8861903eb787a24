/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading workflows: the active one, stored ones, their history. What was sent
 * is given back as it was sent; what was sent as JSON is printed for those who
 * want the language, and the other way round.
 */
#include "daemon/api.h"
#include "daemon/api_reply.h"
#include "daemon/job.h"
#include "daemon/query.h"
#include "daemon/version.h"
#include "daemon/world.h"
#include "engine/when.h"
#include "grammar/print.h"

#define HISTORY_DEFAULT 100
#define HISTORY_MAX 1000

static const char language[] = "text/x-usher";

static void
put_date(int64_t ms, struct us_buf *out)
{
	us_buf_putc(out, '"');
	us_when_print(ms, out);
	us_buf_putc(out, '"');
}

/* {"id", "createdDate", "rules", ...} */
static void
put_workflow(uint64_t version, const struct us_workflow_record *record,
    struct us_buf *out)
{
	us_buf_puts(out, "{\"id\":");
	if (version)
		us_version_json(version, out);
	else
		us_buf_puts(out, "\"default\"");
	us_buf_puts(out, ",\"createdDate\":");
	if (version)
		put_date(record->created, out);
	else
		us_buf_puts(out, "null");
	us_buf_putc(out, ',');
	us_workflow_parts_json(record, out);
	us_buf_putc(out, '}');
}

/* Prints a workflow that was sent as JSON. */
static void
print_version(struct us_job *job)
{
	struct us_txn *txn = us_txn_read(job->org->world->store);
	struct us_workflow_record record;
	struct us_buf out = {0};
	struct us_draft draft;

	us_draft_init(&draft);
	if (!us_version_read(
		txn, job->org->name, job->version, &job->arena, &record)) {
		us_ticket_error(job->ticket, 503, "the store cannot be read");
	} else if (us_draft_from_record(&draft, &record)) {
		us_print_workflow(draft.rs, &out);
		us_ticket_reply(job->ticket, 200, language, us_buf_str(&out));
	} else {
		us_ticket_error(job->ticket, 503,
		    "this version cannot be printed: %s",
		    us_diags_first(&draft.diags));
	}
	us_buf_free(&out);
	us_draft_free(&draft);
	us_txn_abort(txn);
}

static bool
wants_text(const struct us_call *call)
{
	return call->accept.n && memmem(call->accept.p, call->accept.n,
				     language, sizeof(language) - 1);
}

typedef void put_form(uint64_t version, const struct us_workflow_record *record,
    struct us_buf *out);

static void
reply_version(
    struct us_call *call, uint64_t version, put_form *put, bool as_text)
{
	struct us_txn *txn = us_txn_read(call->org->world->store);
	struct us_workflow_record record;
	struct us_buf out = {0};

	if (!us_version_read(
		txn, call->org->name, version, &call->arena, &record) &&
	    !us_txn_error(txn)) {
		us_txn_abort(txn);
		us_call_error(call, 404, "there is no version v%llu",
		    (unsigned long long)version);
		return;
	}
	if (!as_text || us_txn_error(txn)) {
		put(version, &record, &out);
		us_api_reply(call, txn, 200, &out);
		return;
	}
	if (record.text.n)
		us_call_reply(call, 200, language, record.text);
	us_txn_abort(txn);
	if (!record.text.n)
		us_job_start(call, version, print_version);
}

static uint64_t
active_version(struct us_call *call)
{
	return us_loop_adopt(call->loop, call->org)->active->version;
}

void
api_routing_get(struct us_call *call)
{
	reply_version(
	    call, active_version(call), put_workflow, wants_text(call));
}

void
api_routing_latest(struct us_call *call)
{
	/* Always JSON: the language has no word for the version. */
	reply_version(call, active_version(call), us_version_saved_json, false);
}

void
api_routing_version(struct us_call *call)
{
	uint64_t version = 0;

	if (us_str_is(call->params[1], "default") ||
	    us_version_parse(call->params[1], &version))
		reply_version(call, version, put_workflow, wants_text(call));
	else
		us_call_error(call, 404,
		    "there is no version of that name; versions are v1, v2, "
		    "...");
}

struct history {
	uint64_t before, limit; /* what was asked for */
	uint64_t n, last;
	bool more;
	struct us_buf out;
};

static bool
put_entry(void *arg, uint64_t version, const struct us_workflow_record *record)
{
	struct history *h = arg;

	h->more = h->n == h->limit;
	if (h->more)
		return false;
	us_buf_puts(&h->out, h->n++ ? ",{\"version\":" : "{\"version\":");
	us_version_json(version, &h->out);
	us_buf_puts(&h->out, ",\"createdDate\":");
	put_date(record->created, &h->out);
	us_buf_puts(&h->out, ",\"author\":");
	us_buf_json(&h->out, record->author);
	us_buf_printf(&h->out,
	    ",\"rules\":%u,\"added\":%u,\"changed\":%u,\"removed\":%u}",
	    record->rule_count, record->added, record->changed,
	    record->removed);
	h->last = version;
	return true;
}

/* after: a version; limit: how many. */
static bool
read_history(struct us_call *call, struct history *h)
{
	struct us_str rest = call->query, name, value;
	const char *wanted;

	while (us_query_next(&rest, &name, &value)) {
		wanted = NULL;
		if (us_str_is(name, "after"))
			wanted = us_version_parse(value, &h->before)
				     ? NULL
				     : "a version, like v7";
		else if (us_str_is(name, "limit"))
			wanted =
			    us_query_number(value, HISTORY_MAX, &h->limit) &&
				    h->limit
				? NULL
				: "a number from 1 to 1000";
		else
			wanted = "one of the parameters after and limit";
		if (!wanted)
			continue;
		us_call_error(call, 400, "in the query \"%.*s\" expected %s",
		    (int)(call->query.n < 100 ? call->query.n : 100),
		    call->query.p, wanted);
		return false;
	}
	return true;
}

void
api_routing_history(struct us_call *call)
{
	struct history h = {.limit = HISTORY_DEFAULT};
	struct us_txn *txn;

	if (!read_history(call, &h))
		return;
	us_buf_puts(&h.out, "{\"versions\":[");
	txn = us_txn_read(call->org->world->store);
	/* Nothing is older than v1. */
	if (h.before != 1)
		us_version_scan(txn, call->org->name, h.before, put_entry, &h);
	us_buf_puts(&h.out, "],\"next\":");
	us_version_json(h.more ? h.last : 0, &h.out);
	us_buf_putc(&h.out, '}');
	us_api_reply(call, txn, 200, &h.out);
}
