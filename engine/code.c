/* SPDX-License-Identifier: Apache-2.0 */
/* Programs: their instruction table, their lifetime. */
#include <stdlib.h>

#include "engine/code.h"

const struct us_op_row us_ops[US_OP_COUNT] = {
#define US_OP(id, name, a, b, help)                                            \
	{name, help, US_OPERAND_##a, US_OPERAND_##b},
#include "engine/opcodes.def"
};

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

	if (!prog ||
	    atomic_fetch_sub_explicit(
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
		n += us_re_size(p->re);
	return n;
}
