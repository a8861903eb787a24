/* SPDX-License-Identifier: Apache-2.0 */
/* The door to the parser: text in, tree out. */
#ifndef US_PARSE_H
#define US_PARSE_H

#include "engine/diag.h"
#include "engine/rule.h"
#include "engine/testset.h"

/*
 * Adds the items of src (US_FORMAT_RULES) to the tree. Statements that are
 * wrong are left out or marked broken. Returns how many errors it added.
 */
unsigned us_parse_rules(
    struct us_ruleset *rs, struct us_src *src, struct us_diags *diags);

/* The same for a test file, ts->src. */
unsigned us_parse_tests(struct us_testset *ts, struct us_diags *diags);

#endif
