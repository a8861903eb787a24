/* SPDX-License-Identifier: Apache-2.0 */
/* What clients that wait for a request are told at the end (SPEC 12). */
#ifndef US_WATCH_JSON_H
#define US_WATCH_JSON_H

#include "daemon/permission.h"

/* Does nobody wait any longer for a request that is as it is now? */
bool us_watch_is_over(const struct us_permission *p);
/* The line of data, with its end. */
void us_watch_json(
    const struct us_permission *p, bool generated, struct us_buf *out);

/* What has become of it, for people. */
void us_watch_message(const struct us_permission *p, struct us_buf *out);

#endif
