/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rule at a time, by its name. A change of one rule is a new version of
 * the workflow: it is made from the newest, and made anew when that has moved.
 * The default workflow has no rules here, for nobody saved them; the first
 * rule replaces it.
 */
#include "daemon/api.h"
#include "daemon/api_reply.h"
#include "daemon/job.h"
#include "daemon/version.h"
#include "daemon/world.h"
#include "engine/check.h"
#include "engine/json.h"

#define TRIES_MAX 5

/* One change of one rule. */
struct edit {
	struct us_job *job;
	enum us_action action;
	struct us_src *src;        /* the body */
	struct us_buf rule;        /* what stands in the list; empty: delete */
	struct us_draft_part part; /* where the body has got to */
	int status;                /* of an answer that is fine */
};

static void
no_such_rule(struct us_ticket ticket, struct us_str name)
{
	us_ticket_error(ticket, 404, "there is no rule \"%.*s\"", US_ARG(name));
}

/*
 * The rules with rule i replaced, with one more (i: how many there are), or
 * with one less. What stands between the others stays as it was sent.
 */
static void
put_rules(struct edit *e, struct us_str rules,
    const struct us_rule_index *index, uint32_t i, struct us_buf *out)
{
	const struct us_place *place = index->places.v;
	uint32_t n = index->places.n, from = 1, to = 1;

	if (i < n) {
		from = place[i].off;
		to = from + place[i].len;
	} else if (n) {
		from = to = place[n - 1].off + place[n - 1].len;
	}
	if (!e->rule.n && i + 1 < n)
		to = place[i + 1].off;
	else if (!e->rule.n && i)
		from = place[i - 1].off + place[i - 1].len;
	us_buf_add(out, rules.p, from);
	if (i == n && n)
		us_buf_puts(out, ",\n");
	e->part.at = (uint32_t)out->n;
	e->part.len = (uint32_t)e->rule.n;
	us_buf_str_add(out, us_buf_str(&e->rule));
	us_buf_add(out, rules.p + to, rules.n - to);
}

static enum us_revised
store(struct edit *e, struct us_active *base, struct us_draft *draft)
{
	struct us_revision revision = {.org = e->job->org,
	    .base = base,
	    .draft = draft,
	    .action = e->action,
	    .actor = us_caller_actor(&e->job->caller)};
	enum us_revised revised = us_revise(&revision);

	if (revised == US_REVISED)
		us_ticket_reply(
		    e->job->ticket, e->status, NULL, us_buf_str(&e->rule));
	else if (revised != US_REVISED_STALE)
		us_job_unrevised(e->job, revised);
	return revised;
}

/* From the base's record to the next version; false: to be tried again. */
static bool
revise(struct edit *e, struct us_active *base, uint32_t i,
    struct us_workflow_record *record)
{
	enum us_revised revised = US_REVISED;
	struct us_buf rules = {0};
	struct us_draft draft;

	us_draft_init(&draft);
	put_rules(e, record->rules, &base->index, i, &rules);
	record->rules = us_buf_str(&rules);
	if (rules.n > US_WORKFLOW_MAX) {
		us_ticket_error(e->job->ticket, 413,
		    "the workflow would have %zu bytes; it has %u at most",
		    rules.n, US_WORKFLOW_MAX);
	} else if (us_draft_from_record(&draft, record)) {
		revised = store(e, base, &draft);
	} else {
		if (e->src)
			us_draft_say_of(&draft, &e->part);
		us_job_diags(e->job, 422, &draft.diags);
	}
	us_draft_free(&draft);
	us_buf_free(&rules);
	return revised != US_REVISED_STALE;
}

/* One try; false: the workflow has moved. */
static bool
try_edit(struct edit *e, struct us_active *base)
{
	struct us_job *job = e->job;
	struct us_workflow_record record = {.rules = US_STR("[]")};
	uint32_t i = us_rule_index_find(&base->index, job->name);
	bool creates = e->action == US_ACTION_RULES_CREATED, done = true;
	struct us_txn *txn;

	if (creates && i != US_NO_SYMBOL) {
		us_ticket_error(job->ticket, 409,
		    "there is a rule \"%.*s\" already; PUT replaces it",
		    US_ARG(job->name));
		return true;
	}
	if (!creates && i == US_NO_SYMBOL) {
		no_such_rule(job->ticket, job->name);
		return true;
	}
	if (creates)
		i = base->index.places.n;
	txn = us_txn_read(job->org->world->store);
	if (base->version &&
	    !us_version_get(txn, job->org->name, base->version, &record))
		us_ticket_error(job->ticket, 503, "the store cannot be read");
	else
		done = revise(e, base, i, &record);
	us_txn_abort(txn);
	return done;
}

static void
run_edit(struct edit *e)
{
	struct us_active *base;
	bool done = false;

	for (unsigned i = 0; i < TRIES_MAX && !done; i++) {
		base = us_org_active(e->job->org);
		done = try_edit(e, base);
		us_active_unref(base);
	}
	if (!done)
		us_job_stale(e->job);
}

/*
 * The rule as it will stand in the list. It is the body, byte for byte, but
 * that one without a name takes that of the path.
 */
static void
put_rule(struct edit *e, struct us_str body, bool named)
{
	struct us_str rest = {body.p + 1, body.n - 1};

	us_buf_putc(&e->rule, '{');
	if (!named) {
		us_buf_puts(&e->rule, "\"name\": ");
		us_buf_json(&e->rule, e->job->name);
		us_buf_puts(&e->rule, e->src->nodes.n > 1 ? ", " : "");
		e->part.added = (uint32_t)e->rule.n - 1;
	}
	us_buf_str_add(&e->rule, rest);
}

/* Reads the body; false when it was answered. */
static bool
read_rule(struct edit *e, struct us_json_value value)
{
	struct us_str body = us_json_raw(e->src, value), name;
	struct us_json_value member = us_json_member(e->src, value, "name");
	bool named = member.kind != US_JSON_ABSENT;

	if (value.kind != US_JSON_OBJECT) {
		us_ticket_error(e->job->ticket, 400,
		    "expected a rule (a JSON object with name, requestor, "
		    "resource and approval)");
		return false;
	}
	if (named && member.kind != US_JSON_STRING) {
		us_ticket_error(e->job->ticket, 400,
		    "the \"name\" of the rule must be a string, and that of "
		    "the path");
		return false;
	}
	if (named) {
		name = us_json_text(e->src, member, &e->src->arena);
		if (!us_str_eq(name, e->job->name)) {
			us_ticket_error(e->job->ticket, 400,
			    "the body names the rule \"%.*s\", the path names "
			    "\"%.*s\"; they must be one",
			    US_ARG(name), US_ARG(e->job->name));
			return false;
		}
	}
	e->part.sent = e->src;
	e->part.from = e->src->nodes.v[value.node].off;
	put_rule(e, body, named);
	return true;
}

static void
write_rule(struct us_job *job, enum us_action action, int status)
{
	struct edit e = {.job = job, .action = action, .status = status};
	struct us_diags diags = {0};
	struct us_json_value value;

	e.src = us_src_new("rule", job->body, US_FORMAT_JSON);
	if (!us_json_parse(e.src, &diags, &value))
		us_job_diags(job, 400, &diags);
	else if (read_rule(&e, value))
		run_edit(&e);
	us_diags_free(&diags);
	us_buf_free(&e.rule);
	us_src_free(e.src);
}

static void
create(struct us_job *job)
{
	write_rule(job, US_ACTION_RULES_CREATED, 201);
}

static void
put(struct us_job *job)
{
	write_rule(job, US_ACTION_RULES_UPDATED, 200);
}

static void delete (struct us_job *job)
{
	struct edit e = {
	    .job = job, .action = US_ACTION_RULES_DELETED, .status = 204};

	run_edit(&e);
}

static void
start_write(struct us_call *call, void (*run)(struct us_job *job))
{
	if (us_call_follows(call))
		return;
	if (us_call_is_text(call))
		us_call_error(call, 415,
		    "one rule is written as JSON (application/json)");
	else
		us_job_start(call, 0, run);
}

void
api_rule_create(struct us_call *call)
{
	start_write(call, create);
}

void
api_rule_put(struct us_call *call)
{
	start_write(call, put);
}

void
api_rule_delete(struct us_call *call)
{
	start_write(call, delete);
}

void
api_rule_get(struct us_call *call)
{
	const struct us_active *active =
	    us_loop_adopt(call->loop, call->org)->active;
	struct us_rule_texts texts = {.index = &active->index};
	uint32_t i = us_rule_index_find(texts.index, call->params[1]);
	struct us_workflow_record record = {.rules = {NULL, 0}};
	struct us_buf out = {0};
	struct us_txn *txn;

	if (i == US_NO_SYMBOL) {
		us_call_error(call, 404, "there is no rule \"%.*s\"",
		    US_ARG(call->params[1]));
		return;
	}
	txn = us_txn_read(call->org->world->store);
	if (us_version_get(txn, call->org->name, active->version, &record)) {
		texts.rules = record.rules;
		us_buf_str_add(&out, us_rule_text(&texts, i));
	}
	us_api_reply(call, txn, 200, &out);
}
