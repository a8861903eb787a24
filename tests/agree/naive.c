/* SPDX-License-Identifier: Apache-2.0 */
/* From the rules that match, or may, to the outcome. */
#include <stdlib.h>

#include "engine/err.h"
#include "tests/agree/naive_parts.h"

#define SUBSETS_MAX 12
#define TRIES_MAX 8

/* --- One alternative --------------------------------------------------- */

bool
naive_is_human(const struct us_alt *alt)
{
	return alt->type == US_ALT_GROUP || alt->type == US_ALT_P0 ||
	       alt->type == US_ALT_PROFILE || alt->type == US_ALT_ESCALATION;
}

unsigned
naive_alt_missing(const struct naive_case *c, const struct us_alt *alt)
{
	unsigned missing = 0;
	bool reason = false;

	for (size_t i = 0; i < c->req->reason.n; i++)
		if (!strchr(" \t\n\v\f\r", c->req->reason.p[i]))
			reason = true;
	if ((alt->options & US_OPTION_REASON) && !reason)
		missing |= US_OPTION_REASON;
	if ((alt->options & US_OPTION_DURATION) && c->req->duration == 0)
		missing |= US_OPTION_DURATION;
	if ((alt->options & US_OPTION_PREAPPROVAL) && !c->taken)
		missing |= US_OPTION_PREAPPROVAL;
	return missing;
}

static bool
is_break_glass(const struct us_request *req)
{
	return us_str_is(req->service, "ssh") && req->access.p &&
	       us_str_is(req->access, "all");
}

static bool
alt_forbidden(const struct naive_case *c, const struct us_rule *rule,
    const struct us_alt *alt)
{
	if (!is_break_glass(c->req))
		return false;
	if (!rule->to.any && rule->to.has_access &&
	    us_str_is(rule->to.access.s, "all"))
		return false;
	return !naive_is_human(alt) || !(alt->options & US_OPTION_BREAK_GLASS);
}

static enum us_tri
alt_on_call(const struct naive_case *c, const struct us_alt *alt)
{
	const struct us_oncall_fact *fact;

	if (alt->type != US_ALT_AUTO)
		return US_YES;
	if (!c->req->principal)
		return US_NO;
	US_EACH (fact, &c->req->principal->oncall)
		if (us_str_eq(fact->integration, alt->integration.s))
			return fact->state;
	return US_NO;
}

enum us_tri
naive_alt_available(const struct naive_case *c, const struct us_rule *rule,
    const struct us_alt *alt)
{
	if (naive_alt_missing(c, alt) || alt_forbidden(c, rule, alt))
		return US_NO;
	return alt_on_call(c, alt);
}

/* --- The outcome of the rules that are in ------------------------------ */

static unsigned
weight(unsigned missing)
{
	return (unsigned)__builtin_popcount(missing);
}

bool
naive_all_empty(const struct naive_case *c)
{
	for (uint32_t i = 0; i < c->rs->rules.n; i++)
		if (c->in[i] && c->rs->rules.v[i].alts.n > 0)
			return false;
	return true;
}

bool
naive_denies(const struct us_rule *rule)
{
	const struct us_alt *alt;

	US_EACH (alt, &rule->alts)
		if (alt->type == US_ALT_DENY)
			return true;
	return false;
}

bool
naive_any_in(const struct naive_case *c, bool denying)
{
	for (uint32_t i = 0; i < c->rs->rules.n; i++)
		if (c->in[i] && (!denying || naive_denies(&c->rs->rules.v[i])))
			return true;
	return false;
}

/* What one look over all alternatives finds. */
struct naive_seen {
	bool persistent, on_call, human, unsure;
	unsigned missing; /* 0: none becomes available by saying more */
};

static void
see_alt(const struct naive_case *c, const struct us_rule *rule,
    const struct us_alt *alt, struct naive_seen *seen)
{
	unsigned missing = naive_alt_missing(c, alt);
	bool available = naive_alt_available(c, rule, alt) == US_YES;

	if (alt->type == US_ALT_DENY || alt_forbidden(c, rule, alt))
		return;
	seen->persistent |= available && alt->type == US_ALT_PERSISTENT;
	seen->on_call |= available && alt->type == US_ALT_AUTO;
	seen->human |= available && naive_is_human(alt);
	seen->unsure |= alt_on_call(c, alt) == US_CANNOT_TELL;
	if (missing && alt_on_call(c, alt) == US_YES &&
	    (!seen->missing || weight(missing) < weight(seen->missing)))
		seen->missing = missing;
}

static struct naive_seen
see_all(const struct naive_case *c)
{
	struct naive_seen seen = {0};
	const struct us_alt *alt;

	for (uint32_t i = 0; i < c->rs->rules.n; i++)
		if (c->in[i])
			US_EACH (alt, &c->rs->rules.v[i].alts)
				see_alt(c, &c->rs->rules.v[i], alt, &seen);
	return seen;
}

static struct naive_decision
decide(const struct naive_case *c)
{
	struct naive_seen seen = see_all(c);

	if (!naive_any_in(c, false))
		return (struct naive_decision){"no-route", NULL, 0};
	if (naive_any_in(c, true) || naive_all_empty(c))
		return (struct naive_decision){"denied", NULL, 0};
	if (seen.persistent)
		return (struct naive_decision){"granted", "persistent", 0};
	if (seen.on_call)
		return (struct naive_decision){"granted", "auto", 0};
	if (seen.human && c->taken)
		return (struct naive_decision){"granted", "preapproval", 0};
	if (seen.human)
		return (struct naive_decision){"pending", NULL, 0};
	if (seen.missing)
		return (struct naive_decision){
		    "incomplete", NULL, seen.missing};
	if (seen.unsure)
		return (struct naive_decision){"unknown", NULL, 0};
	return (struct naive_decision){"denied", NULL, 0};
}

/* --- Subsets ----------------------------------------------------------- */

static bool
same_decision(struct naive_decision a, struct naive_decision b)
{
	return strcmp(a.outcome, b.outcome) == 0 &&
	       strcmp(a.by ? a.by : "", b.by ? b.by : "") == 0;
}

static bool
is_some(const struct us_rule *rule)
{
	return rule->who.kind == US_WHO_SOME;
}

/* Puts subset number `bits` of the undecided rules beside those that match. */
static void
take_subset(struct naive_case *c, unsigned long bits)
{
	bool beside = false;

	for (uint32_t i = 0; i < c->rs->rules.n; i++) {
		c->in[i] = c->state[i] == US_YES;
		if (c->state[i] == US_CANNOT_TELL) {
			c->in[i] = bits & 1;
			bits >>= 1;
		}
		beside |= c->in[i] && !is_some(&c->rs->rules.v[i]);
	}
	for (uint32_t i = 0; i < c->rs->rules.n; i++)
		if (!beside && is_some(&c->rs->rules.v[i]))
			c->in[i] = false; /* it cannot match alone */
}

unsigned
naive_undecided(const struct naive_case *c)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < c->rs->rules.n; i++)
		n += c->state[i] == US_CANNOT_TELL;
	return n;
}

/* The outcome that all subsets agree on, or unknown. */
static struct naive_decision
decide_all(struct naive_case *c)
{
	unsigned long subsets = 1ul << naive_undecided(c);
	struct naive_decision first, other;
	bool differ = false;

	c->taken = c->preapproved == US_YES;
	take_subset(c, 0);
	first = decide(c);
	for (unsigned taken = 0; taken < 2; taken++) {
		if (c->preapproved != US_CANNOT_TELL && taken != c->taken)
			continue;
		c->taken = taken;
		for (unsigned long i = 0; i < subsets; i++) {
			take_subset(c, i);
			other = decide(c);
			differ |= !same_decision(first, other);
		}
	}
	c->taken = c->preapproved == US_YES;
	take_subset(c, 0);
	return differ ? (struct naive_decision){"unknown", NULL, 0} : first;
}

/* --- Which rules match ------------------------------------------------- */

static enum us_tri
find_preapproval(struct naive *naive, const struct naive_case *c)
{
	const struct us_preapproval *p;
	enum us_tri best = c->req->preapproved ? US_YES : US_NO;

	US_EACH (p, &c->rs->preapprovals) {
		enum us_tri holds = naive_holds(naive, &p->who, &p->to, c->req);

		if (p->disabled || !c->req->has_at || c->req->at >= p->until ||
		    (p->has_from && c->req->at < p->from))
			continue;
		if (holds == US_YES || best == US_NO)
			best = holds == US_NO ? best : holds;
	}
	return best;
}

static void
find_rules(struct naive *naive, struct naive_case *c)
{
	enum us_tri others = US_NO;

	for (uint32_t i = 0; i < c->rs->rules.n; i++) {
		const struct us_rule *rule = &c->rs->rules.v[i];

		c->state[i] = rule->disabled ? US_NO
					     : naive_holds(naive, &rule->who,
						   &rule->to, c->req);
		if (!is_some(rule) && others != US_YES && c->state[i] != US_NO)
			others = c->state[i];
	}
	for (uint32_t i = 0; i < c->rs->rules.n; i++)
		if (is_some(&c->rs->rules.v[i]) && c->state[i] != US_NO &&
		    others != US_YES)
			c->state[i] = others;
}

/* --- The answer -------------------------------------------------------- */

static enum naive_kind
kind_of(const struct naive_case *c, struct naive_tries rules,
    struct naive_tries preapprovals)
{
	if (rules.fewest > TRIES_MAX)
		return NAIVE_EXHAUSTED;
	if (naive_undecided(c) > SUBSETS_MAX)
		return NAIVE_SUBSETS;
	if (rules.most + preapprovals.most > TRIES_MAX)
		return NAIVE_MAYBE;
	return NAIVE_SURE;
}

enum naive_kind
naive_answer(struct naive *naive, const struct us_ruleset *rs,
    const struct us_request *req, struct us_buf *out)
{
	struct naive_case c = {.rs = rs, .req = req};
	struct naive_decision d;
	struct naive_tries tries, more;
	enum naive_kind kind;

	c.state = us_calloc(rs->rules.n + 1, sizeof(*c.state));
	c.in = us_calloc(rs->rules.n + 1, sizeof(*c.in));
	naive_tries(naive);
	find_rules(naive, &c);
	tries = naive_tries(naive);
	c.preapproved = find_preapproval(naive, &c);
	more = naive_tries(naive);
	naive_set_tried(naive, tries.most + more.most);
	kind = kind_of(&c, tries, more);
	if (kind == NAIVE_SURE || kind == NAIVE_MAYBE) {
		d = decide_all(&c);
		naive_put(&c, &d, out);
	}
	free(c.state);
	free(c.in);
	return kind;
}
