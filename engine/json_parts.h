/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a rule in the JSON form, for the reader of rules only. */
#ifndef US_JSON_PARTS_H
#define US_JSON_PARTS_H

#include "engine/json_read.h"
#include "engine/rule.h"

/* Each fills its part, and says what is wrong with it. */
void us_json_requestor(struct us_json_reader *r, struct us_json_value value,
    struct us_who *who);
void us_json_resource(struct us_json_reader *r, struct us_json_value value,
    struct us_to *to);
void us_json_alternative(struct us_json_reader *r, struct us_json_value value,
    struct us_alt *alt);

/*
 * A set of groups, {groups, effect} or the old flat {directory, id, label}.
 * `set` are the slots of these five members in this order, of the object
 * `around`.
 */
enum {
	US_SET_GROUPS,
	US_SET_EFFECT,
	US_SET_DIRECTORY,
	US_SET_ID,
	US_SET_LABEL,
};
#define US_SET_MEMBERS "groups", "effect", "directory", "id", "label"
#define US_SET_BITS(first) (UINT32_C(31) << (first))
void us_json_group_set(struct us_json_reader *r, struct us_json_value around,
    const struct us_json_value *set, struct us_members *members);

#endif
