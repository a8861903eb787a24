/* SPDX-License-Identifier: Apache-2.0 */
/* What the public structs are made of, for the two files behind usher.h. */
#ifndef US_API_H
#define US_API_H

#include "engine/diag.h"
#include "engine/rule.h"
#include "engine/usher.h"

struct us_prog;

struct usher_rules {
	struct us_prog *prog;
};

struct us_problem {
	const char *text, *json;
};

struct usher_problems {
	struct us_arena arena;
	US_LIST(struct us_problem) list;
};

/* Compiles and lints a tree that us_check found right; NULL with an error. */
struct usher_rules *us_rules_new(
    const struct us_ruleset *rs, struct us_diags *diags);

/* The diagnostics as problems; NULL when there are none. */
struct usher_problems *us_problems_new(const struct us_diags *diags);

#endif
