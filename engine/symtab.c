/* SPDX-License-Identifier: Apache-2.0 */
/* Interning: an open-addressing hash table over a list of symbols. */
#include "engine/symtab.h"

static uint32_t
symbol_hash(const struct us_symtab *t, struct us_str a, struct us_str b)
{
	uint32_t h = us_str_hash(a, t->fold);

	return b.n ? h * 31 + us_str_hash(b, t->fold) : h;
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
static uint32_t *
find_slot(const struct us_symtab *t, struct us_str a, struct us_str b,
    uint32_t hash)
{
	const struct us_symbol *s;

	for (uint32_t i = hash & t->mask;; i = (i + 1) & t->mask) {
		if (!t->slots[i])
			return &t->slots[i];
		s = &t->symbols.v[t->slots[i] - 1];
		if (s->hash == hash && same(t, s, a, b))
			return &t->slots[i];
	}
}

/* Keeps the table at most half full. */
static void
grow(struct us_arena *arena, struct us_symtab *t)
{
	uint32_t size = t->slots ? (t->mask + 1) * 2 : 16;
	const struct us_symbol *s;

	t->slots = us_arena_alloc(arena, size * sizeof(*t->slots));
	t->mask = size - 1;
	for (uint32_t i = 0; i < t->symbols.n; i++) {
		s = &t->symbols.v[i];
		*find_slot(t, s->a, s->b, s->hash) = i + 1;
	}
}

uint32_t
us_symtab_add(struct us_arena *arena, struct us_symtab *t, struct us_str a,
    struct us_str b)
{
	uint32_t hash = symbol_hash(t, a, b), *slot;

	if (!t->slots || t->symbols.n * 2 > t->mask)
		grow(arena, t);
	slot = find_slot(t, a, b, hash);
	if (!*slot) {
		*us_list_add(arena, &t->symbols) =
		    (struct us_symbol){a, b, hash};
		*slot = t->symbols.n;
	}
	return *slot - 1;
}

uint32_t
us_symtab_find(const struct us_symtab *t, struct us_str a, struct us_str b)
{
	if (!t->slots)
		return US_NO_SYMBOL;
	/* An empty slot holds 0, and 0 - 1 is US_NO_SYMBOL. */
	return *find_slot(t, a, b, symbol_hash(t, a, b)) - 1;
}
