/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns (SPEC 6): PCRE2 behind a narrow door. re.c is the only file that
 * includes pcre2.h. A compiled pattern is immutable and may be used by many
 * threads; each thread brings its own scratch.
 */
#ifndef US_RE_H
#define US_RE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/request.h"
#include "engine/str.h"

struct us_re;
struct us_re_scratch;

/* Why and where a pattern was refused. */
struct us_re_error {
	size_t offset;  /* byte in the pattern */
	char text[160]; /* one sentence, no final stop */
};

/* Would us_re_compile take it? False with *error filled. */
bool us_re_accepts(struct us_str pattern, struct us_re_error *error);
/* NULL with *error filled when the pattern is refused. */
struct us_re *us_re_compile(struct us_str pattern, struct us_re_error *error);
void us_re_free(struct us_re *re);
/*
 * The code of PCRE2 alone, without the JIT's: what a pattern costs at least,
 * for bench/. To be freed by pcre2_code_free; NULL with *error filled.
 */
struct pcre2_real_code_8 *us_re_code(
    struct us_str pattern, struct us_re_error *error);
/* Heap bytes of the compiled pattern, JIT code included. */
size_t us_re_size(const struct us_re *re);

struct us_re_scratch *us_re_scratch_new(void);
void us_re_scratch_free(struct us_re_scratch *scratch);

/*
 * A new decision begins. All searches of one share a budget of what they may
 * cost, which is told from the pattern and the value: what costs more than is
 * left cannot be told. So a decision is bounded however many patterns and
 * values it meets, and always in the same way. The steps are about nanoseconds.
 */
void us_re_scratch_begin(struct us_re_scratch *scratch);
/* What was charged since then. */
size_t us_re_scratch_spent(const struct us_re_scratch *scratch);
/* Charges the decision for a search of another kind; false: it may not be. */
bool us_re_scratch_spend(struct us_re_scratch *scratch, size_t steps);

/*
 * Does value, well-formed UTF-8, contain a match? US_CANNOT_TELL when a limit
 * was met. Allocates nothing where the JIT runs.
 */
enum us_tri us_re_match(const struct us_re *re, struct us_str value,
    struct us_re_scratch *scratch);

#endif
