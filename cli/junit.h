/* SPDX-License-Identifier: Apache-2.0 */
/* Results of tests as JUnit XML: files are suites, tests are cases. */
#ifndef US_JUNIT_H
#define US_JUNIT_H

#include "engine/buf.h"

struct us_junit {
	struct us_buf done;  /* suites that ended */
	struct us_buf cases; /* of the one that did not */
	unsigned tests, failures, errors; /* of all that ended */
	unsigned suite_tests, suite_failures, suite_errors;
};

void us_junit_free(struct us_junit *j);

/* One test of the suite; both texts are NULL when it passed. */
void us_junit_case(struct us_junit *j, const char *suite, struct us_str test,
    const char *message, const char *failure);
/* The file of the suite has errors, and none of its tests ran. */
void us_junit_error(struct us_junit *j, const char *suite, const char *text);
void us_junit_end_suite(struct us_junit *j, const char *suite);

/* False after a message when the file cannot be written. */
bool us_junit_write(const struct us_junit *j, const char *path);

#endif
