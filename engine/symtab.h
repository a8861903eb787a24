/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interning: each distinct constant of the rules gets a small number, and the
 * strings of a request are looked up once. A symbol has two parts, for what
 * is named by two strings (directory and id, filter and key); the second may
 * be empty.
 */
#ifndef US_SYMTAB_H
#define US_SYMTAB_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/str.h"

#define US_NO_SYMBOL UINT32_MAX

struct us_symbol {
	struct us_str a, b;
};

struct us_symtab_slot {
	uint32_t hash, number; /* of the symbol, + 1; 0: empty */
};

struct us_symtab {
	bool fold; /* ASCII case does not count */
	US_LIST(struct us_symbol) symbols; /* by number */
	struct us_symtab_slot *slots;      /* a hash table of them */
	uint32_t mask;
};

/* The number of a symbol, added when new. Borrows the strings. */
uint32_t us_symtab_add(struct us_arena *arena, struct us_symtab *t,
    struct us_str a, struct us_str b);

/* The number of a symbol, or US_NO_SYMBOL. Allocates nothing. */
uint32_t us_symtab_find(
    const struct us_symtab *t, struct us_str a, struct us_str b);

#endif
