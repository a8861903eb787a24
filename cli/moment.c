/* SPDX-License-Identifier: Apache-2.0 */
/* Times as people read them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/moment.h"
#include "engine/when.h"

int64_t
us_moment_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* "1 h 52 min": the second unit only when there is some of it. */
static void
put_units(int64_t n, int64_t per, const char *unit, const char *small,
    struct us_buf *out)
{
	us_buf_printf(out, "%" PRId64 " %s", n / per, unit);
	if (n % per)
		us_buf_printf(out, " %" PRId64 " %s", n % per, small);
}

void
us_moment_span(int64_t ms, struct us_buf *out)
{
	int64_t seconds = ms / 1000, minutes = seconds / 60;

	if (seconds < 60)
		us_buf_printf(out, "%" PRId64 " s", seconds);
	else if (minutes < 60)
		us_buf_printf(out, "%" PRId64 " min", minutes);
	else if (minutes < 48 * 60)
		put_units(minutes, 60, "h", "min", out);
	else
		put_units(minutes / 60, 24, "d", "h", out);
}

void
us_moment_from_now(int64_t at, struct us_buf *out)
{
	int64_t span = at - us_moment_now();

	if (span >= 0)
		us_buf_puts(out, "in ");
	us_moment_span(span < 0 ? -span : span, out);
	if (span < 0)
		us_buf_puts(out, " ago");
}

void
us_moment_print(int64_t at, struct us_buf *out)
{
	struct us_buf when = {0};

	us_when_print(at, &when); /* 2026-11-23T09:40:11Z */
	if (when.n > 16)
		us_buf_printf(out, "%.10s %.5s UTC", when.p, when.p + 11);
	us_buf_free(&when);
}

bool
us_moment_length(const char *text, int64_t *seconds)
{
	unsigned long n;
	char *end;

	if (us_length_parse(us_str(text), seconds))
		return true;
	if (*text < '0' || *text > '9')
		return false;
	n = strtoul(text, &end, 10);
	*seconds = (int64_t)n;
	return n > 0 && n <= 86400 && end[0] == 's' && !end[1];
}
