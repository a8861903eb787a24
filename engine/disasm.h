/* SPDX-License-Identifier: Apache-2.0 */
/* The disassembler: a program as text, with the lines that it came from. */
#ifndef US_DISASM_H
#define US_DISASM_H

#include "engine/buf.h"
#include "engine/code.h"
#include "engine/rule.h"

/* rs, which the program was compiled from, gives the source lines; or NULL. */
void us_disasm(const struct us_prog *prog, const struct us_ruleset *rs,
    struct us_buf *out);

/*
 * The index: under each entry its services and access types, under these the
 * lines, those of a shelf below the text that they are found by.
 */
void us_disasm_index(const struct us_prog *prog, struct us_buf *out);

/*
 * A test as people would say it: `from group sre`, `keep tag env ~ "^dev$"`.
 * Nothing for instructions that test nothing, and for HUMAN, which goes
 * without saying: `from user` and `from group` mean a person's own session.
 * What has no text is no condition of its own to explain or to cover.
 */
void us_insn_text(const struct us_prog *prog, const struct us_insn *insn,
    struct us_buf *out);

/* An alternative without its options: `group sre-leads`, `reviewers`. */
void us_prog_alt_text(const struct us_prog *prog,
    const struct us_prog_alt *alt, struct us_buf *out);

#endif
