/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Organisations, from the files and the store at the start to the end. What
 * changes while they run is in active.c and follow.c.
 */
#include <stdlib.h>

#include "daemon/log.h"
#include "daemon/org_parts.h"
#include "daemon/sources.h"
#include "daemon/version.h"
#include "daemon/world.h"
#include "engine/err.h"

/* Jobs of an organisation that may wait; the next is told to come later. */
#define QUEUE_MAX 16

void
us_org_review(struct us_org *org)
{
	us_sources_changed(org);
	if (org->world->keeper)
		us_keeper_review(org->world->keeper, org);
}

void
us_org_set_directory(struct us_org *org, struct us_directory *directory)
{
	struct us_org_state *state = org->state;
	struct us_directory *old;

	pthread_mutex_lock(&state->lock);
	old = state->directory;
	state->directory = directory;
	pthread_mutex_unlock(&state->lock);
	us_directory_unref(old);
	us_org_review(org);
}

void
us_org_set_oncall(struct us_org *org, struct us_oncall *oncall)
{
	struct us_org_state *state = org->state;
	struct us_oncall *old;

	pthread_mutex_lock(&state->lock);
	old = state->oncall;
	state->oncall = oncall;
	pthread_mutex_unlock(&state->lock);
	us_oncall_unref(old);
	us_sources_changed(org);
}

void
us_org_set_inventory(struct us_org *org, struct us_inventory *inventory)
{
	struct us_org_state *state = org->state;
	struct us_inventory *old;

	pthread_mutex_lock(&state->lock);
	old = state->inventory;
	state->inventory = inventory;
	pthread_mutex_unlock(&state->lock);
	us_inventory_unref(old);
	us_sources_changed(org);
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

bool
us_org_load_stored(struct us_org *org, struct us_buf *error)
{
	struct us_workflow_record record;
	struct us_arena arena = {0};
	struct us_txn *txn = us_txn_read(org->world->store);
	uint64_t version = us_version_last(txn, org->name);
	bool good =
	    us_version_read(txn, org->name, version, &arena, &record);
	enum us_store_error e = us_txn_error(txn);

	if (e || !good)
		us_buf_printf(error, "its newest workflow cannot be read: %s",
		    us_store_error_text(e ? e : US_STORE_CORRUPT));
	else
		good = publish_record(org, version, &record, error);
	us_txn_abort(txn);
	us_arena_free(&arena);
	return good && !e;
}

/* What there is of a file, before anybody asks. */
static bool
load_facts(struct us_org *org, enum us_org_file file, struct us_buf *error)
{
	struct us_followed *followed = &org->state->files[file];

	if (!followed->path)
		return true;
	us_followed_look(followed);
	return us_org_load(org, file, error);
}

/* Files seed the rules once; those that are followed, every time. */
static bool
load_rules(struct us_org *org, struct us_buf *error)
{
	struct us_org_state *state = org->state;

	if (!us_org_load_stored(org, error))
		return false;
	if (!org->rules_path || (!org->follows && state->active->version))
		return true;
	if (org->follows)
		us_followed_look(&state->files[US_FILE_RULES]);
	if (us_org_load(org, US_FILE_RULES, error))
		return true;
	if (!state->active->version)
		return false;
	/* As when a followed file breaks later: an outage mends nothing. */
	us_org_keep(org, US_FILE_RULES, error);
	return true;
}

static bool
load_all(struct us_org *org, struct us_buf *error)
{
	struct us_org_state *state = org->state;

	state->directory = us_directory_empty();
	state->oncall = us_oncall_empty();
	state->inventory = us_inventory_empty();
	return load_facts(org, US_FILE_DIRECTORY, error) &&
	       load_facts(org, US_FILE_ONCALL, error) &&
	       load_facts(org, US_FILE_INVENTORY, error) &&
	       load_rules(org, error);
}

static void
take_paths(struct us_org *org, const struct us_conf_org *conf)
{
	struct us_followed *files = org->state->files;

	org->conf = conf;
	org->rules_path = conf->rules;
	org->directory_path = conf->directory;
	org->oncall_path = conf->oncall;
	org->inventory_path = conf->inventory;
	org->follows = conf->rules_follow && conf->rules;
	files[US_FILE_DIRECTORY].path = conf->directory;
	files[US_FILE_ONCALL].path = conf->oncall;
	files[US_FILE_INVENTORY].path = conf->inventory;
	files[US_FILE_RULES].path = org->follows ? conf->rules : NULL;
}

struct us_org *
us_org_open(struct us_world *world, struct us_str name, unsigned index,
    const struct us_conf_org *conf, struct us_buf *error)
{
	struct us_org *org = us_calloc(1, sizeof(*org));

	org->name = name;
	org->index = index;
	org->world = world;
	org->state = us_calloc(1, sizeof(*org->state));
	take_paths(org, conf);
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
	if (org->worker)
		us_worker_free(org->worker);
	us_active_unref(state->active);
	us_directory_unref(state->directory);
	us_oncall_unref(state->oncall);
	us_inventory_unref(state->inventory);
	for (unsigned i = 0; i < US_FILE_COUNT; i++) {
		us_buf_free(&state->files[i].seen);
		us_buf_free(&state->files[i].trouble);
	}
	pthread_mutex_destroy(&state->lock);
	free(state);
	free(org);
}
