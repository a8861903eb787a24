/* SPDX-License-Identifier: Apache-2.0 */
/* The roles: their names, what they imply, and how lists of them are read. */
#ifndef US_ROLE_H
#define US_ROLE_H

#include "engine/json_read.h"

/* One row of role.def each. */
enum us_role {
#define US_ROLE(id, name, implies, help) US_ROLE_##id,
#include "daemon/role.def"
	US_ROLE_COUNT
};
#define US_ROLE_BIT(id) (1u << US_ROLE_##id)
#define US_ROLE_ALL ((1u << US_ROLE_COUNT) - 1)

const char *us_role_name(enum us_role role);
/*
 * US_ROLE_COUNT when there is none of that name. The engine's name of a
 * reviewer (US_ROLE_REVIEWER) is another name of manager.
 */
enum us_role us_role_find(struct us_str name);
/* The bits, with those that they imply. */
unsigned us_roles_implied(unsigned bits);

/* ["owner","viewer"] for the bits. */
void us_roles_print(unsigned bits, struct us_buf *out);
/* "owner or viewer", for people. */
void us_roles_say(unsigned bits, struct us_buf *out);
/*
 * Adds the roles of a list of names to *bits; what is no role is an error.
 * Does nothing when there is no list.
 */
void us_roles_read(
    struct us_json_reader *r, struct us_json_value list, unsigned *bits);

#endif
