/* SPDX-License-Identifier: Apache-2.0 */
/* A request from the JSON form (SPEC 4). */
#ifndef US_JSON_REQUEST_H
#define US_JSON_REQUEST_H

#include "engine/arena.h"
#include "engine/diag.h"
#include "engine/json_read.h"
#include "engine/request.h"
#include "engine/src.h"

#define US_REQUEST_MAX (1024 * 1024) /* bytes of a request (SPEC 18) */

/*
 * The request in src, with its strings, in the arena a; NULL with diagnostics
 * when it is not one. Checks the limits of SPEC 18.
 */
struct us_request *us_request_from_json(
    struct us_src *src, struct us_arena *a, struct us_diags *diags);

/*
 * The same from a value already read. asker_known: who asks is known from
 * elsewhere, and need not be said.
 */
struct us_request *us_request_from_value(struct us_src *src,
    struct us_json_value value, bool asker_known, struct us_arena *a,
    struct us_diags *diags);

/*
 * A list of groups, {directory, id}, of which a person is a member; directories
 * by their canonical names.
 */
void us_json_groups(struct us_json_reader *r, struct us_json_value list,
    us_group_ids *groups);

/*
 * Attributes, {filter: {key: value, [values] or null}, boolean or null}, where
 * null is what is not known. Adds nothing when value is absent or null.
 */
void us_json_attributes(struct us_json_reader *r, struct us_json_value value,
    us_attr_list *attrs);

/*
 * A name of a small, closed list (list(i), then NULL), or an error with the
 * nearest that there is. what: "integration".
 */
void us_json_check_name(struct us_json_reader *r, struct us_json_value value,
    struct us_str name, const char *what, const char *(*list)(unsigned i));

#endif
