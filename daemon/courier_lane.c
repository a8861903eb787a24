/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes: a ring of new rows, and a heap of those that wait for another try. */
#include <stdlib.h>

#include "daemon/courier_parts.h"
#include "engine/err.h"

bool
us_lane_has_room(const struct us_lane *lane)
{
	return lane->n < US_LANE_MAX;
}

void
us_lane_add(struct us_lane *lane, const struct us_parcel *parcel)
{
	if (!lane->fresh)
		lane->fresh = us_calloc(US_LANE_MAX, sizeof(*lane->fresh));
	lane->fresh[(lane->first + lane->n++) % US_LANE_MAX] = *parcel;
}

bool
us_lane_take_fresh(struct us_lane *lane, struct us_parcel *parcel)
{
	if (!lane->n)
		return false;
	*parcel = lane->fresh[lane->first];
	lane->first = (lane->first + 1) % US_LANE_MAX;
	lane->n--;
	return true;
}

/* --- The heap ----------------------------------------------------------- */

/* Of those that are due at once, the oldest row first. */
static bool
is_sooner(const struct us_parcel *a, const struct us_parcel *b)
{
	return a->due != b->due ? a->due < b->due : a->seq < b->seq;
}

static void
swap(struct us_parcel *a, struct us_parcel *b)
{
	struct us_parcel c = *a;

	*a = *b;
	*b = c;
}

static void
rise(struct us_lane *lane, size_t i)
{
	struct us_parcel *v = lane->waiting;

	for (; i && is_sooner(&v[i], &v[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&v[i], &v[(i - 1) / 2]);
}

static void
sink(struct us_lane *lane, size_t i)
{
	struct us_parcel *v = lane->waiting;

	for (;;) {
		size_t least = i;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2; k++) {
			if (k < lane->waiting_n && is_sooner(&v[k], &v[least]))
				least = k;
		}
		if (least == i)
			return;
		swap(&v[i], &v[least]);
		i = least;
	}
}

void
us_lane_wait(struct us_lane *lane, const struct us_parcel *parcel)
{
	if (lane->waiting_n == lane->waiting_cap) {
		lane->waiting_cap = lane->waiting_cap * 2 + 16;
		lane->waiting = us_realloc(
		    lane->waiting, lane->waiting_cap * sizeof(*lane->waiting));
	}
	lane->waiting[lane->waiting_n] = *parcel;
	rise(lane, lane->waiting_n++);
}

static bool
take_waiting(struct us_lane *lane, int64_t ticks, struct us_parcel *parcel)
{
	if (!lane->waiting_n || us_lane_due(lane) > ticks)
		return false;
	*parcel = lane->waiting[0];
	lane->waiting[0] = lane->waiting[--lane->waiting_n];
	sink(lane, 0);
	return true;
}

bool
us_lane_take_old(struct us_lane *lane, struct us_parcel *parcel)
{
	/* What waits was new before what is new. */
	return take_waiting(lane, INT64_MAX, parcel) ||
	       us_lane_take_fresh(lane, parcel);
}

int64_t
us_lane_due(const struct us_lane *lane)
{
	return lane->waiting_n ? lane->waiting[0].due : INT64_MAX;
}

bool
us_lane_hurry(struct us_lane *lane, uint64_t seq)
{
	for (size_t i = 0; i < lane->waiting_n; i++) {
		if (lane->waiting[i].seq != seq)
			continue;
		lane->waiting[i].due = 0;
		rise(lane, i);
		return true;
	}
	return false;
}

/* --- Both --------------------------------------------------------------- */

/* New rows and old ones in turn: neither shall starve the other. */
bool
us_lane_take(struct us_lane *lane, int64_t ticks, struct us_parcel *parcel)
{
	bool fresh = lane->retried && us_lane_take_fresh(lane, parcel);

	lane->retried = !fresh && take_waiting(lane, ticks, parcel);
	return fresh || lane->retried || us_lane_take_fresh(lane, parcel);
}

void
us_lane_free(struct us_lane *lane)
{
	free(lane->fresh);
	free(lane->waiting);
}
