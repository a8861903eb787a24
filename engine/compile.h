/* SPDX-License-Identifier: Apache-2.0 */
/* From the tree to a program. */
#ifndef US_COMPILE_H
#define US_COMPILE_H

#include "engine/code.h"
#include "engine/rule.h"

/*
 * Compiles a tree that us_check found right. Never fails on such a tree; NULL
 * when the result does not pass the verifier or a pattern does not compile,
 * which would be a defect here. The caller holds the one reference.
 */
struct us_prog *us_compile(const struct us_ruleset *rs);

#endif
