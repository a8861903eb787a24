/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Organisations, from the files and the store at the start to the end. What
 * changes while they run is in active.c and follow.c.
 */
#include <stdlib.h>

#include "daemon/log.h"
#include "daemon/org_parts.h"
#include "daemon/version.h"
#include "daemon/world.h"
#include "engine/err.h"

/* Jobs of an organisation that may wait; the next is told to come later. */
#define QUEUE_MAX 16

const char us_default_rules[] =
    "[{\"name\": \"default\", \"requestor\": {\"type\": \"any\"}, "
    "\"resource\": {\"type\": \"any\"}, \"approval\": [{\"type\": \"p0\", "
    "\"options\": {\"allowOneParty\": false, \"requireReason\": false, "
    "\"breakGlassApprover\": false}}]}]";

void
us_org_set_directory(struct us_org *org, struct us_directory *directory)
{
	struct us_org_state *state = org->state;
	struct us_directory *old;

	pthread_mutex_lock(&state->lock);
	old = state->directory;
	state->directory = directory;
	pthread_mutex_unlock(&state->lock);
	if (old)
		us_directory_unref(old);
}

struct us_directory *
us_org_directory(struct us_org *org)
{
	struct us_directory *directory;

	pthread_mutex_lock(&org->state->lock);
	directory = us_directory_ref(org->state->directory);
	pthread_mutex_unlock(&org->state->lock);
	return directory;
}

static bool
publish_record(struct us_org *org, uint64_t version,
    const struct us_workflow_record *record, struct us_buf *error)
{
	struct us_draft draft;
	bool good;

	us_draft_init(&draft);
	good = us_draft_from_record(&draft, record);
	if (good)
		us_org_publish(
		    org, us_active_new(version, record->created, &draft));
	else
		us_buf_printf(error, "its stored workflow v%llu is wrong: %s",
		    (unsigned long long)version, us_diags_first(&draft.diags));
	us_draft_free(&draft);
	return good;
}

/* The newest version of the store, or else the default, becomes active. */
static bool
load_stored(struct us_org *org, struct us_buf *error)
{
	struct us_workflow_record record = {.rules = us_str(us_default_rules)};
	struct us_txn *txn = us_txn_read(org->world->store);
	uint64_t version = us_version_last(txn, org->name);
	bool good =
	    !version || us_version_get(txn, org->name, version, &record);
	enum us_store_error e = us_txn_error(txn);

	if (e || !good)
		us_buf_printf(error, "its newest workflow cannot be read: %s",
		    us_store_error_text(e ? e : US_STORE_CORRUPT));
	else
		good = publish_record(org, version, &record, error);
	us_txn_abort(txn);
	return good && !e;
}

/* Files seed an organisation once; those that are followed, every time. */
static bool
load_all(struct us_org *org, struct us_buf *error)
{
	struct us_org_state *state = org->state;

	if (!org->directory_path)
		us_org_set_directory(org, us_directory_empty());
	else if (us_watch_look(&state->people, org->directory_path) &&
		 !us_org_load_directory(org, error))
		return false;
	if (!load_stored(org, error))
		return false;
	if (!org->rules_path || (!org->follows && state->active->version))
		return true;
	us_watch_look(&state->rules, org->rules_path);
	if (us_org_load_rules(org, error))
		return true;
	if (!state->active->version)
		return false;
	/* As when a followed file breaks later: an outage mends nothing. */
	us_org_keep_rules(org, error);
	return true;
}

struct us_org *
us_org_open(struct us_world *world, struct us_str name, unsigned index,
    const char *rules_path, bool follows, const char *directory_path,
    struct us_buf *error)
{
	struct us_org *org = us_calloc(1, sizeof(*org));

	org->name = name;
	org->index = index;
	org->world = world;
	org->rules_path = rules_path;
	org->follows = follows && rules_path;
	org->directory_path = directory_path;
	org->state = us_calloc(1, sizeof(*org->state));
	pthread_mutex_init(&org->state->lock, NULL);
	org->worker = us_worker_start("usherd-worker", QUEUE_MAX);
	if (!org->worker)
		us_buf_puts(error, "its worker cannot be started");
	if (org->worker && load_all(org, error)) {
		us_org_settle(org, 0);
		return org;
	}
	us_org_close(org);
	return NULL;
}

void
us_org_close(struct us_org *org)
{
	struct us_org_state *state = org->state;

	if (org->worker)
		us_worker_stop(org->worker);
	/* Errands of calls whose clients have gone may still be queued. */
	us_writer_drain(org->world->writer);
	us_active_unref(state->active);
	if (state->directory)
		us_directory_unref(state->directory);
	us_buf_free(&state->rules_trouble);
	us_buf_free(&state->directory_trouble);
	us_buf_free(&state->rules.seen);
	us_buf_free(&state->people.seen);
	pthread_mutex_destroy(&state->lock);
	free(state);
	free(org);
}
