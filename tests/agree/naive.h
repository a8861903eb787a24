/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions straight from the tree, by somebody who read the contract and not
 * the matcher: loops over rules, three answers joined by hand, and subsets that
 * are really tried. It is slow and is meant to be; what it and the engine both
 * say is then more than one opinion.
 */
#ifndef US_TEST_NAIVE_H
#define US_TEST_NAIVE_H

#include "engine/buf.h"
#include "engine/request.h"
#include "engine/rule.h"

/* Compiled patterns, by their text. */
struct naive;

struct naive *naive_new(void);
void naive_free(struct naive *naive);

/*
 * May a rule or pre-approval with this requestor and resource match? Says
 * nothing of `disabled`, nor of what `some` asks of other rules.
 */
enum us_tri naive_holds(struct naive *naive, const struct us_who *who,
    const struct us_to *to, const struct us_request *req);

/*
 * How many times a pattern could not be decided on a value since the last
 * count: here, where everything is tried; and in the undecided parts of what is
 * undecided, which everybody must try.
 */
struct naive_tries {
	unsigned most, fewest;
};
struct naive_tries naive_tries(struct naive *naive);
/* The most of them for the last answer. */
unsigned naive_tried(const struct naive *naive);

bool naive_member(const struct us_members *members, const us_group_ids *groups);
bool naive_same_directory(struct us_str a, struct us_str b);

enum naive_kind {
	NAIVE_SURE,
	NAIVE_MAYBE,	 /* perhaps too much is undecidable: or `unknown` */
	NAIVE_EXHAUSTED, /* too much is: `unknown` */
	NAIVE_SUBSETS,	 /* too many subsets to try: no answer */
};

/* The answer as us_verdict_json writes it, at the end of out. */
enum naive_kind naive_answer(struct naive *naive, const struct us_ruleset *rs,
    const struct us_request *req, struct us_buf *out);

#endif
