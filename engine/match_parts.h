/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher inside: what preparing, trying and the index share. */
#ifndef US_MATCH_PARTS_H
#define US_MATCH_PARTS_H

#include "engine/match.h"

/* What is known about the attributes under a filter name. */
enum filter_state { NOTHING, FALSE_, TRUE_, KEYED, UNKNOWN };

/* Whose groups. */
enum side { OF_PRINCIPAL, OF_OWNER, OF_APPROVER, SIDES };

static inline uint8_t
side_bit(enum side side)
{
	return (uint8_t)(1u << side);
}

/* Those that the program names. */
struct us_memberships {
	uint32_t *v;
	uint32_t n;
};

/* The strings of a request as numbers of the program. */
struct prepared {
	const struct us_request *req;
	uint32_t service, access, uid, client, owner, provider;
};

/* What a request shows under a slot. */
struct us_face {
	const struct us_attr_key *key; /* NULL: nothing there */
	bool open;             /* lets every line pass: it cannot be told */
	bool one;              /* or there is one value, in words */
	struct us_words words;
};

struct us_matcher {
	struct us_prog *prog;
	struct us_re_scratch *re;
	struct us_arena arena;
	struct prepared now;

	/* Of the people of the request. */
	uint8_t *member;        /* by group; a bit for each side */
	struct us_memberships groups[SIDES]; /* those with its bit set */
	uint32_t *entries;      /* of the index, that have rules for them */
	uint32_t entry_count;
	uint32_t *buckets;      /* of those, that may fit what is asked for */

	/* Of what is asked for. */
	uint8_t *filters;       /* enum filter_state by filter */
	const struct us_attr **attrs; /* by filter, where KEYED */
	struct us_face *faces;  /* by slot, + 1; the first lets all pass */
	uint32_t *filled;       /* those that show something */
	uint32_t filled_count;

	unsigned undecidable;   /* patterns so far */
	bool exhausted;         /* too many of them */
	struct us_hit *hits;
	struct us_matches tried;   /* by the rules */
	struct us_matches matches; /* and what the request says beside them */
	bool loops;             /* tries every line, the index or not */
	/* Lines that could match: a bit for each, a bit for each word. */
	uint64_t *lines, *words;
	uint32_t word_count;    /* of words */
	uint32_t *offered;      /* those lines, in order */
};

static inline const struct us_attr_key *
us_slot_key(const struct us_matcher *m, uint32_t slot)
{
	return m->faces[slot + 1].key;
}

/*
 * Takes in all of a request; or, principal and agent as before, the approver
 * and what is asked for; or that as before too, the approver.
 */
void us_match_prepare(struct us_matcher *m, const struct us_request *req);
void us_match_prepare_item(struct us_matcher *m, const struct us_request *req);
void us_match_prepare_approver(
    struct us_matcher *m, const struct us_request *req);

/* What one instruction says; US_YES when it is no test. */
enum us_tri us_match_test(struct us_matcher *m, const struct us_insn *insn);
/*
 * Runs the tests from insn on to the end of their line. US_CANNOT_TELL sticks,
 * but a later test may still fail the line.
 */
enum us_tri us_match_line(struct us_matcher *m, const struct us_insn *insn);

/* Finds the entries that have rules for the people of the request. */
void us_match_enter(struct us_matcher *m);
/* Puts all lines that could match into m->offered, in order; how many. */
uint32_t us_match_offer(struct us_matcher *m);

#endif
