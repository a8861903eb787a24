/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acting on permission requests: approve, deny, escalate, revoke, relinquish.
 *
 * Whether the caller may is judged on the loop, under the workflow and the
 * facts of this moment. The writer looks whether these still hold, and whether
 * the request is still what was judged: of two approvers at once one wins, the
 * other is told. What was judged under what is no more is judged anew, on the
 * worker of the organisation.
 */
#include "daemon/act.h"
#include "daemon/api.h"
#include "daemon/api_body.h"
#include "daemon/item.h"
#include "daemon/setting.h"
#include "daemon/world.h"

#define TRIES_MAX 3
#define REASON_MAX 1024

/* --- Writing ------------------------------------------------------------ */

/* Does what was judged still hold? What is one's own stays one's own. */
static bool
is_stale(
    struct us_errand *errand, struct us_txn *txn, const struct us_permission *p)
{
	const struct us_act *act = errand->what;
	const struct us_caller *caller = &errand->caller;

	if (us_event_guard(act->event) == US_GUARD_OWN)
		return false;
	return p->revision != act->revision ||
	       us_sources_generation(errand->org) != act->generation ||
	       (caller->kind == US_CALLER_PERSON &&
		   us_auth_roles(errand->org, txn, caller->uid, caller->user) !=
		       caller->own_roles);
}

/* How long a grant is to last: as said, or asked for, or else the default. */
static bool
find_duration(struct us_errand *errand, struct us_txn *txn,
    const struct us_permission *p, int64_t *duration)
{
	const struct us_act *act = errand->what;
	struct us_str org = errand->org->name;
	int64_t most = us_setting_get(txn, org, US_SETTING_MAX_ACCESS);
	int64_t usual = us_setting_get(txn, org, US_SETTING_DEFAULT);
	struct us_buf label = {0};
	const char *text;

	*duration = act->duration ? act->duration : p->asked_duration;
	if (!*duration)
		*duration = usual < most ? usual : most;
	if (*duration <= most)
		return true;
	us_span_label(us_span_of(most), &label);
	text = us_arena_printf(&errand->arena,
	    "that is longer than access may last here; approve with an "
	    "expirationLength of at most %s",
	    label.p);
	us_buf_free(&label);
	return us_errand_refuse(errand, 400, text);
}

static void
put_done(const struct us_permission *p, enum us_event event, struct us_buf *out)
{
	const char *text = "access is given back; it is being taken away";

	us_buf_reset(out);
	if (p->status == US_STATUS_DENIED)
		text = "the request is taken back";
	else if (p->status == US_STATUS_REVOKED)
		text = "access is given back";
	if (event == US_EVENT_RELINQUISH)
		us_buf_printf(out, "{\"message\":\"%s\"}", text);
	else
		us_buf_puts(out, "{}");
}

static bool
apply(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	struct us_act *act = errand->what;
	struct us_actor actor = us_caller_actor(&errand->caller);
	struct us_step step = {
	    .event = act->event, .actor = &actor, .text = act->text};
	struct us_change change =
	    us_change_begin(errand->org, txn, &errand->arena);
	struct us_permission p;

	if (!us_permission_get(
		txn, errand->org->name, act->id, change.arena, &p))
		return us_errand_refuse(
		    errand, 404, "there is no such request");
	if (us_act_is_late(&p, act->event, change.due_now))
		return us_act_refuse_late(errand, &p);
	act->stale = is_stale(errand, txn, &p);
	if (act->stale)
		return false;
	if (!us_errand_stands(errand, txn))
		return false;
	if (act->event == US_EVENT_APPROVE &&
	    !find_duration(errand, txn, &p, &step.duration))
		return false;
	step.pages = act->pages;
	if (!us_life_step(&change, &p, &step))
		return us_act_refuse_late(errand, &p);
	act->touched = change.touched;
	errand->status = 200;
	us_buf_reset(&errand->body);
	put_done(&p, act->event, &errand->body);
	return true;
}

static void
publish(struct us_write *write)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct us_act *act = errand->what;

	us_life_publish_all(errand->org, &act->touched);
}

/* On the worker. */
static void
judge_anew(void *arg)
{
	struct us_errand *errand = arg;
	struct us_decider own;
	struct us_sight sight;
	bool may;

	us_sight_begin_late(&sight, errand->org, &errand->caller);
	own = us_decider_now(errand->org);
	sight.matcher = own.matcher;
	may = us_act_judge(errand, &sight);
	us_decider_done(&own);
	us_txn_abort(sight.txn);
	us_sight_end(&sight);
	if (may)
		us_writer_submit(errand->org->world->writer, &errand->write);
	else
		us_errand_finish(&errand->write, US_WRITE_REFUSED);
}

static void
finish(struct us_write *write, enum us_write_result result)
{
	struct us_errand *errand = (struct us_errand *)write;
	struct us_act *act = errand->what;

	if (result == US_WRITE_REFUSED && act->stale) {
		act->stale = false;
		if (++act->tries <= TRIES_MAX &&
		    us_worker_submit(errand->org->worker, judge_anew, errand))
			return;
		us_errand_refuse(errand, 503,
		    "the rules or the facts change again and again; try "
		    "again in a moment");
	}
	us_errand_finish(write, result);
}

/* --- Calls -------------------------------------------------------------- */

static void
read_length(
    struct us_json_reader *r, struct us_json_value value, int64_t *seconds)
{
	struct us_word word;

	if (us_json_word(r, value, &word) &&
	    (!us_wish_length(word.s, seconds) || *seconds <= 0))
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "%s is no length; expected one like \"30m\", \"2h\" or "
		    "\"5 days\"",
		    us_json_show(r, value));
}

static void
read_approve(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { LENGTH, COUNT };
	static const char *const names[] = {"expirationLength"};
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(LENGTH)}};
	static const struct us_json_form form =
	    US_FORM("an approval", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_act *act = what;

	if (us_json_members(r, &form, value, slots) >= 0)
		read_length(r, slots[LENGTH], &act->duration);
}

static void
read_reason(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { REASON, COUNT };
	static const char *const names[] = {"reason"};
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(REASON)}};
	static const struct us_json_form form =
	    US_FORM("a reason", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_act *act = what;

	if (us_json_members(r, &form, value, slots) < 0)
		return;
	us_json_str(r, slots[REASON], &act->text);
	if (act->text.n > REASON_MAX)
		us_json_error(r, US_DIAG_LIMIT, slots[REASON],
		    "a reason has at most %d bytes", REASON_MAX);
}

/* new_work: what makes more work is refused when the store is nearly full. */
static void
act_on(struct us_call *call, enum us_event event, bool new_work)
{
	struct us_act read = {
	    .event = event, .id = call->params[1], .text = US_STR("")};
	struct us_act *act;
	struct us_errand *errand;
	struct us_sight sight;
	bool may;

	if (!us_api_body(call, &call->arena,
		event == US_EVENT_APPROVE ? read_approve : read_reason, &read))
		return;
	errand = us_errand_new(call, apply, new_work);
	errand->write.apply = apply;
	errand->write.publish = publish;
	errand->write.finish = finish;
	act = us_arena_alloc(&errand->arena, sizeof(*act));
	*act = read;
	act->id = us_arena_str(&errand->arena, read.id);
	act->text = us_arena_str(&errand->arena, read.text);
	errand->what = act;
	us_sight_begin(&sight, call);
	sight.caller = &errand->caller;
	may = us_act_judge(errand, &sight);
	us_txn_abort(sight.txn);
	us_sight_end(&sight);
	if (may)
		us_errand_submit(errand, call);
	else
		us_errand_reply(errand, call);
}

void
api_permission_approve(struct us_call *call)
{
	act_on(call, US_EVENT_APPROVE, true);
}

void
api_permission_deny(struct us_call *call)
{
	act_on(call, US_EVENT_DENY, false);
}

void
api_permission_escalate(struct us_call *call)
{
	act_on(call, US_EVENT_ESCALATE, true);
}

void
api_permission_revoke(struct us_call *call)
{
	act_on(call, US_EVENT_REVOKE, false);
}

void
api_mine_relinquish(struct us_call *call)
{
	act_on(call, US_EVENT_RELINQUISH, false);
}
