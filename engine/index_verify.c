/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying the index: every range is inside, and every line is found where
 * its tests say, so that nothing that could match is left out; and nowhere
 * else, where tests that nobody makes would count as passed.
 */
#include <stdlib.h>

#include "engine/err.h"
#include "engine/index_parts.h"

static bool
range_fits(uint32_t first, uint32_t n, uint32_t limit)
{
	return first <= limit && n <= limit - first;
}

/* Each a line, with the gate that its tests make. */
static bool
gates_fit(const struct us_prog *prog, const struct us_posting *v, uint32_t n)
{
	struct us_posting made;

	for (uint32_t i = 0; i < n; i++) {
		if (v[i].line >= prog->index->lines.n)
			return false;
		made = us_posting_of(prog, v[i].line);
		if (v[i].face != made.face || v[i].word != made.word ||
		    v[i].bytes != made.bytes || v[i].text != made.text)
			return false;
	}
	return true;
}

/* A search ends at a number that is 0, of which there are some. */
static bool
hash_fits(const struct us_index *index)
{
	uint32_t used = 0;

	if (index->mask != us_text_places(index->texts.n) - 1)
		return false;
	for (uint32_t i = 0; i <= index->mask; i++) {
		if (index->hash[i] > index->texts.n)
			return false;
		used += index->hash[i] > 0;
	}
	return used == index->texts.n;
}

/* Lengths ascend: who looks for a value ends at the first that is longer. */
static bool
lengths_ascend(const struct us_index *index, const struct us_index_shelf *shelf)
{
	uint32_t end = shelf->length + shelf->length_count;

	for (uint32_t i = shelf->length + 1; i < end; i++) {
		if (index->lengths.v[i - 1] >= index->lengths.v[i])
			return false;
	}
	return true;
}

static bool
kinds_fit(const struct us_prog *prog, const struct us_index *index)
{
	for (enum us_entry_kind k = 0; k < US_ENTRY_COUNT; k++) {
		if (index->base[k + 1] - index->base[k] !=
		    us_entry_symbols(prog, k))
			return false;
	}
	return index->base[0] == 0;
}

static bool
pairs_ascend(const struct us_index *index, uint32_t entry)
{
	for (uint32_t i = index->entries[entry] + 1;
	    i < index->entries[entry + 1]; i++) {
		if (index->buckets.v[i - 1].pair >= index->buckets.v[i].pair)
			return false;
	}
	return true;
}

static bool
buckets_fit(const struct us_index *index)
{
	uint32_t last = index->entries[index->base[US_ENTRY_COUNT]];
	const struct us_bucket *b = index->buckets.v;
	const uint32_t *shelf = index->shelved.v;

	for (uint32_t i = 0; i < index->base[US_ENTRY_COUNT]; i++) {
		if (index->entries[i] > index->entries[i + 1])
			return false;
	}
	if (index->buckets.n != last + 1 || index->shelved.n != last + 1)
		return false;
	for (uint32_t i = 0; i < last; i++) {
		if (b[i].first > b[i + 1].first || shelf[i] > shelf[i + 1] ||
		    b[i].pair >= index->pairs.symbols.n)
			return false;
	}
	for (uint32_t i = 0; i < index->base[US_ENTRY_COUNT]; i++) {
		if (!pairs_ascend(index, i))
			return false;
	}
	return index->entries[0] == 0 && b[0].first == 0 && shelf[0] == 0 &&
	       b[last].first == index->plain.n &&
	       shelf[last] == index->shelves.n;
}

static bool
wide_fits(const struct us_prog *prog, const struct us_index *index)
{
	for (uint32_t i = 0; i <= prog->names.symbols.n; i++) {
		if (index->wide[i] != us_pair_find(index, us_wide_pair(i)))
			return false;
	}
	return true;
}

static bool
tables_fit(const struct us_prog *prog, const struct us_index *index)
{
	const struct us_index_text *text;
	const struct us_index_shelf *shelf;

	if (!kinds_fit(prog, index) || !buckets_fit(index) ||
	    !wide_fits(prog, index) ||
	    !gates_fit(prog, index->plain.v, index->plain.n) ||
	    !gates_fit(prog, index->postings.v, index->postings.n))
		return false;
	US_EACH (shelf, &index->shelves) {
		if (!range_fits(
			shelf->all.first, shelf->all.n, index->postings.n) ||
		    shelf->slot >= prog->slots.symbols.n ||
		    !range_fits(
			shelf->length, shelf->length_count, index->lengths.n) ||
		    !lengths_ascend(index, shelf))
			return false;
	}
	US_EACH (text, &index->texts) {
		if (!range_fits(
			text->lines.first, text->lines.n, index->postings.n) ||
		    text->shelf >= index->shelves.n)
			return false;
	}
	return hash_fits(index);
}

static bool
has_line(const struct us_posting *v, uint32_t n, uint32_t line)
{
	uint32_t i = us_first_row(v, line, n, line);

	return i < n && v[i].line == line;
}

static bool
is_posted(const struct us_index *index, struct us_postings p, uint32_t line)
{
	return has_line(index->postings.v + p.first, p.n, line);
}

static bool
has_length(
    const struct us_index *index, const struct us_index_shelf *shelf, size_t n)
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
		    !is_posted(index,
			us_index_find(index, number, prefix, text), line))
			return false;
	}
	return true;
}

/* A line on a shelf has a keep of its slot, and is under all its texts. */
static bool
is_shelved(const struct us_prog *prog, uint32_t bucket, uint32_t line)
{
	const struct us_index *index = prog->index;
	const struct us_insn *insn;
	const struct us_index_shelf *shelf;

	for (uint32_t i = index->shelved.v[bucket];
	    i < index->shelved.v[bucket + 1]; i++) {
		shelf = &index->shelves.v[i];
		if (!is_posted(index, shelf->all, line))
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
	uint32_t pair =
	    us_pair_find(index, (struct us_pair){f->service, f->access});
	uint32_t i = us_bucket_find(index, entry, pair);
	const struct us_bucket *bucket;

	if (i == US_NO_SYMBOL)
		return false;
	bucket = &index->buckets.v[i];
	return has_line(index->plain.v + bucket->first,
		   bucket[1].first - bucket->first, line) ||
	       is_shelved(prog, i, line);
}

static bool
is_filed(const struct us_prog *prog, uint32_t line)
{
	const struct us_index *index = prog->index;
	struct us_filing f = us_filing_of(prog, index->lines.v[line].at);

	for (uint32_t i = 0; i < f.symbol_count; i++) {
		if (f.symbols[i] >= us_entry_symbols(prog, f.kind) ||
		    !is_under(
			prog, index->base[f.kind] + f.symbols[i], &f, line))
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
			uint32_t *mark =
			    &last[index->base[f.kind] + f.symbols[i]];

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
	const struct us_index_shelf *shelf;
	uint64_t n = index->plain.n;

	US_EACH (shelf, &index->shelves)
		n += shelf->all.n;
	return n;
}

static bool
pattern_has(const struct us_pattern_entry *p, const struct us_index_text *text)
{
	for (uint32_t i = 0; i < p->literal_count; i++) {
		if ((p->literals[i].kind == US_LITERAL_PREFIX) ==
			text->prefix &&
		    us_str_eq(p->literals[i].text, text->text))
			return true;
	}
	return false;
}

/* Has the line a keep by which it is under this text? */
static bool
keeps_text(
    const struct us_prog *prog, uint32_t line, const struct us_index_text *text)
{
	uint32_t slot = prog->index->shelves.v[text->shelf].slot;
	const struct us_insn *insn = us_line_tests(prog, line);

	for (; us_is_shelvable(prog, &insn); insn++) {
		if (insn->a == slot &&
		    pattern_has(&prog->patterns.v[insn->b], text))
			return true;
	}
	return false;
}

/* Under a text stand lines of its shelf alone, which keep it. */
static bool
texts_hold(const struct us_prog *prog)
{
	const struct us_index *index = prog->index;
	const struct us_posting *v = index->postings.v;
	const struct us_index_text *text;

	US_EACH (text, &index->texts) {
		for (uint32_t i = 0; i < text->lines.n; i++) {
			if (!is_posted(index, index->shelves.v[text->shelf].all,
				v[text->lines.first + i].line) ||
			    !keeps_text(
				prog, v[text->lines.first + i].line, text))
				return false;
		}
	}
	return true;
}

/* The lines of the index are those of the program; *at is the first that is
 * not. */
static bool
lines_fit(const struct us_prog *prog, uint32_t *at)
{
	const struct us_line *line = prog->index->lines.v;
	const struct us_line *end = line + prog->index->lines.n;

	for (*at = 0; prog->code.v[*at].op != US_OP_END;
	    *at = prog->code.v[*at].b, line++) {
		if (line == end || line->at != *at ||
		    line->start != us_filing_of(prog, *at).start ||
		    line->number != prog->code.v[*at].a ||
		    line->covers !=
			(prog->code.v[*at].op == US_OP_PREAPPROVE) ||
		    line->proven != us_line_is_proven(prog, line))
			return false;
	}
	return line == end;
}

const char *
us_index_verify(const struct us_prog *prog, uint32_t *at)
{
	const struct us_index *index = prog->index;

	if (!lines_fit(prog, at))
		return "index of other lines";
	*at = 0;
	if (!tables_fit(prog, index))
		return "index out of range";
	for (uint32_t line = 0; line < index->lines.n; line++) {
		*at = index->lines.v[line].at;
		if (!is_filed(prog, line))
			return "line not in the index";
	}
	/* All are where they belong: so many, and no other is anywhere. Where
	 * it stands, a line is not tested for what that proves. */
	if (count_filed(index) != count_wanted(prog) || !texts_hold(prog))
		return "line where it does not belong";
	return NULL;
}
