/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether somebody may do something to a permission request: is it not too
 * late, and do the rules, as they are now, admit the caller.
 */
#include "daemon/act.h"
#include "daemon/clock.h"
#include "daemon/due.h"
#include "daemon/world.h"
#include "engine/symtab.h"

/* --- Too late ----------------------------------------------------------- */

bool
us_act_is_late(
    const struct us_permission *p, enum us_event event, int64_t due_now)
{
	if (!us_life_has(p->status, event))
		return true;
	/* It may be taken back, up to the moment when it is told to be over. */
	return us_status_is_pending(p->status) &&
	       event != US_EVENT_RELINQUISH && due_now >= p->due_approval;
}

/* Is it what somebody else may have done in the meantime? */
static bool
forestalls(enum us_event done, enum us_event wanted)
{
	bool ends = wanted == US_EVENT_REVOKE || wanted == US_EVENT_RELINQUISH;

	if (done == US_EVENT_APPROVE)
		return !ends;
	if (done == US_EVENT_ESCALATE)
		return wanted == US_EVENT_ESCALATE;
	return us_event_guard(done) != US_GUARD_SERVER;
}

/* Who was faster, or what has become of it. */
static void
put_late(
    const struct us_permission *p, enum us_event wanted, struct us_buf *out)
{
	const struct us_episode *e;

	for (uint32_t i = p->history.n; i > 0; i--) {
		e = &p->history.v[i - 1];
		if (!forestalls(e->event, wanted))
			continue;
		us_buf_printf(out, "%.*s %s it already", US_ARG(e->by),
		    us_event_word(e->event));
		return;
	}
	if (us_status_is_pending(p->status))
		us_buf_puts(out, us_life_has(p->status, wanted)
				     ? "nobody approved it in time"
				     : "it is not approved yet: deny it, or "
				       "let it be");
	else
		us_buf_printf(
		    out, "its status is %s", us_status_name(p->status));
}

/* What real clients know: it cannot be any more. */
static const char invalid[] = "Invalid or expired request";

bool
us_act_refuse_late(struct us_errand *errand, const struct us_permission *p)
{
	const struct us_act *act = errand->what;
	struct us_buf detail = {0};

	put_late(p, act->event, &detail);
	errand->status = act->event == US_EVENT_RELINQUISH ? 409 : 400;
	us_buf_reset(&errand->body);
	us_buf_printf(&errand->body, "{\"error\":\"%s\",\"detail\":", invalid);
	us_buf_json(&errand->body, us_buf_str(&detail));
	us_buf_putc(&errand->body, '}');
	us_buf_free(&detail);
	return false;
}

/* --- Who may ------------------------------------------------------------ */

/* One request, while it is judged. The rules are tried on it once. */
struct judging {
	struct us_errand *errand;
	struct us_sight *sight;
	struct us_permission p;
	bool asked, approves; /* the caller may; once that was asked */
};

static bool
refuse(struct judging *j, int status, const char *text)
{
	return us_errand_refuse(j->errand, status, text);
}

static bool
approves(struct judging *j)
{
	if (!j->asked)
		j->approves = us_sight_approves(j->sight, &j->p);
	j->asked = true;
	return j->approves;
}

static bool
refuse_approver(struct judging *j)
{
	const struct us_case *last = &j->sight->last;
	const char *whose = us_case_is_own(&j->p, &j->errand->caller)
				? "a request of your own"
				: "this request";
	struct us_buf text = {0};

	us_buf_printf(
	    &text, "you may not approve or deny %s; who can: ", whose);
	us_case_approvers(&j->sight->sources, last->req, last->verdict, &text);
	refuse(j, 403, text.p);
	us_buf_free(&text);
	return false;
}

static bool
may_approve(struct judging *j)
{
	const struct us_errand *errand = j->errand;

	if (errand->caller.kind != US_CALLER_PERSON)
		return refuse(j, 403,
		    "approving and denying is for people; neither an API key "
		    "nor an agent can");
	if (errand->org->directory_path && !errand->caller.user)
		return refuse(j, 403,
		    "you are not in the directory of this organisation; only "
		    "who is in it may approve or deny");
	return approves(j) || refuse_approver(j);
}

static bool
may_revoke(struct judging *j)
{
	if ((j->errand->caller.roles & US_ROLE_BIT(MANAGER)) || approves(j))
		return true;
	return refuse(j, 403,
	    "access is revoked by who may approve it, by security reviewers "
	    "and owners; what is your own you can relinquish");
}

/* Each once, however many rules name it. */
static void
put_pages(const struct us_prog_alt *alt, struct us_symtab *seen,
    struct us_arena *a, struct us_buf *out)
{
	struct us_str integration = alt->named->integration, service;

	for (uint32_t i = 0; i < alt->named->service_count; i++) {
		service = alt->named->services[i];
		if (us_symtab_find(seen, integration, service) != US_NO_SYMBOL)
			continue;
		us_symtab_add(a, seen, integration, service);
		us_buf_puts(
		    out, out->n ? ",{\"integration\":" : "[{\"integration\":");
		us_buf_json(out, integration);
		us_buf_puts(out, ",\"service\":");
		us_buf_json(out, service);
		us_buf_putc(out, '}');
	}
}

/* Whom the rules of now would have paged; a JSON array, or empty. */
static struct us_str
find_pages(struct judging *j)
{
	const struct us_verdict *v = us_sight_decide(j->sight, &j->p)->verdict;
	struct us_symtab seen = {0};
	struct us_buf out = {0};
	struct us_str pages;
	const struct us_verdict_alt *alt;

	if (v->outcome == US_OUTCOME_PENDING) {
		US_EACH (alt, &v->alternatives) {
			if (alt->type == US_ALT_ESCALATION &&
			    alt->available == US_YES)
				put_pages(
				    us_prog_alt(v->prog, alt->rule, alt->index),
				    &seen, &j->sight->scratch, &out);
		}
	}
	if (out.n)
		us_buf_putc(&out, ']');
	pages = us_arena_str(&j->errand->arena, us_buf_str(&out));
	us_buf_free(&out);
	return pages;
}

static bool
may_escalate(struct judging *j)
{
	struct us_act *act = j->errand->what;

	if (!us_case_is_own(&j->p, &j->errand->caller))
		return refuse(j, 403,
		    "a request is escalated by who asked for it, or by whom "
		    "it is for");
	act->pages = find_pages(j);
	if (act->pages.n)
		return true;
	return refuse(j, 400,
	    "the rules say of nobody who is to be paged for this request; it "
	    "waits for those who can approve it");
}

static bool
may_act(struct judging *j, enum us_event event)
{
	switch (us_event_guard(event)) {
	case US_GUARD_APPROVER:
		return may_approve(j);
	case US_GUARD_REVOKER:
		return may_revoke(j);
	case US_GUARD_ASKER:
		return may_escalate(j);
	case US_GUARD_OWN:
		return true; /* it is looked for among the caller's own */
	case US_GUARD_SERVER:
		break;
	}
	return false;
}

/* --- Judging ------------------------------------------------------------ */

/* Is there such a request, for the caller? */
static bool
finds(struct judging *j, const struct us_act *act)
{
	const struct us_caller *caller = &j->errand->caller;

	if (!us_permission_get(j->sight->txn, j->errand->org->name, act->id,
		&j->errand->arena, &j->p))
		return false;
	return us_event_guard(act->event) == US_GUARD_OWN
		   ? us_case_is_own(&j->p, caller)
		   : us_sight_known(&j->p, caller) || approves(j);
}

bool
us_act_judge(struct us_errand *errand, struct us_sight *sight)
{
	struct us_world *world = errand->org->world;
	struct judging j = {.errand = errand, .sight = sight};
	struct us_act *act = errand->what;

	us_caller_renew(
	    &errand->caller, errand->org, sight->txn, sight->sources.directory);
	act->generation = sight->sources.generation;
	if (!finds(&j, act)) {
		if (us_txn_error(sight->txn))
			return refuse(&j, 503, "the store cannot be read");
		return refuse(&j, 404, "there is no such request");
	}
	act->revision = j.p.revision;
	if (us_act_is_late(
		&j.p, act->event, us_clock_now() + us_due_offset(world)))
		return us_act_refuse_late(errand, &j.p);
	return may_act(&j, act->event);
}
