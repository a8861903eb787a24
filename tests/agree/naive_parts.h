/* SPDX-License-Identifier: Apache-2.0 */
/* What the outcome and the text of an answer share. */
#ifndef US_TEST_NAIVE_PARTS_H
#define US_TEST_NAIVE_PARTS_H

#include "tests/agree/naive.h"

struct naive_case {
	const struct us_ruleset *rs;
	const struct us_request *req;
	enum us_tri *state; /* of each rule */
	bool *in;	    /* does it match, in the subset that is tried */
	enum us_tri preapproved;
	bool taken; /* as preapproved, in what is tried */
};

struct naive_decision {
	const char *outcome, *by;
	unsigned missing;
};

void naive_set_tried(struct naive *naive, unsigned tried);
bool naive_is_human(const struct us_alt *alt);
/* Bits of enum us_option. */
unsigned naive_alt_missing(
    const struct naive_case *c, const struct us_alt *alt);
enum us_tri naive_alt_available(const struct naive_case *c,
    const struct us_rule *rule, const struct us_alt *alt);
bool naive_denies(const struct us_rule *rule);
/* Of the rules that are in: have all empty lists, is there a (denying) one? */
bool naive_all_empty(const struct naive_case *c);
bool naive_any_in(const struct naive_case *c, bool denying);
unsigned naive_undecided(const struct naive_case *c);

void naive_put(const struct naive_case *c, const struct naive_decision *d,
    struct us_buf *out);

#endif
