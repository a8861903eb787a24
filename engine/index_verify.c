/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying the index: every range is inside, and every line is found where
 * its tests say, so that nothing that could match is left out.
 */
#include <stdlib.h>

#include "engine/err.h"
#include "engine/index_parts.h"

static bool
range_fits(uint32_t first, uint32_t n, uint32_t limit)
{
	return first <= limit && n <= limit - first;
}

static bool
postings_fit(const struct us_index *index, struct us_postings p)
{
	if (!range_fits(p.first, p.n, index->postings.n))
		return false;
	for (uint32_t i = 0; i < p.n; i++) {
		if (index->postings.v[p.first + i] >= index->lines.n)
			return false;
	}
	return true;
}

/* A search ends at a number that is 0. */
static bool
hash_fits(const struct us_index *index)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i <= index->mask; i++) {
		if (index->hash[i] > index->texts.n)
			return false;
		used += index->hash[i] > 0;
	}
	return used <= index->mask;
}

/* Lengths ascend: who looks for a value ends at the first that is longer. */
static bool
lengths_ascend(const struct us_index *index, const struct us_index_shelf *shelf)
{
	const uint32_t *v = index->lengths.v + shelf->length;

	for (uint32_t i = 1; i < shelf->length_count; i++) {
		if (v[i - 1] >= v[i])
			return false;
	}
	return true;
}

static bool
tables_fit(const struct us_prog *prog, const struct us_index *index)
{
	const struct us_index_text *text;
	const struct us_bucket *bucket;
	const struct us_index_shelf *shelf;
	uint32_t last = index->base[US_ENTRY_COUNT];

	for (uint32_t i = 0; i < last; i++) {
		if (index->entries[i] > index->entries[i + 1])
			return false;
	}
	US_EACH (bucket, &index->buckets) {
		if (!postings_fit(index, bucket->plain) ||
		    !range_fits(bucket->shelf, bucket->shelf_count,
			index->shelves.n))
			return false;
	}
	US_EACH (shelf, &index->shelves) {
		if (!postings_fit(index, shelf->all) ||
		    shelf->slot >= prog->slots.symbols.n ||
		    !range_fits(shelf->length, shelf->length_count,
			index->lengths.n) ||
		    !lengths_ascend(index, shelf))
			return false;
	}
	US_EACH (text, &index->texts) {
		if (!postings_fit(index, text->lines) ||
		    text->shelf >= index->shelves.n)
			return false;
	}
	return index->entries[0] == 0 &&
	       index->entries[last] == index->buckets.n && hash_fits(index);
}

static bool
has_line(const struct us_index *index, struct us_postings p, uint32_t line)
{
	uint32_t low = 0, high = p.n;
	const uint32_t *v = index->postings.v + p.first;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (v[middle] < line)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p.n && v[low] == line;
}

static bool
has_length(const struct us_index *index, const struct us_index_shelf *shelf, size_t n)
{
	for (uint32_t i = 0; i < shelf->length_count; i++) {
		if (index->lengths.v[shelf->length + i] == n)
			return true;
	}
	return false;
}

/* Is the line under every text of this keep? */
static bool
is_under_keep(const struct us_prog *prog, const struct us_index_shelf *shelf,
    const struct us_insn *keep, uint32_t line)
{
	const struct us_index *index = prog->index;
	const struct us_pattern_entry *p = &prog->patterns.v[keep->b];
	uint32_t number = (uint32_t)(shelf - index->shelves.v);

	for (uint32_t i = 0; i < p->literal_count; i++) {
		bool prefix = p->literals[i].kind == US_LITERAL_PREFIX;
		struct us_str text = p->literals[i].text;

		if ((prefix && !has_length(index, shelf, text.n)) ||
		    !has_line(index,
			us_index_find(index, number, prefix, text), line))
			return false;
	}
	return true;
}

/* A line on a shelf has a keep of its slot, and is under all its texts. */
static bool
is_shelved(const struct us_prog *prog, const struct us_bucket *bucket,
    uint32_t line)
{
	const struct us_index *index = prog->index;
	const struct us_insn *insn;
	const struct us_index_shelf *shelf;

	for (uint32_t i = 0; i < bucket->shelf_count; i++) {
		shelf = &index->shelves.v[bucket->shelf + i];
		if (!has_line(index, shelf->all, line))
			continue;
		insn = us_line_tests(prog, line);
		for (; us_is_shelvable(prog, &insn); insn++) {
			if (insn->a == shelf->slot &&
			    is_under_keep(prog, shelf, insn, line))
				return true;
		}
	}
	return false;
}

static bool
is_under(const struct us_prog *prog, uint32_t entry, const struct us_filing *f,
    uint32_t line)
{
	const struct us_index *index = prog->index;

	for (uint32_t i = index->entries[entry]; i < index->entries[entry + 1];
	    i++) {
		const struct us_bucket *bucket = &index->buckets.v[i];

		if (bucket->service == f->service &&
		    bucket->access == f->access)
			return has_line(index, bucket->plain, line) ||
			       is_shelved(prog, bucket, line);
	}
	return false;
}

static bool
is_filed(const struct us_prog *prog, uint32_t line)
{
	const struct us_index *index = prog->index;
	struct us_filing f = us_filing_of(prog, index->lines.v[line].at);

	if (index->lines.v[line].start != f.start)
		return false;
	for (uint32_t i = 0; i < f.symbol_count; i++) {
		if (f.symbols[i] >= us_entry_symbols(prog, f.kind) ||
		    !is_under(prog, index->base[f.kind] + f.symbols[i], &f,
			line))
			return false;
	}
	return true;
}

/* How often lines are to be filed: under each of their symbols once. */
static uint64_t
count_wanted(const struct us_prog *prog)
{
	const struct us_index *index = prog->index;
	uint32_t *last = us_calloc(index->base[US_ENTRY_COUNT], sizeof(*last));
	struct us_filing f;
	uint64_t n = 0;

	for (uint32_t line = 0; line < index->lines.n; line++) {
		f = us_filing_of(prog, index->lines.v[line].at);
		for (uint32_t i = 0; i < f.symbol_count; i++) {
			uint32_t *mark = &last[index->base[f.kind] + f.symbols[i]];

			n += *mark != line + 1; /* two may be the same */
			*mark = line + 1;
		}
	}
	free(last);
	return n;
}

/* How often they are. */
static uint64_t
count_filed(const struct us_index *index)
{
	const struct us_bucket *bucket;
	uint64_t n = 0;

	US_EACH (bucket, &index->buckets) {
		n += bucket->plain.n;
		for (uint32_t i = 0; i < bucket->shelf_count; i++)
			n += index->shelves.v[bucket->shelf + i].all.n;
	}
	return n;
}

/* Under a text stand lines of its shelf alone. */
static bool
texts_hold(const struct us_index *index)
{
	const struct us_index_text *text;

	US_EACH (text, &index->texts) {
		for (uint32_t i = 0; i < text->lines.n; i++) {
			if (!has_line(index, index->shelves.v[text->shelf].all,
				index->postings.v[text->lines.first + i]))
				return false;
		}
	}
	return true;
}

const char *
us_index_verify(const struct us_prog *prog, uint32_t *at)
{
	const struct us_index *index = prog->index;
	uint32_t line = 0;

	*at = 0;
	if (!tables_fit(prog, index))
		return "index out of range";
	for (; prog->code.v[*at].op != US_OP_END; *at = prog->code.v[*at].b) {
		if (line == index->lines.n ||
		    index->lines.v[line].at != *at || !is_filed(prog, line))
			return "line not in the index";
		line++;
	}
	if (line != index->lines.n)
		return "index of other lines";
	/* All are where they belong: so many, and no other is anywhere. Where
	 * it stands, a line is not tested for what that proves. */
	if (count_filed(index) != count_wanted(prog) || !texts_hold(index))
		return "line where it does not belong";
	return NULL;
}
