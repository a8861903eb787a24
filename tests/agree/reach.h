/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run reached: outcomes, circumstances, and by which way of the index
 * the rules of the answers were found. What it never reached it did not test.
 */
#ifndef US_TEST_REACH_H
#define US_TEST_REACH_H

#include "engine/verdict.h"
#include "tests/agree/naive.h"

/* How a line of the index is found inside of its bucket. */
enum reach_way { REACH_PLAIN, REACH_EXACT, REACH_PREFIX, REACH_WAYS };

struct figures {
	unsigned long cases, outcome[US_OUTCOME_COUNT], by[4];
	unsigned long undecided, unknown_call, nothing_left, empty, missing[4];
	unsigned long agents, allowed, refused, crowds, kind[4];
	unsigned long glass, glass_refused, perhaps, windows;
	unsigned long many_values, long_values;
	/* Answers with a rule found so; and with an undecided one. */
	unsigned long found[US_ENTRY_COUNT][REACH_WAYS];
	unsigned long unsure[US_ENTRY_COUNT], unsure_shelf;
	unsigned long on_shelves; /* decisions that looked on a shelf */
	unsigned long big_sets;	  /* rules found with thousands of groups */
	unsigned long far_off;	  /* rules found behind the 4096th */
	/* Whole answers compared, and those that were not the same. */
	unsigned long naive, naive_differs, loop, loop_differs;
	unsigned long batch, batch_differs, again, again_differs;
	unsigned long why, why_differs;
	unsigned long twins[16], twin_differs;
};

/* For each rule of a program, where the index has it. */
struct reach;
struct reach *reach_new(const struct us_prog *prog);
void reach_free(struct reach *reach);

void reach_count(struct figures *f, const struct reach *reach,
    const struct us_request *req, const struct us_verdict *v);
/* The results of the test; the exit status of main. */
int reach_report(const struct figures *f);

#endif
