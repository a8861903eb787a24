/* SPDX-License-Identifier: Apache-2.0 */
/* Times as people read them: in UTC, and from now. */
#ifndef US_MOMENT_H
#define US_MOMENT_H

#include <stdint.h>

#include "engine/buf.h"

int64_t us_moment_now(void); /* ms since the epoch */

/* "40 s", "52 min", "1 h 52 min", "3 d 4 h": two units at most. */
void us_moment_span(int64_t ms, struct us_buf *out);

/* "in 1 h 52 min", "3 min ago". */
void us_moment_from_now(int64_t at, struct us_buf *out);

/* "2026-11-23 09:40 UTC", to the minute. */
void us_moment_print(int64_t at, struct us_buf *out);

/* A length such as 90s, 15m, 2h in seconds; false when it is none. */
bool us_moment_length(const char *text, int64_t *seconds);

#endif
