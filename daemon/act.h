/* SPDX-License-Identifier: Apache-2.0 */
/* Acts: what somebody wants to do to a permission request. */
#ifndef US_ACT_H
#define US_ACT_H

#include "daemon/errand.h"
#include "daemon/life.h"
#include "daemon/sight.h"

/* What of an errand. */
struct us_act {
	enum us_event event;
	struct us_str id;
	struct us_str text;  /* a reason; or empty */
	int64_t duration;    /* APPROVE: s; 0: not said */
	struct us_str pages; /* ESCALATE: who is paged */
	/* What it was judged by. */
	uint32_t revision;
	uint64_t generation;
	unsigned tries;
	bool stale; /* and that is no more so */
	us_request_ids touched; /* requests that changed by it */
};

/*
 * May the caller of the errand do it, by the sources of the sight? False with
 * the answer in the errand.
 */
bool us_act_judge(struct us_errand *errand, struct us_sight *sight);

/* Is it too late for that? due_now: on the clock of due.h. */
bool us_act_is_late(
    const struct us_permission *p, enum us_event event, int64_t due_now);
/* False; the answer says who was faster, or what has become of it. */
bool us_act_refuse_late(
    struct us_errand *errand, const struct us_permission *p);

#endif
