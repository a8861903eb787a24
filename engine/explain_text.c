/* SPDX-License-Identifier: Apache-2.0 */
/* Why, as JSON and for people. */
#include "engine/disasm.h"
#include "engine/explain.h"

static const char *const state_names[] = {
    [US_LINE_MATCHES] = "matches",
    [US_LINE_FAILS] = "fails",
    [US_LINE_UNDECIDED] = "undecided",
    [US_LINE_DISABLED] = "disabled",
    [US_LINE_ALONE] = "alone",
};

static const char *const tri_names[] = {
    [US_NO] = "false", [US_YES] = "true", [US_CANNOT_TELL] = "null"};

static void
line_json(const struct us_line_why *line, struct us_buf *out)
{
	const struct us_part *part;
	const char *comma = "";

	us_buf_puts(out, "{\"name\":");
	us_buf_json(out, line->name);
	us_buf_printf(
	    out, ",\"state\":\"%s\",\"parts\":[", state_names[line->state]);
	US_EACH (part, &line->parts) {
		us_buf_printf(out, "%s{\"part\":", comma);
		us_buf_json(out, us_str(part->text));
		us_buf_printf(out, ",\"holds\":%s,\"value\":%s}",
		    tri_names[part->holds], part->value);
		comma = ",";
	}
	us_buf_puts(out, "]}");
}

static void
lines_json(const us_line_whys *lines, struct us_buf *out)
{
	us_buf_putc(out, '[');
	for (uint32_t i = 0; i < lines->n; i++) {
		us_buf_puts(out, i ? "," : "");
		line_json(&lines->v[i], out);
	}
	us_buf_putc(out, ']');
}

void
us_why_json(const struct us_why *why, struct us_buf *out)
{
	us_buf_putc(out, '{');
	us_verdict_members(why->verdict, out);
	us_buf_puts(out, ",\"explain\":{\"rules\":");
	lines_json(&why->rules, out);
	us_buf_puts(out, ",\"preapprovals\":");
	lines_json(&why->preapprovals, out);
	us_buf_puts(out, ",\"changes\":[");
	for (unsigned i = 0; i < why->changes.n; i++) {
		us_buf_puts(out, i ? "," : "");
		us_change_json(&why->changes.v[i], out);
	}
	us_buf_puts(out, "]}}");
}

struct writer {
	const struct us_why *why;
	bool all, colour;
	struct us_buf *out;
};

static void
coloured(const struct writer *w, const char *code, const char *text)
{
	if (w->colour)
		us_buf_printf(w->out, "\033[%sm%s\033[0m", code, text);
	else
		us_buf_puts(w->out, text);
}

/* The requirements as "a reason and a duration". */
static void
put_missing(unsigned missing, struct us_buf *out)
{
	static const struct {
		unsigned bit;
		const char *words;
	} rows[] = {
	    {US_OPTION_REASON, "a reason"},
	    {US_OPTION_DURATION, "a duration"},
	    {US_OPTION_PREAPPROVAL, "a pre-approval"},
	};
	const char *and = "";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!(missing & rows[i].bit))
			continue;
		us_buf_printf(out, "%s%s", and, rows[i].words);
		and = " and ";
	}
}

static const char *
names_of(const struct us_why *why, const uint32_t *rules, uint32_t n,
    struct us_buf *room)
{
	us_buf_reset(room);
	for (uint32_t i = 0; i < n; i++) {
		us_buf_puts(room, i ? ", " : "");
		us_buf_word(room, why->prog->rules.v[rules[i]].name, false);
	}
	return us_buf_str(room).p;
}

/* One sentence for the outcome. */
static void
put_reason(const struct writer *w, struct us_buf *room)
{
	const struct us_verdict *v = w->why->verdict;
	struct us_buf *out = w->out;

	switch (v->outcome) {
	case US_OUTCOME_GRANTED:
		us_buf_printf(out, "access is given at once, by %s",
		    us_by_name(v->by));
		break;
	case US_OUTCOME_PENDING:
		us_buf_puts(out, "somebody has to approve");
		break;
	case US_OUTCOME_INCOMPLETE:
		us_buf_puts(out, "the request needs ");
		put_missing(v->missing, out);
		break;
	case US_OUTCOME_UNKNOWN:
		us_buf_puts(out, "something that matters is not known");
		if (v->undecided.n)
			us_buf_printf(out, ", for %s",
			    names_of(w->why, v->undecided.v, v->undecided.n,
				room));
		break;
	case US_OUTCOME_DENIED:
		if (v->denied_by.n)
			us_buf_printf(out, "refused by %s",
			    names_of(w->why, v->denied_by.v, v->denied_by.n,
				room));
		else
			us_buf_puts(out, "nobody is left who may approve");
		break;
	case US_OUTCOME_NO_ROUTE:
		us_buf_puts(out, "no rule is about this request");
		break;
	case US_OUTCOME_COUNT:
		break;
	}
}

static void
put_outcome(const struct writer *w)
{
	const struct us_verdict *v = w->why->verdict;
	const char *code = v->outcome == US_OUTCOME_GRANTED ? "1;32"
	    : v->outcome == US_OUTCOME_PENDING		    ? "1;33"
							    : "1;31";
	struct us_buf room = {0};

	coloured(w, code, us_outcome_name(v->outcome));
	us_buf_puts(w->out, ": ");
	put_reason(w, &room);
	us_buf_putc(w->out, '\n');
	us_buf_free(&room);
	if (!v->approver)
		return;
	us_buf_printf(w->out, "%.*s %s approve\n", US_ARG(v->approver->uid),
	    v->allowed ? "may" : "may not");
}

/* What the request has there, in words. */
static void
put_found(const struct us_part *part, struct us_buf *out)
{
	if (!strcmp(part->value, "null"))
		us_buf_puts(out, "not known");
	else if (!strcmp(part->value, "[]") || !strcmp(part->value, "{}"))
		us_buf_puts(out, "nothing there");
	else
		us_buf_puts(out, part->value);
}

#define PART_WIDTH 44

static void
put_part(const struct writer *w, const struct us_part *part)
{
	static const struct {
		const char *word, *code;
	} rows[] = {
	    [US_NO] = {"no ", "31"},
	    [US_YES] = {"yes", "32"},
	    [US_CANNOT_TELL] = {"?  ", "33"},
	};

	us_buf_puts(w->out, "    ");
	coloured(w, rows[part->holds].code, rows[part->holds].word);
	us_buf_printf(w->out, "  %-*s  ", PART_WIDTH, part->text);
	put_found(part, w->out);
	us_buf_putc(w->out, '\n');
}

static void
put_line(const struct writer *w, const char *kind,
    const struct us_line_why *line)
{
	static const char *const words[] = {
	    [US_LINE_MATCHES] = "matches",
	    [US_LINE_FAILS] = "does not match",
	    [US_LINE_UNDECIDED] = "cannot be decided",
	    [US_LINE_DISABLED] = "is disabled",
	    [US_LINE_ALONE] = "matches only beside another rule",
	};
	const struct us_part *part;

	us_buf_printf(w->out, "\n%s ", kind);
	us_buf_word(w->out, line->name, false);
	us_buf_printf(w->out, " %s\n", words[line->state]);
	US_EACH (part, &line->parts)
		put_part(w, part);
}

static void
put_alternative(const struct writer *w, const struct us_verdict_alt *alt)
{
	us_buf_puts(w->out, "    ->   approve ");
	us_prog_alt_text(w->why->prog,
	    us_prog_alt(w->why->prog, alt->rule, alt->index), w->out);
	us_buf_puts(w->out, ": ");
	if (alt->missing) {
		us_buf_puts(w->out, "needs ");
		put_missing(alt->missing, w->out);
	} else if (alt->available == US_YES) {
		us_buf_puts(w->out, "available");
	} else if (alt->available == US_CANNOT_TELL) {
		us_buf_puts(w->out, "who is on call is not known");
	} else {
		us_buf_puts(w->out, alt->type == US_ALT_AUTO
			? "the requestor is not on call"
			: "not for break-glass");
	}
	us_buf_putc(w->out, '\n');
}

/*
 * Is the line about another service or access type? Its first failure says
 * so: the compiler puts these tests first.
 */
static bool
is_elsewhere(const struct us_why *why, const struct us_line_why *line)
{
	const struct us_part *part;
	uint32_t op;

	US_EACH (part, &line->parts) {
		op = why->prog->code.v[part->insn].op;
		if (part->holds == US_NO &&
		    (op == US_OP_SERVICE || op == US_OP_ACCESS))
			return true;
	}
	return false;
}

static void
put_rules(const struct writer *w)
{
	const struct us_verdict *v = w->why->verdict;
	const struct us_verdict_alt *alt = v->alternatives.v;
	const struct us_verdict_alt *end = alt + v->alternatives.n;
	const struct us_line_why *line;
	uint32_t elsewhere = 0;

	for (uint32_t i = 0; i < w->why->rules.n; i++) {
		line = &w->why->rules.v[i];
		if (!w->all && is_elsewhere(w->why, line)) {
			elsewhere++;
			continue;
		}
		put_line(w, "rule", line);
		for (; alt < end && alt->rule == i; alt++)
			put_alternative(w, alt);
	}
	if (elsewhere)
		us_buf_printf(w->out,
		    "\n%u %s about another service or access type\n",
		    elsewhere, elsewhere == 1 ? "rule is" : "rules are");
}

static void
put_changes(const struct writer *w)
{
	const struct us_changes *changes = &w->why->changes;

	if (changes->n)
		us_buf_puts(w->out, "\nwhat would help:\n");
	for (unsigned i = 0; i < changes->n; i++) {
		us_buf_printf(w->out, "    %u. ", i + 1);
		us_change_text(&changes->v[i], w->out);
		us_buf_printf(w->out, " -> %s\n",
		    us_outcome_name(changes->v[i].outcome));
	}
}

void
us_why_text(
    const struct us_why *why, bool all, bool colour, struct us_buf *out)
{
	struct writer w = {why, all, colour, out};
	const struct us_line_why *line;

	put_outcome(&w);
	US_EACH (line, &why->preapprovals) {
		if (all || !is_elsewhere(why, line))
			put_line(&w, "preapprove", line);
	}
	put_rules(&w);
	put_changes(&w);
}
