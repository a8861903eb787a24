/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of this test share. */
#ifndef US_TEST_AGREE_H
#define US_TEST_AGREE_H

#include "engine/verdict.h"
#include "tests/agree/generate.h"
#include "tests/agree/naive.h"
#include "tests/agree/reach.h"

/* A workflow in force. */
struct loaded {
	struct us_ruleset *rs;
	struct us_prog *prog;
	/* By the index, one request at a time; by every rule; by the index,
	 * items of the same people one after the other. */
	struct us_matcher *matcher, *loop, *batch;
	struct us_approver *approver; /* whom batch asked about last */
	struct reach *reach;
};

struct agree {
	struct generate g;
	struct naive *naive;
	struct us_arena arena; /* of one workflow */
	struct figures figures;
};

/* Prints what is needed to see a difference again. */
void agree_show(const char *what, const struct generate_workflow *w,
    const char *request, const char *want, const char *got);

/*
 * change.c: the engine against itself, on workflows and requests that were
 * changed in ways that must not matter.
 */

/* Change number n, of AGREE_CHANGES, made to w. */
#define AGREE_CHANGES 10
void agree_change(struct agree *a, unsigned n, struct generate_workflow *w);
/* May it make a pattern be tried twice? */
bool agree_change_doubles(unsigned n);
const char *agree_change_name(unsigned n);
/* Says the same twice, in another order. */
void agree_repeat_facts(struct agree *a, struct us_request *req);
/* The answer without what such changes do: order, names, repetition. */
char *agree_plain_answer(struct agree *a, const struct us_verdict *v,
    const struct generate_workflow *w);

#endif
