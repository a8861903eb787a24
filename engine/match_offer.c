/* SPDX-License-Identifier: Apache-2.0 */
/* By the index: the lines that could match a prepared request. */
#include "engine/match_parts.h"

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
	const struct us_index_shelf *shelf = &index->shelves.v[number];
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
	const struct us_index_shelf *shelf = &m->prog->index->shelves.v[number];
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

/* An entry without rules for any service and item is none. */
static void
enter(struct us_matcher *m, enum us_entry_kind kind, uint32_t symbol)
{
	const struct us_index *index = m->prog->index;
	uint32_t entry;

	if (symbol == US_NO_SYMBOL)
		return;
	entry = index->base[kind] + symbol;
	if (index->entries[entry] != index->entries[entry + 1])
		m->entries[m->entry_count++] = entry;
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

void
us_match_offer(struct us_matcher *m)
{
	const struct us_index *index = m->prog->index;
	const struct us_bucket *bucket, *end;

	for (uint32_t i = 0; i < m->entry_count; i++) {
		bucket = &index->buckets.v[index->entries[m->entries[i]]];
		end = index->buckets.v + index->entries[m->entries[i] + 1];
		for (; bucket != end; bucket++) {
			if (fits(m, bucket))
				offer_bucket(m, bucket);
		}
	}
}
