/* SPDX-License-Identifier: Apache-2.0 */
/* What schema.def knows of the calls, for the document and the manual. */
#ifndef US_OPENAPI_H
#define US_OPENAPI_H

#include <stdbool.h>

struct us_route;

struct us_openapi_param {
	const char *name, *help;
	const char *schema; /* JSON */
};

/* The i-th query parameter of a call; NULL: it has no more. */
const struct us_openapi_param *us_openapi_query(
    const struct us_route *route, unsigned i);
/* The i-th status that a call answers with; NULL: it has no more. */
const char *us_openapi_status(const struct us_route *route, unsigned i);
/* May the body, or the answer, be in the language (text/x-usher)? */
bool us_openapi_takes_text(const struct us_route *route);
bool us_openapi_gives_text(const struct us_route *route);
/* The type of an answer that has no schema. */
const char *us_openapi_type(const struct us_route *route);

#endif
