/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher: which rules match a request. A matcher is the scratch of one
 * thread for one program; once it has made an answer as long, deciding
 * allocates nothing from the heap.
 */
#ifndef US_MATCH_H
#define US_MATCH_H

#include "engine/code.h"
#include "engine/request.h"

/* More patterns than this that cannot be decided end a decision (SPEC 5). */
#define US_UNDECIDABLE_MAX 8

struct us_matcher;

/* Holds a reference to the program. */
struct us_matcher *us_matcher_new(struct us_prog *prog);
void us_matcher_free(struct us_matcher *m);
/* From now on every rule is tried in turn, not only those that the index
 * offers: the reference, with the same answers. */
void us_matcher_loop(struct us_matcher *m);
const struct us_prog *us_matcher_prog(const struct us_matcher *m);

/* A rule that matches (US_YES) or might (US_CANNOT_TELL). */
struct us_hit {
	uint32_t rule;
	enum us_tri state;
};

/* Which rules match; in the matcher, until its next request. */
struct us_matches {
	const struct us_hit *hits; /* in the workflow's order */
	uint32_t n;
	enum us_tri preapproved;   /* by the request or a pre-approval */
	uint32_t preapproval;      /* the first that covers it */
	bool exhausted;            /* too many patterns were undecidable */
};

const struct us_matches *us_match(
    struct us_matcher *m, const struct us_request *req);
/*
 * The same for a request of the same principal and agent as the one before:
 * another item, for which these need not be looked up again.
 */
const struct us_matches *us_match_next(
    struct us_matcher *m, const struct us_request *req);
/*
 * The same for the request that us_match or us_match_next had last, but for its
 * approver and for whether it is preapproved: which rules match does not hang
 * on these, and none is tried.
 */
const struct us_matches *us_match_again(
    struct us_matcher *m, const struct us_request *req);

/* How many lines the index offers for a request: the candidates. */
uint32_t us_match_offered(struct us_matcher *m, const struct us_request *req);

/*
 * After us_match, of the same request: is a group set of the program satisfied
 * by the approver?
 */
bool us_match_approver_in(const struct us_matcher *m, uint32_t set);

/* What the patterns of the last decision were charged: re.h. */
size_t us_matcher_work(const struct us_matcher *m);

/* Memory that lasts until the next us_match. */
struct us_arena *us_matcher_arena(struct us_matcher *m);

/*
 * Runs every test of every rule on the request, whatever the others said, and
 * tells the callback what each answered, in program order; insns that are no
 * tests (RULE, ROUTE, ...) are told with US_YES. Every rule has what a decision
 * has for its patterns, until they all had about twenty times that.
 */
typedef void us_trace(
    void *arg, uint32_t at, const struct us_insn *insn, enum us_tri answer);
void us_match_trace(struct us_matcher *m, const struct us_request *req,
    us_trace *trace, void *arg);

#endif
