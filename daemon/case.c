/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases: what the matcher is asked about a permission request, with facts of
 * the server's own sources; approvals in advance that cover it; who may say
 * yes. case_text.c has the words.
 */
#include "daemon/case.h"
#include "daemon/due.h"
#include "daemon/item.h"
#include "daemon/preapproval.h"
#include "engine/vocab.h"

static bool
was_escalated(const struct us_permission *p)
{
	const struct us_episode *e;

	US_EACH (e, &p->history)
		if (e->event == US_EVENT_ESCALATE)
			return true;
	return false;
}

static bool
is_session(const struct us_permission *p)
{
	return p->agent_client.n || p->agent_owner.n || p->agent_provider.n;
}

static struct us_str
or_none(struct us_str s)
{
	return s.n ? s : (struct us_str){NULL, 0};
}

static struct us_session *
session_of(const struct us_sources *sources, const struct us_permission *p,
    struct us_arena *a)
{
	return is_session(p)
		   ? us_known_session(sources, or_none(p->agent_client),
			 or_none(p->agent_owner), or_none(p->agent_provider), a)
		   : NULL;
}

/* What p asks for, without the people whom it is for. */
static struct us_request *
bare_request(const struct us_judge *judge, const struct us_permission *p,
    struct us_arena *a)
{
	struct us_request *req = us_arena_alloc(a, sizeof(*req));

	req->service = p->service;
	req->access = or_none(p->access);
	/* What cannot be read is not known: no rule takes it for absent. */
	if (!us_attrs_read(p->attributes, a, req)) {
		req->attrs = (us_attr_list){0};
		req->attrs_unknown = true;
	}
	if (p->asker_kind != US_CALLER_AGENT &&
	    !us_str_eq_nocase(p->asker, p->principal))
		req->requested_by = or_none(p->asker);
	req->reason = or_none(p->reason);
	req->duration = p->asked_duration;
	req->escalated = was_escalated(p);
	req->has_at = true;
	req->at = judge->now;
	return req;
}

/* Without approvals in advance. */
static struct us_request *
request_of(const struct us_judge *judge, const struct us_permission *p,
    struct us_arena *a)
{
	struct us_request *req = bare_request(judge, p, a);

	req->principal =
	    us_known_person(judge->sources, or_none(p->principal), a);
	req->agent = session_of(judge->sources, p, a);
	return req;
}

/* --- Approvals in advance ----------------------------------------------- */

struct search {
	const struct us_judge *judge;
	const struct us_permission *p;
	struct us_request *req;
	struct us_arena *a;
	/* Once the rules were tried: us_decide_again. */
	const struct us_verdict *(*decide)(
	    struct us_matcher *m, const struct us_request *req);
	struct us_str found;
	US_LIST(struct us_str) refused; /* issuers */
};

static const struct us_verdict *
decide(struct search *s, const struct us_request *req)
{
	const struct us_verdict *v = s->decide(s->judge->matcher, req);

	s->decide = us_decide_again;
	return v;
}

/*
 * The issuer's facts are those of now, of the server's own sources: a role
 * that only a token gave is gone with it.
 */
static struct us_approver *
approver_of(const struct search *s, struct us_str issuer)
{
	const struct us_judge *judge = s->judge;
	const struct us_user *user =
	    us_directory_find(judge->sources->directory, issuer);
	unsigned roles;

	if (judge->org->directory_path && !user)
		return NULL;
	roles = us_auth_roles(judge->org, judge->txn, issuer, user);
	return us_known_approver(judge->sources, issuer, roles, s->a);
}

/* Would the issuer be admitted, were the request approved in advance? */
static bool
issuer_admitted(struct search *s, struct us_str issuer)
{
	struct us_request asked = *s->req;

	asked.preapproved = true;
	asked.approver = approver_of(s, issuer);
	return asked.approver && decide(s, &asked)->allowed;
}

/*
 * Whoever issued one that does not cover the request issued none that does: a
 * thousand are one decision.
 */
static bool
was_refused(const struct search *s, struct us_str issuer)
{
	const struct us_str *one;

	US_EACH (one, &s->refused) {
		if (us_str_eq(*one, issuer))
			return true;
	}
	return false;
}

static bool
try_advance(void *arg, const struct us_advance *r)
{
	struct search *s = arg;
	const struct us_permission *p = s->p;

	if (s->req->at < r->from ||
	    us_advance_is_over(r, s->judge->org->world, s->req->at) ||
	    !us_str_eq(us_service_canonical(r->service),
		us_service_canonical(p->service)) ||
	    !us_str_eq(r->access, p->access) || !us_str_eq(r->item, p->item) ||
	    was_refused(s, r->issuer))
		return true;
	if (!issuer_admitted(s, r->issuer)) {
		*us_list_add(s->a, &s->refused) = us_arena_str(s->a, r->issuer);
		return true;
	}
	s->found = us_arena_str(s->a, r->id);
	return false;
}

/*
 * The first that covers the request. They are for people: what a person was
 * allowed is not what an agent does in that person's name.
 */
static void
find_advance(struct search *s)
{
	const struct us_person *person = s->req->principal;
	const struct us_group_id *group;
	struct us_txn *txn = s->judge->txn;
	struct us_str org = s->judge->org->name, name;

	if (!person || s->req->agent || us_advance_is_group(person->uid))
		return;
	us_advance_find(txn, org, person->uid, s->p, try_advance, s);
	if (s->found.n || !us_advance_for_groups(txn, org))
		return;
	US_EACH (group, &person->groups) {
		name = us_advance_group(group, s->a);
		us_advance_find(txn, org, name, s->p, try_advance, s);
		if (s->found.n)
			return;
	}
}

static struct us_case
settle(struct search *s, struct us_approver *approver)
{
	struct us_case c = {.req = s->req};

	find_advance(s);
	c.req->preapproved = s->found.n > 0;
	c.req->approver = approver;
	c.preapproval = s->found;
	c.verdict = decide(s, c.req);
	return c;
}

struct us_case
us_case_decide(const struct us_judge *judge, const struct us_permission *p,
    struct us_approver *approver, struct us_arena *a)
{
	struct search s = {.judge = judge,
	    .p = p,
	    .req = request_of(judge, p, a),
	    .a = a,
	    .decide = us_decide,
	    .found = US_STR("")};

	return settle(&s, approver);
}

struct us_case
us_case_decide_next(const struct us_judge *judge, const struct us_permission *p,
    const struct us_request *before, struct us_arena *a)
{
	struct search s = {.judge = judge,
	    .p = p,
	    .req = bare_request(judge, p, a),
	    .a = a,
	    .decide = us_decide_next,
	    .found = US_STR("")};

	s.req->principal = before->principal;
	s.req->agent = before->agent;
	return settle(&s, NULL);
}

/* --- Who may ------------------------------------------------------------ */

bool
us_case_may_issue(const struct us_judge *judge, const struct us_permission *p,
    struct us_str issuer, const struct us_group_id *group, struct us_arena *a)
{
	struct us_request *req = request_of(judge, p, a);
	struct search s = {
	    .judge = judge, .req = req, .a = a, .decide = us_decide};

	/* Whoever asks will have to say these. */
	if (us_str_is_blank(req->reason))
		req->reason = US_STR("-");
	if (!req->duration)
		req->duration = 1;
	req->requested_by = (struct us_str){NULL, 0};
	if (group && req->principal) {
		req->principal->groups = (us_group_ids){0};
		*us_list_add(a, &req->principal->groups) = *group;
	}
	return issuer_admitted(&s, issuer);
}

/* Agents of one client are not one: by provider and owner they differ. */
static bool
is_agent(const struct us_permission *p, const struct us_caller *caller)
{
	return p->asker_kind == US_CALLER_AGENT &&
	       us_str_eq(p->agent_provider, caller->provider) &&
	       us_str_eq(p->agent_client, caller->client_id) &&
	       us_str_eq_nocase(p->agent_owner, caller->owner);
}

bool
us_case_is_for(const struct us_permission *p, const struct us_caller *caller)
{
	if (caller->kind == US_CALLER_AGENT)
		return is_agent(p, caller) &&
		       us_str_eq_nocase(p->principal, caller->uid);
	if (!caller->uid.n)
		return false;
	return us_str_eq_nocase(
	    p->principal.n ? p->principal : p->agent_owner, caller->uid);
}

bool
us_case_is_own(const struct us_permission *p, const struct us_caller *caller)
{
	if (us_case_is_for(p, caller))
		return true;
	if (caller->kind == US_CALLER_AGENT || !caller->uid.n)
		return false;
	return us_str_eq_nocase(p->agent_owner, caller->uid) ||
	       (p->asker_kind != US_CALLER_AGENT &&
		   us_str_eq_nocase(p->asker, caller->uid));
}
