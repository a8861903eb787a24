/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may see a permission request (SPEC 11), and who may approve it, as one
 * caller is seen at one moment. For who may not see it, it does not exist.
 */
#ifndef US_SIGHT_H
#define US_SIGHT_H

#include "daemon/case.h"
#include "daemon/http.h"

struct us_sight {
	struct us_org *org;
	struct us_txn *txn;
	const struct us_caller *caller;
	struct us_sources sources;
	struct us_matcher *matcher;
	struct us_case last;     /* what was decided last, in ... */
	struct us_arena scratch;
};

/*
 * On a loop, for a call, with the loop's matcher. Begins a read transaction,
 * which is the caller's to end, after us_sight_end.
 */
void us_sight_begin(struct us_sight *sight, struct us_call *call);
/* For work that goes on after its call, which gives the matcher. */
void us_sight_begin_late(struct us_sight *sight, struct us_org *org,
    const struct us_caller *caller);
void us_sight_end(struct us_sight *sight);

/* May the caller read all requests of the organisation? */
bool us_sight_all(const struct us_caller *caller);
/* Is it the caller's own, or of an own agent, or did the caller act on it? */
bool us_sight_concerned(
    const struct us_permission *p, const struct us_caller *caller);
/* Does the caller see it, whoever may approve it? */
bool us_sight_known(
    const struct us_permission *p, const struct us_caller *caller);
/* Or may the caller approve it? */
bool us_sight_sees(struct us_sight *sight, const struct us_permission *p);

/*
 * May the caller say yes or no? Only people do, and those who are in the
 * directory, where there is one. Then it was decided, and is in sight->last.
 */
bool us_sight_approves(struct us_sight *sight, const struct us_permission *p);
/* What the rules say of it now, whoever would approve: sight->last. */
const struct us_case *us_sight_decide(
    struct us_sight *sight, const struct us_permission *p);

#endif
