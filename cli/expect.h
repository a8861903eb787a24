/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an answer is what a test expects. */
#ifndef US_EXPECT_H
#define US_EXPECT_H

#include "engine/testset.h"
#include "engine/verdict.h"

/*
 * For an expectation about an approver the verdict must be one about them.
 * `by RULE, ...` names exactly the rules that match; after `denied` it may
 * name exactly those that deny instead.
 */
bool us_expect_holds(
    const struct us_expect *expect, const struct us_verdict *v);

/* As it stands in its file, without the keyword and the semicolon. */
void us_expect_text(const struct us_expect *expect, struct us_buf *out);

/* The answer in the words of an expectation. */
void us_expect_answer(const struct us_expect *expect,
    const struct us_verdict *v, struct us_buf *out);

#endif
