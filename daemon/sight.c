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
us_sight_known(const struct us_permission *p, const struct us_caller *caller)
{
	return us_sight_all(caller) || us_sight_concerned(p, caller);
}

bool
us_sight_sees(struct us_sight *sight, const struct us_permission *p)
{
	return us_sight_known(p, sight->caller) || us_sight_approves(sight, p);
}

static const struct us_case *
decide(struct us_sight *sight, const struct us_permission *p, bool approver)
{
	const struct us_caller *caller = sight->caller;
	struct us_arena *a = &sight->scratch;
	const struct us_judge judge = {.org = sight->org,
	    .sources = &sight->sources,
	    .matcher = sight->matcher,
	    .txn = sight->txn,
	    .now = us_clock_now()};

	us_arena_reset(a);
	sight->last = us_case_decide(&judge, p,
	    approver ? us_known_approver(
			   &sight->sources, caller->uid, caller->roles, a)
		     : NULL,
	    a);
	return &sight->last;
}

/* An agent approves nothing: it is not the human that it speaks for. */
bool
us_sight_approves(struct us_sight *sight, const struct us_permission *p)
{
	const struct us_caller *caller = sight->caller;

	if (caller->kind != US_CALLER_PERSON ||
	    (sight->org->directory_path &&
		!us_directory_find(sight->sources.directory, caller->uid)))
		return false;
	return decide(sight, p, true)->verdict->allowed;
}

const struct us_case *
us_sight_decide(struct us_sight *sight, const struct us_permission *p)
{
	return decide(sight, p, false);
}
