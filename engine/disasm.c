/* SPDX-License-Identifier: Apache-2.0 */
/* The disassembler, and parts of programs in the words of the language. */
#include "engine/disasm.h"
#include "engine/when.h"

static void
put_set(const struct us_prog *prog, uint32_t number, struct us_buf *out)
{
	const struct us_set *set = &prog->sets.v[number];
	uint32_t group;

	for (uint32_t i = 0; i < set->n; i++) {
		group = prog->set_groups.v[set->first + i];
		us_buf_puts(out, i ? ", " : "");
		us_buf_word(out, prog->group_names.v[group], false);
	}
}

static void
put_window(const struct us_prog_preapproval *pre, struct us_buf *out)
{
	if (pre->from != INT64_MIN) {
		us_buf_puts(out, "from \"");
		us_when_print(pre->from, out);
		us_buf_puts(out, "\" ");
	}
	us_buf_puts(out, "until \"");
	us_when_print(pre->until, out);
	us_buf_putc(out, '"');
}

/* The name of a filter, or of a slot: filter and key. */
static void
put_attribute(const struct us_symbol *s, struct us_buf *out)
{
	us_buf_word(out, s->a, false);
	if (s->b.n) {
		us_buf_putc(out, ' ');
		us_buf_word(out, s->b, false);
	}
}

static void
put_operand(const struct us_prog *prog, enum us_operand kind, uint32_t n,
    struct us_buf *out)
{
	switch (kind) {
	case US_OPERAND_NONE:
		break;
	case US_OPERAND_RULE:
		us_buf_word(out, prog->rules.v[n].name, false);
		break;
	case US_OPERAND_PREAPPROVAL:
		us_buf_word(out, prog->preapprovals.v[n].name, false);
		break;
	case US_OPERAND_NEXT:
		us_buf_printf(out, "@%u", n);
		break;
	case US_OPERAND_NAME:
		us_buf_word(out, prog->names.symbols.v[n].a, false);
		break;
	case US_OPERAND_EMAIL:
		us_buf_quote(out, prog->emails.symbols.v[n].a);
		break;
	case US_OPERAND_SET:
		put_set(prog, n, out);
		break;
	case US_OPERAND_FILTER:
		put_attribute(&prog->filters.symbols.v[n], out);
		break;
	case US_OPERAND_SLOT:
		put_attribute(&prog->slots.symbols.v[n], out);
		break;
	case US_OPERAND_PATTERN:
		us_buf_quote(out, us_pattern_text(prog, n));
		break;
	case US_OPERAND_BOOL:
		us_buf_puts(out, n ? "true" : "false");
		break;
	}
}

/* The source line that an instruction came from, when it is a new one. */
static void
put_line(const struct us_ruleset *rs, struct us_origin here,
    struct us_origin *last, struct us_buf *out)
{
	uint32_t line, column, before;
	struct us_src *src;

	if (!rs || here.source >= rs->sources.n)
		return;
	src = rs->sources.v[here.source];
	us_src_place(src, here.off, &line, &column);
	if (last->source == here.source) {
		us_src_place(src, last->off, &before, &column);
		if (before == line)
			return;
	}
	*last = here;
	us_buf_printf(out, "; %s:%u: ", src->name, line);
	us_buf_str_add(out, us_src_line(src, line));
	us_buf_putc(out, '\n');
}

void
us_disasm(const struct us_prog *prog, const struct us_ruleset *rs,
    struct us_buf *out)
{
	struct us_origin last = {UINT32_MAX, 0};
	const struct us_insn *insn;

	for (uint32_t i = 0; i < prog->code.n; i++) {
		insn = &prog->code.v[i];
		if (insn->op != US_OP_END)
			put_line(rs, prog->lines.v[i], &last, out);
		us_buf_printf(out, "%7u  %s", i, us_ops[insn->op].name);
		if (us_ops[insn->op].a != US_OPERAND_NONE)
			us_buf_putc(out, ' ');
		put_operand(prog, us_ops[insn->op].a, insn->a, out);
		if (us_ops[insn->op].b != US_OPERAND_NONE)
			us_buf_putc(out, ' ');
		put_operand(prog, us_ops[insn->op].b, insn->b, out);
		us_buf_putc(out, '\n');
	}
}

/* What stands before, between and behind the operands of a test. */
static const struct {
	const char *before, *between;
} words[US_OP_COUNT] = {
    [US_OP_SERVICE] = {"to ", ""},
    [US_OP_ACCESS] = {"access ", ""},
    [US_OP_USER] = {"from user ", ""},
    [US_OP_GROUP] = {"from group ", ""},
    [US_OP_OUTSIDE] = {"from outside ", ""},
    [US_OP_AGENT] = {"from agent", ""},
    [US_OP_AGENT_CLIENT] = {"from agent client ", ""},
    [US_OP_AGENT_OWNER] = {"from agent owner ", ""},
    [US_OP_AGENT_OWNER_GROUP] = {"from agent owner group ", ""},
    [US_OP_AGENT_OWNER_OUTSIDE] = {"from agent owner outside ", ""},
    [US_OP_AGENT_PROVIDER] = {"from agent provider ", ""},
    [US_OP_AGENT_SUBJECT] = {"from agent subject ~ ", ""},
    [US_OP_HEADLESS] = {"from agent user none", ""},
    [US_OP_IS] = {"keep ", " is "},
    [US_OP_ABSENT] = {"remove-all ", ""},
    [US_OP_ABSENT_KEY] = {"remove-all ", ""},
    [US_OP_KEEP] = {"keep ", " ~ "},
    [US_OP_REMOVE] = {"remove ", " ~ "},
};

void
us_insn_text(const struct us_prog *prog, const struct us_insn *insn,
    struct us_buf *out)
{
	const struct us_op_row *row = &us_ops[insn->op];
	const struct us_symbol *slot;

	if (insn->op == US_OP_VALID) {
		us_buf_puts(out, "valid ");
		put_window(&prog->preapprovals.v[insn->a], out);
		return;
	}
	if (!words[insn->op].before)
		return;
	us_buf_puts(out, words[insn->op].before);
	if (insn->op == US_OP_ABSENT_KEY) {
		slot = &prog->slots.symbols.v[insn->a];
		us_buf_word(out, slot->a, false);
		us_buf_puts(out, " key ");
		us_buf_word(out, slot->b, true);
		return;
	}
	put_operand(prog, row->a, insn->a, out);
	us_buf_puts(out, words[insn->op].between);
	put_operand(prog, row->b, insn->b, out);
}

void
us_prog_alt_text(const struct us_prog *prog, const struct us_prog_alt *alt,
    struct us_buf *out)
{
	switch ((enum us_alt_type)alt->type) {
	case US_ALT_AUTO:
		us_buf_puts(out, "oncall ");
		us_buf_word(out, alt->named->integration, false);
		break;
	case US_ALT_ESCALATION:
		us_buf_puts(out, "escalation ");
		us_buf_word(out, alt->named->integration, false);
		for (uint32_t i = 0; i < alt->named->service_count; i++) {
			us_buf_puts(out, i ? ", " : " ");
			us_buf_quote(out, alt->named->services[i]);
		}
		break;
	case US_ALT_GROUP:
		us_buf_puts(out, prog->sets.v[alt->set].outside ? "outside "
								: "group ");
		put_set(prog, alt->set, out);
		break;
	case US_ALT_PROFILE:
		us_buf_puts(out, "manager ");
		us_buf_word(out, alt->named->directory, false);
		us_buf_putc(out, ' ');
		us_buf_quote(out, alt->named->property);
		break;
	case US_ALT_P0:
		us_buf_puts(out, "reviewers");
		break;
	case US_ALT_PERSISTENT:
		us_buf_puts(out, "persistent");
		break;
	case US_ALT_DENY:
	case US_ALT_COUNT:
		break;
	}
}
