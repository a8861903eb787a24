/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a permission request. What a step does beside changing the
 * status stands here: the times it sets, the rows that are due, what is told.
 */
#include "daemon/clock.h"
#include "daemon/life.h"
#include "daemon/outbox.h"
#include "daemon/setting.h"
#include "daemon/world.h"
#include "engine/json_canon.h"

/* --- The table ---------------------------------------------------------- */

static const struct {
	const char *word;
	enum us_guard guard;
} events[] = {
#define US_EVENT(id, word, guard, help) {word, US_GUARD_##guard},
#include "daemon/life.def"
};

static const struct us_life rows[] = {
#define ASK US_LIFE_ASK
#define PAGE US_LIFE_PAGE
#define PROVIDE US_LIFE_PROVIDE
#define CLOCK US_LIFE_CLOCK
#define REMOVE US_LIFE_REMOVE
#define US_LIFE(from, event, to, effects, action, notice) \
	{US_STATUS_##from, US_EVENT_##event, US_STATUS_##to, effects, \
	    US_ACTION_##action, US_NOTICE_##notice},
#include "daemon/life.def"
};
#define ROWS (sizeof(rows) / sizeof(*rows))

const char *
us_event_word(enum us_event event)
{
	return events[event].word;
}

enum us_guard
us_event_guard(enum us_event event)
{
	return events[event].guard;
}

const struct us_life *
us_life_row(unsigned n)
{
	return n < ROWS ? &rows[n] : NULL;
}

static const struct us_life *
find_row(enum us_status status, enum us_event event)
{
	for (unsigned i = 0; i < ROWS; i++) {
		if (rows[i].from == status && rows[i].event == event)
			return &rows[i];
	}
	return NULL;
}

bool
us_life_has(enum us_status status, enum us_event event)
{
	return find_row(status, event) != NULL;
}

/* --- What happened ------------------------------------------------------ */

const struct us_actor us_actor_self = {{US_SELF, sizeof(US_SELF) - 1},
    {US_SELF, sizeof(US_SELF) - 1}, NULL};

static const struct us_actor *
actor_of(const struct us_step *step)
{
	return step->actor ? step->actor : &us_actor_self;
}

static void
add_episode(struct us_change *change, struct us_permission *p,
    const struct us_step *step)
{
	struct us_episode *e = us_list_add(change->arena, &p->history);

	e->at = change->now;
	e->event = step->event;
	e->status = p->status;
	e->by = actor_of(step)->email;
	e->text = step->text;
}

/* A member of canonical JSON; absent when it is empty. */
static void
put_text(struct us_buf *out, const char *name, struct us_str s)
{
	if (!s.n)
		return;
	us_buf_puts(out, out->n > 1 ? ",\"" : "\"");
	us_buf_puts(out, name);
	us_buf_puts(out, "\":");
	us_canon_str(s, out);
}

/* Members stand in the order of their names, as canonical JSON has them. */
static void
append_audit(struct us_change *change, const struct us_permission *p,
    const struct us_step *step, enum us_action action)
{
	const char *by = us_by_name(p->by);
	struct us_buf data = {0};

	us_buf_putc(&data, '{');
	put_text(&data, "accessType", p->access);
	put_text(&data, "agent", p->agent_client);
	put_text(&data, "approver", p->approver);
	put_text(&data, "asker", p->asker);
	put_text(&data, "by", us_str(by ? by : ""));
	if (p->duration)
		us_buf_printf(
		    &data, ",\"duration\":%lld", (long long)p->duration);
	put_text(&data, "error", p->error);
	put_text(&data, "id", p->id);
	put_text(&data, "item", p->item);
	put_text(&data, "preapproval", p->preapproval);
	put_text(&data, "principal", p->principal);
	put_text(&data, "reason", p->reason);
	put_text(&data, "service", p->service);
	put_text(&data, "status", us_str(us_status_name(p->status)));
	put_text(&data, "text", step->text);
	us_buf_putc(&data, '}');
	us_audit_append_text(change->txn, change->org->name, change->now,
	    action, actor_of(step), us_buf_str(&data));
	us_buf_free(&data);
}

static void
page(struct us_change *change, const struct us_permission *p,
    const struct us_step *step)
{
	struct us_buf body = {0};

	us_notice_body(change, US_NOTICE_ESCALATED, p, step->pages, &body);
	us_outbox_add(change, &(struct us_work){.kind = US_WORK_PAGE,
				  .ref = p->id,
				  .channel = US_STR("log"),
				  .body = us_buf_str(&body)});
	us_buf_free(&body);
}

/* --- Times -------------------------------------------------------------- */

static int64_t
setting_ms(struct us_change *change, enum us_setting setting)
{
	return 1000 * us_setting_get(change->txn, change->org->name, setting);
}

/* How long the grant is to last: no longer than any may. */
static int64_t
duration_of(struct us_change *change, const struct us_permission *p,
    const struct us_step *step)
{
	struct us_str org = change->org->name;
	int64_t most = us_setting_get(change->txn, org, US_SETTING_MAX_ACCESS);
	int64_t duration = step->duration;

	if (p->by == US_BY_PERSISTENT)
		duration =
		    us_setting_get(change->txn, org, US_SETTING_STANDING);
	if (!duration)
		duration = p->asked_duration;
	if (!duration)
		duration = us_setting_get(change->txn, org, US_SETTING_DEFAULT);
	return duration < most ? duration : most;
}

static void
start_clock(struct us_change *change, struct us_permission *p)
{
	int64_t before = setting_ms(change, US_SETTING_REMINDER);

	p->started = change->now;
	p->due_start = change->due_now;
	p->due_end = change->due_now + 1000 * p->duration;
	if (p->last_end && p->last_end < p->due_end)
		p->due_end = p->last_end;
	us_due_add(change, p->due_end, US_DUE_END, p->id);
	/* Of a grant that is shorter its beginning tells the end. */
	if (!before || p->due_end - before <= change->due_now)
		return;
	p->due_reminder = p->due_end - before;
	us_due_add(change, p->due_reminder, US_DUE_REMINDER, p->id);
}

/* What was due in the status that is left. */
static void
drop_due(struct us_change *change, const struct us_permission *p,
    enum us_status from)
{
	if (us_status_is_pending(from) && !us_status_is_pending(p->status))
		us_due_drop(change, p->due_approval, US_DUE_APPROVAL, p->id);
	if (from != US_STATUS_DONE)
		return;
	us_due_drop(change, p->due_end, US_DUE_END, p->id);
	if (p->due_reminder)
		us_due_drop(change, p->due_reminder, US_DUE_REMINDER, p->id);
}

/* --- A step ------------------------------------------------------------- */

/* Who was in the directory may be gone from it one day. */
static bool
is_listed(struct us_org *org, struct us_str principal)
{
	struct us_directory *directory = us_org_directory(org);
	bool listed = us_directory_find(directory, principal) != NULL;

	us_directory_unref(directory);
	return listed;
}

/* What is a key's ends with it at the latest. */
static void
begin(struct us_change *change, struct us_permission *p)
{
	int64_t end =
	    us_auth_key_end(change->txn, change->org->name, p->principal);

	p->created = change->now;
	p->listed = is_listed(change->org, p->principal);
	p->owner_listed = is_listed(change->org, p->agent_owner);
	if (end == INT64_MAX)
		return;
	end += change->due_now - change->now;
	end = end > 0 ? end : 1; /* 0 would be: no end */
	if (!p->last_end || end < p->last_end)
		p->last_end = end;
}

/* The fields that an event sets. */
static void
set_fields(struct us_change *change, struct us_permission *p,
    const struct us_step *step)
{
	switch (step->event) {
	case US_EVENT_APPROVE:
		p->approver = actor_of(step)->email;
		/* fall through */
	case US_EVENT_GRANT:
		p->approved = change->now;
		p->duration = duration_of(change, p, step);
		break;
	case US_EVENT_REFUSE:
	case US_EVENT_RULES_REFUSE:
	case US_EVENT_FAIL:
	case US_EVENT_GIVE_UP:
		p->error = step->text;
		break;
	case US_EVENT_PROVIDED:
		p->generated = step->generated;
		break;
	default:
		break;
	}
	p->ended = us_status_is_final(p->status) ? change->now : 0;
}

/* What has to be stored with the record. */
static void
set_times(struct us_change *change, struct us_permission *p,
    const struct us_life *row)
{
	drop_due(change, p, row->from);
	if (row->effects & US_LIFE_ASK) {
		p->due_approval =
		    change->due_now + setting_ms(change, US_SETTING_APPROVABLE);
		us_due_add(change, p->due_approval, US_DUE_APPROVAL, p->id);
	}
	if (row->effects & US_LIFE_CLOCK)
		start_clock(change, p);
}

bool
us_life_step(struct us_change *change, struct us_permission *p,
    const struct us_step *step)
{
	const struct us_life *row = find_row(p->status, step->event);
	struct us_permission before = *p;

	if (!row)
		return false;
	if (row->from == US_STATUS_NEW)
		begin(change, p);
	p->status = row->to;
	p->revision++;
	set_fields(change, p, step);
	add_episode(change, p, step);
	*us_list_add(change->arena, &change->touched) = p->id;
	set_times(change, p, row);
	us_permission_put(change->txn, change->org->name,
	    row->from == US_STATUS_NEW ? NULL : &before, p);
	us_effect_note(change->txn, change->org->name, before.status, p,
	    change->arena);
	append_audit(change, p, step, row->action);
	if (row->notice != US_NOTICE_NONE)
		us_notice_add(change, row->notice, p);
	if (row->effects & US_LIFE_PAGE)
		page(change, p, step);
	/* Last, for these may be steps of p too. */
	if (row->effects & US_LIFE_PROVIDE)
		us_effect_provide(change, p);
	if (row->effects & US_LIFE_REMOVE)
		us_effect_remove(change, p);
	return true;
}

struct us_change
us_change_begin(struct us_org *org, struct us_txn *txn, struct us_arena *arena)
{
	struct us_change change = {
	    .txn = txn, .org = org, .now = us_clock_now(), .arena = arena};

	change.due_now = us_due_now(org, txn, change.now);
	return change;
}

void
us_life_publish_all(struct us_org *org, const us_request_ids *ids)
{
	struct us_world *world = org->world;
	const struct us_str *id;

	if (!ids->n)
		return;
	US_EACH (id, ids) {
		if (world->watches)
			us_watch_changed(world->watches, org, *id);
	}
	if (world->keeper)
		us_keeper_wake(world->keeper);
	if (world->couriers)
		us_couriers_wake(world->couriers);
}

void
us_life_publish(struct us_org *org, struct us_str id)
{
	us_life_publish_all(org, &(us_request_ids){.v = &id, .n = 1});
}
