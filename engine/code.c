/* SPDX-License-Identifier: Apache-2.0 */
/* Programs: their instruction table, their lifetime. */
#include <stdlib.h>

#include "engine/code.h"

const struct us_op_row us_ops[US_OP_COUNT] = {
#define US_OP(id, name, a, b, help) \
	{name, help, US_OPERAND_##a, US_OPERAND_##b},
#include "engine/opcodes.def"
};

static bool
literal_matches(const struct us_literal *literal, struct us_str value)
{
	struct us_str text = literal->text;

	if (value.n < text.n)
		return false;
	switch (literal->kind) {
	case US_LITERAL_EXACT:
		return us_str_eq(value, text);
	case US_LITERAL_PREFIX:
		return memcmp(value.p, text.p, text.n) == 0;
	case US_LITERAL_SUFFIX:
		return memcmp(value.p + value.n - text.n, text.p, text.n) == 0;
	case US_LITERAL_CONTAINS:
		break;
	}
	return memmem(value.p, value.n, text.p, text.n) != NULL;
}

enum us_tri
us_pattern_decide(const struct us_pattern_entry *p, struct us_str value,
    struct us_re_scratch *scratch)
{
	if (p->re) {
		if (p->literals && !literal_matches(p->literals, value))
			return US_NO;
		return scratch ? us_re_match(p->re, value, scratch)
			       : US_CANNOT_TELL;
	}
	if (!p->sure && (!scratch || !us_re_scratch_spend(
					 scratch, value.n * p->literal_count)))
		return US_CANNOT_TELL;
	for (unsigned i = 0; i < p->literal_count; i++) {
		if (literal_matches(&p->literals[i], value))
			return US_YES;
	}
	return US_NO;
}

struct us_prog *
us_prog_ref(struct us_prog *prog)
{
	atomic_fetch_add_explicit(&prog->users, 1, memory_order_relaxed);
	return prog;
}

void
us_prog_unref(struct us_prog *prog)
{
	struct us_pattern_entry *p;

	if (!prog || atomic_fetch_sub_explicit(
			 &prog->users, 1, memory_order_acq_rel) != 1)
		return;
	US_EACH (p, &prog->patterns)
		us_re_free(p->re);
	us_arena_free(&prog->arena);
	free(prog);
}

size_t
us_prog_size(const struct us_prog *prog)
{
	const struct us_pattern_entry *p;
	size_t n = sizeof(*prog) + us_arena_size(&prog->arena);

	US_EACH (p, &prog->patterns)
		n += p->re ? us_re_size(p->re) : 0;
	return n;
}
