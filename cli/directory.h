/* SPDX-License-Identifier: Apache-2.0 */
/* directory.json: people, their groups, profiles and roles. */
#ifndef US_DIRECTORY_H
#define US_DIRECTORY_H

#include "engine/diag.h"
#include "engine/request.h"

/*
 * Adds to *inhabited the groups that someone in the file is a member of, each
 * as often as it has members, directories by their canonical names; strings
 * in the arena. *src, or NULL, is the text for the places in diagnostics, and
 * the caller's to free. False with diagnostics when it is no directory.
 */
bool us_directory_load(const char *path, struct us_arena *arena,
    us_group_ids *inhabited, struct us_src **src, struct us_diags *diags);

#endif
