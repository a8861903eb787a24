/* SPDX-License-Identifier: Apache-2.0 */
/* By the index: the lines that could match a prepared request. */
#include "engine/match_parts.h"

/* Without a branch: whether a line passes is hard to predict. */
static inline void
offer(struct us_matcher *m, const struct us_posting *p, uint32_t n)
{
	uint64_t *lines = m->lines, *words = m->words, passes;
	const struct us_face *faces = m->faces, *face;

	for (; n--; p++) {
		face = &faces[p->face];
		passes =
		    face->open | (face->one & us_gate_admits(p, &face->words));
		lines[p->line / 64] |= passes << p->line % 64;
		words[p->line / 4096] |= passes << p->line / 64 % 64;
	}
}

static void
offer_postings(struct us_matcher *m, struct us_postings p)
{
	offer(m, m->prog->index->postings.v + p.first, p.n);
}

/* The lines that are filed under a value of the request. */
static void
offer_value(struct us_matcher *m, uint32_t number, struct us_str value)
{
	const struct us_index *index = m->prog->index;
	const struct us_index_shelf *shelf = &index->shelves.v[number];
	struct us_str prefix = value;

	offer_postings(m, us_index_find(index, number, false, value));
	for (uint32_t i = 0; i < shelf->length_count; i++) {
		prefix.n = index->lengths.v[shelf->length + i];
		if (prefix.n > value.n)
			break;
		offer_postings(m, us_index_find(index, number, true, prefix));
	}
}

static void
offer_shelf(struct us_matcher *m, uint32_t number)
{
	const struct us_index_shelf *shelf = &m->prog->index->shelves.v[number];
	const struct us_attr_key *key = us_slot_key(m, shelf->slot);
	const struct us_str *value;

	if (m->filters[m->prog->slot_filters.v[shelf->slot]] == UNKNOWN ||
	    (key && key->unknown)) {
		offer_postings(m, shelf->all);
		return;
	}
	/* Of a value that is not there, a keep decidedly fails. */
	if (!key)
		return;
	US_EACH (value, &key->values)
		offer_value(m, number, *value);
}

static void
offer_bucket(struct us_matcher *m, uint32_t number)
{
	const struct us_index *index = m->prog->index;
	const struct us_bucket *bucket = &index->buckets.v[number];

	offer(
	    m, index->plain.v + bucket->first, bucket[1].first - bucket->first);
	if (!index->shelves.n) /* spares a look at where they would begin */
		return;
	for (uint32_t i = index->shelved.v[number];
	    i < index->shelved.v[number + 1]; i++)
		offer_shelf(m, i);
}

/* No access type is of every service. */
enum { NARROW, WIDE, EVERY, PAIRS };

/* Without a branch: which they are is hard to predict. */
static uint32_t *
run_through(const struct us_index *index, uint32_t entry, const uint32_t *asked,
    uint32_t *found)
{
	uint32_t end = index->entries[entry + 1], pair;

	for (uint32_t i = index->entries[entry]; i < end; i++) {
		pair = index->buckets.v[i].pair;
		*found = i;
		found += (pair == asked[NARROW]) | (pair == asked[WIDE]) |
			 (pair == asked[EVERY]);
	}
	return found;
}

static uint32_t *
look_up(const struct us_index *index, uint32_t entry, const uint32_t *asked,
    uint32_t *found)
{
	for (unsigned i = 0; i < PAIRS; i++) {
		if (i && asked[i] == asked[i - 1])
			continue; /* no rule names the access type, ... */
		*found = us_bucket_find(index, entry, asked[i]);
		found += *found != US_NO_SYMBOL;
	}
	return found;
}

/* The buckets of the entries that are for what is asked for; how many. */
static uint32_t
find_buckets(struct us_matcher *m)
{
	const struct us_index *index = m->prog->index;
	const uint32_t asked[] = {
	    [NARROW] = us_pair_find(index,
		(struct us_pair){m->now.service, m->now.access}),
	    [WIDE] = index->wide[m->now.service + 1],
	    [EVERY] = index->wide[US_NO_SYMBOL + 1]};
	uint32_t *found = m->buckets, entry;

	for (uint32_t k = 0; k < m->entry_count; k++) {
		entry = m->entries[k];
		found = index->entries[entry + 1] - index->entries[entry] >
				US_FEW_BUCKETS
			    ? look_up(index, entry, asked, found)
			    : run_through(index, entry, asked, found);
	}
	return (uint32_t)(found - m->buckets);
}

/* An entry without rules for any service and item is none. */
static void
enter(struct us_matcher *m, enum us_entry_kind kind, uint32_t symbol)
{
	const struct us_index *index = m->prog->index;
	uint32_t entry;

	if (symbol == US_NO_SYMBOL)
		return;
	entry = index->base[kind] + symbol;
	if (index->entries[entry] == index->entries[entry + 1])
		return;
	m->entries[m->entry_count++] = entry;
	__builtin_prefetch(&index->buckets.v[index->entries[entry]]);
}

static void
enter_groups(struct us_matcher *m, enum us_entry_kind kind, enum side side)
{
	const struct us_memberships *groups = &m->groups[side];

	for (uint32_t i = 0; i < groups->n; i++)
		enter(m, kind, groups->v[i]);
}

void
us_match_enter(struct us_matcher *m)
{
	m->entry_count = 0;
	enter(m, US_ENTRY_EVERYONE, 0);
	if (!m->now.req->agent) {
		enter(m, US_ENTRY_HUMANS, 0);
		enter(m, US_ENTRY_USER, m->now.uid);
		enter_groups(m, US_ENTRY_GROUP, OF_PRINCIPAL);
		return;
	}
	enter(m, US_ENTRY_AGENTS, 0);
	enter(m, US_ENTRY_CLIENT, m->now.client);
	enter(m, US_ENTRY_OWNER, m->now.owner);
	enter_groups(m, US_ENTRY_OWNER_GROUP, OF_OWNER);
	enter(m, US_ENTRY_PROVIDER, m->now.provider);
	enter(m, US_ENTRY_BEHALF, m->now.uid);
	enter_groups(m, US_ENTRY_BEHALF_GROUP, OF_PRINCIPAL);
}

/* Lines whose bits are set, in order, and sent for; clears the bits. */
static uint32_t
collect(struct us_matcher *m)
{
	const struct us_line *lines = m->prog->index->lines.v;
	uint64_t words, bits;
	uint32_t n = 0, word, line;

	for (uint32_t i = 0; i < m->word_count; i++) {
		for (words = m->words[i]; words; words &= words - 1) {
			word = i * 64 + (uint32_t)__builtin_ctzll(words);
			for (bits = m->lines[word]; bits; bits &= bits - 1) {
				line =
				    word * 64 + (uint32_t)__builtin_ctzll(bits);
				m->offered[n++] = line;
				__builtin_prefetch(&lines[line]);
			}
			m->lines[word] = 0;
		}
		m->words[i] = 0;
	}
	return n;
}

uint32_t
us_match_offer(struct us_matcher *m)
{
	const struct us_index *index = m->prog->index;
	uint32_t n = find_buckets(m);

	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(
		    &index->plain.v[index->buckets.v[m->buckets[i]].first]);
	for (uint32_t i = 0; i < n; i++)
		offer_bucket(m, m->buckets[i]);
	return collect(m);
}
