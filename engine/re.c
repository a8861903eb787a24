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
 * PCRE2 counts anew for every place where a match may begin, and a step that
 * it counts may walk to the end of the value. So that a search stays within
 * about two milliseconds, long values get less than MATCH_LIMIT: WORK is
 * places x steps x what a step may cost, in units of about a nanosecond.
 */
#define MATCH_LIMIT 20000
#define MATCH_LIMIT_LEAST 100
#define WORK 4000000
#define STEP 4 /* of a pattern whose steps do not walk */

/*
 * A search is tried with a part of its limit first, then with more. The first
 * try is free, the others are charged to the budget of the decision, in parts
 * of a whole limit: a decision may cost six whole ones.
 */
static const unsigned parts[] = {1, 8, 32, 128};
#define PARTS_WHOLE 128
#define PARTS_BUDGET (6 * PARTS_WHOLE)

#define AT_LINE_START 2 /* PCRE2_INFO_FIRSTCODETYPE of ^ and .* */

#define JIT_STACK_FIRST (32 * 1024)
#define JIT_STACK_MAX (256 * 1024)
#define HEAP_LIMIT_KIB 4096 /* of the interpreter */

struct us_re {
	pcre2_code *code;
	bool jit, anchored, walks;
};

struct us_re_scratch {
	pcre2_match_context *context;
	pcre2_match_data *match;
	pcre2_jit_stack *stack;
	uint32_t limit; /* what context says */
	unsigned spent; /* parts, in this decision */
};

static PCRE2_SPTR
bytes(struct us_str s)
{
	return (PCRE2_SPTR)(s.n ? s.p : "");
}

static pcre2_code *
compile_code(struct us_str pattern, struct us_re_error *error)
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
	return pattern.n > 2 &&
	    (memmem(pattern.p, pattern.n, "(?", 2) ||
		memmem(pattern.p, pattern.n, "\\g", 2));
}

/* The syntax tree tells two more things that PCRE2 does not. */
static bool
recurses(struct us_str pattern, unsigned *walks, struct us_re_error *error)
{
	struct us_arena arena = {0};
	const struct us_pattern *p;
	bool yes;

	if (!walks && !may_recurse(pattern))
		return false;
	p = us_pattern_parse(&arena, pattern);
	yes = us_pattern_recurses(p, &error->offset);
	if (walks)
		*walks = us_pattern_walks(p);
	us_arena_free(&arena);
	if (yes)
		snprintf(error->text, sizeof(error->text),
		    "recursion and calls of groups are not allowed in a "
		    "pattern");
	return yes;
}

/* Takes the code. */
static struct us_re *
wrap(pcre2_code *code, unsigned walks)
{
	struct us_re *re = us_calloc(1, sizeof(*re));
	uint32_t options = 0, start = 0;

	pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
	pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &start);
	re->code = code;
	re->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
	re->anchored = options & PCRE2_ANCHORED || start == AT_LINE_START;
	re->walks = walks > 1;
	return re;
}

/* NULL with *error filled when the pattern is refused. walks may be NULL. */
static pcre2_code *
accept(struct us_str pattern, unsigned *walks, struct us_re_error *error)
{
	pcre2_code *code;

	if (pattern.n >= 2 && pattern.p[0] == '(' && pattern.p[1] == '*') {
		error->offset = 0;
		snprintf(error->text, sizeof(error->text),
		    "(*...) is not allowed at the start of a pattern");
		return NULL;
	}
	code = compile_code(pattern, error);
	if (code && (calls_out(code, pattern, error) ||
			recurses(pattern, walks, error))) {
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
	unsigned walks = 0;
	pcre2_code *code = accept(pattern, &walks, error);

	return code ? wrap(code, walks) : NULL;
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
	scratch->spent = 0;
}

/* What a search of n bytes may take in all. */
static size_t
whole_limit(const struct us_re *re, size_t n)
{
	size_t places = re->anchored ? 1 : n + 1;
	size_t step = STEP + (re->walks ? n : 0);
	size_t limit = WORK / (step * places);

	if (limit > MATCH_LIMIT)
		return MATCH_LIMIT;
	return limit < MATCH_LIMIT_LEAST ? MATCH_LIMIT_LEAST : limit;
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
	size_t whole = whole_limit(re, value.n);
	int rc = PCRE2_ERROR_MATCHLIMIT;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (i && scratch->spent + parts[i] > PARTS_BUDGET)
			break;
		if (i)
			scratch->spent += parts[i];
		rc = search(
		    re, value, whole * parts[i] / PARTS_WHOLE + 1, scratch);
		if (rc != PCRE2_ERROR_MATCHLIMIT)
			break;
	}
	/* 0: a match with more groups than we asked about. */
	if (rc >= 0)
		return US_YES;
	return rc == PCRE2_ERROR_NOMATCH ? US_NO : US_CANNOT_TELL;
}
