/* SPDX-License-Identifier: Apache-2.0 */
/* Where a line of the program is filed, and what is found there. */
#include <endian.h>

#include "engine/index_parts.h"

static const uint32_t zero = 0;

uint32_t
us_entry_symbols(const struct us_prog *prog, enum us_entry_kind kind)
{
	switch (kind) {
	case US_ENTRY_EVERYONE:
	case US_ENTRY_HUMANS:
	case US_ENTRY_AGENTS:
		return 1;
	case US_ENTRY_USER:
	case US_ENTRY_OWNER:
	case US_ENTRY_BEHALF:
		return prog->emails.symbols.n;
	case US_ENTRY_CLIENT:
	case US_ENTRY_PROVIDER:
		return prog->names.symbols.n;
	case US_ENTRY_GROUP:
	case US_ENTRY_OWNER_GROUP:
	case US_ENTRY_BEHALF_GROUP:
		return prog->groups.symbols.n;
	case US_ENTRY_COUNT:
		break;
	}
	return 0;
}

/* The test of an agent's session as an entry. */
static enum us_entry_kind
agent_entry_of(const struct us_insn *insn)
{
	switch ((enum us_op)insn->op) {
	case US_OP_USER:
		return US_ENTRY_BEHALF;
	case US_OP_GROUP:
		return US_ENTRY_BEHALF_GROUP;
	case US_OP_AGENT_CLIENT:
		return US_ENTRY_CLIENT;
	case US_OP_AGENT_OWNER:
		return US_ENTRY_OWNER;
	case US_OP_AGENT_OWNER_GROUP:
		return US_ENTRY_OWNER_GROUP;
	case US_OP_AGENT_PROVIDER:
		return US_ENTRY_PROVIDER;
	default:
		return US_ENTRY_COUNT;
	}
}

/* A test of people as an entry; COUNT when lines are not filed by it. */
static enum us_entry_kind
entry_of(const struct us_insn *insn, bool agent)
{
	if (agent)
		return agent_entry_of(insn);
	if (insn->op == US_OP_USER)
		return US_ENTRY_USER;
	return insn->op == US_OP_GROUP ? US_ENTRY_GROUP : US_ENTRY_COUNT;
}

static void
file_under(const struct us_prog *prog, const struct us_insn *insn,
    enum us_entry_kind kind, struct us_filing *f)
{
	f->kind = kind;
	if (us_ops[insn->op].a == US_OPERAND_SET) {
		f->symbols = prog->set_groups.v + prog->sets.v[insn->a].first;
		f->symbol_count = prog->sets.v[insn->a].n;
	} else {
		f->symbols = &insn->a;
		f->symbol_count = 1;
	}
}

/*
 * The tests stand in the order in which the compiler emits them: the window of
 * a pre-approval, service, access type, people. All up to the test that a
 * line is filed under are proven, when nothing else stands between.
 */
struct us_filing
us_filing_of(const struct us_prog *prog, uint32_t at)
{
	const struct us_insn *first = &prog->code.v[at];
	const struct us_insn *insn = first + 1;
	struct us_filing f = {
	    US_ENTRY_EVERYONE, &zero, 1, US_NO_SYMBOL, US_NO_SYMBOL, 0};
	bool window = insn->op == US_OP_VALID, agent = false;
	enum us_entry_kind kind;

	insn += window;
	if (insn->op == US_OP_SERVICE) {
		f.service = insn++->a;
		/* Without its service nobody would look for it. */
		if (insn->op == US_OP_ACCESS)
			f.access = insn++->a;
	}
	if (insn->op == US_OP_HUMAN || insn->op == US_OP_AGENT) {
		agent = insn++->op == US_OP_AGENT;
		f.kind = agent ? US_ENTRY_AGENTS : US_ENTRY_HUMANS;
		kind = entry_of(insn, agent);
		if (kind != US_ENTRY_COUNT)
			file_under(prog, insn++, kind, &f);
	}
	f.start = window ? at + 1 : (uint32_t)(insn - prog->code.v);
	return f;
}

static bool
is_filed_text(const struct us_pattern_entry *p)
{
	for (uint32_t i = 0; i < p->literal_count; i++) {
		if (p->literals[i].kind != US_LITERAL_EXACT &&
		    (p->literals[i].kind != US_LITERAL_PREFIX ||
			!p->literals[i].text.n))
			return false;
	}
	return p->literal_count > 0;
}

/* A pattern that may be undecidable ends the search: see index.h. */
static bool
may_be_undecidable(const struct us_prog *prog, const struct us_insn *insn)
{
	if (insn->op == US_OP_KEEP || insn->op == US_OP_REMOVE)
		return !prog->patterns.v[insn->b].sure;
	return insn->op == US_OP_AGENT_SUBJECT &&
	       !prog->patterns.v[insn->a].sure;
}

bool
us_is_shelvable(const struct us_prog *prog, const struct us_insn **insn)
{
	for (;; ++*insn) {
		if (us_op_ends_line((*insn)->op) ||
		    may_be_undecidable(prog, *insn))
			return false;
		if ((*insn)->op == US_OP_KEEP &&
		    is_filed_text(&prog->patterns.v[(*insn)->b]))
			return true;
	}
}

/* --- Gates -------------------------------------------------------------- */

struct us_words
us_words_of(struct us_str value)
{
	struct us_words words = {{0, 0, us_str_hash(value, false)}};
	uint64_t head = 0, tail = 0;

	if (value.n >= 8) {
		memcpy(&head, value.p, 8);
		memcpy(&tail, value.p + value.n - 8, 8);
		words.v[US_WORD_HEAD] = le64toh(head);
		words.v[US_WORD_TAIL] = be64toh(tail);
		return words;
	}
	for (size_t i = 0; i < value.n; i++) {
		head |= (uint64_t)(unsigned char)value.p[i] << 8 * i;
		tail = tail << 8 | (unsigned char)value.p[i];
	}
	words.v[US_WORD_HEAD] = head;
	words.v[US_WORD_TAIL] = tail;
	return words;
}

/* What a keep asks for. */
static struct us_posting
gate_of(const struct us_prog *prog, const struct us_insn *keep)
{
	const struct us_pattern_entry *p = &prog->patterns.v[keep->b];
	struct us_posting gate = {.face = (uint16_t)(keep->a + 1)};
	struct us_str text;

	if (!p->literals || p->literal_count > 1 ||
	    p->literals[0].kind == US_LITERAL_CONTAINS)
		return gate;
	text = p->literals[0].text;
	gate.bytes = (uint8_t)(text.n < 8 ? text.n : 8);
	gate.word = US_WORD_HEAD;
	if (p->literals[0].kind == US_LITERAL_SUFFIX)
		gate.word = US_WORD_TAIL;
	if (p->literals[0].kind == US_LITERAL_EXACT) {
		gate.word = US_WORD_HASH;
		gate.bytes = 8;
	}
	gate.text = us_words_of(text).v[gate.word];
	return gate;
}

/* Does a gate tell more apart than another? */
static bool
is_narrower(const struct us_posting *a, const struct us_posting *b)
{
	if (!a->face || !b->face)
		return a->face;
	return a->bytes > b->bytes ||
	       (a->bytes == b->bytes && a->word > b->word);
}

/*
 * A keep that may be undecidable counts itself: without a value that begins as
 * it must, it fails before anything is searched.
 */
struct us_posting
us_posting_of(const struct us_prog *prog, uint32_t line)
{
	const struct us_insn *insn = us_line_tests(prog, line);
	struct us_posting best = {0}, one;

	for (; !us_op_ends_line(insn->op); insn++) {
		if (insn->op == US_OP_KEEP && insn->a < UINT16_MAX) {
			one = gate_of(prog, insn);
			if (is_narrower(&one, &best))
				best = one;
		}
		if (may_be_undecidable(prog, insn))
			break;
	}
	best.line = line;
	return best;
}

/* --- Texts -------------------------------------------------------------- */

uint32_t
us_text_places(uint32_t texts)
{
	uint32_t places = 16;

	while (places < texts * 2)
		places *= 2;
	return places;
}

uint32_t
us_text_hash(uint32_t shelf, bool prefix, struct us_str text)
{
	uint32_t h = us_str_hash(text, false) ^ shelf * 2654435769u;

	return prefix ? h * 31 + 1 : h;
}

struct us_postings
us_index_find(const struct us_index *index, uint32_t shelf, bool prefix,
    struct us_str text)
{
	uint32_t hash = us_text_hash(shelf, prefix, text);
	const struct us_index_text *t;

	for (uint32_t i = hash & index->mask; index->hash[i];
	    i = (i + 1) & index->mask) {
		t = &index->texts.v[index->hash[i] - 1];
		if (t->hash == hash && t->shelf == shelf &&
		    t->prefix == prefix && us_str_eq(t->text, text))
			return t->lines;
	}
	return (struct us_postings){0, 0};
}

uint32_t
us_bucket_find(const struct us_index *index, uint32_t entry, uint32_t pair)
{
	uint32_t first = index->entries[entry];
	uint32_t n = index->entries[entry + 1] - first;
	const struct us_bucket *v = index->buckets.v + first;
	uint32_t i = us_first_row(v, pair, n, pair);

	return i < n && v[i].pair == pair ? first + i : US_NO_SYMBOL;
}
