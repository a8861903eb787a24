/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules that test files name. Files that name the same rules share them,
 * so that they are read once and their coverage is counted together.
 */
#ifndef US_SUITE_H
#define US_SUITE_H

#include "cli/coverage.h"
#include "cli/workflow.h"
#include "engine/testset.h"

struct us_suite {
	us_words paths;
	struct us_workflow workflow;
	struct us_matcher *matcher; /* NULL: the rules are wrong */
	struct us_coverage coverage;
	int status; /* that the rules give the run */
};

typedef US_LIST(struct us_suite *) us_suites;

/*
 * The suite of a test file, made when it is the first of its kind; then what
 * is wrong with its rules is printed. Lives in the arena a.
 */
struct us_suite *us_suite_of(us_suites *suites, const struct us_testset *ts,
    const struct us_args *args, struct us_arena *a);
void us_suites_free(us_suites *suites);

#endif
