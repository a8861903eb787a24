/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One version follows another. All that can be worked out before the write is:
 * what changed, the record, the audit event. The writer only looks whether the
 * base is still the newest version.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "daemon/clock.h"
#include "daemon/revise.h"
#include "daemon/version.h"
#include "daemon/world.h"

/* A write and who waits for it. */
struct pending {
	struct us_write write; /* first: the writer knows no more than this */
	struct us_revision *revision;
	struct us_active *next;
	struct us_buf record;
	struct json_object *event;
	bool stale;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool over;
	enum us_write_result result;
};

static bool
apply(struct us_write *w, struct us_txn *txn)
{
	struct pending *p = (struct pending *)w;
	const struct us_revision *r = p->revision;
	struct us_str org = r->org->name;

	p->stale = us_version_last(txn, org) != r->base->version;
	if (p->stale)
		return false;
	us_version_put(txn, org, p->next->version, us_buf_str(&p->record));
	us_audit_append(txn, org, p->next->created, r->action, &r->actor,
	    json_object_get(p->event));
	return true;
}

static void
publish(struct us_write *w)
{
	struct pending *p = (struct pending *)w;

	us_org_publish(p->revision->org, us_active_ref(p->next));
}

static void
finish(struct us_write *w, enum us_write_result result)
{
	struct pending *p = (struct pending *)w;

	pthread_mutex_lock(&p->lock);
	p->result = result;
	p->over = true;
	pthread_cond_signal(&p->ended);
	pthread_mutex_unlock(&p->lock);
}

static void
add_flag(struct json_object *event, const char *member, struct us_str old,
    struct us_str new)
{
	if (!us_str_eq(old, new))
		json_object_object_add(
		    event, member, json_object_new_boolean(true));
}

/* What is stored, and what the audit log will say of it. */
static void
describe(struct pending *p, const struct us_workflow_record *old)
{
	struct us_revision *r = p->revision;
	struct us_workflow_record new = us_draft_record(r->draft);
	struct us_rule_texts from = {old->rules, &r->base->index};
	struct us_rule_texts to = {new.rules, &p->next->index};
	struct us_difference difference;
	char version[24];

	new.created = p->next->created;
	new.author = r->actor.email;
	new.rule_count = to.index->places.n;
	us_difference_find(&from, &to, &difference);
	new.added = difference.added.n;
	new.changed = difference.changed.n;
	new.removed = difference.removed.n;
	us_workflow_encode(&new, &p->record);
	snprintf(version, sizeof(version), "v%" PRIu64, p->next->version);
	p->event = us_difference_json(&difference, &from, &to);
	json_object_object_add(
	    p->event, "version", json_object_new_string(version));
	add_flag(p->event, "servicesChanged", old->services, new.services);
	add_flag(p->event, "preapprovalsChanged", old->preapprovals,
	    new.preapprovals);
	us_difference_free(&difference);
}

/* The base as it is stored; the default counts as no rules at all. */
static bool
prepare(struct pending *p)
{
	struct us_revision *r = p->revision;
	struct us_workflow_record old = {.rules = US_STR("[]")};
	struct us_txn *txn = us_txn_read(r->org->world->store);
	bool good = true;

	if (r->base->version)
		good =
		    us_version_get(txn, r->org->name, r->base->version, &old);
	if (good)
		describe(p, &old);
	us_txn_abort(txn);
	return good;
}

static void
submit_and_wait(struct pending *p)
{
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->ended, NULL);
	us_writer_submit(p->revision->org->world->writer, &p->write);
	pthread_mutex_lock(&p->lock);
	while (!p->over)
		pthread_cond_wait(&p->ended, &p->lock);
	pthread_mutex_unlock(&p->lock);
	pthread_cond_destroy(&p->ended);
	pthread_mutex_destroy(&p->lock);
}

static enum us_revised
outcome(const struct pending *p)
{
	switch (p->result) {
	case US_WRITE_DONE:
		return US_REVISED;
	case US_WRITE_REFUSED:
		return p->stale ? US_REVISED_STALE : US_REVISED_FAILED;
	case US_WRITE_FULL:
		return US_REVISED_FULL;
	case US_WRITE_FAILED:
		break;
	}
	return US_REVISED_FAILED;
}

enum us_revised
us_revise(struct us_revision *revision)
{
	struct pending p = {.write = {.apply = apply,
				.publish = publish,
				.finish = finish,
				.new_work = true},
	    .revision = revision};
	enum us_revised revised = US_REVISED_FAILED;

	revision->version = revision->base->version + 1;
	p.next =
	    us_active_new(revision->version, us_clock_now(), revision->draft);
	if (prepare(&p)) {
		submit_and_wait(&p);
		revised = outcome(&p);
	}
	if (p.event)
		json_object_put(p.event);
	us_buf_free(&p.record);
	us_active_unref(p.next);
	return revised;
}
