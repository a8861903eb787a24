/* SPDX-License-Identifier: Apache-2.0 */
/* What building, reading and verifying the index share. */
#ifndef US_INDEX_PARTS_H
#define US_INDEX_PARTS_H

#include "engine/code.h"
#include "engine/index.h"
#include "engine/pattern.h"

/* Where a line belongs, by its tests. */
struct us_filing {
	enum us_entry_kind kind;
	const uint32_t *symbols; /* points into the program, or at `zero` */
	uint32_t symbol_count;
	uint32_t service, access; /* US_NO_SYMBOL: every */
	uint32_t start;           /* the first instruction not proven by it */
};

/* The line whose first instruction is at `at`. */
struct us_filing us_filing_of(const struct us_prog *prog, uint32_t at);

/* The tests of a line that its entry and bucket do not prove. */
static inline const struct us_insn *
us_line_tests(const struct us_prog *prog, uint32_t line)
{
	return &prog->code.v[prog->index->lines.v[line].start];
}

/* Is nothing left to be asked, of a rule? */
static inline bool
us_line_is_proven(const struct us_prog *prog, const struct us_line *line)
{
	return !line->covers &&
	    us_op_ends_line(prog->code.v[line->start].op);
}

/*
 * Moves *insn on to the next keep that a line can be filed under, of the tests
 * that are never undecidable; false when there is none.
 */
bool us_is_shelvable(const struct us_prog *prog, const struct us_insn **insn);

/* A line with its gate. */
struct us_posting us_posting_of(const struct us_prog *prog, uint32_t line);

/* How many places the hash table of so many texts has: at most half full. */
uint32_t us_text_places(uint32_t texts);
uint32_t us_text_hash(uint32_t shelf, bool prefix, struct us_str text);

#endif
