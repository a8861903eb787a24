/* SPDX-License-Identifier: Apache-2.0 */
/* What the generators of workflows and of requests share. */
#ifndef US_TEST_GENERATE_PARTS_H
#define US_TEST_GENERATE_PARTS_H

#include <stdio.h>
#include <stdlib.h>

#include "tests/agree/generate.h"
#include "tests/agree/words.h"

/* One of the elements of an array; in a crowd, more often the first. */
#define PICK(g, array) \
	((array)[generate_index(g, sizeof(array) / sizeof(*(array)))])

uint32_t generate_index(struct generate *g, uint32_t n);
bool generate_chance(struct generate *g, uint32_t percent);
void generate_string(struct us_buf *out, const char *z);
void generate_member(struct us_buf *out, const char *name, const char *value);
/* The text of a buffer, which is empty then; free it. */
char *generate_taken(struct us_buf *buf);
void generate_group(struct generate *g, struct us_buf *out);
/* Members `groups` and perhaps `effect`. */
void generate_groups(struct generate *g, struct us_buf *out);
/* Members of the flat form of old: one group. */
void generate_flat(struct generate *g, struct us_buf *out);
/* Notes in the rule what its groups are. */
void generate_requestor(
    struct generate *g, struct generate_rule *rule, struct us_buf *out);
/* `"NAME":` and a pattern, or a value that some pattern may match. */
void generate_pattern(struct generate *g, const char *name, struct us_buf *out);
void generate_value(struct generate *g, struct us_buf *out);

/* generate_crowd.c: the same in a crowd, and the requestor of most rules. */
void generate_crowd_begin(struct generate *g);
void generate_crowd_pattern(struct generate *g, struct us_buf *out);
void generate_crowd_value(struct generate *g, struct us_buf *out);
void generate_crowd_requestor(struct generate *g, struct us_buf *out);
bool generate_crowd_is_agents(const struct generate *g);
const struct words_service *generate_service(struct generate *g);
/* NULL for a boolean filter. */
const char *generate_key(struct generate *g, const struct words_filter *filter);
const char *generate_access(
    struct generate *g, const struct words_service *service);

#endif
