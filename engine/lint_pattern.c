/* SPDX-License-Identifier: Apache-2.0 */
/* The lints about patterns. Each distinct pattern is read once. */
#include "engine/lint_parts.h"
#include "engine/pattern.h"

static void
find_literal(struct us_lint_pattern *facts, const struct us_pattern *p,
    struct us_arena *a)
{
	unsigned n;
	const struct us_literal *literals = us_pattern_literals(p, a, &n);

	for (unsigned i = 0; i < n && !facts->literal.p; i++) {
		if (literals[i].kind == US_LITERAL_CONTAINS)
			facts->literal = literals[i].text;
	}
}

static const struct us_lint_pattern *
read_pattern(struct us_linter *l, struct us_str pattern)
{
	uint32_t i = us_names_add(&l->patterns, pattern, l->facts.n);
	struct us_arena syntax = {0};
	struct us_lint_pattern *facts;
	const struct us_pattern *p;

	if (i != US_NAMES_NEW)
		return &l->facts.v[i];
	facts = us_list_add(&l->arena, &l->facts);
	p = us_pattern_parse(&syntax, pattern);
	facts->everything = us_pattern_matches_everything(p);
	facts->unanchored = !facts->everything && us_pattern_is_unanchored(p);
	facts->dot = us_pattern_has_literal_dot(p, &facts->dot_at);
	facts->slow = us_pattern_is_slow(p, &facts->slow_at);
	if (facts->unanchored)
		find_literal(facts, p, &syntax);
	facts->literal = us_arena_str(&l->arena, facts->literal);
	us_arena_free(&syntax);
	return facts;
}

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static void
warn_unanchored(
    struct us_linter *l, const struct us_word *pattern, struct us_str literal)
{
	if (literal.n)
		us_diag_add(l->diags, US_DIAG_UNANCHORED, pattern->loc,
		    "\"%.*s\" matches anywhere in a value, as in \"%s%.*s\"; "
		    "anchor it with ^ or $",
		    US_ARG(pattern->s), is_letter(literal.p[0]) ? "non" : "2",
		    US_ARG(literal));
	else
		us_diag_add(l->diags, US_DIAG_UNANCHORED, pattern->loc,
		    "\"%.*s\" matches anywhere in a value; anchor it with ^ "
		    "or $",
		    US_ARG(pattern->s));
}

/* `all` says what a pattern that matches everything amounts to. */
static void
lint_pattern(
    struct us_linter *l, const struct us_word *pattern, const char *all)
{
	const struct us_lint_pattern *facts = read_pattern(l, pattern->s);

	if (facts->everything)
		us_diag_add(l->diags, US_DIAG_MATCHES_EVERYTHING, pattern->loc,
		    "\"%.*s\" matches every value: %s", US_ARG(pattern->s),
		    all);
	if (facts->unanchored)
		warn_unanchored(l, pattern, facts->literal);
	if (facts->dot)
		us_diag_add(l->diags, US_DIAG_DOT_IN_LITERAL,
		    us_src_inside(pattern->loc, facts->dot_at),
		    "this dot matches any character; write [.] for a dot");
	if (facts->slow)
		us_diag_add(l->diags, US_DIAG_SLOW_PATTERN,
		    us_src_inside(pattern->loc, facts->slow_at),
		    "this repeats what can match the same text in several "
		    "ways: where that takes too long, the answer is unknown");
}

void
us_lint_who_patterns(struct us_linter *l, const struct us_who *who)
{
	if (who->kind == US_WHO_AGENT && who->has_subject)
		lint_pattern(l, &who->subject,
		    "this only asks whether the agent has a subject");
}

void
us_lint_to_patterns(struct us_linter *l, const struct us_to *to)
{
	const struct us_filter *f;

	US_EACH (f, &to->filters) {
		if (f->boolean || f->effect == US_REMOVE_ALL)
			continue;
		lint_pattern(l, &f->pattern,
		    f->effect == US_KEEP
			? "this keep only asks whether there is one"
			: "this remove keeps out whatever has one");
	}
}
