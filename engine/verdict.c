/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict. Every rule, seen alone, has a rank: the best that one of its
 * alternatives can do. The outcome is that of the highest rank among the
 * rules that match, so it is simple to say whether rules that could not be
 * decided would change it.
 */
#include <stdlib.h>

#include "engine/verdict.h"

/* From weak to strong; each has one outcome. */
enum rank {
	RANK_NO_ROUTE, /* no rule at all */
	RANK_NOTHING,  /* nobody may approve, or nothing is left */
	RANK_ON_CALL,  /* auto, and nobody knows who is on call */
	RANK_INCOMPLETE,
	RANK_PENDING,
	RANK_PREAPPROVAL,
	RANK_AUTO,
	RANK_PERSISTENT,
	RANK_DENY,
};

struct answer {
	enum us_outcome outcome;
	enum us_by by;
};

static const struct answer answers[] = {
    [RANK_NO_ROUTE] = {US_OUTCOME_NO_ROUTE, US_BY_NOTHING},
    [RANK_NOTHING] = {US_OUTCOME_DENIED, US_BY_NOTHING},
    [RANK_ON_CALL] = {US_OUTCOME_UNKNOWN, US_BY_NOTHING},
    [RANK_INCOMPLETE] = {US_OUTCOME_INCOMPLETE, US_BY_NOTHING},
    [RANK_PENDING] = {US_OUTCOME_PENDING, US_BY_NOTHING},
    [RANK_PREAPPROVAL] = {US_OUTCOME_GRANTED, US_BY_PREAPPROVAL},
    [RANK_AUTO] = {US_OUTCOME_GRANTED, US_BY_AUTO},
    [RANK_PERSISTENT] = {US_OUTCOME_GRANTED, US_BY_PERSISTENT},
    [RANK_DENY] = {US_OUTCOME_DENIED, US_BY_NOTHING},
};

static const struct answer unknown = {US_OUTCOME_UNKNOWN, US_BY_NOTHING};

static const char *const outcome_names[] = {
#define US_OUTCOME(id, name, help) name,
#include "engine/outcome.def"
};

const char *
us_outcome_name(enum us_outcome outcome)
{
	return outcome_names[outcome];
}

const char *
us_by_name(enum us_by by)
{
	static const char *const names[] = {
	    [US_BY_NOTHING] = NULL,
	    [US_BY_PERSISTENT] = "persistent",
	    [US_BY_AUTO] = "auto",
	    [US_BY_PREAPPROVAL] = "preapproval",
	};

	return names[by];
}

/* What one decision looks at, beside the rules. */
struct facts {
	const struct us_matcher *m;
	const struct us_request *req;
	unsigned given; /* requirements that the request meets */
	bool break_glass;
};

static struct facts
facts_of(const struct us_matcher *m, const struct us_request *req)
{
	struct facts f = {.m = m, .req = req};

	if (!us_str_is_blank(req->reason))
		f.given |= US_OPTION_REASON;
	if (req->duration > 0)
		f.given |= US_OPTION_DURATION;
	f.break_glass =
	    us_str_is(req->service, "ssh") && us_str_is(req->access, "all");
	return f;
}

/* An alternative on one request. */
struct chance {
	unsigned missing;
	bool forbidden;	     /* by break-glass */
	enum us_tri on_call; /* YES for all but auto */
};

static enum us_tri
principal_on_call(const struct us_request *req, struct us_str integration)
{
	const struct us_oncall_fact *fact;

	if (!req->principal)
		return US_NO;
	US_EACH (fact, &req->principal->oncall) {
		if (us_str_eq(fact->integration, integration))
			return fact->state;
	}
	return US_NO;
}

static inline struct chance
chance_of(const struct facts *f, const struct us_rule_route *rule,
    const struct us_prog_alt *alt)
{
	struct chance c = {.on_call = US_YES};

	c.missing = alt->options & US_OPTION_REQUIRE & ~f->given;
	c.forbidden = f->break_glass && !rule->names_all &&
		      !(us_alt_is_human(alt->type) &&
			  (alt->options & US_OPTION_BREAK_GLASS));
	if (alt->type == US_ALT_AUTO)
		c.on_call = principal_on_call(f->req, alt->named->integration);
	return c;
}

static enum us_tri
available(struct chance c)
{
	return c.missing || c.forbidden ? US_NO : c.on_call;
}

static inline enum rank
alt_rank(const struct facts *f, const struct us_prog_alt *alt, struct chance c)
{
	if (alt->type == US_ALT_DENY)
		return RANK_DENY;
	if (c.forbidden || c.on_call == US_NO)
		return RANK_NOTHING;
	if (c.on_call == US_CANNOT_TELL)
		return RANK_ON_CALL;
	if (c.missing)
		return RANK_INCOMPLETE;
	if (alt->type == US_ALT_PERSISTENT)
		return RANK_PERSISTENT;
	if (alt->type == US_ALT_AUTO)
		return RANK_AUTO;
	return f->given & US_OPTION_PREAPPROVAL ? RANK_PREAPPROVAL
						: RANK_PENDING;
}

static enum rank
rule_rank(const struct facts *f, const struct us_rule_route *rule)
{
	const struct us_prog_alt *alt =
	    us_matcher_prog(f->m)->alts.v + rule->alt;
	enum rank best = RANK_NOTHING, one;

	for (uint32_t i = 0; i < rule->alt_count; i++, alt++) {
		one = alt_rank(f, alt, chance_of(f, rule, alt));
		if (one > best)
			best = one;
	}
	return best;
}

static const struct us_rule_route *
route_of(const struct us_matcher *m, uint32_t number)
{
	return &us_matcher_prog(m)->routes.v[number];
}

static enum rank
highest_rank(const struct facts *f, const struct us_matches *matches)
{
	enum rank best = RANK_NO_ROUTE, one;

	for (uint32_t i = 0; i < matches->n; i++) {
		if (matches->hits[i].state != US_YES)
			continue;
		one = rule_rank(f, route_of(f->m, matches->hits[i].rule));
		if (one > best)
			best = one;
	}
	return best;
}

static bool
same_answer(struct answer a, struct answer b)
{
	return a.outcome == b.outcome && a.by == b.by;
}

/*
 * The outcome, if all subsets of the undecided rules lead to it. The rank of
 * a subset is the highest in it, so trying each rule alone tries them all.
 */
static struct answer
settle(const struct facts *f, const struct us_matches *matches, enum rank sure)
{
	enum rank one;

	for (uint32_t i = 0; i < matches->n; i++) {
		if (matches->hits[i].state == US_YES)
			continue;
		one = rule_rank(f, route_of(f->m, matches->hits[i].rule));
		if (one > sure && !same_answer(answers[one], answers[sure]))
			return unknown;
	}
	return answers[sure];
}

/* The same when it could not be found out whether a pre-approval covers. */
static struct answer
settle_preapproval(
    struct facts f, const struct us_matches *matches, enum rank sure)
{
	struct answer without = settle(&f, matches, sure), with;

	if (matches->preapproved != US_CANNOT_TELL)
		return without;
	f.given |= US_OPTION_PREAPPROVAL;
	with = settle(&f, matches, highest_rank(&f, matches));
	return same_answer(with, without) ? with : unknown;
}

/* The room for the alternatives is taken before they are looked at. */
static void
list_rules(
    struct us_verdict *v, const struct us_matches *matches, struct us_arena *a)
{
	const struct us_hit *hit;
	uint32_t alts = 0;

	us_list_reserve(a, &v->rules, matches->n);
	for (uint32_t i = 0; i < matches->n; i++) {
		hit = &matches->hits[i];
		if (hit->state != US_YES) {
			*us_list_add(a, &v->undecided) = hit->rule;
			continue;
		}
		v->rules.v[v->rules.n++] = hit->rule;
		alts += v->prog->routes.v[hit->rule].alt_count;
	}
	us_list_reserve(a, &v->alternatives, alts);
}

/* Alternatives of the rules that surely match; the highest rank of them. */
static enum rank
list_alternatives(struct us_verdict *v, const struct facts *f)
{
	enum rank best = v->rules.n ? RANK_NOTHING : RANK_NO_ROUTE, one;
	struct us_verdict_alt *out = v->alternatives.v;
	const struct us_rule_route *rule;
	const struct us_prog_alt *alt;
	struct chance c;
	uint32_t *number;

	US_EACH (number, &v->rules) {
		rule = route_of(f->m, *number);
		alt = v->prog->alts.v + rule->alt;
		for (uint32_t i = 0; i < rule->alt_count; i++, alt++) {
			c = chance_of(f, rule, alt);
			one = alt_rank(f, alt, c);
			if (one > best)
				best = one;
			if (alt->type != US_ALT_DENY)
				*out++ = (struct us_verdict_alt){*number, i,
				    alt->type, available(c), c.missing};
		}
	}
	v->alternatives.n = (uint32_t)(out - v->alternatives.v);
	return best;
}

/* The rules that refuse; all of them when none lets anybody approve. */
static void
list_denied_by(struct us_verdict *v, struct us_arena *a)
{
	const struct us_rule_route *rule;
	bool all_empty = true;
	uint32_t *number;

	US_EACH (number, &v->rules) {
		rule = &v->prog->routes.v[*number];
		if (rule->denies)
			*us_list_add(a, &v->denied_by) = *number;
		if (rule->alt_count)
			all_empty = false;
	}
	if (!all_empty)
		return;
	US_EACH (number, &v->rules)
		*us_list_add(a, &v->denied_by) = *number;
}

static unsigned
count_bits(unsigned bits)
{
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

/* The shortest list that would make an alternative available. */
static unsigned
shortest_missing(const struct us_verdict *v, const struct facts *f)
{
	const struct us_verdict_alt *va;
	const struct us_rule_route *rule;
	const struct us_prog_alt *alt;
	unsigned best = 0;

	US_EACH (va, &v->alternatives) {
		rule = route_of(f->m, va->rule);
		alt = us_prog_alt(v->prog, va->rule, va->index);
		if (alt_rank(f, alt, chance_of(f, rule, alt)) !=
		    RANK_INCOMPLETE)
			continue;
		if (!best || count_bits(va->missing) < count_bits(best))
			best = va->missing;
	}
	return best;
}

/* The approver asked for it: only allowOneParty lets them say yes. */
static bool
is_own_request(const struct us_request *req)
{
	struct us_str uid = req->approver->uid;

	if (req->principal && us_str_eq_nocase(req->principal->uid, uid))
		return true;
	if (req->requested_by.p && us_str_eq_nocase(req->requested_by, uid))
		return true;
	return req->agent && req->agent->owner.p &&
	       us_str_eq_nocase(req->agent->owner, uid);
}

bool
us_profile_names(
    const struct us_profile_fact *fact, const struct us_prog_alt *alt)
{
	return us_str_eq(us_directory_canonical(fact->directory),
		   alt->named->directory) &&
	       us_str_eq(fact->property, alt->named->property);
}

static bool
is_named(const struct us_request *req, const struct us_prog_alt *alt)
{
	const struct us_profile_fact *fact;

	if (!req->principal)
		return false;
	US_EACH (fact, &req->principal->profile) {
		if (us_profile_names(fact, alt) &&
		    us_str_eq_nocase(fact->value, req->approver->uid))
			return true;
	}
	return false;
}

static bool
has_role(const struct us_approver *approver, const char *role)
{
	const struct us_str *r;

	US_EACH (r, &approver->roles) {
		if (us_str_is(*r, role))
			return true;
	}
	return false;
}

static bool
on_call_for(const struct us_approver *approver, const struct us_prog_alt *alt)
{
	const struct us_oncall_service *s;

	US_EACH (s, &approver->oncall) {
		if (!us_str_eq(s->integration, alt->named->integration))
			continue;
		for (uint32_t i = 0; i < alt->named->service_count; i++) {
			if (us_str_eq(s->service, alt->named->services[i]))
				return true;
		}
	}
	return false;
}

static bool
admits(const struct facts *f, const struct us_prog_alt *alt)
{
	const struct us_request *req = f->req;

	switch ((enum us_alt_type)alt->type) {
	case US_ALT_GROUP:
		return us_match_approver_in(f->m, alt->set);
	case US_ALT_P0:
		return has_role(req->approver, US_ROLE_REVIEWER);
	case US_ALT_PROFILE:
		return is_named(req, alt);
	case US_ALT_ESCALATION:
		return req->escalated && on_call_for(req->approver, alt);
	case US_ALT_AUTO:
	case US_ALT_DENY:
	case US_ALT_PERSISTENT:
	case US_ALT_COUNT:
		break;
	}
	return false;
}

static bool
may_be_approved(enum us_outcome outcome)
{
	return outcome != US_OUTCOME_NO_ROUTE && outcome != US_OUTCOME_DENIED &&
	       outcome != US_OUTCOME_UNKNOWN;
}

static void
ask_approver(struct us_verdict *v, const struct facts *f, struct us_arena *a)
{
	const struct us_verdict_alt *va;
	const struct us_prog_alt *alt;
	bool own;

	v->approver = f->req->approver;
	if (!v->approver || !may_be_approved(v->outcome))
		return;
	own = is_own_request(f->req);
	US_EACH (va, &v->alternatives) {
		alt = us_prog_alt(v->prog, va->rule, va->index);
		if (va->available != US_YES || !us_alt_is_human(alt->type) ||
		    (own && !(alt->options & US_OPTION_ONE_PARTY)) ||
		    !admits(f, alt))
			continue;
		*us_list_add(a, &v->via) = (struct us_via){va->rule, va->index};
	}
	v->allowed = v->via.n > 0;
}

static const struct us_verdict *
decide(struct us_matcher *m, const struct us_request *req,
    const struct us_matches *matches)
{
	struct us_arena *a = us_matcher_arena(m);
	struct us_verdict *v = us_arena_alloc(a, sizeof(*v));
	struct facts f = facts_of(m, req);
	struct answer answer;

	if (matches->preapproved == US_YES)
		f.given |= US_OPTION_PREAPPROVAL;
	v->prog = us_matcher_prog(m);
	v->preapproval = matches->preapproval;
	list_rules(v, matches, a);
	answer = settle_preapproval(f, matches, list_alternatives(v, &f));
	if (matches->exhausted)
		answer = unknown;
	v->outcome = answer.outcome;
	v->by = answer.by;
	if (v->outcome == US_OUTCOME_DENIED)
		list_denied_by(v, a);
	if (v->outcome == US_OUTCOME_INCOMPLETE)
		v->missing = shortest_missing(v, &f);
	ask_approver(v, &f, a);
	return v;
}

const struct us_verdict *
us_decide(struct us_matcher *m, const struct us_request *req)
{
	return decide(m, req, us_match(m, req));
}

const struct us_verdict *
us_decide_next(struct us_matcher *m, const struct us_request *req)
{
	return decide(m, req, us_match_next(m, req));
}

const struct us_verdict *
us_decide_again(struct us_matcher *m, const struct us_request *req)
{
	return decide(m, req, us_match_again(m, req));
}
