/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that a command works under: read, checked, compiled. */
#ifndef US_WORKFLOW_H
#define US_WORKFLOW_H

#include "cli/args.h"
#include "engine/code.h"
#include "engine/diag.h"
#include "engine/match.h"
#include "engine/rule.h"

struct us_workflow {
	struct us_ruleset *rs;
	struct us_prog *prog; /* NULL unless all is right */
};

/*
 * Reads all paths as one workflow. False with diagnostics when it is not one;
 * the tree is there all the same, for their places. Free it in any case,
 * after the diagnostics were printed.
 */
bool us_workflow_load(struct us_workflow *w, char *const *paths, unsigned n,
    struct us_diags *diags);
void us_workflow_free(struct us_workflow *w);

/* A matcher; with --no-index, one that tries every rule. */
struct us_matcher *us_workflow_matcher(
    struct us_prog *prog, const struct us_args *args);

/* The same for a command: prints what is wrong; the exit status. */
int us_workflow_open(struct us_workflow *w, const us_words *paths);

#endif
