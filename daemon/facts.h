/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts of a decision. A manager may state any, to see what would be; all
 * others ask about themselves, and what is known of them comes from the
 * directory, the on-call list and their token, never from what they claim.
 */
#ifndef US_FACTS_H
#define US_FACTS_H

#include "daemon/auth.h"
#include "daemon/sources.h"
#include "engine/json.h"

/* May the caller state facts of others, or facts that are not so? */
bool us_facts_any(const struct us_caller *caller);

/* May the caller state what the request states? False with the reason. */
bool us_facts_allowed(const struct us_caller *caller,
    struct us_src *src, struct us_json_value request, struct us_buf *why);

/*
 * The request at `value` in src, with the facts that the server knows; NULL
 * with diagnostics. now: the time unless it says another.
 */
struct us_request *us_facts_request(const struct us_caller *caller,
    const struct us_sources *sources, struct us_src *src,
    struct us_json_value value, int64_t now, struct us_arena *a,
    struct us_diags *diags);

#endif
