/* SPDX-License-Identifier: Apache-2.0 */
/* allow: an approval in advance, by somebody who could approve. */
#include <stdio.h>

#include "daemon/ask_parts.h"
#include "engine/when.h"

static bool
digits(struct us_str text, size_t at, size_t n, unsigned *value)
{
	*value = 0;
	for (size_t i = at; i < at + n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		*value = *value * 10 + (unsigned)(text.p[i] - '0');
	}
	return true;
}

/* MM/DD/YYYY, or YYYY-MM-DD: the day begins in UTC. */
static bool
read_day(struct us_str text, int64_t *ms)
{
	unsigned year, month, day;
	char iso[40];

	if (text.n != 10)
		return false;
	if (text.p[2] == '/' && text.p[5] == '/') {
		if (!digits(text, 0, 2, &month) || !digits(text, 3, 2, &day) ||
		    !digits(text, 6, 4, &year))
			return false;
	} else if (!digits(text, 0, 4, &year) || text.p[4] != '-' ||
		   !digits(text, 5, 2, &month) || text.p[7] != '-' ||
		   !digits(text, 8, 2, &day)) {
		return false;
	}
	snprintf(
	    iso, sizeof(iso), "%04u-%02u-%02uT00:00:00Z", year, month, day);
	return us_when_parse(us_str(iso), ms);
}

/* [from, until) */
static bool
read_window(const struct us_asking *asking, int64_t *from, int64_t *until)
{
	struct us_ask *ask = asking->ask;
	const struct us_wish *wish = &ask->wish;

	*from = asking->now;
	if (wish->length <= 0)
		return us_ask_refuse(ask, 400,
		    "say with --length how long this is approved in advance, "
		    "like --length 2h");
	if (wish->start.n && !us_when_parse(wish->start, from) &&
	    !read_day(wish->start, from))
		return us_ask_refuse(ask, 400,
		    "--start \"%.*s\": expected a time, like "
		    "2026-12-24T09:00:00Z, or a day, like 2026-12-24 or "
		    "12/24/2026",
		    US_ARG(wish->start));
	*until = *from + 1000 * wish->length;
	if (*until <= asking->now)
		return us_ask_refuse(ask, 400,
		    "--start \"%.*s\": with that --length it is over already",
		    US_ARG(wish->start));
	return true;
}

static void
set_advance(const struct us_ask *ask, struct us_asked *item, int64_t from,
    int64_t until)
{
	const struct us_permission *p = &item->p;

	item->voucher = ask->errand->caller.uid;
	item->voucher_roles = ask->errand->caller.own_roles;
	item->advance = (struct us_advance){
	    .id = p->id,
	    .principal = p->principal,
	    .issuer = p->asker,
	    .service = p->service,
	    .access = p->access,
	    .item = p->item,
	    .label = p->label,
	    .attributes = p->attributes,
	    .reason = p->reason,
	    .from = from,
	    .until = until,
	    .duration = p->asked_duration,
	};
}

/* The request that somebody could make, for whom this is approved. */
static bool
may_issue(struct us_asking *asking, const struct us_asked *item)
{
	struct us_ask *ask = asking->ask;
	const struct us_judge judge = us_asking_judge(asking);
	struct us_permission p = item->p;

	p.asker = p.principal;
	p.asker_kind = US_CALLER_PERSON;
	return us_case_may_issue(&judge, &p, ask->errand->caller.uid,
	    ask->is_group ? &ask->group : NULL, ask->arena);
}

bool
us_ask_allow(struct us_asking *asking)
{
	struct us_ask *ask = asking->ask;
	const struct us_wanted *wanted;
	struct us_buf refused = {0};
	struct us_asked *item;
	int64_t from = 0, until = 0;
	bool good;

	if (!read_window(asking, &from, &until))
		return false;
	US_EACH (wanted, &ask->wish.items) {
		if (us_ask_is_late(asking))
			break;
		item = us_list_add(ask->arena, &ask->items);
		item->p = us_ask_permission(asking, wanted);
		set_advance(ask, item, from, until);
		if (!may_issue(asking, item))
			us_buf_printf(&refused, "%s%.*s", refused.n ? ", " : "",
			    US_ARG(item->p.label));
	}
	good = !refused.n && !asking->late;
	if (refused.n && !asking->late)
		us_ask_refuse(ask, 403,
		    "you could not approve such a request of %.*s under the "
		    "rules, by what the directory and role bindings say of "
		    "you: %s",
		    US_ARG(ask->principal), refused.p);
	us_buf_free(&refused);
	return good;
}
