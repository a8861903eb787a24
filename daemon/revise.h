/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revising: from a draft that compiled to the next version of the workflow,
 * stored with its audit event, active before anybody is told. On the worker of
 * the organisation, which waits for the commit.
 */
#ifndef US_REVISE_H
#define US_REVISE_H

#include "daemon/audit.h"
#include "daemon/org.h"

enum us_revised {
	US_REVISED,
	US_REVISED_STALE, /* another version came in between */
	US_REVISED_FULL,  /* no room in the store */
	US_REVISED_FAILED,
};

struct us_revision {
	struct us_org *org;
	struct us_active *base; /* what the draft was made from */
	struct us_draft *draft; /* gives its program away */
	enum us_action action;
	struct us_actor actor;
	uint64_t version;       /* out: the new one */
};
enum us_revised us_revise(struct us_revision *revision);

#endif
