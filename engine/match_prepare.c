/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preparing: the strings of a request become numbers and slots of the program,
 * each looked up once. The people and what they ask for are taken in apart, so
 * that many items can be asked about for the same people.
 */
#include "engine/match_parts.h"

static const struct us_str none = {NULL, 0};

/* US_NO_SYMBOL for what is absent, and for what no rule names. */
static uint32_t
lookup(const struct us_symtab *t, struct us_str s)
{
	return s.p ? us_symtab_find(t, s, none) : US_NO_SYMBOL;
}

static void
prepare_groups(struct us_matcher *m, const us_group_ids *ids, enum side side)
{
	struct us_memberships *groups = &m->groups[side];
	const struct us_group_id *g;
	uint32_t n;

	US_EACH (g, ids) {
		n = us_symtab_find(&m->prog->groups,
		    us_directory_canonical(g->directory), g->id);
		if (n == US_NO_SYMBOL || m->member[n] & side_bit(side))
			continue;
		groups->v[groups->n++] = n;
		m->member[n] |= side_bit(side);
	}
}

/* key is NULL where nothing is known. */
static void
show(struct us_matcher *m, uint32_t slot, const struct us_attr_key *key)
{
	struct us_face *face = &m->faces[slot + 1];

	if (!face->key && !face->open)
		m->filled[m->filled_count++] = slot + 1;
	face->key = key;
	face->one = key && key->values.n == 1 && !key->unknown;
	face->open = !face->one && (!key || key->values.n || key->unknown);
	if (face->one)
		face->words = us_words_of(key->values.v[0]);
}

static void
prepare_keys(struct us_matcher *m, const struct us_attr *attr)
{
	const struct us_attr_key *key;
	uint32_t slot;

	US_EACH (key, &attr->keys) {
		slot = us_symtab_find(&m->prog->slots, attr->filter, key->key);
		if (slot != US_NO_SYMBOL)
			show(m, slot, key);
	}
}

/* Of a filter, or US_NO_SYMBOL of all. */
static void
show_unknown(struct us_matcher *m, uint32_t filter)
{
	const struct us_prog *p = m->prog;

	for (uint32_t slot = 0; slot < p->slots.symbols.n; slot++) {
		if (filter == US_NO_SYMBOL || p->slot_filters.v[slot] == filter)
			show(m, slot, NULL);
	}
}

static void
prepare_attrs(struct us_matcher *m, const struct us_request *req)
{
	const struct us_attr *attr;
	uint32_t filter;

	memset(m->filters, req->attrs_unknown ? UNKNOWN : NOTHING,
	    m->prog->filters.symbols.n);
	if (req->attrs_unknown)
		show_unknown(m, US_NO_SYMBOL);
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
			show_unknown(m, filter);
		} else {
			m->filters[filter] = attr->value ? TRUE_ : FALSE_;
		}
	}
}

static void
forget_groups(struct us_matcher *m, enum side side)
{
	struct us_memberships *groups = &m->groups[side];

	for (uint32_t i = 0; i < groups->n; i++)
		m->member[groups->v[i]] &= (uint8_t)~side_bit(side);
	groups->n = 0;
}

static void
forget_item(struct us_matcher *m)
{
	for (uint32_t i = 0; i < m->filled_count; i++)
		m->faces[m->filled[i]] = (struct us_face){0};
	m->filled_count = 0;
	m->undecidable = 0;
	m->exhausted = false;
	us_re_scratch_begin(m->re);
}

static void
prepare_people(struct us_matcher *m, const struct us_request *req)
{
	const struct us_prog *p = m->prog;
	const struct us_person *who = req->principal;
	const struct us_session *agent = req->agent;
	struct prepared *now = &m->now;

	forget_groups(m, OF_PRINCIPAL);
	forget_groups(m, OF_OWNER);
	now->uid = lookup(&p->emails, who ? who->uid : none);
	now->client = lookup(&p->names, agent ? agent->client_id : none);
	now->owner = lookup(&p->emails, agent ? agent->owner : none);
	now->provider = lookup(&p->names, agent ? agent->provider_id : none);
	if (who)
		prepare_groups(m, &who->groups, OF_PRINCIPAL);
	if (agent)
		prepare_groups(m, &agent->owner_groups, OF_OWNER);
	us_match_enter(m);
}

/* Begins an answer. */
void
us_match_prepare_approver(struct us_matcher *m, const struct us_request *req)
{
	us_arena_reset(&m->arena);
	m->now.req = req;
	forget_groups(m, OF_APPROVER);
	if (req->approver)
		prepare_groups(m, &req->approver->groups, OF_APPROVER);
}

void
us_match_prepare_item(struct us_matcher *m, const struct us_request *req)
{
	us_match_prepare_approver(m, req);
	forget_item(m);
	m->now.service = lookup(&m->prog->names, req->service);
	m->now.access = lookup(&m->prog->names, req->access);
	prepare_attrs(m, req);
}

void
us_match_prepare(struct us_matcher *m, const struct us_request *req)
{
	m->now.req = req;
	prepare_people(m, req);
	us_match_prepare_item(m, req);
}
