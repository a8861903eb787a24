/* SPDX-License-Identifier: Apache-2.0 */
/* Trying: what each instruction asks of a prepared request. */
#include "engine/match_parts.h"

static enum us_tri
tri(bool yes)
{
	return yes ? US_YES : US_NO;
}

static enum us_tri
not(enum us_tri t)
{
	return t == US_CANNOT_TELL ? t : tri(t == US_NO);
}

static bool
in_set(const struct us_matcher *m, uint32_t number, enum side side)
{
	const struct us_set *set = &m->prog->sets.v[number];
	const uint32_t *g = m->prog->set_groups.v + set->first;

	for (uint32_t i = 0; i < set->n; i++) {
		if (m->member[g[i]] & side_bit(side))
			return true;
	}
	return false;
}

bool
us_match_approver_in(const struct us_matcher *m, uint32_t set)
{
	return in_set(m, set, OF_APPROVER) != m->prog->sets.v[set].outside;
}

/*
 * One pattern on one value; past the limit nothing is searched any more, but
 * how a value begins and ends is still seen, as the index sees it.
 */
static enum us_tri
match_value(struct us_matcher *m, uint32_t pattern, struct us_str value)
{
	enum us_tri t = us_pattern_decide(
	    &m->prog->patterns.v[pattern], value, m->exhausted ? NULL : m->re);

	if (t == US_CANNOT_TELL && ++m->undecidable > US_UNDECIDABLE_MAX)
		m->exhausted = true;
	return t;
}

/* Does a value under the slot match? One match decides. */
static enum us_tri
any_value(struct us_matcher *m, uint32_t slot, uint32_t pattern)
{
	const struct us_attr_key *key = us_slot_key(m, slot);
	enum us_tri all = US_NO, one;
	const struct us_str *value;

	if (m->filters[m->prog->slot_filters.v[slot]] == UNKNOWN)
		return US_CANNOT_TELL;
	if (!key)
		return US_NO;
	US_EACH (value, &key->values) {
		one = match_value(m, pattern, *value);
		if (one == US_YES)
			return US_YES;
		if (one == US_CANNOT_TELL)
			all = US_CANNOT_TELL;
	}
	return key->unknown ? US_CANNOT_TELL : all;
}

/* Is there a value under the slot? */
static enum us_tri
key_present(const struct us_attr_key *key)
{
	if (key->values.n)
		return US_YES;
	return key->unknown ? US_CANNOT_TELL : US_NO;
}

static enum us_tri
slot_present(const struct us_matcher *m, uint32_t slot)
{
	const struct us_attr_key *key = us_slot_key(m, slot);

	if (m->filters[m->prog->slot_filters.v[slot]] == UNKNOWN)
		return US_CANNOT_TELL;
	return key ? key_present(key) : US_NO;
}

static enum us_tri
filter_present(const struct us_matcher *m, uint32_t filter)
{
	const struct us_attr_key *key;
	enum us_tri all = US_NO, one;

	if (m->filters[filter] == UNKNOWN)
		return US_CANNOT_TELL;
	if (m->filters[filter] != KEYED)
		return tri(m->filters[filter] != NOTHING);
	US_EACH (key, &m->attrs[filter]->keys) {
		one = key_present(key);
		if (one == US_YES)
			return US_YES;
		if (one == US_CANNOT_TELL)
			all = US_CANNOT_TELL;
	}
	return all;
}

/* An absent boolean, or one that is no boolean, counts as false. */
static enum us_tri
boolean_is(const struct us_matcher *m, uint32_t filter, bool value)
{
	if (m->filters[filter] == UNKNOWN)
		return US_CANNOT_TELL;
	return tri((m->filters[filter] == TRUE_) == value);
}

static enum us_tri
window_holds(const struct us_matcher *m, uint32_t preapproval)
{
	const struct us_prog_preapproval *p =
	    &m->prog->preapprovals.v[preapproval];
	const struct us_request *req = m->now.req;

	return tri(req->has_at && req->at >= p->from && req->at < p->until);
}

static enum us_tri
subject_matches(struct us_matcher *m, uint32_t pattern)
{
	struct us_str subject = m->now.req->agent->subject;

	return subject.p ? match_value(m, pattern, subject) : US_NO;
}

/* Whatever is compared by number: US_NO_SYMBOL is no operand. */
enum us_tri
us_match_test(struct us_matcher *m, const struct us_insn *insn)
{
	const struct us_request *req = m->now.req;

	switch ((enum us_op)insn->op) {
	case US_OP_VALID:
		return window_holds(m, insn->a);
	case US_OP_SERVICE:
		return tri(m->now.service == insn->a);
	case US_OP_ACCESS:
		return tri(m->now.access == insn->a);
	case US_OP_HUMAN:
		return tri(!req->agent);
	case US_OP_USER:
		return tri(m->now.uid == insn->a);
	case US_OP_GROUP:
		return tri(in_set(m, insn->a, OF_PRINCIPAL));
	case US_OP_OUTSIDE:
		return tri(req->principal && !in_set(m, insn->a, OF_PRINCIPAL));
	case US_OP_AGENT:
		return tri(req->agent != NULL);
	case US_OP_AGENT_CLIENT:
		return tri(m->now.client == insn->a);
	case US_OP_AGENT_OWNER:
		return tri(m->now.owner == insn->a);
	case US_OP_AGENT_OWNER_GROUP:
		return tri(in_set(m, insn->a, OF_OWNER));
	case US_OP_AGENT_OWNER_OUTSIDE:
		return tri(req->agent && req->agent->owner.p &&
			   !in_set(m, insn->a, OF_OWNER));
	case US_OP_AGENT_PROVIDER:
		return tri(m->now.provider == insn->a);
	case US_OP_AGENT_SUBJECT:
		return req->agent ? subject_matches(m, insn->a) : US_NO;
	case US_OP_HEADLESS:
		return tri(!req->principal);
	case US_OP_IS:
		return boolean_is(m, insn->a, insn->b);
	case US_OP_ABSENT:
		return not(filter_present(m, insn->a));
	case US_OP_ABSENT_KEY:
		return not(slot_present(m, insn->a));
	case US_OP_KEEP:
		return any_value(m, insn->a, insn->b);
	case US_OP_REMOVE:
		return not(any_value(m, insn->a, insn->b));
	case US_OP_RULE:
	case US_OP_PREAPPROVE:
	case US_OP_ROUTE:
	case US_OP_DENY:
	case US_OP_COVER:
	case US_OP_END:
	case US_OP_COUNT:
		break;
	}
	return US_YES;
}

enum us_tri
us_match_line(struct us_matcher *m, const struct us_insn *insn)
{
	enum us_tri line = US_YES, one;

	for (; !us_op_ends_line(insn->op); insn++) {
		one = us_match_test(m, insn);
		if (one == US_NO)
			return US_NO;
		if (one == US_CANNOT_TELL)
			line = US_CANNOT_TELL;
	}
	return line;
}
