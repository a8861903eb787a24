/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers that route.def names. */
#ifndef US_DAEMON_API_H
#define US_DAEMON_API_H

struct us_call;

#define US_CALL(method, pattern, needs, body, request, answer, statuses,       \
    handler, help)                                                             \
	void handler(struct us_call *call);
#include "daemon/route.def"

#endif
