/* SPDX-License-Identifier: Apache-2.0 */
/* From files, folders and texts to a checked tree. */
#ifndef US_LOAD_H
#define US_LOAD_H

#include <stdbool.h>

#include "engine/diag.h"
#include "engine/rule.h"
#include "engine/testset.h"

/* By the end of the name: .json, .yaml or .yml, .test; rules otherwise. */
enum us_format us_format_of(const char *name);

/*
 * Reads a whole file ("-": standard input) of at most `max` bytes; NULL with a
 * diagnostic when it cannot be read or is larger.
 */
struct us_src *us_load_file(const char *path, enum us_format format,
    uint32_t max, struct us_diags *diags);

/*
 * Adds what src says to the tree (parsed, not checked); the ruleset owns src
 * from now on, whatever happens. Returns how many errors it added.
 */
unsigned us_load_src(
    struct us_ruleset *rs, struct us_src *src, struct us_diags *diags);

/*
 * Adds a file, or all *.usher files of a folder in the order of their names
 * (sub-folders too; links to folders are not followed).
 */
unsigned us_load_path(
    struct us_ruleset *rs, const char *path, struct us_diags *diags);

/* us_load_path of each, then us_check. Returns how many errors it added. */
unsigned us_load(struct us_ruleset *rs, char *const *paths, unsigned n,
    struct us_diags *diags);

/* A test file, parsed; never NULL. The testset owns src. */
struct us_testset *us_load_tests(struct us_src *src, struct us_diags *diags);

/*
 * The paths that a path argument stands for: itself, or, for a folder, its
 * files that end in `suffix`, sorted. Strings in the arena a. False with a
 * diagnostic when it cannot be read or a folder has none.
 */
typedef US_LIST(const char *) us_paths;
bool us_load_expand(const char *path, const char *suffix, struct us_arena *a,
    us_paths *out, struct us_diags *diags);

#endif
