/* SPDX-License-Identifier: Apache-2.0 */
/* Interning: an open-addressing hash table over a list of symbols. */
#include "engine/symtab.h"

static uint32_t
symbol_hash(const struct us_symtab *t, struct us_str a, struct us_str b)
{
	uint32_t last;

	if (!b.n)
		return us_str_hash(a, t->fold);
	/* The first part, a directory or a filter, is one of few: its length
	 * and last letter (in any case) tell it apart well enough. */
	last = a.n ? (unsigned char)a.p[a.n - 1] | 0x20 : 0;
	return us_str_hash(b, t->fold) + (uint32_t)a.n * 31 + last * 1021;
}

static bool
same(const struct us_symtab *t, const struct us_symbol *s, struct us_str a,
    struct us_str b)
{
	if (t->fold)
		return us_str_eq_nocase(s->a, a) && us_str_eq_nocase(s->b, b);
	return us_str_eq(s->a, a) && us_str_eq(s->b, b);
}

/* The slot of a symbol, or the empty one where it would go. */
static struct us_symtab_slot *
find_slot(const struct us_symtab *t, struct us_str a, struct us_str b,
    uint32_t hash)
{
	struct us_symtab_slot *slot;

	for (uint32_t i = hash & t->mask;; i = (i + 1) & t->mask) {
		slot = &t->slots[i];
		if (!slot->number ||
		    (slot->hash == hash &&
			same(t, &t->symbols.v[slot->number - 1], a, b)))
			return slot;
	}
}

/* Keeps the table at most half full. */
static void
grow(struct us_arena *arena, struct us_symtab *t)
{
	uint32_t size = t->slots ? (t->mask + 1) * 2 : 16, at;
	struct us_symtab_slot *old = t->slots;

	t->slots = us_arena_alloc(arena, size * sizeof(*t->slots));
	for (uint32_t i = 0; old && i <= t->mask; i++) {
		if (!old[i].number)
			continue;
		for (at = old[i].hash; t->slots[at & (size - 1)].number; at++)
			;
		t->slots[at & (size - 1)] = old[i];
	}
	t->mask = size - 1;
}

uint32_t
us_symtab_add(struct us_arena *arena, struct us_symtab *t, struct us_str a,
    struct us_str b)
{
	uint32_t hash = symbol_hash(t, a, b);
	struct us_symtab_slot *slot;

	if (!t->slots || t->symbols.n * 2 > t->mask)
		grow(arena, t);
	slot = find_slot(t, a, b, hash);
	if (!slot->number) {
		*us_list_add(arena, &t->symbols) = (struct us_symbol){a, b};
		*slot = (struct us_symtab_slot){hash, t->symbols.n};
	}
	return slot->number - 1;
}

uint32_t
us_symtab_find(const struct us_symtab *t, struct us_str a, struct us_str b)
{
	if (!t->slots)
		return US_NO_SYMBOL;
	/* An empty slot holds 0, and 0 - 1 is US_NO_SYMBOL. */
	return find_slot(t, a, b, symbol_hash(t, a, b))->number - 1;
}
