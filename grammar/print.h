/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical printer: a tree as language, one form for one meaning, every
 * comment kept.
 */
#ifndef US_PRINT_H
#define US_PRINT_H

#include "engine/buf.h"
#include "engine/rule.h"
#include "engine/testset.h"

/*
 * The items of one source of rs as `usher fmt` writes them; the text is parsed
 * without error, but its names need not resolve.
 */
void us_print_source(
    const struct us_ruleset *rs, const struct us_src *src, struct us_buf *out);

/*
 * A whole workflow as language (`usher import`): services, groups named by a
 * slug of their label, rules, pre-approvals.
 */
void us_print_workflow(const struct us_ruleset *rs, struct us_buf *out);

/* A test file as `usher fmt` writes it. */
void us_print_tests(const struct us_testset *ts, struct us_buf *out);

#endif
