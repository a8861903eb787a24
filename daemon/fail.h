/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fail points: moments at which tests end the process, as a power cut would.
 * fail.c does nothing; the test's usherd is linked with a fail.c of its own.
 */
#ifndef US_FAIL_H
#define US_FAIL_H

/* Before and after every commit, and every call of a provisioner. */
void us_fail_point(const char *where);

#endif
