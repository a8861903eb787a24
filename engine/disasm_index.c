/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index in words: each entry, in it each service and access type, in that
 * the lines, and the texts under which some of them are kept on a shelf.
 */
#include "engine/disasm.h"

/* Which words an entry begins with, and what names its symbol. */
static const struct {
	const char *words;
	enum us_operand operand; /* GROUP below is a set of one */
} kinds[US_ENTRY_COUNT] = {
    [US_ENTRY_EVERYONE] = {"everyone", US_OPERAND_NONE},
    [US_ENTRY_HUMANS] = {"people", US_OPERAND_NONE},
    [US_ENTRY_USER] = {"user ", US_OPERAND_EMAIL},
    [US_ENTRY_GROUP] = {"group ", US_OPERAND_SET},
    [US_ENTRY_AGENTS] = {"agents", US_OPERAND_NONE},
    [US_ENTRY_CLIENT] = {"agent client ", US_OPERAND_NAME},
    [US_ENTRY_OWNER] = {"agent owner ", US_OPERAND_EMAIL},
    [US_ENTRY_OWNER_GROUP] = {"agent owner group ", US_OPERAND_SET},
    [US_ENTRY_PROVIDER] = {"agent provider ", US_OPERAND_NAME},
    [US_ENTRY_BEHALF] = {"agent user ", US_OPERAND_EMAIL},
    [US_ENTRY_BEHALF_GROUP] = {"agent user group ", US_OPERAND_SET},
};

static void
put_entry(const struct us_prog *prog, enum us_entry_kind kind, uint32_t symbol,
    struct us_buf *out)
{
	us_buf_printf(out, "  %s", kinds[kind].words);
	switch (kinds[kind].operand) {
	case US_OPERAND_EMAIL:
		us_buf_quote(out, prog->emails.symbols.v[symbol].a);
		break;
	case US_OPERAND_NAME:
		us_buf_word(out, prog->names.symbols.v[symbol].a, false);
		break;
	case US_OPERAND_SET:
		us_buf_word(out, prog->group_names.v[symbol], false);
		break;
	default:
		break;
	}
	us_buf_putc(out, '\n');
}

static void
put_lines(const struct us_prog *prog, const struct us_posting *v, uint32_t n,
    const char *indent, struct us_buf *out)
{
	const struct us_insn *insn;
	bool rule;

	for (uint32_t i = 0; i < n; i++) {
		insn = &prog->code.v[prog->index->lines.v[v[i].line].at];
		rule = insn->op == US_OP_RULE;
		us_buf_printf(out, "%s%s ", indent, us_ops[insn->op].name);
		us_buf_word(out,
		    rule ? prog->rules.v[insn->a].name
			 : prog->preapprovals.v[insn->a].name,
		    false);
		us_buf_putc(out, '\n');
	}
}

/* The first text of a shelf: they stand in the order of the shelves. */
static const struct us_index_text *
first_text(const struct us_index *index, uint32_t shelf)
{
	const struct us_index_text *v = index->texts.v;

	return v + us_first_row(v, shelf, index->texts.n, shelf);
}

/* The whole texts, then the prefixes. */
static void
put_shelf(const struct us_prog *prog, uint32_t number, struct us_buf *out)
{
	const struct us_index *index = prog->index;
	const struct us_symbol *slot =
	    &prog->slots.symbols.v[index->shelves.v[number].slot];
	const struct us_index_text *text = first_text(index, number);
	const struct us_index_text *end = index->texts.v + index->texts.n;

	for (; text < end && text->shelf == number; text++) {
		us_buf_puts(out, "      ");
		us_buf_word(out, slot->a, false);
		us_buf_putc(out, ' ');
		us_buf_word(out, slot->b, false);
		us_buf_puts(out, text->prefix ? " begins " : " is ");
		us_buf_quote(out, text->text);
		us_buf_putc(out, '\n');
		put_lines(prog, index->postings.v + text->lines.first,
		    text->lines.n, "        ", out);
	}
}

static void
put_bucket(const struct us_prog *prog, uint32_t number, struct us_buf *out)
{
	const struct us_index *index = prog->index;
	const struct us_bucket *bucket = &index->buckets.v[number];
	struct us_pair pair;

	memcpy(&pair, index->pairs.symbols.v[bucket->pair].a.p, sizeof(pair));
	us_buf_puts(out, "    ");
	if (pair.service == US_NO_SYMBOL)
		us_buf_puts(out, "every service");
	else
		us_buf_word(out, prog->names.symbols.v[pair.service].a, false);
	if (pair.access != US_NO_SYMBOL) {
		us_buf_puts(out, " access ");
		us_buf_word(out, prog->names.symbols.v[pair.access].a, false);
	}
	us_buf_putc(out, '\n');
	put_lines(prog, index->plain.v + bucket->first,
	    bucket[1].first - bucket->first, "      ", out);
	for (uint32_t i = index->shelved.v[number];
	    i < index->shelved.v[number + 1]; i++)
		put_shelf(prog, i, out);
}

void
us_disasm_index(const struct us_prog *prog, struct us_buf *out)
{
	const struct us_index *index = prog->index;
	uint32_t entry = 0, bucket;

	us_buf_puts(out, "index\n");
	for (enum us_entry_kind kind = 0; kind < US_ENTRY_COUNT; kind++) {
		for (uint32_t symbol = 0; symbol < us_entry_symbols(prog, kind);
		    symbol++, entry++) {
			bucket = index->entries[entry];
			if (bucket == index->entries[entry + 1])
				continue;
			put_entry(prog, kind, symbol, out);
			for (; bucket < index->entries[entry + 1]; bucket++)
				put_bucket(prog, bucket, out);
		}
	}
}
