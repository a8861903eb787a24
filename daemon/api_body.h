/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of calls: small ones, of JSON, read by tables (json_read.h). */
#ifndef US_API_BODY_H
#define US_API_BODY_H

#include "daemon/http.h"
#include "engine/json_read.h"

/*
 * Hands the body to `read`, which reads it into `what`; strings are in the
 * arena. What is wrong with it is answered with 400; then it is false. No body
 * at all, where the route lets that pass, is read as {}.
 */
bool us_api_body(struct us_call *call, struct us_arena *a,
    void (*read)(
	struct us_json_reader *r, struct us_json_value value, void *what),
    void *what);

#endif
