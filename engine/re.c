/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns on PCRE2. The JIT does the work; where it is not to be had, the
 * interpreter does, under the same match limit. Both stop at a limit rather
 * than run for long, and say so: "cannot tell" is an answer, a hang is not.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>

#include "engine/err.h"
#include "engine/pattern.h"
#include "engine/re.h"

#define COMPILE_OPTIONS \
	(PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_NEVER_UCP | \
	    PCRE2_NEVER_BACKSLASH_C)

/*
 * PCRE2 counts anew for every place where a match may begin, and what it does
 * between two steps that it counts it may do for the whole value. So a search
 * gets less than MATCH_LIMIT where that could take longer than WORK: places x
 * steps x what a step may cost, about nanoseconds.
 *
 * It is tried with a part of its limit first, then with more, and each try is
 * charged to the decision, which has BUDGET for first tries and BUDGET_AGAIN
 * for all others. A try that costs more than is left is not made. As long as
 * most of it is left, what a first try costs is only roughly counted. A step
 * takes a nanosecond, or two and a half where all of them walk; few of the
 * other tries use up their limit. The worst decisions that we know, which spend
 * both budgets, take 15 ms (tests/unit/bound).
 */
#define MATCH_LIMIT 20000
#define WORK 16000000
#define ONCE_MAX (WORK / 4)
#define STEP 3
#define BUDGET 6000000
#define BUDGET_AGAIN (3 * WORK)
#define ROUGHLY (BUDGET / 4)
#define SHORT 64 /* bytes; of longer values places are always counted */

static const unsigned parts[] = {1, 8, 32, 128};
#define PARTS_WHOLE 128

#define FIRST_KNOWN 1	/* PCRE2_INFO_FIRSTCODETYPE: begins with one unit */
#define AT_LINE_START 2 /* the same of ^ and .* */

#define JIT_STACK_FIRST (32 * 1024)
#define JIT_STACK_MAX (256 * 1024)
#define HEAP_LIMIT_KIB 4096 /* of the interpreter */

struct us_re {
	pcre2_code *code;
	bool jit;
	bool anchored;	   /* begins at the start of the value or of a line */
	bool has_first;	   /* begins with one of certain bytes */
	uint8_t first[32]; /* a bit for each */
	struct us_pattern_cost cost;
};

struct us_re_scratch {
	pcre2_match_context *context;
	pcre2_match_data *match;
	pcre2_jit_stack *stack;
	uint32_t limit; /* what context says */
	size_t spent;	/* on first tries, in this decision */
	size_t again;	/* on others */
};

static PCRE2_SPTR
bytes(struct us_str s)
{
	return (PCRE2_SPTR)(s.n ? s.p : "");
}

pcre2_code *
us_re_code(struct us_str pattern, struct us_re_error *error)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;
	int rc;

	if (!context)
		us_out_of_memory();
	pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
	/* What PCRE2 was built with must not change what a dot matches. */
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_set_bsr(context, PCRE2_BSR_UNICODE);
	code = pcre2_compile(bytes(pattern), pattern.n, COMPILE_OPTIONS, &rc,
	    &error->offset, context);
	pcre2_compile_context_free(context);
	if (!code)
		pcre2_get_error_message(
		    rc, (PCRE2_UCHAR *)error->text, sizeof(error->text));
	return code;
}

static int
stop_at_callout(pcre2_callout_enumerate_block *block, void *at)
{
	*(size_t *)at = block->pattern_position - 1;
	return 1;
}

static bool
calls_out(
    const pcre2_code *code, struct us_str pattern, struct us_re_error *error)
{
	if (!pcre2_callout_enumerate(code, stop_at_callout, &error->offset))
		return false;
	/* PCRE2 says what comes behind it. */
	while (error->offset > 0 && pattern.p[error->offset] != '(')
		error->offset--;
	snprintf(error->text, sizeof(error->text),
	    "callouts are not allowed in a pattern");
	return true;
}

/* All calls are written with one of these: (?R), (?1), \g<name>, ... */
static bool
may_recurse(struct us_str pattern)
{
	return pattern.n > 2 && (memmem(pattern.p, pattern.n, "(?", 2) ||
				    memmem(pattern.p, pattern.n, "\\g", 2));
}

/* The syntax tree tells two more things that PCRE2 does not. */
static bool
recurses(struct us_str pattern, struct us_pattern_cost *cost,
    struct us_re_error *error)
{
	struct us_arena arena = {0};
	const struct us_pattern *p;
	bool yes;

	if (!cost && !may_recurse(pattern))
		return false;
	p = us_pattern_parse(&arena, pattern);
	yes = us_pattern_recurses(p, &error->offset);
	if (cost)
		*cost = us_pattern_cost(p);
	us_arena_free(&arena);
	if (yes)
		snprintf(error->text, sizeof(error->text),
		    "recursion and calls of groups are not allowed in a "
		    "pattern");
	return yes;
}

/* The bytes that a match may begin with, where PCRE2 knows them. */
static void
find_first(struct us_re *re, uint32_t type)
{
	const uint8_t *map = NULL;
	uint32_t unit = 0;

	pcre2_pattern_info(re->code, PCRE2_INFO_FIRSTBITMAP, &map);
	re->has_first = map || type == FIRST_KNOWN;
	if (map) {
		memcpy(re->first, map, sizeof(re->first));
	} else if (type == FIRST_KNOWN) {
		pcre2_pattern_info(re->code, PCRE2_INFO_FIRSTCODEUNIT, &unit);
		re->first[unit / 8 & 31] |= (uint8_t)(1 << unit % 8);
		/* Whether its case counts PCRE2 does not say. */
		unit ^= 'a' ^ 'A';
		re->first[unit / 8 & 31] |= (uint8_t)(1 << unit % 8);
	}
}

/* Takes the code. */
static struct us_re *
wrap(pcre2_code *code, struct us_pattern_cost cost)
{
	struct us_re *re = us_calloc(1, sizeof(*re));
	uint32_t options = 0, start = 0;

	pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
	pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &start);
	re->code = code;
	re->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
	re->anchored = options & PCRE2_ANCHORED || start == AT_LINE_START;
	re->cost = cost;
	find_first(re, start);
	return re;
}

/* NULL with *error filled when the pattern is refused. cost may be NULL. */
static pcre2_code *
accept(struct us_str pattern, struct us_pattern_cost *cost,
    struct us_re_error *error)
{
	pcre2_code *code;

	if (pattern.n >= 2 && pattern.p[0] == '(' && pattern.p[1] == '*') {
		error->offset = 0;
		snprintf(error->text, sizeof(error->text),
		    "(*...) is not allowed at the start of a pattern");
		return NULL;
	}
	code = us_re_code(pattern, error);
	if (code && (calls_out(code, pattern, error) ||
			recurses(pattern, cost, error))) {
		pcre2_code_free(code);
		code = NULL;
	}
	return code;
}

bool
us_re_accepts(struct us_str pattern, struct us_re_error *error)
{
	pcre2_code *code;

	if (us_pattern_is_plain(pattern))
		return true;
	code = accept(pattern, NULL, error);
	pcre2_code_free(code);
	return code != NULL;
}

struct us_re *
us_re_compile(struct us_str pattern, struct us_re_error *error)
{
	struct us_pattern_cost cost = {0};
	pcre2_code *code = accept(pattern, &cost, error);

	return code ? wrap(code, cost) : NULL;
}

void
us_re_free(struct us_re *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	free(re);
}

size_t
us_re_size(const struct us_re *re)
{
	size_t size = 0, jit = 0;

	pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &size);
	pcre2_pattern_info(re->code, PCRE2_INFO_JITSIZE, &jit);
	return sizeof(*re) + size + jit;
}

struct us_re_scratch *
us_re_scratch_new(void)
{
	struct us_re_scratch *s = us_calloc(1, sizeof(*s));
	uint32_t jit = 0;

	s->context = pcre2_match_context_create(NULL);
	s->match = pcre2_match_data_create(1, NULL);
	if (!s->context || !s->match)
		us_out_of_memory();
	pcre2_set_depth_limit(s->context, MATCH_LIMIT);
	pcre2_set_heap_limit(s->context, HEAP_LIMIT_KIB);
	pcre2_config(PCRE2_CONFIG_JIT, &jit);
	if (!jit)
		return s;
	s->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MAX, NULL);
	if (!s->stack)
		us_out_of_memory();
	pcre2_jit_stack_assign(s->context, NULL, s->stack);
	return s;
}

void
us_re_scratch_free(struct us_re_scratch *scratch)
{
	if (!scratch)
		return;
	pcre2_match_data_free(scratch->match);
	pcre2_match_context_free(scratch->context);
	pcre2_jit_stack_free(scratch->stack);
	free(scratch);
}

void
us_re_scratch_begin(struct us_re_scratch *scratch)
{
	scratch->spent = scratch->again = 0;
}

static bool
spend(size_t *spent, size_t steps, size_t budget)
{
	if (steps > budget - *spent)
		return false;
	*spent += steps;
	return true;
}

bool
us_re_scratch_spend(struct us_re_scratch *scratch, size_t steps)
{
	return spend(&scratch->spent, steps, BUDGET);
}

size_t
us_re_scratch_spent(const struct us_re_scratch *scratch)
{
	return scratch->spent + scratch->again;
}

static size_t
count_bytes(struct us_str value, const uint8_t *set)
{
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		n += set[c / 8] >> c % 8 & 1;
	}
	return n;
}

/* At how many places of the value a match may begin, or more. */
static size_t
places_of(const struct us_re *re, struct us_str value, bool roughly)
{
	static const uint8_t line_end[32] = {[1] = 1 << ('\n' - 8)};

	if (re->anchored)
		return 1 + count_bytes(value, line_end);
	if (!re->has_first || (roughly && value.n <= SHORT))
		return value.n + 1;
	return count_bytes(value, re->first) + 1;
}

static int
search(const struct us_re *re, struct us_str value, size_t limit,
    struct us_re_scratch *scratch)
{
	if (limit != scratch->limit) {
		scratch->limit = (uint32_t)limit;
		pcre2_set_match_limit(scratch->context, scratch->limit);
	}
	if (re->jit)
		return pcre2_jit_match(re->code, bytes(value), value.n, 0, 0,
		    scratch->match, scratch->context);
	return pcre2_match(re->code, bytes(value), value.n, 0,
	    PCRE2_NO_UTF_CHECK, scratch->match, scratch->context);
}

enum us_tri
us_re_match(
    const struct us_re *re, struct us_str value, struct us_re_scratch *scratch)
{
	const struct us_pattern_cost *cost = &re->cost;
	size_t places = places_of(re, value, scratch->spent < ROUGHLY);
	size_t once =
	    value.n + places * (cost->fixed + cost->walk * value.n / 2);
	size_t step =
	    places * (STEP + cost->part_fixed + cost->part_walk * value.n / 2);
	size_t whole = once < WORK ? (WORK - once) / step : 0;
	size_t limit = 0, more;
	int rc = PCRE2_ERROR_MATCHLIMIT;

	if (once > ONCE_MAX)
		return US_CANNOT_TELL;
	if (whole > MATCH_LIMIT)
		whole = MATCH_LIMIT;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		more = whole * parts[i] / PARTS_WHOLE + 1;
		if (more == limit)
			continue;
		limit = more;
		if (i ? !spend(&scratch->again, limit * step, BUDGET_AGAIN)
		      : !us_re_scratch_spend(
			    scratch, once + (limit - 1) * step))
			break;
		rc = search(re, value, limit, scratch);
		if (rc != PCRE2_ERROR_MATCHLIMIT)
			break;
	}
	/* 0: a match with more groups than we asked about. */
	if (rc >= 0)
		return US_YES;
	return rc == PCRE2_ERROR_NOMATCH ? US_NO : US_CANNOT_TELL;
}
