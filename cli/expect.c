/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing answers with expectations. */
#include "cli/expect.h"

static bool
names(const struct us_expect *expect, struct us_str rule)
{
	const struct us_word *word;

	US_EACH (word, &expect->rules) {
		if (us_str_eq(word->s, rule))
			return true;
	}
	return false;
}

/* Exactly these rules; check.c saw to it that none is named twice. */
static bool
same_rules(const struct us_expect *expect, const struct us_prog *prog,
    const uint32_t *rules, uint32_t n)
{
	if (expect->rules.n != n)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (!names(expect, prog->rules.v[rules[i]].name))
			return false;
	}
	return true;
}

static bool
rules_hold(const struct us_expect *expect, const struct us_verdict *v)
{
	if (!expect->rules.n)
		return true;
	return same_rules(expect, v->prog, v->rules.v, v->rules.n) ||
	       (v->outcome == US_OUTCOME_DENIED &&
		   same_rules(expect, v->prog, v->denied_by.v, v->denied_by.n));
}

static unsigned
option_bit(struct us_str word)
{
	for (unsigned i = 0; i < us_option_count; i++) {
		if (us_str_is(word, us_options[i].word))
			return us_options[i].bit;
	}
	return 0;
}

static bool
outcome_holds(const struct us_expect *expect, const struct us_verdict *v)
{
	const char *by = us_by_name(v->by);
	const struct us_word *word;
	unsigned missing = 0;

	if (!us_str_is(expect->outcome.s, us_outcome_name(v->outcome)))
		return false;
	if (expect->by.s.n && (!by || !us_str_is(expect->by.s, by)))
		return false;
	US_EACH (word, &expect->missing)
		missing |= option_bit(word->s);
	return !expect->missing.n || missing == v->missing;
}

bool
us_expect_holds(const struct us_expect *expect, const struct us_verdict *v)
{
	switch (expect->kind) {
	case US_EXPECT_OUTCOME:
		return outcome_holds(expect, v) && rules_hold(expect, v);
	case US_EXPECT_APPROVER:
		return v->allowed;
	case US_EXPECT_NOT_APPROVER:
		return !v->allowed;
	}
	return false;
}

/* White space, also line ends, as one space. */
void
us_expect_text(const struct us_expect *expect, struct us_buf *out)
{
	const char *p = expect->loc.src->text + expect->loc.off;
	const char *end = p + expect->loc.len;

	while (end > p && strchr("; \t\r\n", end[-1]))
		end--;
	for (; p < end; p++) {
		if (!strchr(" \t\r\n", *p))
			us_buf_putc(out, *p);
		else if (out->n && out->p[out->n - 1] != ' ')
			us_buf_putc(out, ' ');
	}
}

static void
put_rules(const struct us_prog *prog, const uint32_t *rules, uint32_t n,
    struct us_buf *out)
{
	for (uint32_t i = 0; i < n; i++) {
		us_buf_puts(out, i ? ", " : " by ");
		us_buf_word(out, prog->rules.v[rules[i]].name, false);
	}
}

static void
put_missing(unsigned missing, struct us_buf *out)
{
	const char *before = " missing ";

	for (unsigned i = 0; i < us_option_count; i++) {
		if (!(missing & us_options[i].bit))
			continue;
		us_buf_printf(out, "%s%s", before, us_options[i].word);
		before = ", ";
	}
}

void
us_expect_answer(const struct us_expect *expect, const struct us_verdict *v,
    struct us_buf *out)
{
	const char *by = us_by_name(v->by);

	if (expect->kind != US_EXPECT_OUTCOME) {
		us_buf_printf(out, "%sapprover ", v->allowed ? "" : "not ");
		us_buf_quote(out, expect->approver.s);
		return;
	}
	us_buf_puts(out, us_outcome_name(v->outcome));
	if (by)
		us_buf_printf(out, " %s", by);
	put_missing(v->missing, out);
	if (v->denied_by.n)
		put_rules(v->prog, v->denied_by.v, v->denied_by.n, out);
	else
		put_rules(v->prog, v->rules.v, v->rules.n, out);
}
