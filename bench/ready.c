/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of rules to a matcher that is ready: how long that takes, and
 * what stays in memory when the text and the tree are gone, as in usherd.
 *
 *	ready RULES
 *
 * Beside it stands what it costs to compile every distinct pattern once, JIT
 * included, with nothing else: `patterns_ms`. Times that end in cpu_ms are of
 * the processor, so that they say the same on a machine that does other work.
 * Prints one JSON object.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/timing.h"
#include "engine/check.h"
#include "engine/compile.h"
#include "engine/json.h"
#include "engine/match.h"
#include "engine/re.h"
#include "engine/symtab.h"
#include "grammar/load.h"

enum step { PARSE, CHECK, COMPILE, MATCHER, READY, PATTERNS, STEP_COUNT };
static const char *const steps[] = {
    "parse", "check", "compile", "matcher", "ready", "patterns"};

struct moment {
	double wall, cpu;
};

struct ready {
	struct us_ruleset *rs;
	struct us_prog *prog;
	struct us_matcher *matcher;
	struct moment took[STEP_COUNT];
	uint32_t rules, patterns;
};

static double
read_clock(clockid_t clock)
{
	return (double)us_clock_ns(clock) / 1e6;
}

static struct moment
now(void)
{
	return (struct moment){
	    read_clock(CLOCK_MONOTONIC), read_clock(CLOCK_PROCESS_CPUTIME_ID)};
}

static struct moment
since(struct moment start)
{
	struct moment end = now();

	return (struct moment){end.wall - start.wall, end.cpu - start.cpu};
}

/* --- Rules -----------------------------------------------------------------
 */

/* us_load in its two steps, then what makes it a matcher. */
static void
make_ready(struct ready *r, const char *path)
{
	struct us_diags diags = {0};
	struct moment start, begin = now();

	start = begin;
	r->rs = us_ruleset_new();
	us_load_path(r->rs, path, &diags);
	r->took[PARSE] = since(start);
	start = now();
	if (!diags.errors)
		us_check(r->rs, &diags);
	r->took[CHECK] = since(start);
	if (diags.errors) {
		fprintf(stderr, "ready: %s is not right\n", path);
		exit(2);
	}
	us_diags_free(&diags);
	start = now();
	r->prog = us_compile(r->rs);
	r->took[COMPILE] = since(start);
	start = now();
	r->matcher = us_matcher_new(r->prog);
	r->took[MATCHER] = since(start);
	r->took[READY] = since(begin);
	r->rules = r->rs->rules.n;
}

/* --- Patterns --------------------------------------------------------------
 */

static void
compile_once(struct ready *r, struct us_symtab *seen, struct us_arena *arena,
    struct us_str pattern)
{
	struct us_re_error error;
	struct moment start, took;
	pcre2_code *code;

	if (us_symtab_add(arena, seen, pattern, us_str("")) < r->patterns)
		return;
	r->patterns++;
	start = now();
	code = us_re_code(pattern, &error);
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	took = since(start);
	pcre2_code_free(code);
	r->took[PATTERNS].wall += took.wall;
	r->took[PATTERNS].cpu += took.cpu;
}

static void
compile_patterns(struct ready *r)
{
	struct us_symtab seen = {0};
	struct us_arena arena = {0};
	const struct us_filter *filter;
	const struct us_rule *rule;

	US_EACH (rule, &r->rs->rules) {
		US_EACH (filter, &rule->to.filters) {
			if (!filter->boolean && filter->effect != US_REMOVE_ALL)
				compile_once(
				    r, &seen, &arena, filter->pattern.s);
		}
	}
	us_arena_free(&arena);
}

/* --- Memory ----------------------------------------------------------------
 */

static size_t
heap_bytes(void)
{
	struct mallinfo2 info;

	malloc_trim(0);
	info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

/* Memory of this process alone: what it wrote to. */
static size_t
resident_bytes(void)
{
	unsigned long resident = 0, shared = 0;
	FILE *in = fopen("/proc/self/statm", "r");

	if (in && fscanf(in, "%*u %lu %lu", &resident, &shared) != 2)
		resident = shared = 0;
	if (in)
		fclose(in);
	return (resident - shared) * 4096;
}

int
main(int argc, char **argv)
{
	struct ready r = {0};
	size_t heap, resident, tree;

	if (argc != 2) {
		fprintf(stderr, "usage: ready RULES\n");
		return 2;
	}
	heap = heap_bytes();
	resident = resident_bytes();
	make_ready(&r, argv[1]);
	tree = heap_bytes() - heap;
	us_ruleset_free(r.rs);
	heap = heap_bytes() - heap;
	resident = resident_bytes() - resident;
	/* Again, as the tree is gone: the patterns by themselves. */
	us_matcher_free(r.matcher);
	printf("{\"rules\":%u,\"heap_bytes\":%zu,\"with_tree_bytes\":%zu,"
	       "\"resident_bytes\":%zu,\"program_bytes\":%zu",
	    r.rules, heap, tree, resident, us_prog_size(r.prog));
	us_prog_unref(r.prog);
	r.rs = us_ruleset_new();
	us_load_path(r.rs, argv[1], &(struct us_diags){0});
	compile_patterns(&r);
	us_ruleset_free(r.rs);
	for (unsigned i = 0; i < STEP_COUNT; i++)
		printf(",\"%s_ms\":%.3f,\"%s_cpu_ms\":%.3f", steps[i],
		    r.took[i].wall, steps[i], r.took[i].cpu);
	printf(",\"patterns\":%u}\n", r.patterns);
	return 0;
}
