/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the lints share: lint.c, lint_pattern.c, lint_same.c. */
#ifndef US_LINT_PARTS_H
#define US_LINT_PARTS_H

#include "engine/lint.h"
#include "engine/names.h"
#include "engine/symtab.h"

/* What there is to say about a distinct pattern. */
struct us_lint_pattern {
	bool everything, unanchored, dot, slow;
	size_t dot_at, slow_at;
	struct us_str literal; /* that it looks for anywhere; p NULL: none */
};

struct us_linter {
	const struct us_ruleset *rs;
	struct us_diags *diags;
	struct us_arena arena;
	struct us_names patterns; /* index in `facts` */
	US_LIST(struct us_lint_pattern) facts;
	struct us_names rules;	 /* enabled ones, by all that they say */
	struct us_symtab denied; /* resources that some agents are denied */
	bool denies_agents_all;
	struct us_symtab inhabited; /* directory and id of a group */
	struct us_symtab services;  /* numbers are indexes */
};

/* lint_pattern.c */
void us_lint_who_patterns(struct us_linter *l, const struct us_who *who);
void us_lint_to_patterns(struct us_linter *l, const struct us_to *to);

/*
 * lint_same.c: texts that are equal when the meanings are; in the arena of l.
 * The order of groups, filters and services does not count.
 */
struct us_str us_lint_key_to(struct us_linter *l, const struct us_to *to);
struct us_str us_lint_key_rule(struct us_linter *l, const struct us_rule *rule);

#endif
