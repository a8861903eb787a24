/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory: who is who, from a JSON file (SPEC 17). A snapshot is
 * immutable and counted; a file that changed makes a new one, a broken file
 * keeps the old one and says so.
 */
#ifndef US_DIRECTORY_H
#define US_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buf.h"
#include "engine/request.h"

struct us_user {
	struct us_str uid, name;
	us_group_ids groups;
	US_LIST(struct us_profile_fact) profile;
	unsigned roles; /* bits of enum us_role, as written */
};

struct us_directory;

/* NULL with what is wrong in *error. Counted: the caller holds one. */
struct us_directory *us_directory_load(const char *path, struct us_buf *error);
/* One without anybody, for an organisation that has no file. */
struct us_directory *us_directory_empty(void);
struct us_directory *us_directory_ref(struct us_directory *d);
void us_directory_unref(struct us_directory *d);

/* NULL when nobody has that e-mail (ASCII case does not count). */
const struct us_user *us_directory_find(
    const struct us_directory *d, struct us_str uid);
uint32_t us_directory_count(const struct us_directory *d);
/* The bits of the roles that anybody has in it, implied ones included. */
unsigned us_directory_roles(const struct us_directory *d);

#endif
