/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random workflows and requests, as JSON, from a seed: the same seed writes the
 * same texts anywhere. The words are few, so that rules really match, and
 * include those that are easy to get wrong.
 */
#ifndef US_TEST_GENERATE_H
#define US_TEST_GENERATE_H

#include "engine/buf.h"

#define GENERATE_RULES_MAX 5000
#define GENERATE_GROUPS_MAX 4

struct generate {
	uint64_t state;
	unsigned workflows; /* so many were made */
	unsigned theme;	    /* the service that this one is mostly about */
	unsigned storm; /* write patterns that cannot be decided: the next */
	/* A crowd: many rules for one entry of the index, one service, one
	 * access type; see generate_crowd.c. */
	bool crowd;
	unsigned crowds, entry; /* so many were made; the entry of this one */
	unsigned filter; /* of the service, that tells most of them apart */
	bool hard;  /* and some of them cannot be decided */
	bool tails; /* texts of several lengths */
	bool common; /* most rules keep the same */
	bool many_groups; /* the next rule that can has thousands */
	bool many_values; /* one list of this request has very many */
};

/* A rule in parts, so that a test can put it together in other ways. */
struct generate_rule {
	unsigned origin; /* the rule this one was made from */
	char name[32];
	bool disabled;
	char *requestor, *resource, *approval; /* shared between workflows */
	unsigned groups; /* of a `group` requestor that keeps; else 0 */
	char *group[GENERATE_GROUPS_MAX];
};

struct generate_workflow {
	struct generate_rule rules[GENERATE_RULES_MAX];
	unsigned n;
	char *rest; /* the members beside rules */
};

uint32_t generate_below(struct generate *g, uint32_t n);

void generate_workflow(struct generate *g, struct generate_workflow *w);
void generate_workflow_free(struct generate_workflow *w);
void generate_workflow_json(
    const struct generate_workflow *w, struct us_buf *out);

/*
 * A request that the last workflow may have rules for: the members that say who
 * asks and who approves, and those that say what is asked for. Put between
 * braces, each of the first goes with each of the second.
 */
void generate_people(struct generate *g, struct us_buf *out);
void generate_item(struct generate *g, struct us_buf *out);

#endif
