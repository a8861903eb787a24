/* SPDX-License-Identifier: Apache-2.0 */
/* By the index: the lines that could match a prepared request. */
#include "engine/match_parts.h"

static bool
passes(struct us_matcher *m, const struct us_posting *p)
{
	struct us_face *face = &m->faces[p->face];

	if (face->one && !face->read) {
		face->words = us_words_of(face->key->values.v[0]);
		face->read = true;
	}
	return face->open | (face->one & us_gate_admits(p, &face->words));
}

static void
offer(struct us_matcher *m, const struct us_posting *p, uint32_t n)
{
	uint64_t yes;
	uint32_t line;

	/* No branch: whether a line passes is hard to predict. */
	for (; n--; p++) {
		line = p->line;
		yes = passes(m, p);
		m->lines[line / 64] |= yes << line % 64;
		m->words[line / 4096] |= yes << line / 64 % 64;
		__builtin_prefetch(&m->prog->index->lines.v[line]);
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
		offer_postings(
		    m, us_index_find(index, number, true, prefix));
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
offer_bucket(struct us_matcher *m, const struct us_bucket *bucket)
{
	offer(m, m->prog->index->plain.v + bucket->first,
	    bucket[1].first - bucket->first);
	for (uint32_t i = bucket->shelf; i < bucket[1].shelf; i++)
		offer_shelf(m, i);
}

static bool
fits(const struct us_matcher *m, const struct us_bucket *bucket)
{
	return (bucket->service == m->now.service ||
		   bucket->service == US_NO_SYMBOL) &&
	       (bucket->access == m->now.access ||
		   bucket->access == US_NO_SYMBOL);
}

/*
 * Buckets of the entries that may fit, by their keys alone; how many. No
 * access type is of every service.
 */
static uint32_t
find_buckets(struct us_matcher *m)
{
	const struct us_index *index = m->prog->index;
	uint32_t this = us_bucket_key(m->now.service, m->now.access);
	uint32_t any = us_bucket_key(m->now.service, US_NO_SYMBOL);
	uint32_t every = us_bucket_key(US_NO_SYMBOL, US_NO_SYMBOL);
	uint32_t n = 0, i, end, key;

	for (uint32_t k = 0; k < m->entry_count; k++) {
		i = index->entries[m->entries[k]];
		end = index->entries[m->entries[k] + 1];
		for (; i < end; i++) {
			key = index->keys[i];
			m->buckets[n] = i;
			n += (key == this) | (key == any) | (key == every);
		}
	}
	return n;
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
	__builtin_prefetch(&index->keys[index->entries[entry]]);
}

static void
enter_groups(struct us_matcher *m, enum us_entry_kind kind, uint8_t bit)
{
	for (uint32_t i = 0; i < m->group_count; i++) {
		if (m->member[m->groups[i]] & bit)
			enter(m, kind, m->groups[i]);
	}
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

/* Lines whose bits are set, in order; clears the bits. */
static uint32_t
collect(struct us_matcher *m)
{
	uint64_t words, bits;
	uint32_t n = 0, word;

	for (uint32_t i = 0; i < m->word_count; i++) {
		for (words = m->words[i]; words; words &= words - 1) {
			word = i * 64 + (uint32_t)__builtin_ctzll(words);
			for (bits = m->lines[word]; bits; bits &= bits - 1)
				m->offered[n++] = word * 64 +
				    (uint32_t)__builtin_ctzll(bits);
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
	const struct us_bucket *bucket;
	uint32_t n = find_buckets(m);

	for (uint32_t i = 0; i < n; i++)
		__builtin_prefetch(&index->buckets.v[m->buckets[i]]);
	for (uint32_t i = 0; i < n; i++) {
		bucket = &index->buckets.v[m->buckets[i]];
		__builtin_prefetch(&index->plain.v[bucket->first]);
	}
	for (uint32_t i = 0; i < n; i++) {
		bucket = &index->buckets.v[m->buckets[i]];
		if (fits(m, bucket))
			offer_bucket(m, bucket);
	}
	return collect(m);
}
