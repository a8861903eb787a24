/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verifier: operands in range, jumps forward and inside, every rule a
 * straight line with an end. Only verified programs run; then the matcher
 * checks nothing.
 */
#ifndef US_VERIFY_H
#define US_VERIFY_H

#include "engine/code.h"

/* NULL when the program is sound, else what is not; *at is where. */
const char *us_verify(const struct us_prog *prog, uint32_t *at);

#endif
