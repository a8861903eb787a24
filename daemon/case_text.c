/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is told of a decision, in words: who can approve; why it is refused,
 * and what to do about it. Rules are not named: not everybody may read them.
 */
#include "daemon/case.h"
#include "engine/symtab.h"
#include "engine/vocab.h"

/* So many people are named, and so many ways to be one who can approve. */
#define PEOPLE_MAX 5
#define WAYS_MAX 20

/* --- Who can approve ---------------------------------------------------- */

static void
put_groups(const struct us_prog *prog, uint32_t number, struct us_buf *out)
{
	const struct us_set *set = &prog->sets.v[number];
	const uint32_t *group = prog->set_groups.v + set->first;

	us_buf_puts(
	    out, set->outside ? "who is no member of " : "a member of ");
	for (uint32_t i = 0; i < set->n; i++) {
		us_buf_puts(out, i ? " or " : "");
		us_buf_str_add(out, prog->group_labels.v[group[i]]);
	}
}

/* Is the person on call for one of the first n services? */
static bool
is_on_call(const struct us_oncall *oncall, const struct us_prog_alt *alt,
    uint32_t n, struct us_str uid)
{
	const struct us_str *people;
	uint32_t count;

	for (uint32_t i = 0; i < n; i++) {
		people = us_oncall_people(oncall, alt->named->integration,
		    alt->named->services[i], &count);
		while (count--)
			if (us_str_eq_nocase(*people++, uid))
				return true;
	}
	return false;
}

/* "now: lee@example.com, max@example.com"; "nobody is on call" */
static void
put_on_call(const struct us_oncall *oncall, const struct us_prog_alt *alt,
    struct us_buf *out)
{
	const struct us_str *people;
	uint32_t n, said = 0;

	for (uint32_t i = 0; i < alt->named->service_count; i++) {
		people = us_oncall_people(oncall, alt->named->integration,
		    alt->named->services[i], &n);
		for (; n--; people++) {
			if (is_on_call(oncall, alt, i, *people))
				continue;
			if (said < PEOPLE_MAX)
				us_buf_printf(out, "%s%.*s",
				    said ? ", " : "now: ", US_ARG(*people));
			said++;
		}
	}
	if (said > PEOPLE_MAX)
		us_buf_printf(out, " and %u more", said - PEOPLE_MAX);
	else if (!said && us_oncall_any(oncall, alt->named->integration,
			      US_STR("")) == US_NO)
		us_buf_puts(out, "nobody is on call");
	else if (!said)
		us_buf_puts(out, "who that is cannot be found out");
}

static void
put_services(const struct us_oncall *oncall, const struct us_prog_alt *alt,
    struct us_buf *out)
{
	us_buf_puts(out, "who is on call for ");
	for (uint32_t i = 0; i < alt->named->service_count; i++)
		us_buf_printf(out, "%s%.*s", i ? " or " : "",
		    US_ARG(alt->named->services[i]));
	us_buf_printf(out, " in %.*s, once it is escalated (",
	    US_ARG(alt->named->integration));
	put_on_call(oncall, alt, out);
	us_buf_putc(out, ')');
}

/* Whom the profile names, or that it does not. */
static void
put_named(const struct us_request *req, const struct us_prog_alt *alt,
    struct us_buf *out)
{
	const struct us_profile_fact *fact;

	us_buf_printf(out, "the %.*s in %.*s of who gets access (",
	    US_ARG(alt->named->property), US_ARG(alt->named->directory));
	if (req->principal) {
		US_EACH (fact, &req->principal->profile) {
			if (us_profile_names(fact, alt)) {
				us_buf_printf(
				    out, "%.*s)", US_ARG(fact->value));
				return;
			}
		}
	}
	us_buf_puts(out, "where nobody is named)");
}

static void
put_alt(const struct us_sources *sources, const struct us_request *req,
    const struct us_prog *prog, const struct us_prog_alt *alt,
    struct us_buf *out)
{
	switch ((enum us_alt_type)alt->type) {
	case US_ALT_GROUP:
		put_groups(prog, alt->set, out);
		break;
	case US_ALT_P0:
		us_buf_puts(out, "a security reviewer");
		break;
	case US_ALT_PROFILE:
		put_named(req, alt, out);
		break;
	case US_ALT_ESCALATION:
		put_services(sources->oncall, alt, out);
		break;
	case US_ALT_AUTO:
	case US_ALT_DENY:
	case US_ALT_PERSISTENT:
	case US_ALT_COUNT:
		break;
	}
}

/* Each is said once, however many rules name it. */
struct ways {
	struct us_arena arena;
	struct us_symtab seen;
	uint32_t n;
	struct us_buf text; /* of one */
};

static void
say_way(struct ways *ways, struct us_buf *out)
{
	struct us_str text = us_buf_str(&ways->text), none = {NULL, 0};

	if (us_symtab_find(&ways->seen, text, none) != US_NO_SYMBOL)
		return;
	us_symtab_add(
	    &ways->arena, &ways->seen, us_arena_str(&ways->arena, text), none);
	if (ways->n++ >= WAYS_MAX)
		return;
	us_buf_puts(out, ways->n > 1 ? ", or " : "");
	us_buf_str_add(out, text);
}

void
us_case_approvers(const struct us_sources *sources,
    const struct us_request *req, const struct us_verdict *v,
    struct us_buf *out)
{
	const struct us_verdict_alt *va;
	const struct us_prog_alt *alt;
	struct ways ways = {0};
	bool own = false;

	US_EACH (va, &v->alternatives) {
		alt = us_prog_alt(v->prog, va->rule, va->index);
		if (va->available != US_YES || !us_alt_is_human(va->type))
			continue;
		own |= (alt->options & US_OPTION_ONE_PARTY) != 0;
		us_buf_reset(&ways.text);
		put_alt(sources, req, v->prog, alt, &ways.text);
		say_way(&ways, out);
	}
	if (ways.n > WAYS_MAX)
		us_buf_printf(out, ", and in %u more ways", ways.n - WAYS_MAX);
	if (ways.n == 0)
		us_buf_puts(out, "nobody");
	else if (own)
		us_buf_puts(out, "; who asked, too, if that is one of them");
	us_buf_free(&ways.text);
	us_arena_free(&ways.arena);
}

/* --- Why not ------------------------------------------------------------ */

static void
put_missing(unsigned missing, struct us_buf *out)
{
	static const struct {
		unsigned bit;
		const char *text;
	} rows[] = {
	    {US_OPTION_REASON, "give a reason with --reason"},
	    {US_OPTION_DURATION, "say how long with --requested-duration"},
	    {US_OPTION_PREAPPROVAL,
		"have it approved in advance by somebody who may approve it "
		"(allow)"},
	};
	const char *comma = "";

	us_buf_puts(out, "the rules ask for more: ");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!(missing & rows[i].bit))
			continue;
		us_buf_printf(out, "%s%s", comma, rows[i].text);
		comma = ", and ";
	}
}

/* Is there an alternative of which nobody knows who is on call? */
static bool
misses_oncall(const struct us_verdict *v)
{
	const struct us_verdict_alt *va;

	US_EACH (va, &v->alternatives)
		if (va->available == US_CANNOT_TELL)
			return true;
	return false;
}

static const char *
why_denied(const struct us_verdict *v)
{
	if (v->denied_by.n)
		return "the rules deny it; who looks after the rules can say "
		       "why";
	return "no rule that is about it lets anybody approve it as it is "
	       "asked for; ask for less, or ask who looks after the rules";
}

static const char *
why_unknown(const struct us_verdict *v)
{
	if (!v->undecided.n && misses_oncall(v))
		return "who is on call could not be found out; try again "
		       "later, or ask who looks after the on-call schedule";
	return "what the rules have to know of it could not be found out; an "
	       "item that is in the inventory, with its attributes, can be "
	       "decided";
}

void
us_case_refusal(const struct us_verdict *v, struct us_buf *out)
{
	switch (v->outcome) {
	case US_OUTCOME_INCOMPLETE:
		put_missing(v->missing, out);
		break;
	case US_OUTCOME_UNKNOWN:
		us_buf_puts(out, why_unknown(v));
		break;
	case US_OUTCOME_DENIED:
		us_buf_puts(out, why_denied(v));
		break;
	case US_OUTCOME_NO_ROUTE:
		us_buf_puts(out, "no rule is about it: nobody may approve it; "
				 "ask who looks after the rules");
		break;
	case US_OUTCOME_GRANTED:
	case US_OUTCOME_PENDING:
	case US_OUTCOME_COUNT:
		break;
	}
}
