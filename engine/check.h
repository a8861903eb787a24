/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a tree a workflow: names resolve, nothing is said twice, patterns
 * compile, limits hold. Every error is reported, not only the first.
 */
#ifndef US_CHECK_H
#define US_CHECK_H

#include "engine/diag.h"
#include "engine/rule.h"

/* Limits of SPEC 18. */
#define US_RULES_MAX 200000
#define US_NAME_MAX 255
#define US_PATTERN_MAX 4096
#define US_WORKFLOW_MAX (128u * 1024 * 1024)

/*
 * Resolves group references in place and adds errors for all that is wrong;
 * returns how many. The tree may only be compiled after a return of 0.
 */
unsigned us_check(struct us_ruleset *rs, struct us_diags *diags);

#endif
