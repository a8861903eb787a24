/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier: one pass over the instructions. */
#include "engine/verify.h"

/* How many things an operand may be the number of. */
static uint32_t
operand_limit(const struct us_prog *prog, enum us_operand kind)
{
	switch (kind) {
	case US_OPERAND_NONE:
		return 1;
	case US_OPERAND_BOOL:
		return 2;
	case US_OPERAND_RULE:
		return prog->rules.n;
	case US_OPERAND_PREAPPROVAL:
		return prog->preapprovals.n;
	case US_OPERAND_NEXT:
		return prog->code.n;
	case US_OPERAND_NAME:
		return prog->names.symbols.n;
	case US_OPERAND_EMAIL:
		return prog->emails.symbols.n;
	case US_OPERAND_SET:
		return prog->sets.n;
	case US_OPERAND_FILTER:
		return prog->filters.symbols.n;
	case US_OPERAND_SLOT:
		return prog->slots.symbols.n;
	case US_OPERAND_PATTERN:
		return prog->patterns.n;
	}
	return 0;
}

static bool
begins(uint32_t op)
{
	return op == US_OP_RULE || op == US_OP_PREAPPROVE;
}

static bool
tables_fit(const struct us_prog *prog)
{
	const struct us_set *set;

	US_EACH (set, &prog->sets) {
		if (set->first > prog->set_groups.n ||
		    set->n > prog->set_groups.n - set->first)
			return false;
	}
	for (uint32_t i = 0; i < prog->set_groups.n; i++) {
		if (prog->set_groups.v[i] >= prog->groups.symbols.n)
			return false;
	}
	for (uint32_t i = 0; i < prog->slot_filters.n; i++) {
		if (prog->slot_filters.v[i] >= prog->filters.symbols.n)
			return false;
	}
	return prog->slot_filters.n == prog->slots.symbols.n &&
	       prog->lines.n == prog->code.n;
}

static bool
alts_fit(const struct us_prog *prog)
{
	const struct us_rule_route *route;
	const struct us_prog_alt *alt;

	US_EACH (route, &prog->routes) {
		if (route->alt > prog->alts.n ||
		    route->alt_count > prog->alts.n - route->alt)
			return false;
	}
	US_EACH (alt, &prog->alts) {
		if (alt->type >= US_ALT_COUNT ||
		    (alt->type == US_ALT_GROUP && alt->set >= prog->sets.n))
			return false;
	}
	return prog->routes.n == prog->rules.n;
}

/* The line from the instruction at i to its end: what is wrong, or NULL. */
static const char *
verify_line(const struct us_prog *prog, uint32_t i)
{
	const struct us_insn *first = &prog->code.v[i], *last;

	if (first->b <= i + 1)
		return "jump does not go forward";
	last = &prog->code.v[first->b - 1];
	if (!us_op_ends_line(last->op) || last->a != first->a ||
	    (last->op == US_OP_COVER) != (first->op == US_OP_PREAPPROVE))
		return "line without its end";
	/* Without it a pre-approval would never end. */
	if (first->op == US_OP_PREAPPROVE &&
	    (first[1].op != US_OP_VALID || first[1].a != first->a))
		return "pre-approval without its window";
	for (const struct us_insn *p = first + 1; p < last; p++) {
		if (begins(p->op) || us_op_ends_line(p->op) ||
		    p->op == US_OP_END)
			return "line inside a line";
	}
	return NULL;
}

/* Which lines there were: their numbers ascend, so that none is there twice. */
struct seen {
	uint32_t next_rule, next_preapproval, rules, preapprovals;
};

/* The line at i is that of its rule or pre-approval, which says where it is. */
static bool
owner_fits(const struct us_prog *prog, uint32_t i, struct seen *seen)
{
	const struct us_insn *first = &prog->code.v[i];
	const struct us_prog_preapproval *pre;
	const struct us_prog_rule *rule;

	if (first->op == US_OP_PREAPPROVE) {
		pre = &prog->preapprovals.v[first->a];
		if (first->a < seen->next_preapproval)
			return false;
		seen->next_preapproval = first->a + 1;
		seen->preapprovals++;
		return !pre->disabled && pre->code == i;
	}
	rule = &prog->rules.v[first->a];
	if (first->a < seen->next_rule)
		return false;
	seen->next_rule = first->a + 1;
	seen->rules++;
	return !rule->disabled && rule->code == i &&
	       prog->routes.v[first->a].denies ==
		   (prog->code.v[first->b - 1].op == US_OP_DENY);
}

/* Has every rule and pre-approval that is in force its line? */
static bool
all_seen(const struct us_prog *prog, const struct seen *seen)
{
	const struct us_prog_preapproval *pre;
	const struct us_prog_rule *rule;
	uint32_t rules = 0, preapprovals = 0;

	US_EACH (pre, &prog->preapprovals)
		preapprovals += !pre->disabled;
	US_EACH (rule, &prog->rules)
		rules += !rule->disabled;
	return rules == seen->rules && preapprovals == seen->preapprovals;
}

static const char *
verify_end(const struct us_prog *prog, uint32_t i, const struct seen *seen)
{
	if (i + 1 != prog->code.n)
		return "end too early";
	return all_seen(prog, seen) ? NULL : "rule without its line";
}

const char *
us_verify(const struct us_prog *prog, uint32_t *at)
{
	const struct us_insn *insn;
	const char *wrong;
	uint32_t next = 0; /* where the next line must begin */
	struct seen seen = {0};

	*at = 0;
	if (!tables_fit(prog) || !alts_fit(prog))
		return "table out of range";
	if (!prog->code.n || prog->code.v[prog->code.n - 1].op != US_OP_END)
		return "no end";
	for (uint32_t i = 0; i < prog->code.n; i++) {
		insn = &prog->code.v[i];
		*at = i;
		if (insn->op >= US_OP_COUNT)
			return "no such instruction";
		if (insn->a >= operand_limit(prog, us_ops[insn->op].a) ||
		    insn->b >= operand_limit(prog, us_ops[insn->op].b))
			return "operand out of range";
		if (i != next)
			continue;
		if (insn->op == US_OP_END)
			return verify_end(prog, i, &seen);
		if (!begins(insn->op))
			return "instruction outside of a line";
		wrong = verify_line(prog, i);
		if (wrong)
			return wrong;
		if (!owner_fits(prog, i, &seen))
			return "line of another rule";
		next = insn->b;
	}
	return "no end";
}
