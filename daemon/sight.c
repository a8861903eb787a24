/* SPDX-License-Identifier: Apache-2.0 */
/* Who sees a permission request, and who may approve it. */
#include "daemon/clock.h"
#include "daemon/sight.h"
#include "daemon/world.h"

/* Sources first: what is replaced later is seen by their generation. */
void
us_sight_begin_late(
    struct us_sight *sight, struct us_org *org, const struct us_caller *caller)
{
	*sight = (struct us_sight){.org = org, .caller = caller};
	sight->sources = us_sources_now(org);
	sight->txn = us_txn_read(org->world->store);
}

void
us_sight_begin(struct us_sight *sight, struct us_call *call)
{
	us_sight_begin_late(sight, call->org, call->caller);
	sight->matcher = us_loop_adopt(call->loop, call->org)->matcher;
}

void
us_sight_end(struct us_sight *sight)
{
	us_sources_done(&sight->sources);
	us_arena_free(&sight->scratch);
}

bool
us_sight_all(const struct us_caller *caller)
{
	/* Owners and managers are viewers. */
	return (caller->roles &
		   (US_ROLE_BIT(VIEWER) | US_ROLE_BIT(IAM_OWNER))) != 0;
}

static bool
acted(const struct us_permission *p, const struct us_caller *caller)
{
	const struct us_episode *episode;

	US_EACH (episode, &p->history) {
		if (us_str_eq_nocase(episode->by, caller->uid))
			return true;
	}
	return false;
}

bool
us_sight_concerned(
    const struct us_permission *p, const struct us_caller *caller)
{
	if (us_case_is_own(p, caller))
		return true;
	/* An agent is not the human that it speaks for. */
	return caller->kind != US_CALLER_AGENT && caller->uid.n &&
	       acted(p, caller);
}

bool
us_sight_sees(struct us_sight *sight, const struct us_permission *p)
{
	return us_sight_all(sight->caller) ||
	       us_sight_concerned(p, sight->caller) ||
	       us_sight_approves(sight, p);
}

bool
us_sight_approves(struct us_sight *sight, const struct us_permission *p)
{
	const struct us_caller *caller = sight->caller;
	bool may;

	if (caller->kind != US_CALLER_PERSON ||
	    (sight->org->directory_path &&
		!us_directory_find(sight->sources.directory, caller->uid)))
		return false;
	may = us_case_may_approve(&sight->sources, sight->matcher, sight->org,
	    sight->txn, p, us_clock_now(), caller, &sight->scratch);
	us_arena_reset(&sight->scratch);
	return may;
}
