/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cases: a permission request before the rules. The engine's request is built
 * from what is stored of it and from the sources as they are now, never from
 * what a client says.
 */
#ifndef US_CASE_H
#define US_CASE_H

#include "daemon/permission.h"
#include "daemon/sources.h"

/* What cases are decided by: the rules, the facts, and the moment. */
struct us_judge {
	struct us_org *org;
	const struct us_sources *sources;
	struct us_matcher *matcher;
	struct us_txn *txn; /* to look for approvals in advance */
	int64_t now;        /* wall clock, ms */
};

struct us_case {
	struct us_request *req;    /* as the matcher saw it */
	struct us_str preapproval; /* id of the approval in advance that makes
				    * it preapproved; or empty */
	const struct us_verdict *verdict; /* until the matcher decides again */
};

/*
 * Decides p. Its rules are tried once, however many approvals in advance there
 * are. approver: NULL, or who would approve. The request is in the arena.
 */
struct us_case us_case_decide(const struct us_judge *judge,
    const struct us_permission *p, struct us_approver *approver,
    struct us_arena *a);
/*
 * The same, right behind a case of the same principal and session, whose
 * request still lives: another item.
 */
struct us_case us_case_decide_next(const struct us_judge *judge,
    const struct us_permission *p, const struct us_request *before,
    struct us_arena *a);

/*
 * Who can approve, in words, from a verdict on the request: "a member of SRE
 * leads, or ...". Without names of rules, which not everybody may read.
 */
void us_case_approvers(const struct us_sources *sources,
    const struct us_request *req, const struct us_verdict *v,
    struct us_buf *out);
/* Why it was refused, in words, and what to do next. */
void us_case_refusal(const struct us_verdict *v, struct us_buf *out);

/*
 * Could the issuer of an approval in advance approve p, as things are now?
 * What p does not say yet (a reason, a length) is taken for said. group: the
 * principal is somebody of that group alone; NULL: p->principal.
 */
bool us_case_may_issue(const struct us_judge *judge,
    const struct us_permission *p, struct us_str issuer,
    const struct us_group_id *group, struct us_arena *a);

/*
 * Is the caller the principal, or who asked, or the owner of the agent that
 * asked (US_GUARD_OWN)? An agent's session has what it asked for itself.
 */
bool us_case_is_own(
    const struct us_permission *p, const struct us_caller *caller);
/*
 * Is the access the caller's, not only the asking: the principal, the session
 * of the agent, or of an agent alone its owner?
 */
bool us_case_is_for(
    const struct us_permission *p, const struct us_caller *caller);

#endif
