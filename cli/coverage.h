/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Coverage: which rules of a program matched in some test, and which of their
 * conditions were seen to hold and to decide against.
 */
#ifndef US_COVERAGE_H
#define US_COVERAGE_H

#include "engine/match.h"
#include "engine/rule.h"
#include "engine/verdict.h"

struct us_coverage {
	const struct us_prog *prog;
	uint8_t *seen; /* of each instruction: what it answered, bits */
};

struct us_coverage us_coverage_new(const struct us_prog *prog);
void us_coverage_free(struct us_coverage *c);

/*
 * Counts what the tests of the program answer to a request. A condition holds
 * where all before it in its rule hold too; the first that fails decides
 * against. The verdict says which rules matched.
 */
void us_coverage_count(
    struct us_coverage *c, struct us_matcher *m, const struct us_request *req);

struct us_coverage_sum {
	unsigned rules, rules_matched, conditions, conditions_both;
	unsigned parts, parts_seen; /* a rule is one, a condition two */
};

/* Each rule with its per cent, what was not seen of it, and where it stands. */
void us_coverage_text(const struct us_coverage *c, const struct us_ruleset *rs,
    struct us_coverage_sum *sum, struct us_buf *out);

#endif
