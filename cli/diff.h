/* SPDX-License-Identifier: Apache-2.0 */
/* The unified difference of two texts. */
#ifndef US_DIFF_H
#define US_DIFF_H

#include "engine/buf.h"

/*
 * Writes what leads from `from` to `to`, both called name, the second with the
 * word `now` behind it; nothing when they are equal. Right for any two texts,
 * short for those that are alike.
 */
void us_diff(const char *name, const char *now, struct us_str from,
    struct us_str to, bool colour, struct us_buf *out);

#endif
