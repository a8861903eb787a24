/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler inside: numbers of what rules name, and who asks for them. */
#ifndef US_COMPILE_PARTS_H
#define US_COMPILE_PARTS_H

#include "engine/compile.h"

/* In which order tests stand: what may be undecidable comes last. */
enum us_cost { US_NO_PATTERN, US_ENDS, US_CONTAINS, US_SEARCH };

struct us_costed {
	const struct us_filter *filter;
	enum us_cost cost;
	uint32_t pattern; /* its number, if it has one */
};

struct us_compiler {
	const struct us_ruleset *rs;
	struct us_prog *prog;
	struct us_arena scratch; /* of one pattern */
	struct us_arena keys;
	struct us_symtab sets;   /* by what they are: outside, groups */
	uint32_t *groups;        /* numbers + 1 of the ruleset's; 0: not yet */
	struct us_symtab named_keys; /* by what they are: all their words */
	US_LIST(const struct us_prog_named *) named;
	US_LIST(struct us_costed) filters; /* of what is being compiled */
	struct us_origin origin; /* of what is being compiled */
	bool failed;
};

struct us_str us_keep_str(struct us_compiler *c, struct us_str s);

/* Each is added when it is new. */
uint32_t us_name_id(struct us_compiler *c, struct us_str s);
uint32_t us_email_id(struct us_compiler *c, struct us_str s);
uint32_t us_filter_id(struct us_compiler *c, struct us_str s);
uint32_t us_slot_id(struct us_compiler *c, const struct us_filter *f);
/* Sets c->failed for a pattern that does not compile. */
uint32_t us_pattern_id(struct us_compiler *c, struct us_str text);
uint32_t us_set_id(struct us_compiler *c, const struct us_members *members);
const struct us_prog_named *us_keep_named(
    struct us_compiler *c, const struct us_alt *alt);

#endif
