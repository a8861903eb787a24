/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index: which rules could match a request, so that the cost of a
 * decision follows those and not all that exist.
 *
 * A line of the program (a rule or a pre-approval) is filed under whom it is
 * for, the most telling of its tests of people: an entry. Inside of an entry
 * stands a bucket for each service and access type. The lines of a long
 * bucket that keep only literal text (patterns that are exact or begin with a
 * literal) are filed once more, under one such text.
 *
 * A list of lines holds, beside each, what the line asks first of a value, so
 * that most of those that would fail are passed over without a look at them.
 *
 * Only what a test decidedly fails may keep a line out. That no line loses an
 * undecidable pattern by it is the compiler's doing: all tests that the index
 * looks at stand before the first pattern that may be undecidable.
 */
#ifndef US_INDEX_H
#define US_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/arena.h"
#include "engine/str.h"
#include "engine/symtab.h"

struct us_prog;

/* Under what a line is filed; the symbol's table is in brackets. */
enum us_entry_kind {
	US_ENTRY_EVERYONE,    /* any, some */
	US_ENTRY_HUMANS,      /* outside groups */
	US_ENTRY_USER,        /* a person [emails] */
	US_ENTRY_GROUP,       /* people in a group [groups] */
	US_ENTRY_AGENTS,      /* any agent */
	US_ENTRY_CLIENT,      /* agents by client [names] */
	US_ENTRY_OWNER,       /* by owner [emails] */
	US_ENTRY_OWNER_GROUP, /* by groups of the owner [groups] */
	US_ENTRY_PROVIDER,    /* by identity provider [names] */
	US_ENTRY_BEHALF,      /* by the human behind them [emails] */
	US_ENTRY_BEHALF_GROUP, /* by groups of that human [groups] */
	US_ENTRY_COUNT
};

/* A value in a few words: texts that it begins or ends with, or is, have the
 * same bytes in one of them. */
enum us_word_kind { US_WORD_HEAD, US_WORD_TAIL, US_WORD_HASH, US_WORD_COUNT };
struct us_words {
	uint64_t v[US_WORD_COUNT];
};

/*
 * A line in a list, and its gate: so many bytes of one word of the value under
 * slot face - 1 are those of text. Without bytes any value will do; without a
 * face (0), none is asked for.
 */
struct us_posting {
	uint32_t line;
	uint16_t face;
	uint8_t word, bytes;
	uint64_t text;
};

struct us_postings {
	uint32_t first, n; /* in us_index.postings: lines, ascending */
};

/* US_NO_SYMBOL: every service, every access type; of every service, every. */
struct us_pair {
	uint32_t service, access;
};

/* Its postings end where those of the next begin. */
struct us_bucket {
	uint32_t pair;  /* in us_index.pairs; in an entry they ascend */
	uint32_t first; /* in us_index.plain: lines, ascending */
};

/* The lines of a bucket that are filed by a text under one slot. */
struct us_index_shelf {
	uint32_t slot;
	struct us_postings all;  /* when its values are not known */
	uint32_t length, length_count; /* in us_index.lengths: of prefixes */
};

struct us_index_text {
	uint32_t shelf, hash;
	struct us_str text;
	bool prefix; /* values begin with it; else they are it */
	struct us_postings lines;
};

struct us_line {
	uint32_t at;     /* its first instruction */
	uint32_t start;  /* the first that its entry and bucket do not prove */
	uint32_t number; /* of its rule or pre-approval */
	bool covers;     /* it is a pre-approval, else a rule */
	bool proven;     /* no test is left: it is a rule, and it matches */
};

/* So many buckets of an entry are run through; in more, three are looked up. */
#define US_FEW_BUCKETS 64

struct us_index {
	US_LIST(struct us_line) lines; /* in the order of the program */
	/* The buckets of symbol s of kind k begin at entries[base[k] + s] and
	 * end where the next begin. */
	uint32_t base[US_ENTRY_COUNT + 1];
	uint32_t *entries;
	US_LIST(struct us_bucket) buckets; /* and one where the last ends */
	US_LIST(uint32_t) shelved; /* by bucket, where its shelves begin */
	struct us_symtab pairs;    /* the bytes of each struct us_pair */
	/* By service, + 1 (first of every service): the number of its pair with
	 * every access type, which each decision asks for. */
	uint32_t *wide;
	US_LIST(struct us_posting) plain;
	US_LIST(struct us_index_shelf) shelves;
	US_LIST(uint32_t) lengths;
	US_LIST(struct us_index_text) texts;
	uint32_t *hash, mask; /* of texts, numbers + 1 */
	US_LIST(struct us_posting) postings; /* of shelves and texts */
};

/* Builds the index of a program whose code is complete, in its arena. */
struct us_index *us_index_build(struct us_prog *prog);

/*
 * Is every line filed where its tests say, there alone, and nothing out of
 * range? What is wrong, or NULL; *at is the line's instruction.
 */
const char *us_index_verify(const struct us_prog *prog, uint32_t *at);

/* The lines filed under a text; none when there is no such. */
struct us_postings us_index_find(const struct us_index *index, uint32_t shelf,
    bool prefix, struct us_str text);

/*
 * Of n rows that ascend by a member, a number: the first that has this number
 * there, or a greater one; or n.
 */
#define us_first_row(v, member, n, number)                                     \
	us_first_row_at((v), sizeof(*(v)),                                     \
	    offsetof(__typeof__(*(v)), member), (n), (number))

static inline uint32_t
us_first_row_at(const void *v, size_t size, size_t member, uint32_t n,
    uint32_t number)
{
	uint32_t low = 0, high = n, middle, value;

	while (low < high) {
		middle = low + (high - low) / 2;
		memcpy(&value, (const char *)v + middle * size + member,
		    sizeof(value));
		if (value < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The bucket of an entry for a pair by its number; or US_NO_SYMBOL. */
uint32_t us_bucket_find(
    const struct us_index *index, uint32_t entry, uint32_t pair);

/* The number of a pair, or US_NO_SYMBOL. */
static inline uint32_t
us_pair_find(const struct us_index *index, struct us_pair pair)
{
	return us_symtab_find(&index->pairs,
	    (struct us_str){(const char *)&pair, sizeof(pair)},
	    (struct us_str){NULL, 0});
}

/* The pair that us_index.wide has the number of at i; US_NO_SYMBOL + 1 is 0. */
static inline struct us_pair
us_wide_pair(uint32_t i)
{
	return (struct us_pair){i - 1, US_NO_SYMBOL};
}

struct us_words us_words_of(struct us_str value);

/* May a value pass a gate that asks for one under its slot? */
static inline bool
us_gate_admits(const struct us_posting *gate, const struct us_words *value)
{
	static const uint64_t masks[] = {0, 0xff, 0xffff, 0xffffff,
	    0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff,
	    UINT64_MAX};

	return !((value->v[gate->word] ^ gate->text) & masks[gate->bytes]);
}

/* How many symbols a kind of entry has. */
uint32_t us_entry_symbols(
    const struct us_prog *prog, enum us_entry_kind kind);

#endif
