/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether somebody may do something to a permission request: is it not too
 * late, and do the rules, as they are now, admit the caller.
 */
#include "daemon/act.h"
#include "daemon/clock.h"
#include "daemon/due.h"
#include "daemon/world.h"

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

/* What the rules say of it now. */
static const struct us_verdict *
decide(struct us_sight *sight, const struct us_permission *p,
    struct us_request **req)
{
	struct us_str preapproval;

	*req = us_case_request(&sight->sources, sight->matcher, sight->org,
	    sight->txn, p, us_clock_now(), NULL, &sight->scratch, &preapproval);
	return us_decide(sight->matcher, *req);
}

static bool
refuse_approver(struct us_errand *errand, struct us_sight *sight,
    const struct us_permission *p)
{
	const char *whose = us_case_is_own(p, &errand->caller)
				? "a request of your own"
				: "this request";
	struct us_buf text = {0};
	struct us_request *req;
	const struct us_verdict *v = decide(sight, p, &req);

	us_buf_printf(
	    &text, "you may not approve or deny %s; who can: ", whose);
	us_case_approvers(&sight->sources, req, v, &text);
	us_errand_refuse(errand, 403, text.p);
	us_buf_free(&text);
	return false;
}

static bool
may_approve(struct us_errand *errand, struct us_sight *sight,
    const struct us_permission *p)
{
	if (errand->caller.kind != US_CALLER_PERSON)
		return us_errand_refuse(errand, 403,
		    "approving and denying is for people; neither an API key "
		    "nor an agent can");
	if (us_sight_approves(sight, p))
		return true;
	if (errand->org->directory_path && !errand->caller.user)
		return us_errand_refuse(errand, 403,
		    "you are not in the directory of this organisation; only "
		    "who is in it may approve or deny");
	return refuse_approver(errand, sight, p);
}

static bool
may_revoke(struct us_errand *errand, struct us_sight *sight,
    const struct us_permission *p)
{
	if ((errand->caller.roles & US_ROLE_BIT(MANAGER)) ||
	    us_sight_approves(sight, p))
		return true;
	return us_errand_refuse(errand, 403,
	    "access is revoked by who may approve it, by security reviewers "
	    "and owners; what is your own you can relinquish");
}

/* Each once, however many rules name it. */
static void
put_page(const struct us_prog_alt *alt, struct us_buf *out)
{
	struct us_buf page = {0};

	for (uint32_t i = 0; i < alt->named->service_count; i++) {
		us_buf_reset(&page);
		us_buf_puts(&page, "{\"integration\":");
		us_buf_json(&page, alt->named->integration);
		us_buf_puts(&page, ",\"service\":");
		us_buf_json(&page, alt->named->services[i]);
		us_buf_putc(&page, '}');
		if (out->n && memmem(out->p, out->n, page.p, page.n))
			continue;
		us_buf_putc(out, out->n ? ',' : '[');
		us_buf_str_add(out, us_buf_str(&page));
	}
	us_buf_free(&page);
}

/* Whom the rules of now would have paged; a JSON array, or empty. */
static struct us_str
find_pages(struct us_errand *errand, struct us_sight *sight,
    const struct us_permission *p)
{
	struct us_buf out = {0};
	struct us_str pages;
	struct us_request *req;
	const struct us_verdict_alt *alt;
	const struct us_verdict *v = decide(sight, p, &req);

	if (v->outcome == US_OUTCOME_PENDING) {
		US_EACH (alt, &v->alternatives) {
			if (alt->type == US_ALT_ESCALATION &&
			    alt->available == US_YES)
				put_page(us_prog_alt(v->prog, alt->rule,
					     alt->index),
				    &out);
		}
	}
	if (out.n)
		us_buf_putc(&out, ']');
	pages = us_arena_str(&errand->arena, us_buf_str(&out));
	us_buf_free(&out);
	return pages;
}

static bool
may_escalate(struct us_errand *errand, struct us_sight *sight,
    const struct us_permission *p)
{
	struct us_act *act = errand->what;

	if (!us_case_is_own(p, &errand->caller))
		return us_errand_refuse(errand, 403,
		    "a request is escalated by who asked for it, or by whom "
		    "it is for");
	act->pages = find_pages(errand, sight, p);
	if (act->pages.n)
		return true;
	return us_errand_refuse(errand, 400,
	    "the rules say of nobody who is to be paged for this request; it "
	    "waits for those who can approve it");
}

static bool
may_act(struct us_errand *errand, struct us_sight *sight,
    const struct us_permission *p)
{
	const struct us_act *act = errand->what;

	switch (us_event_guard(act->event)) {
	case US_GUARD_APPROVER:
		return may_approve(errand, sight, p);
	case US_GUARD_REVOKER:
		return may_revoke(errand, sight, p);
	case US_GUARD_ASKER:
		return may_escalate(errand, sight, p);
	case US_GUARD_OWN:
		return true; /* it is looked for among the caller's own */
	case US_GUARD_SERVER:
		break;
	}
	return false;
}

/* --- Judging ------------------------------------------------------------ */

static bool
finds(struct us_errand *errand, struct us_sight *sight, struct us_permission *p)
{
	const struct us_act *act = errand->what;

	if (!us_permission_get(
		sight->txn, errand->org->name, act->id, &errand->arena, p))
		return false;
	return us_event_guard(act->event) == US_GUARD_OWN
		   ? us_case_is_own(p, &errand->caller)
		   : us_sight_sees(sight, p);
}

bool
us_act_judge(struct us_errand *errand, struct us_sight *sight)
{
	struct us_world *world = errand->org->world;
	struct us_act *act = errand->what;
	struct us_permission p;

	us_caller_renew(
	    &errand->caller, errand->org, sight->txn, sight->sources.directory);
	act->generation = sight->sources.generation;
	if (!finds(errand, sight, &p)) {
		if (us_txn_error(sight->txn))
			return us_errand_refuse(
			    errand, 503, "the store cannot be read");
		return us_errand_refuse(
		    errand, 404, "there is no such request");
	}
	act->revision = p.revision;
	if (us_act_is_late(
		&p, act->event, us_clock_now() + us_due_offset(world)))
		return us_act_refuse_late(errand, &p);
	return may_act(errand, sight, &p);
}
