/* SPDX-License-Identifier: Apache-2.0 */
/* A workflow from and to the JSON form (SPEC 2). */
#ifndef US_JSON_RULES_H
#define US_JSON_RULES_H

#include "engine/buf.h"
#include "engine/diag.h"
#include "engine/json.h"
#include "engine/rule.h"

/*
 * Reads a workflow (an array of rules, an object with rules, or one with
 * workflow.rules) into the tree. Says everything that is wrong with its shape;
 * names and patterns are check.c's. Returns how many errors it added.
 */
unsigned us_rules_from_json(struct us_ruleset *rs, struct us_src *src,
    struct us_json_value value, struct us_diags *diags);

/*
 * Writes {"rules": [...]} with services and preapprovals when there are any:
 * members in the order of SPEC 2, absent where they would say the default.
 * Names must be resolved (us_check).
 */
void us_rules_to_json(const struct us_ruleset *rs, struct us_buf *out);

/* One rule, on one line. */
void us_rule_to_json(const struct us_rule *rule, struct us_buf *out);

#endif
