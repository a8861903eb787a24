/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program: what the rules compile to. It is immutable once verified, stands
 * alone (the tree it came from may be freed), and is counted, so that many
 * threads may decide with it.
 */
#ifndef US_CODE_H
#define US_CODE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/index.h"
#include "engine/pattern.h"
#include "engine/re.h"
#include "engine/rule.h"
#include "engine/symtab.h"

/* One row of opcodes.def each. */
enum us_op {
#define US_OP(id, name, a, b, help) US_OP_##id,
#include "engine/opcodes.def"
	US_OP_COUNT
};

/* What an operand is the number of. */
enum us_operand {
	US_OPERAND_NONE,
	US_OPERAND_RULE,
	US_OPERAND_PREAPPROVAL,
	US_OPERAND_NEXT,    /* an instruction further on */
	US_OPERAND_NAME,
	US_OPERAND_EMAIL,
	US_OPERAND_SET,
	US_OPERAND_FILTER,
	US_OPERAND_SLOT,
	US_OPERAND_PATTERN,
	US_OPERAND_BOOL,
};

struct us_op_row {
	const char *name, *help;
	enum us_operand a, b;
};
extern const struct us_op_row us_ops[US_OP_COUNT];

struct us_insn {
	uint32_t op, a, b;
};

static inline bool
us_op_ends_line(uint32_t op)
{
	return op == US_OP_ROUTE || op == US_OP_DENY || op == US_OP_COVER;
}

/* Groups, as a range of us_prog.set_groups. */
struct us_set {
	uint32_t first, n;
	bool outside;
};

/* The words of an alternative. */
struct us_prog_named {
	struct us_str integration;     /* AUTO, ESCALATION */
	const struct us_str *services; /* ESCALATION */
	uint32_t service_count;
	struct us_str directory, property; /* PROFILE; directory canonical */
};

/* Small, and all of a program stand side by side: every decision reads some. */
struct us_prog_alt {
	uint16_t type, options; /* enum us_alt_type; bits of enum us_option */
	uint32_t set;           /* GROUP */
	const struct us_prog_named *named; /* never NULL */
};

/* Where a rule was written: a source of its ruleset, an offset. */
struct us_origin {
	uint32_t source, off;
};

struct us_prog_rule {
	struct us_str name;
	struct us_origin origin;
	uint32_t code;       /* its RULE instruction; none when disabled */
	bool disabled;
};

/* What a decision reads of a rule that matches; small, as alternatives are. */
struct us_rule_route {
	uint32_t alt, alt_count; /* in us_prog.alts */
	bool some;           /* from some: matches beside others only */
	bool denies;         /* has a deny alternative */
	bool names_all;      /* says itself that it is for break-glass */
};

struct us_prog_preapproval {
	struct us_str name;
	struct us_origin origin;
	int64_t from, until; /* milliseconds since the epoch */
	int64_t duration;    /* seconds; 0: not bounded */
	uint32_t code;
	bool disabled;
};

/* A pattern that is only literal text needs no PCRE2. Its own text is the
 * symbol of its number in us_prog.texts. */
struct us_pattern_entry {
	struct us_re *re;              /* NULL: the literals say it all */
	/* Their texts stand behind them. Of a pattern that is searched, the one
	 * that every value begins with, which is not counted; or NULL. */
	const struct us_literal *literals;
	unsigned literal_count;
	bool sure;                     /* never undecided: text at an end */
};

struct us_prog {
	atomic_uint users;
	struct us_arena arena;
	US_LIST(struct us_insn) code;
	US_LIST(struct us_origin) lines; /* of each instruction */
	US_LIST(struct us_prog_rule) rules;
	US_LIST(struct us_rule_route) routes; /* by rule */
	US_LIST(struct us_prog_alt) alts;
	US_LIST(struct us_prog_preapproval) preapprovals;
	struct us_symtab names;    /* services, access types, clients, ... */
	struct us_symtab emails;
	struct us_symtab groups;   /* canonical directory, id */
	struct us_symtab filters;
	struct us_symtab slots;    /* filter, key */
	struct us_symtab texts;    /* patterns by text */
	US_LIST(uint32_t) slot_filters; /* the filter of each slot */
	US_LIST(struct us_str) group_names; /* of each, in the rules */
	US_LIST(struct us_str) group_labels; /* as people know it, or name */
	US_LIST(uint32_t) set_groups;
	US_LIST(struct us_set) sets;
	US_LIST(struct us_pattern_entry) patterns;
	struct us_index *index;
};

static inline const struct us_prog_alt *
us_prog_alt(const struct us_prog *prog, uint32_t rule, uint32_t index)
{
	return &prog->alts.v[prog->routes.v[rule].alt + index];
}

static inline struct us_str
us_pattern_text(const struct us_prog *prog, uint32_t pattern)
{
	return prog->texts.symbols.v[pattern].a;
}

/*
 * Does value contain a match? Where entry says so, always decided. scratch:
 * NULL when nothing may be searched any more.
 */
enum us_tri us_pattern_decide(const struct us_pattern_entry *p,
    struct us_str value, struct us_re_scratch *scratch);

struct us_prog *us_prog_ref(struct us_prog *prog);
/* Frees the program with its last user. */
void us_prog_unref(struct us_prog *prog);
/* Heap bytes of the program, compiled patterns included. */
size_t us_prog_size(const struct us_prog *prog);

#endif
