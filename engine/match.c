/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher: a request is prepared, the rules that the index offers (or, for
 * reference, all) are tried in the workflow's order.
 */
#include <stdlib.h>

#include "engine/err.h"
#include "engine/match_parts.h"

struct us_matcher *
us_matcher_new(struct us_prog *prog)
{
	struct us_matcher *m = us_calloc(1, sizeof(*m));
	uint32_t groups = prog->groups.symbols.n;
	uint32_t filters = prog->filters.symbols.n;
	uint32_t slots = prog->slots.symbols.n;

	m->prog = us_prog_ref(prog);
	m->re = us_re_scratch_new();
	m->member = us_calloc(groups, sizeof(*m->member));
	for (enum side side = 0; side < SIDES; side++)
		m->groups[side].v = us_calloc(groups, sizeof(uint32_t));
	m->filters = us_calloc(filters, sizeof(*m->filters));
	m->attrs = us_calloc(filters, sizeof(*m->attrs));
	m->faces = us_calloc(slots + 1, sizeof(*m->faces));
	m->faces[0].open = true;
	m->filled = us_calloc(slots, sizeof(*m->filled));
	m->hits = us_calloc(prog->rules.n, sizeof(*m->hits));
	m->entries = us_calloc(groups * 2 + 8, sizeof(*m->entries));
	m->buckets = us_calloc(prog->index->buckets.n, sizeof(*m->buckets));
	m->word_count = prog->index->lines.n / (64 * 64) + 1;
	m->lines = us_calloc(m->word_count * 64, sizeof(*m->lines));
	m->words = us_calloc(m->word_count, sizeof(*m->words));
	m->offered = us_calloc(prog->index->lines.n, sizeof(*m->offered));
	return m;
}

void
us_matcher_free(struct us_matcher *m)
{
	if (!m)
		return;
	us_prog_unref(m->prog);
	us_re_scratch_free(m->re);
	us_arena_free(&m->arena);
	free(m->member);
	for (enum side side = 0; side < SIDES; side++)
		free(m->groups[side].v);
	free(m->filters);
	free(m->attrs);
	free(m->faces);
	free(m->filled);
	free(m->hits);
	free(m->entries);
	free(m->buckets);
	free(m->lines);
	free(m->words);
	free(m->offered);
	free(m);
}

void
us_matcher_loop(struct us_matcher *m)
{
	m->loops = true;
}

const struct us_prog *
us_matcher_prog(const struct us_matcher *m)
{
	return m->prog;
}

struct us_arena *
us_matcher_arena(struct us_matcher *m)
{
	return &m->arena;
}

size_t
us_matcher_work(const struct us_matcher *m)
{
	return us_re_scratch_spent(m->re);
}

static void
note_preapproval(struct us_matches *out, uint32_t number, enum us_tri state)
{
	if (state == US_NO || out->preapproved == US_YES)
		return;
	if (state == US_YES)
		out->preapproval = number;
	out->preapproved = state;
}

static void
note_rule(struct us_matcher *m, uint32_t rule, enum us_tri state,
    struct us_matches *out)
{
	if (state == US_NO)
		return;
	m->hits[out->n++] = (struct us_hit){rule, state};
}

/* What the line of a pre-approval, or of a rule, adds to the answer. */
static inline void
note_line(struct us_matcher *m, bool covers, uint32_t number, enum us_tri state,
    struct us_matches *out)
{
	if (covers)
		note_preapproval(out, number, state);
	else
		note_rule(m, number, state, out);
}

/* The loop over all rules: the reference for the faster way. */
static void
run_all(struct us_matcher *m, struct us_matches *out)
{
	const struct us_insn *insn = m->prog->code.v;

	for (; insn->op != US_OP_END; insn = m->prog->code.v + insn->b)
		note_line(m, insn->op == US_OP_PREAPPROVE, insn->a,
		    us_match_line(m, insn + 1), out);
}

/*
 * What the lines that were offered will read is likely to be far away in
 * memory. It is sent for, step by step, for so many lines before the first of
 * them is run: more would drive each other out before they are.
 */
#define BLOCK 64

/* A compiler may take what only sends for memory for what does nothing, and
 * leave out the call. */
#define SENDS static inline __attribute__((always_inline)) void

static inline bool
is_filter(const struct us_insn *insn)
{
	return insn->op == US_OP_KEEP || insn->op == US_OP_REMOVE;
}

/* What tests are about that begin at insn... */
SENDS
send_for_operands(const struct us_prog *p, const struct us_insn *insn)
{
	if (insn->op == US_OP_OUTSIDE)
		__builtin_prefetch(&p->sets.v[insn++->a]);
	if (is_filter(insn))
		__builtin_prefetch(&p->patterns.v[insn->b]);
}

/* ... and what is in that. */
SENDS
send_for_contents(const struct us_prog *p, const struct us_insn *insn)
{
	const struct us_pattern_entry *pattern;

	if (insn->op == US_OP_OUTSIDE)
		__builtin_prefetch(
		    &p->set_groups.v[p->sets.v[insn++->a].first]);
	if (!is_filter(insn))
		return;
	pattern = &p->patterns.v[insn->b];
	__builtin_prefetch(
	    pattern->re ? (const void *)pattern->re : pattern->literals);
}

SENDS
send_for(const struct us_prog *p, const uint32_t *lines, uint32_t n)
{
	const struct us_insn *tests[BLOCK];
	const struct us_line *line;
	uint32_t open = 0;

	for (uint32_t i = 0; i < n; i++) {
		line = &p->index->lines.v[lines[i]];
		if (!line->covers)
			__builtin_prefetch(&p->routes.v[line->number]);
		tests[open] = &p->code.v[line->start];
		__builtin_prefetch(tests[open]);
		open += !line->proven;
	}
	for (uint32_t i = 0; i < open; i++)
		send_for_operands(p, tests[i]);
	for (uint32_t i = 0; i < open; i++)
		send_for_contents(p, tests[i]);
}

static void
run_line(
    struct us_matcher *m, const struct us_line *line, struct us_matches *out)
{
	if (line->proven)
		note_rule(m, line->number, US_YES, out);
	else
		note_line(m, line->covers, line->number,
		    us_match_line(m, &m->prog->code.v[line->start]), out);
}

/* Lines that were offered, in order, each once. */
static void
run_indexed(struct us_matcher *m, struct us_matches *out)
{
	const struct us_line *lines = m->prog->index->lines.v;
	uint32_t n = us_match_offer(m), end;

	for (uint32_t i = 0; i < n; i = end) {
		end = n - i < BLOCK ? n : i + BLOCK;
		send_for(m->prog, m->offered + i, end - i);
		for (uint32_t k = i; k < end; k++)
			run_line(m, &lines[m->offered[k]], out);
	}
}

/*
 * Rules of type `some` match beside others only: when a rule of another type
 * surely matches they stand, when one may match they may, else they go.
 */
static void
settle_some(struct us_matcher *m, struct us_matches *out)
{
	enum us_tri others = US_NO;
	const struct us_rule_route *route;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < out->n; i++) {
		route = &m->prog->routes.v[m->hits[i].rule];
		__builtin_prefetch(&m->prog->alts.v[route->alt]);
		if (route->some)
			continue;
		if (m->hits[i].state == US_YES)
			others = US_YES;
		else if (others == US_NO)
			others = US_CANNOT_TELL;
	}
	for (uint32_t i = 0; i < out->n; i++) {
		struct us_hit hit = m->hits[i];

		if (m->prog->routes.v[hit.rule].some) {
			if (others == US_NO)
				continue;
			if (others == US_CANNOT_TELL)
				hit.state = US_CANNOT_TELL;
		}
		m->hits[kept++] = hit;
	}
	out->n = kept;
}

static const struct us_matches *
answer(struct us_matcher *m, const struct us_request *req)
{
	m->matches = m->tried;
	if (req->preapproved)
		m->matches.preapproved = US_YES;
	return &m->matches;
}

static const struct us_matches *
match(struct us_matcher *m, const struct us_request *req)
{
	struct us_matches *out = &m->tried;

	*out = (struct us_matches){.hits = m->hits};
	if (m->loops)
		run_all(m, out);
	else
		run_indexed(m, out);
	settle_some(m, out);
	out->exhausted = m->exhausted;
	return answer(m, req);
}

const struct us_matches *
us_match(struct us_matcher *m, const struct us_request *req)
{
	us_match_prepare(m, req);
	return match(m, req);
}

const struct us_matches *
us_match_next(struct us_matcher *m, const struct us_request *req)
{
	us_match_prepare_item(m, req);
	return match(m, req);
}

const struct us_matches *
us_match_again(struct us_matcher *m, const struct us_request *req)
{
	us_match_prepare_approver(m, req);
	return answer(m, req);
}

/* What the patterns of all lines of a trace may be charged: re.h. */
#define TRACE_WORK 1000000000

/* Each line as if it were alone: what those before it cost is not its fault. */
static void
begin_line(struct us_matcher *m, size_t *work)
{
	if (*work > TRACE_WORK)
		return;
	*work += us_re_scratch_spent(m->re);
	us_re_scratch_begin(m->re);
	m->undecidable = 0;
	m->exhausted = false;
}

void
us_match_trace(struct us_matcher *m, const struct us_request *req,
    us_trace *trace, void *arg)
{
	const struct us_prog *p = m->prog;
	const struct us_insn *insn;
	size_t work = 0;

	us_match_prepare(m, req);
	for (uint32_t i = 0; i < p->code.n; i++) {
		insn = &p->code.v[i];
		if (insn->op == US_OP_RULE || insn->op == US_OP_PREAPPROVE)
			begin_line(m, &work);
		trace(arg, i, insn, us_match_test(m, insn));
	}
}
