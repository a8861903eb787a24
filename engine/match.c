/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher: a request is prepared once (its strings become numbers and
 * slots), then the tests of each rule run on it.
 */
#include <stdlib.h>

#include "engine/err.h"
#include "engine/match.h"

/* What is known about the attributes under a filter name. */
enum filter_state { NOTHING, FALSE_, TRUE_, KEYED, UNKNOWN };

/* Whose member a group's byte says: bits. */
enum { OF_PRINCIPAL = 1, OF_OWNER = 2, OF_APPROVER = 4 };

/* The strings of a request as numbers of the program. */
struct prepared {
	const struct us_request *req;
	uint32_t service, access, uid, client, owner, provider;
};

struct us_matcher {
	struct us_prog *prog;
	struct us_re_scratch *re;
	struct us_arena arena;
	struct prepared now;
	uint8_t *member;        /* by group */
	uint32_t *groups;       /* those with a bit set */
	uint32_t group_count;
	uint8_t *filters;       /* enum filter_state by filter */
	const struct us_attr **attrs; /* by filter, where KEYED */
	const struct us_attr_key **slots; /* by slot; NULL: nothing there */
	uint32_t *filled;       /* slots that are not NULL */
	uint32_t filled_count;
	unsigned undecidable;   /* patterns so far */
	bool exhausted;         /* too many of them */
	struct us_hit *hits;
	struct us_matches matches;
	bool loops;             /* tries every line, the index or not */
	/* Lines that could match: a bit for each, a bit for each word. */
	uint64_t *lines, *words;
	uint32_t word_count;    /* of words */
};

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
	m->groups = us_calloc(groups, sizeof(*m->groups));
	m->filters = us_calloc(filters, sizeof(*m->filters));
	m->attrs = us_calloc(filters, sizeof(*m->attrs));
	m->slots = us_calloc(slots, sizeof(*m->slots));
	m->filled = us_calloc(slots, sizeof(*m->filled));
	m->hits = us_calloc(prog->rules.n, sizeof(*m->hits));
	m->word_count = prog->index->lines.n / (64 * 64) + 1;
	m->lines = us_calloc(m->word_count * 64, sizeof(*m->lines));
	m->words = us_calloc(m->word_count, sizeof(*m->words));
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
	free(m->groups);
	free(m->filters);
	free(m->attrs);
	free(m->slots);
	free(m->filled);
	free(m->hits);
	free(m->lines);
	free(m->words);
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

static const struct us_str none = {NULL, 0};

/* US_NO_SYMBOL for what is absent, and for what no rule names. */
static uint32_t
lookup(const struct us_symtab *t, struct us_str s)
{
	return s.p ? us_symtab_find(t, s, none) : US_NO_SYMBOL;
}

static void
prepare_groups(struct us_matcher *m, const us_group_ids *ids, uint8_t bit)
{
	const struct us_group_id *g;
	const char *canonical;
	uint32_t n;

	US_EACH (g, ids) {
		canonical = us_directory_canonical(g->directory);
		n = us_symtab_find(&m->prog->groups,
		    canonical ? us_str(canonical) : g->directory, g->id);
		if (n == US_NO_SYMBOL)
			continue;
		if (!m->member[n])
			m->groups[m->group_count++] = n;
		m->member[n] |= bit;
	}
}

static void
prepare_keys(struct us_matcher *m, const struct us_attr *attr)
{
	const struct us_attr_key *key;
	uint32_t slot;

	US_EACH (key, &attr->keys) {
		slot = us_symtab_find(&m->prog->slots, attr->filter, key->key);
		if (slot == US_NO_SYMBOL)
			continue;
		if (!m->slots[slot])
			m->filled[m->filled_count++] = slot;
		m->slots[slot] = key;
	}
}

static void
prepare_attrs(struct us_matcher *m, const struct us_request *req)
{
	const struct us_attr *attr;
	uint32_t filter;

	memset(m->filters, req->attrs_unknown ? UNKNOWN : NOTHING,
	    m->prog->filters.symbols.n);
	US_EACH (attr, &req->attrs) {
		filter = lookup(&m->prog->filters, attr->filter);
		if (filter == US_NO_SYMBOL)
			continue;
		m->attrs[filter] = attr;
		if (attr->kind == US_ATTR_KEYED) {
			m->filters[filter] = KEYED;
			prepare_keys(m, attr);
		} else if (attr->kind == US_ATTR_UNKNOWN) {
			m->filters[filter] = UNKNOWN;
		} else {
			m->filters[filter] = attr->value ? TRUE_ : FALSE_;
		}
	}
}

/* Forgets the request before. */
static void
clear(struct us_matcher *m)
{
	for (uint32_t i = 0; i < m->group_count; i++)
		m->member[m->groups[i]] = 0;
	for (uint32_t i = 0; i < m->filled_count; i++)
		m->slots[m->filled[i]] = NULL;
	m->group_count = m->filled_count = 0;
	m->undecidable = 0;
	m->exhausted = false;
	us_re_scratch_begin(m->re);
	us_arena_reset(&m->arena);
}

static void
prepare(struct us_matcher *m, const struct us_request *req)
{
	const struct us_prog *p = m->prog;
	const struct us_session *agent = req->agent;

	clear(m);
	m->now = (struct prepared){
	    .req = req,
	    .service = lookup(&p->names, req->service),
	    .access = lookup(&p->names, req->access),
	    .uid = lookup(&p->emails, req->principal ? req->principal->uid
						     : none),
	    .client = lookup(&p->names, agent ? agent->client_id : none),
	    .owner = lookup(&p->emails, agent ? agent->owner : none),
	    .provider = lookup(&p->names, agent ? agent->provider_id : none),
	};
	if (req->principal)
		prepare_groups(m, &req->principal->groups, OF_PRINCIPAL);
	if (agent)
		prepare_groups(m, &agent->owner_groups, OF_OWNER);
	if (req->approver)
		prepare_groups(m, &req->approver->groups, OF_APPROVER);
	prepare_attrs(m, req);
}

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
in_set(const struct us_matcher *m, uint32_t number, uint8_t bit)
{
	const struct us_set *set = &m->prog->sets.v[number];
	const uint32_t *g = m->prog->set_groups.v + set->first;

	for (uint32_t i = 0; i < set->n; i++) {
		if (m->member[g[i]] & bit)
			return true;
	}
	return false;
}

bool
us_match_approver_in(const struct us_matcher *m, uint32_t set)
{
	return in_set(m, set, OF_APPROVER) != m->prog->sets.v[set].outside;
}

/* One pattern on one value; past the limit nothing is searched any more. */
static enum us_tri
match_value(struct us_matcher *m, uint32_t pattern, struct us_str value)
{
	const struct us_pattern_entry *p = &m->prog->patterns.v[pattern];
	enum us_tri t;

	if (m->exhausted && p->re)
		return US_CANNOT_TELL;
	t = us_pattern_decide(p, value, m->re);
	if (t == US_CANNOT_TELL && ++m->undecidable > US_UNDECIDABLE_MAX)
		m->exhausted = true;
	return t;
}

/* Does a value under the slot match? One match decides. */
static enum us_tri
any_value(struct us_matcher *m, uint32_t slot, uint32_t pattern)
{
	const struct us_attr_key *key = m->slots[slot];
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
	if (m->filters[m->prog->slot_filters.v[slot]] == UNKNOWN)
		return US_CANNOT_TELL;
	return m->slots[slot] ? key_present(m->slots[slot]) : US_NO;
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
static enum us_tri
run_test(struct us_matcher *m, const struct us_insn *insn)
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
		return tri(
		    req->principal && !in_set(m, insn->a, OF_PRINCIPAL));
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

/*
 * Runs the tests from insn on to the end of their line. US_CANNOT_TELL sticks,
 * but a later test may still fail the line.
 */
static enum us_tri
run_line(struct us_matcher *m, const struct us_insn *insn)
{
	enum us_tri line = US_YES, one;

	for (; !us_op_ends_line(insn->op); insn++) {
		one = run_test(m, insn);
		if (one == US_NO)
			return US_NO;
		if (one == US_CANNOT_TELL)
			line = US_CANNOT_TELL;
	}
	return line;
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

/* What the line that begins at insn adds to the answer. */
static void
note_line(struct us_matcher *m, const struct us_insn *insn, enum us_tri state,
    struct us_matches *out)
{
	if (insn->op == US_OP_PREAPPROVE)
		note_preapproval(out, insn->a, state);
	else if (state != US_NO)
		m->hits[out->n++] = (struct us_hit){insn->a, state};
}

/* The loop over all rules: the reference for the faster way. */
static void
run_all(struct us_matcher *m, struct us_matches *out)
{
	const struct us_insn *insn = m->prog->code.v;

	for (; insn->op != US_OP_END; insn = m->prog->code.v + insn->b)
		note_line(m, insn, run_line(m, insn + 1), out);
}

/* --- By the index ------------------------------------------------------- */

static void
offer(struct us_matcher *m, struct us_postings p)
{
	const uint32_t *line = m->prog->index->postings.v + p.first;

	for (uint32_t i = 0; i < p.n; i++) {
		m->lines[line[i] / 64] |= UINT64_C(1) << line[i] % 64;
		m->words[line[i] / 4096] |= UINT64_C(1) << line[i] / 64 % 64;
	}
}

/* The lines that are filed under a value of the request. */
static void
offer_value(struct us_matcher *m, uint32_t number, struct us_str value)
{
	const struct us_index *index = m->prog->index;
	const struct us_shelf *shelf = &index->shelves.v[number];
	struct us_str prefix = value;

	offer(m, us_index_find(index, number, false, value));
	for (uint32_t i = 0; i < shelf->length_count; i++) {
		prefix.n = index->lengths.v[shelf->length + i];
		if (prefix.n > value.n)
			break;
		offer(m, us_index_find(index, number, true, prefix));
	}
}

static void
offer_shelf(struct us_matcher *m, uint32_t number)
{
	const struct us_shelf *shelf = &m->prog->index->shelves.v[number];
	const struct us_attr_key *key = m->slots[shelf->slot];
	const struct us_str *value;

	if (m->filters[m->prog->slot_filters.v[shelf->slot]] == UNKNOWN ||
	    (key && key->unknown)) {
		offer(m, shelf->all);
		return;
	}
	/* Of a value that is not there, a keep decidedly fails. */
	if (!key)
		return;
	US_EACH (value, &key->values)
		offer_value(m, number, *value);
}

static void
offer_bucket(struct us_matcher *m, const struct us_bucket *bucket)
{
	offer(m, bucket->plain);
	for (uint32_t i = 0; i < bucket->shelf_count; i++)
		offer_shelf(m, bucket->shelf + i);
}

static bool
fits(const struct us_matcher *m, const struct us_bucket *bucket)
{
	return (bucket->service == m->now.service ||
		   bucket->service == US_NO_SYMBOL) &&
	       (bucket->access == m->now.access ||
		   bucket->access == US_NO_SYMBOL);
}

/* The buckets of an entry; no symbol is no entry. */
static void
offer_entry(struct us_matcher *m, enum us_entry_kind kind, uint32_t symbol)
{
	const struct us_index *index = m->prog->index;
	const struct us_bucket *bucket, *end;
	uint32_t entry;

	if (symbol == US_NO_SYMBOL)
		return;
	entry = index->base[kind] + symbol;
	bucket = index->buckets.v + index->entries[entry];
	end = index->buckets.v + index->entries[entry + 1];
	for (; bucket != end; bucket++) {
		if (fits(m, bucket))
			offer_bucket(m, bucket);
	}
}

static void
offer_groups(struct us_matcher *m, enum us_entry_kind kind, uint8_t bit)
{
	for (uint32_t i = 0; i < m->group_count; i++) {
		if (m->member[m->groups[i]] & bit)
			offer_entry(m, kind, m->groups[i]);
	}
}

static void
offer_all(struct us_matcher *m)
{
	offer_entry(m, US_ENTRY_EVERYONE, 0);
	if (!m->now.req->agent) {
		offer_entry(m, US_ENTRY_HUMANS, 0);
		offer_entry(m, US_ENTRY_USER, m->now.uid);
		offer_groups(m, US_ENTRY_GROUP, OF_PRINCIPAL);
		return;
	}
	offer_entry(m, US_ENTRY_AGENTS, 0);
	offer_entry(m, US_ENTRY_CLIENT, m->now.client);
	offer_entry(m, US_ENTRY_OWNER, m->now.owner);
	offer_groups(m, US_ENTRY_OWNER_GROUP, OF_OWNER);
	offer_entry(m, US_ENTRY_PROVIDER, m->now.provider);
	offer_entry(m, US_ENTRY_BEHALF, m->now.uid);
	offer_groups(m, US_ENTRY_BEHALF_GROUP, OF_PRINCIPAL);
}

/* Lines that were offered, in order, each once. */
static void
run_word(struct us_matcher *m, uint32_t word, struct us_matches *out)
{
	const struct us_prog *p = m->prog;
	uint64_t bits = m->lines[word];
	const struct us_line *line;

	m->lines[word] = 0;
	for (; bits; bits &= bits - 1) {
		line = &p->index->lines.v[word * 64 +
		    (uint32_t)__builtin_ctzll(bits)];
		note_line(m, &p->code.v[line->at],
		    run_line(m, &p->code.v[line->start]), out);
	}
}

static void
run_indexed(struct us_matcher *m, struct us_matches *out)
{
	uint64_t bits;

	offer_all(m);
	for (uint32_t i = 0; i < m->word_count; i++) {
		bits = m->words[i];
		m->words[i] = 0;
		for (; bits; bits &= bits - 1)
			run_word(m,
			    i * 64 + (uint32_t)__builtin_ctzll(bits), out);
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
	uint32_t kept = 0;

	for (uint32_t i = 0; i < out->n; i++) {
		if (m->prog->rules.v[m->hits[i].rule].some)
			continue;
		if (m->hits[i].state == US_YES)
			others = US_YES;
		else if (others == US_NO)
			others = US_CANNOT_TELL;
	}
	for (uint32_t i = 0; i < out->n; i++) {
		struct us_hit hit = m->hits[i];

		if (m->prog->rules.v[hit.rule].some) {
			if (others == US_NO)
				continue;
			if (others == US_CANNOT_TELL)
				hit.state = US_CANNOT_TELL;
		}
		m->hits[kept++] = hit;
	}
	out->n = kept;
}

const struct us_matches *
us_match(struct us_matcher *m, const struct us_request *req)
{
	struct us_matches *out = &m->matches;

	prepare(m, req);
	*out = (struct us_matches){.hits = m->hits};
	if (m->loops)
		run_all(m, out);
	else
		run_indexed(m, out);
	settle_some(m, out);
	out->exhausted = m->exhausted;
	if (req->preapproved)
		out->preapproved = US_YES;
	return out;
}

void
us_match_trace(struct us_matcher *m, const struct us_request *req,
    us_trace *trace, void *arg)
{
	const struct us_prog *p = m->prog;

	prepare(m, req);
	for (uint32_t i = 0; i < p->code.n; i++)
		trace(arg, i, &p->code.v[i], run_test(m, &p->code.v[i]));
}
