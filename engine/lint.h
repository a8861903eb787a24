/* SPDX-License-Identifier: Apache-2.0 */
/* Lints: what is legal but suspect. Each is a row of lint.def. */
#ifndef US_LINT_H
#define US_LINT_H

#include "engine/diag.h"
#include "engine/request.h"
#include "engine/rule.h"

/*
 * Adds warnings about a tree that us_check found right. `inhabited`, all the
 * groups that someone is in, makes unreachable-approver possible; it may be
 * NULL when no directory is known. Returns how many warnings it added.
 */
unsigned us_lint(const struct us_ruleset *rs, const us_group_ids *inhabited,
    struct us_diags *diags);

#endif
