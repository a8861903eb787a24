/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict: what follows from the rules that match (SPEC 5). */
#ifndef US_VERDICT_H
#define US_VERDICT_H

#include "engine/buf.h"
#include "engine/match.h"

/* One row of outcome.def each. */
enum us_outcome {
#define US_OUTCOME(id, name, help) US_OUTCOME_##id,
#include "engine/outcome.def"
	US_OUTCOME_COUNT
};

/* What granted a request. */
enum us_by { US_BY_NOTHING, US_BY_PERSISTENT, US_BY_AUTO, US_BY_PREAPPROVAL };

struct us_verdict_alt {
	uint32_t rule, index; /* in the program's rules, in the rule's list */
	enum us_alt_type type;
	enum us_tri available;
	unsigned missing;     /* bits of enum us_option */
};

struct us_via {
	uint32_t rule, index;
};

/* Rules are numbers in the program. Lists are in the workflow's order. */
struct us_verdict {
	const struct us_prog *prog;
	enum us_outcome outcome;
	enum us_by by;
	unsigned missing;
	uint32_t preapproval; /* US_BY_PREAPPROVAL, and the request does not say
			       * that it is: the first of the program's */
	US_LIST(uint32_t) rules;
	US_LIST(uint32_t) denied_by;
	US_LIST(uint32_t) undecided;
	US_LIST(struct us_verdict_alt) alternatives;
	const struct us_approver *approver; /* NULL: not asked about */
	bool allowed;
	US_LIST(struct us_via) via;
};

/* Decides; the verdict lasts until the next decision of this matcher. */
const struct us_verdict *us_decide(
    struct us_matcher *m, const struct us_request *req);
/* The same for another item of the same people: us_match_next. */
const struct us_verdict *us_decide_next(
    struct us_matcher *m, const struct us_request *req);
/* The same for another approver of the same: us_match_again. */
const struct us_verdict *us_decide_again(
    struct us_matcher *m, const struct us_request *req);

/* Does the fact say whom the alternative names by a profile? */
bool us_profile_names(
    const struct us_profile_fact *fact, const struct us_prog_alt *alt);

const char *us_outcome_name(enum us_outcome outcome);
/* "auto", ...; NULL for US_BY_NOTHING. */
const char *us_by_name(enum us_by by);

/* The answer of SPEC 5 as one JSON object, without a line end. */
void us_verdict_json(const struct us_verdict *v, struct us_buf *out);

/* Its members alone, for an object that has others too. */
void us_verdict_members(const struct us_verdict *v, struct us_buf *out);

/* A list of requirements as JSON: ["reason","duration"]. */
void us_missing_json(unsigned missing, struct us_buf *out);

#endif
