/* SPDX-License-Identifier: Apache-2.0 */
/* What the generators of workflows and of requests share. */
#ifndef US_TEST_GENERATE_PARTS_H
#define US_TEST_GENERATE_PARTS_H

#include <stdio.h>
#include <stdlib.h>

#include "tests/agree/generate.h"
#include "tests/agree/words.h"

/* One of the elements of an array. */
#define PICK(g, array) \
	((array)[generate_below(g, sizeof(array) / sizeof(*(array)))])

bool generate_chance(struct generate *g, uint32_t percent);
void generate_string(struct us_buf *out, const char *z);
void generate_member(struct us_buf *out, const char *name, const char *value);
/* The text of a buffer, which is empty then; free it. */
char *generate_taken(struct us_buf *buf);
void generate_group(struct generate *g, struct us_buf *out);
/* Members `groups` and perhaps `effect`. */
void generate_groups(struct generate *g, struct us_buf *out);
/* Notes in the rule what its groups are. */
void generate_requestor(
    struct generate *g, struct generate_rule *rule, struct us_buf *out);
const char *generate_pattern(struct generate *g);
const struct words_service *generate_service(struct generate *g);
/* NULL for a boolean filter. */
const char *generate_key(struct generate *g, const struct words_filter *filter);
const char *generate_access(
    struct generate *g, const struct words_service *service);

#endif
