/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building the index. Everything is found in the program's own code, so that
 * what was compiled is what is indexed.
 */
#include <stdlib.h>

#include "engine/code.h"
#include "engine/err.h"
#include "engine/index_parts.h"

/*
 * So many lines pay for a look-up on a shelf, which is one for whole values
 * and one for each length of a prefix. Fewer are quicker run through.
 */
#define LINES_PER_LOOKUP 4

/* A line under one entry, on its way into a bucket. */
struct filed {
	uint32_t entry, pair, line;
};

/* A line of a long bucket under one text of one slot. */
struct shelved {
	uint32_t slot, line;
	bool prefix;
	struct us_str text;
};

struct builder {
	struct us_prog *prog;
	struct us_index *index;
	struct us_arena scratch;
	US_LIST(struct filed) filed;
	/* Of the bucket at hand. */
	US_LIST(uint64_t) keeps; /* slot and pattern */
	US_LIST(struct shelved) shelved;
	US_LIST(uint32_t) slots; /* whose shelves pay */
};

/* --- Filing ------------------------------------------------------------- */

static uint32_t
number_pair(struct builder *b, struct us_pair pair)
{
	struct us_index *index = b->index;
	struct us_arena *a = &b->prog->arena;
	uint32_t number = us_pair_find(index, pair);
	struct us_pair *kept;

	if (number != US_NO_SYMBOL)
		return number;
	kept = us_arena_alloc(a, sizeof(*kept));
	*kept = pair;
	return us_symtab_add(a, &index->pairs,
	    (struct us_str){(char *)kept, sizeof(*kept)},
	    (struct us_str){NULL, 0});
}

static void
file_line(struct builder *b, uint32_t line)
{
	const struct us_prog *p = b->prog;
	struct us_line *l = &b->index->lines.v[line];
	struct us_filing f = us_filing_of(p, l->at);
	uint32_t base = b->index->base[f.kind];
	uint32_t pair = number_pair(b, (struct us_pair){f.service, f.access});

	l->start = f.start;
	l->number = p->code.v[l->at].a;
	l->covers = p->code.v[l->at].op == US_OP_PREAPPROVE;
	l->proven = us_line_is_proven(p, l);
	for (uint32_t i = 0; i < f.symbol_count; i++)
		*us_list_add(&b->scratch, &b->filed) =
		    (struct filed){base + f.symbols[i], pair, line};
}

static int
compare_u32(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_filed(const void *left, const void *right)
{
	const struct filed *a = left, *b = right;
	int c = compare_u32(a->entry, b->entry);

	if (!c)
		c = compare_u32(a->pair, b->pair);
	return c ? c : compare_u32(a->line, b->line);
}

static bool
same_bucket(const struct filed *a, const struct filed *b)
{
	return a->entry == b->entry && a->pair == b->pair;
}

static void
post(struct builder *b, struct us_postings *to, uint32_t line)
{
	struct us_index *index = b->index;

	if (!to->n)
		to->first = index->postings.n;
	else if (index->postings.v[index->postings.n - 1].line == line)
		return; /* two of its texts are the same */
	*us_list_add(&b->prog->arena, &index->postings) =
	    us_posting_of(b->prog, line);
	to->n++;
}

/* --- Shelves ------------------------------------------------------------ */

static uint64_t
keep_of(const struct us_insn *insn)
{
	return (uint64_t)insn->a << 32 | insn->b;
}

static int
compare_u64(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* How many keeps of the bucket, which are sorted, come before this one. */
static uint32_t
count_before(const struct builder *b, uint64_t keep)
{
	uint32_t low = 0, high = b->keeps.n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (b->keeps.v[middle] < keep)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many lines of the bucket have it. */
static uint32_t
count_keep(const struct builder *b, uint64_t keep)
{
	return count_before(b, keep + 1) - count_before(b, keep);
}

static void
gather_keeps(struct builder *b, const struct filed *run, uint32_t n)
{
	const struct us_insn *insn;

	b->keeps.n = 0;
	for (uint32_t i = 0; i < n; i++) {
		insn = us_line_tests(b->prog, run[i].line);
		for (; us_is_shelvable(b->prog, &insn); insn++)
			*us_list_add(&b->scratch, &b->keeps) = keep_of(insn);
	}
	if (b->keeps.n)
		qsort(b->keeps.v, b->keeps.n, sizeof(*b->keeps.v), compare_u64);
}

/* The keep of a line that fewest others of the bucket have; or NULL. */
static const struct us_insn *
rarest_keep(const struct builder *b, uint32_t line, uint32_t *count)
{
	const struct us_insn *insn = us_line_tests(b->prog, line), *best = NULL;
	uint32_t n;

	*count = UINT32_MAX;
	for (; us_is_shelvable(b->prog, &insn); insn++) {
		n = count_keep(b, keep_of(insn));
		if (n < *count) {
			*count = n;
			best = insn;
		}
	}
	return best;
}

static void
shelve(struct builder *b, const struct us_insn *keep, uint32_t line)
{
	const struct us_pattern_entry *p = &b->prog->patterns.v[keep->b];

	for (uint32_t i = 0; i < p->literal_count; i++)
		*us_list_add(&b->scratch, &b->shelved) = (struct shelved){
		    keep->a, line, p->literals[i].kind == US_LITERAL_PREFIX,
		    p->literals[i].text};
}

static int
compare_shelved(const void *left, const void *right)
{
	const struct shelved *a = left, *b = right;
	int c = compare_u32(a->slot, b->slot);

	if (!c)
		c = (int)a->prefix - (int)b->prefix;
	if (!c)
		c = compare_u32((uint32_t)a->text.n, (uint32_t)b->text.n);
	if (!c)
		c = us_str_cmp(a->text, b->text);
	return c ? c : compare_u32(a->line, b->line);
}

static int
compare_lines(const void *left, const void *right)
{
	return compare_u32(*(const uint32_t *)left, *(const uint32_t *)right);
}

static void
add_length(
    struct builder *b, struct us_index_shelf *shelf, const struct shelved *s)
{
	struct us_index *index = b->index;

	if (!s->prefix ||
	    (shelf->length_count &&
		index->lengths.v[index->lengths.n - 1] == s->text.n))
		return;
	if (!shelf->length_count)
		shelf->length = index->lengths.n;
	*us_list_add(&b->prog->arena, &index->lengths) = (uint32_t)s->text.n;
	shelf->length_count++;
}

static bool
same_text(const struct shelved *a, const struct shelved *b)
{
	return a->prefix == b->prefix && us_str_eq(a->text, b->text);
}

/* All lines of a run of one slot, each once. */
static void
post_all(struct builder *b, struct us_postings *to, const struct shelved *run,
    uint32_t n)
{
	uint32_t *lines = us_arena_alloc(&b->scratch, n * sizeof(*lines));

	for (uint32_t i = 0; i < n; i++)
		lines[i] = run[i].line;
	qsort(lines, n, sizeof(*lines), compare_lines);
	for (uint32_t i = 0; i < n; i++)
		post(b, to, lines[i]);
}

static void
build_shelf(struct builder *b, const struct shelved *run, uint32_t n)
{
	struct us_index *index = b->index;
	struct us_arena *a = &b->prog->arena;
	uint32_t number = index->shelves.n;
	struct us_index_shelf *shelf = us_list_add(a, &index->shelves);
	struct us_index_text *text = NULL;

	shelf->slot = run->slot;
	for (uint32_t i = 0; i < n; i++) {
		if (i == 0 || !same_text(&run[i - 1], &run[i])) {
			add_length(b, shelf, &run[i]);
			text = us_list_add(a, &index->texts);
			text->shelf = number;
			text->prefix = run[i].prefix;
			text->text = run[i].text;
			text->hash =
			    us_text_hash(number, run[i].prefix, run[i].text);
		}
		post(b, &text->lines, run[i].line);
	}
	post_all(b, &shelf->all, run, n);
}

/* The end of the run of one slot that begins at first. */
static uint32_t
slot_end(const struct builder *b, uint32_t first)
{
	uint32_t end = first;

	while (end < b->shelved.n &&
	       b->shelved.v[end].slot == b->shelved.v[first].slot)
		end++;
	return end;
}

/* Does a shelf for this run cost less than to run through its lines? */
static bool
pays(const struct shelved *run, uint32_t n)
{
	uint32_t lookups = 1;

	for (uint32_t i = 0; i < n; i++) {
		if (run[i].prefix && (i == 0 || !run[i - 1].prefix ||
					 run[i].text.n != run[i - 1].text.n))
			lookups++;
	}
	return n >= lookups * LINES_PER_LOOKUP;
}

/* Which lines of the bucket go where: slots, and the texts under them. */
static void
plan_shelves(struct builder *b, const struct filed *run, uint32_t n)
{
	const struct us_insn *keep;
	uint32_t count, end;

	b->shelved.n = b->slots.n = 0;
	if (n == 1) /* most are alone, with nothing to be told apart from */
		return;
	gather_keeps(b, run, n);
	for (uint32_t i = 0; i < n; i++) {
		keep = rarest_keep(b, run[i].line, &count);
		/* What half of the bucket says tells nothing apart. */
		if (keep && count <= n / 2)
			shelve(b, keep, run[i].line);
	}
	if (b->shelved.n)
		qsort(b->shelved.v, b->shelved.n, sizeof(*b->shelved.v),
		    compare_shelved);
	for (uint32_t i = 0; i < b->shelved.n; i = end) {
		end = slot_end(b, i);
		if (pays(b->shelved.v + i, end - i))
			*us_list_add(&b->scratch, &b->slots) =
			    b->shelved.v[i].slot;
	}
}

static bool
has_shelf(const struct builder *b, uint32_t slot)
{
	for (uint32_t i = 0; i < b->slots.n; i++) {
		if (b->slots.v[i] == slot)
			return true;
	}
	return false;
}

static void
build_shelves(struct builder *b)
{
	uint32_t end;

	for (uint32_t i = 0; i < b->shelved.n; i = end) {
		end = slot_end(b, i);
		if (has_shelf(b, b->shelved.v[i].slot))
			build_shelf(b, b->shelved.v + i, end - i);
	}
}

/* --- Buckets ------------------------------------------------------------ */

static void
begin_bucket(struct builder *b, uint32_t pair)
{
	struct us_index *index = b->index;
	struct us_arena *a = &b->prog->arena;

	*us_list_add(a, &index->buckets) =
	    (struct us_bucket){pair, index->plain.n};
	*us_list_add(a, &index->shelved) = index->shelves.n;
}

static void
build_bucket(struct builder *b, const struct filed *run, uint32_t n)
{
	struct us_arena *a = &b->prog->arena;
	struct us_index *index = b->index;
	const struct us_insn *keep = NULL;
	uint32_t count;

	begin_bucket(b, run->pair);
	plan_shelves(b, run, n);
	for (uint32_t i = 0; i < n; i++) {
		/* Two of its groups may be the same. */
		if (i && run[i - 1].line == run[i].line)
			continue;
		if (b->slots.n)
			keep = rarest_keep(b, run[i].line, &count);
		if (!keep || count > n / 2 || !has_shelf(b, keep->a))
			*us_list_add(a, &index->plain) =
			    us_posting_of(b->prog, run[i].line);
	}
	build_shelves(b);
}

static void
build_buckets(struct builder *b)
{
	struct us_index *index = b->index;
	const struct filed *f = b->filed.v;
	uint32_t n = b->filed.n, first = 0, entry = 0;

	if (n)
		qsort(b->filed.v, n, sizeof(*f), compare_filed);
	us_list_reserve(&b->prog->arena, &index->plain, n);
	us_list_reserve(&b->prog->arena, &index->buckets, n + 1);
	us_list_reserve(&b->prog->arena, &index->shelved, n + 1);
	for (uint32_t i = 1; i <= n; i++) {
		if (i < n && same_bucket(&f[i], &f[first]))
			continue;
		while (entry <= f[first].entry)
			index->entries[entry++] = index->buckets.n;
		build_bucket(b, f + first, i - first);
		first = i;
	}
	while (entry <= index->base[US_ENTRY_COUNT])
		index->entries[entry++] = index->buckets.n;
	begin_bucket(b, US_NO_SYMBOL);
}

static void
build_hash(struct builder *b)
{
	struct us_index *index = b->index;
	uint32_t size = us_text_places(index->texts.n), at;

	index->hash =
	    us_arena_alloc(&b->prog->arena, size * sizeof(*index->hash));
	index->mask = size - 1;
	for (uint32_t i = 0; i < index->texts.n; i++) {
		at = index->texts.v[i].hash & index->mask;
		while (index->hash[at])
			at = (at + 1) & index->mask;
		index->hash[at] = i + 1;
	}
}

static void
build_wide(struct builder *b)
{
	uint32_t n = b->prog->names.symbols.n + 1;

	b->index->wide = us_arena_room(
	    &b->prog->arena, n * sizeof(*b->index->wide));
	for (uint32_t i = 0; i < n; i++)
		b->index->wide[i] = us_pair_find(b->index, us_wide_pair(i));
}

struct us_index *
us_index_build(struct us_prog *prog)
{
	struct builder b = {.prog = prog,
	    .index = us_arena_alloc(&prog->arena, sizeof(*b.index))};
	struct us_index *index = b.index;
	const struct us_insn *code = prog->code.v;

	for (enum us_entry_kind k = 0; k < US_ENTRY_COUNT; k++)
		index->base[k + 1] = index->base[k] + us_entry_symbols(prog, k);
	index->entries = us_arena_alloc(&prog->arena,
	    (index->base[US_ENTRY_COUNT] + 1) * sizeof(*index->entries));
	prog->index = index;
	us_list_reserve(
	    &prog->arena, &index->lines, prog->rules.n + prog->preapprovals.n);
	for (uint32_t at = 0; code[at].op != US_OP_END; at = code[at].b)
		us_list_add(&prog->arena, &index->lines)->at = at;
	for (uint32_t i = 0; i < index->lines.n; i++)
		file_line(&b, i);
	build_wide(&b);
	build_buckets(&b);
	build_hash(&b);
	us_arena_free(&b.scratch);
	return index;
}
