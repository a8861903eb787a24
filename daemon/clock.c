/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of the machine, or a number in a file. */
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "daemon/clock.h"

static const char *followed; /* set once, before there are threads */
static _Atomic int64_t last_read;

static int64_t
clock_read(clockid_t id, int64_t per_second)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * per_second + ts.tv_nsec / (1000000000 / per_second);
}

void
us_clock_follow(const char *path)
{
	followed = path;
}

/* A file that is just being replaced leaves the time where it was. */
static int64_t
read_followed(void)
{
	FILE *f = fopen(followed, "re");
	long long ms;

	if (f && fscanf(f, "%lld", &ms) == 1)
		atomic_store(&last_read, ms);
	if (f)
		fclose(f);
	return atomic_load(&last_read);
}

int64_t
us_clock_now(void)
{
	return followed ? read_followed() : clock_read(CLOCK_REALTIME, 1000);
}

int64_t
us_clock_ticks(void)
{
	return clock_read(CLOCK_MONOTONIC, 1000000);
}
