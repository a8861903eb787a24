/* SPDX-License-Identifier: Apache-2.0 */
/* Counting and telling what tests cover. */
#include <stdlib.h>

#include "cli/coverage.h"
#include "engine/disasm.h"
#include "engine/err.h"

/* Of a condition; HELD at the start of a rule: the rule matched. */
enum { HELD = 1, AGAINST = 2 };

struct us_coverage
us_coverage_new(const struct us_prog *prog)
{
	return (struct us_coverage){
	    prog, us_calloc(prog->code.n, sizeof(uint8_t))};
}

void
us_coverage_free(struct us_coverage *c)
{
	free(c->seen);
	*c = (struct us_coverage){0};
}

/* How far a rule got with one request. */
struct walk {
	struct us_coverage *coverage;
	uint32_t start;
	enum us_tri line; /* US_YES: everything so far holds */
};

static void
note_test(
    void *arg, uint32_t at, const struct us_insn *insn, enum us_tri answer)
{
	struct walk *walk = arg;
	uint8_t *seen = walk->coverage->seen;

	if (insn->op == US_OP_RULE || insn->op == US_OP_PREAPPROVE) {
		walk->start = at;
		walk->line = US_YES;
	} else if (insn->op == US_OP_COVER) {
		if (walk->line == US_YES)
			seen[walk->start] |= HELD;
	} else if (walk->line == US_NO) {
		return;
	} else if (answer == US_NO) {
		seen[at] |= AGAINST;
		walk->line = US_NO;
	} else if (answer == US_CANNOT_TELL) {
		walk->line = US_CANNOT_TELL;
	} else if (walk->line == US_YES) {
		seen[at] |= HELD;
	}
}

void
us_coverage_count(
    struct us_coverage *c, struct us_matcher *m, const struct us_request *req)
{
	const struct us_matches *matches = us_match(m, req);
	struct walk walk = {.coverage = c};

	/* Whether a rule matches is more than its tests: `some`. */
	for (uint32_t i = 0; i < matches->n; i++) {
		if (matches->hits[i].state == US_YES)
			c->seen[c->prog->rules.v[matches->hits[i].rule].code] |=
			    HELD;
	}
	us_match_trace(m, req, note_test, &walk);
}

static void
put_place(const struct us_coverage *c, const struct us_ruleset *rs, uint32_t at,
    struct us_buf *out)
{
	struct us_origin origin = c->prog->lines.v[at];
	struct us_src *src = rs->sources.v[origin.source];
	uint32_t line, column;

	us_src_place(src, origin.off, &line, &column);
	us_buf_printf(out, "%s:%u:%u: ", src->name, line, column);
}

/* What was not seen of the instruction at `at`, if it is a condition. */
static void
put_condition(const struct us_coverage *c, const struct us_ruleset *rs,
    uint32_t at, struct us_coverage_sum *sum, struct us_buf *out)
{
	struct us_buf text = {0};

	us_insn_text(c->prog, &c->prog->code.v[at], &text);
	if (!text.n) {
		us_buf_free(&text);
		return;
	}
	sum->conditions++;
	sum->conditions_both += c->seen[at] == (HELD | AGAINST);
	sum->parts += 2;
	for (uint8_t side = HELD; side <= AGAINST;
	     side = (uint8_t)(side << 1)) {
		if (c->seen[at] & side) {
			sum->parts_seen++;
			continue;
		}
		put_place(c, rs, at, out);
		us_buf_printf(out, "  never %s: %s\n",
		    side == HELD ? "held" : "decided against", text.p);
	}
	us_buf_free(&text);
}

/* The rule or pre-approval that begins at `at`. */
static void
put_rule(const struct us_coverage *c, const struct us_ruleset *rs, uint32_t at,
    struct us_coverage_sum *sum, struct us_buf *out)
{
	const struct us_insn *insn = &c->prog->code.v[at];
	bool matched = c->seen[at] & HELD, rule = insn->op == US_OP_RULE;
	struct us_str name = rule ? c->prog->rules.v[insn->a].name
				  : c->prog->preapprovals.v[insn->a].name;
	struct us_coverage_sum own = {.rules = 1,
	    .rules_matched = matched,
	    .parts = 1,
	    .parts_seen = matched};
	struct us_buf missed = {0};

	for (uint32_t i = at + 1; i + 1 < insn->b; i++)
		put_condition(c, rs, i, &own, &missed);
	put_place(c, rs, at, out);
	us_buf_puts(out, rule ? "rule " : "preapprove ");
	us_buf_word(out, name, false);
	us_buf_printf(out, ": %u %%%s\n", own.parts_seen * 100 / own.parts,
	    matched ? "" : ", never matched");
	us_buf_str_add(out, us_buf_str(&missed));
	us_buf_free(&missed);
	sum->rules += own.rules;
	sum->rules_matched += own.rules_matched;
	sum->conditions += own.conditions;
	sum->conditions_both += own.conditions_both;
	sum->parts += own.parts;
	sum->parts_seen += own.parts_seen;
}

void
us_coverage_text(const struct us_coverage *c, const struct us_ruleset *rs,
    struct us_coverage_sum *sum, struct us_buf *out)
{
	for (uint32_t i = 0; i < c->prog->code.n; i++) {
		if (c->prog->code.v[i].op == US_OP_RULE ||
		    c->prog->code.v[i].op == US_OP_PREAPPROVE)
			put_rule(c, rs, i, sum, out);
	}
}
