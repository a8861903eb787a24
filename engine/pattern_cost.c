/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pattern may cost, from its syntax: an upper bound that is too high for
 * most values. PCRE2 counts the steps that go back and stops at a limit; what
 * it does between two such steps it does not count, and that is what stands
 * here. A step is about a nanosecond.
 */
#include "engine/pattern_tree.h"

#define COST_MAX 1000000
#define REPEAT_MAX 64 /* a repeat of more walks as far as the value goes */

enum { STEP = 1, STEP_WIDE = 5, STEP_CLUSTER = 12, STEP_GROUP = 2 };

static uint32_t
add(uint32_t a, uint32_t b)
{
	return a + b > COST_MAX ? COST_MAX : a + b;
}

static uint32_t
times(uint32_t a, uint32_t b)
{
	uint64_t product = (uint64_t)a * b;

	return product > COST_MAX ? COST_MAX : (uint32_t)product;
}

/* Of one character; of what is beyond the reader, the worst there is. */
static uint32_t
character(const struct us_pat *node)
{
	switch (node->kind) {
	case US_PAT_LITERAL:
		return node->fold ? STEP_WIDE : STEP;
	case US_PAT_ANY:
		return STEP;
	case US_PAT_SET:
		if (us_charset_is_full(&node->set))
			return STEP_CLUSTER; /* \X looks so */
		return node->set.wide ? STEP_WIDE : STEP;
	case US_PAT_OPAQUE:
		return node->kids.n ? 0 : STEP_CLUSTER;
	default:
		return 0;
	}
}

static struct us_pattern_cost cost_of(const struct us_pat *node);

static struct us_pattern_cost
cost_of_repeat(const struct us_pat *node)
{
	const struct us_pat *kid = node->kids.v[0];
	struct us_pattern_cost cost = cost_of(kid);
	uint32_t one = character(kid);

	if (one && node->max > REPEAT_MAX)
		return (struct us_pattern_cost){STEP_GROUP, one, one, one};
	/* A bounded group may be unrolled; of another one, PCRE2 counts most
	 * rounds, but not those of a few characters that it keeps. */
	if (node->max == US_PAT_INF) {
		cost.walk = add(cost.walk, cost.fixed);
	} else if (node->max) {
		cost.fixed = times(cost.fixed, node->max);
		cost.walk = times(cost.walk, node->max);
		cost.part_fixed = one ? cost.fixed : cost.part_fixed;
	}
	cost.fixed = add(cost.fixed, STEP_GROUP);
	return cost;
}

static struct us_pattern_cost
cost_of(const struct us_pat *node)
{
	uint32_t one = character(node);
	struct us_pattern_cost cost = {one, 0, one, 0}, kid_cost;
	struct us_pat *const *kid;

	if (node->kind == US_PAT_REPEAT)
		return cost_of_repeat(node);
	if (node->kind == US_PAT_BACKREF || node->kind == US_PAT_OPAQUE)
		cost.walk = cost.part_walk = STEP_CLUSTER;
	if (!cost.fixed)
		cost.fixed = STEP_GROUP;
	US_EACH (kid, &node->kids) {
		kid_cost = cost_of(*kid);
		cost.fixed = add(cost.fixed, kid_cost.fixed);
		cost.walk = add(cost.walk, kid_cost.walk);
		if (kid_cost.part_fixed > cost.part_fixed)
			cost.part_fixed = kid_cost.part_fixed;
		if (kid_cost.part_walk > cost.part_walk)
			cost.part_walk = kid_cost.part_walk;
	}
	return cost;
}

struct us_pattern_cost
us_pattern_cost(const struct us_pattern *p)
{
	return cost_of(p->root);
}
