/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Saving and checking whole workflows. A body is JSON, {"workflow": {...},
 * "currentVersion": "v3" or null}, or a text in the language, whose version
 * then stands in the query: ?currentVersion=v3, or =none.
 */
#include "daemon/api.h"
#include "daemon/job.h"
#include "daemon/query.h"
#include "daemon/version.h"
#include "daemon/world.h"
#include "engine/json_read.h"
#include "engine/lint.h"

/* What messages call the body. */
static const char body_name[] = "workflow";

/* The currentVersion of a JSON body, which must be there, were it null. */
static bool
read_version(struct us_json_reader *r, struct us_json_value around,
    struct us_json_value value, uint64_t *version)
{
	struct us_word word = {.s = {NULL, 0}};

	*version = 0;
	if (value.kind == US_JSON_ABSENT) {
		us_json_error(r, US_DIAG_MISSING, around,
		    "\"currentVersion\" is missing: the version that this "
		    "one replaces, or null when none was saved yet");
		return false;
	}
	if (!value.has)
		return true;
	if (us_json_word(r, value, &word) && !us_version_parse(word.s, version))
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "%s is no version; expected one like \"v3\", or null",
		    us_json_show(r, value));
	return *version != 0;
}

/* The envelope of a save; the workflow in it is another matter. */
static bool
read_envelope(struct us_draft *draft, struct us_src *src,
    struct us_json_value root, struct us_json_value *workflow,
    uint64_t *version)
{
	enum { WORKFLOW, VERSION, COUNT };
	static const char *const names[] = {"workflow", "currentVersion"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(WORKFLOW), US_BIT(VERSION)}};
	static const struct us_json_form form =
	    US_FORM("a body that saves a workflow", names, shapes);
	struct us_json_reader r = {
	    .src = src, .diags = &draft->diags, .arena = &draft->rs->arena};
	struct us_json_value slots[COUNT];

	if (us_json_members(&r, &form, root, slots) >= 0)
		read_version(&r, root, slots[VERSION], version);
	*workflow = slots[WORKFLOW];
	return r.errors == 0;
}

/* They stay when a save has none. */
static struct us_str
kept_services(struct us_job *job, const struct us_active *base)
{
	return us_version_services(
	    job->org->world->store, job->org->name, base->version, &job->arena);
}

static void
store(struct us_job *job, struct us_active *base, struct us_draft *draft)
{
	struct us_revision revision = {.org = job->org,
	    .base = base,
	    .draft = draft,
	    .action = base->version ? US_ACTION_RULES_UPDATED
				    : US_ACTION_RULES_CREATED,
	    .actor = us_caller_actor(&job->caller)};
	enum us_revised revised = us_revise(&revision);
	struct us_workflow_record record = us_draft_record(draft);
	struct us_buf out = {0};

	if (revised != US_REVISED) {
		us_job_unrevised(job, revised);
		return;
	}
	us_version_saved_json(revision.version, &record, &out);
	us_job_reply(job, 200, &out);
}

static void
save_text(struct us_job *job, struct us_active *base, struct us_draft *draft)
{
	if (job->version != base->version)
		us_job_stale(job);
	else if (us_draft_from_text(draft, body_name, job->body))
		store(job, base, draft);
	else
		us_job_diags(job, 422, &draft->diags);
}

static void
save_json(struct us_job *job, struct us_active *base, struct us_draft *draft)
{
	struct us_src *src =
	    us_draft_source(draft, body_name, job->body, US_FORMAT_JSON);
	struct us_json_value value, workflow;
	uint64_t version = 0;

	if (!us_json_parse(src, &draft->diags, &value) ||
	    !read_envelope(draft, src, value, &workflow, &version))
		us_job_diags(job, 400, &draft->diags);
	else if (version != base->version)
		us_job_stale(job);
	else if (us_draft_from_value(
		     draft, src, workflow, kept_services(job, base)))
		store(job, base, draft);
	else
		us_job_diags(job, 422, &draft->diags);
}

static void
save(struct us_job *job)
{
	struct us_active *base = us_org_active(job->org);
	struct us_draft draft;

	us_draft_init(&draft);
	if (job->is_text)
		save_text(job, base, &draft);
	else
		save_json(job, base, &draft);
	us_draft_free(&draft);
	us_active_unref(base);
}

/* The currentVersion of a text, in the query; 0: none was saved yet. */
static bool
read_query(struct us_call *call, uint64_t *version)
{
	struct us_str rest = call->query, name, value;
	bool given = false, good = true;

	while (us_query_next(&rest, &name, &value)) {
		given = true;
		good = good && us_str_is(name, "currentVersion") &&
		       (us_str_is(value, "none") ||
			   us_version_parse(value, version));
	}
	if (!given || !good)
		us_call_error(call, 400,
		    "a workflow in the language is saved with "
		    "?currentVersion=v3 (the version it replaces), or "
		    "?currentVersion=none when none was saved yet");
	return given && good;
}

void
api_routing_save(struct us_call *call)
{
	uint64_t version = 0;

	if (us_call_follows(call))
		return;
	if (!us_call_is_text(call) || read_query(call, &version))
		us_job_start(call, version, save);
}

/*
 * What there is to check: {"workflow": ...}, which may stand beside the
 * currentVersion of a save, or a workflow itself.
 */
static void
check_json(struct us_job *job, struct us_active *base, struct us_draft *draft)
{
	struct us_src *src =
	    us_draft_source(draft, body_name, job->body, US_FORMAT_JSON);
	struct us_json_value value, workflow;
	uint64_t version;

	if (!us_json_parse(src, &draft->diags, &value))
		return;
	workflow = value;
	if (us_json_member(src, value, "currentVersion").kind ==
		US_JSON_ABSENT ||
	    read_envelope(draft, src, value, &workflow, &version))
		us_draft_from_value(
		    draft, src, workflow, kept_services(job, base));
}

static void
check(struct us_job *job)
{
	struct us_active *base = us_org_active(job->org);
	struct us_buf out = {0};
	struct us_draft draft;

	us_draft_init(&draft);
	if (job->is_text)
		us_draft_from_text(&draft, body_name, job->body);
	else
		check_json(job, base, &draft);
	if (draft.prog)
		us_lint(draft.rs, NULL, &draft.diags);
	us_diags_sort(&draft.diags);
	us_buf_printf(&out, "{\"errors\":%u,\"warnings\":%u,\"diagnostics\":",
	    draft.diags.errors, draft.diags.warnings);
	us_diags_json(&draft.diags, &out);
	us_buf_putc(&out, '}');
	us_job_reply(job, 200, &out);
	us_draft_free(&draft);
	us_active_unref(base);
}

void
api_routing_check(struct us_call *call)
{
	us_job_start(call, 0, check);
}
