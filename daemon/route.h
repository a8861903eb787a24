/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes: from method and path to a handler, by the table route.def, which
 * also makes /openapi.json, the manual's chapter and the tests.
 */
#ifndef US_ROUTE_H
#define US_ROUTE_H

#include "daemon/auth.h"
#include "daemon/http.h"

/* What a call needs; the bits of roles of which one will do. */
#define US_NEEDS_NOTHING 0u         /* not even a token */
#define US_NEEDS_ANYONE (1u << US_ROLE_COUNT) /* everyone signed in */

enum us_body_kind {
	US_BODY_NONE,     /* a body is an error */
	US_BODY_SMALL,    /* at most 1 MiB, JSON */
	US_BODY_OPTIONAL, /* the same; none is as good as {} */
	US_BODY_WORKFLOW, /* at most 128 MiB, JSON or text/x-usher */
};

struct us_route {
	const char *method, *pattern; /* /o/{org}/routing/{version} */
	unsigned needs;
	enum us_body_kind body;
	const char *request, *answer; /* schemas in schema.def, or NULL */
	const char *statuses;         /* "200 404": beside the usual ones */
	void (*handle)(struct us_call *call);
	const char *help;
};
extern const struct us_route us_routes[];
extern const unsigned us_route_count;

/*
 * Splits the path before it is decoded, finds the route, authenticates, and
 * calls the handler; or answers 400, 401, 403, 404, 405, 413, 415.
 */
void us_route_call(struct us_call *call);

/*
 * Before a long body is read: may this caller send one? False: no, and the
 * call was answered. True: call->route says how long it may be.
 */
bool us_route_admit(struct us_call *call);

/* The OpenAPI 3 document. */
void us_route_openapi(struct us_buf *out);

#endif
