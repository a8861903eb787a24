/* SPDX-License-Identifier: Apache-2.0 */
/* Names used once: a list, and a hash table over it once it is long. */
#include <stdlib.h>

#include "engine/err.h"
#include "engine/names.h"

#define FEW 16

/* The slot of name: its own, or the empty one where it belongs. */
static uint32_t *
find_slot(const struct us_names *names, struct us_str name)
{
	uint32_t i = us_str_hash(name, false) & names->mask;

	while (names->slots[i] &&
	       !us_str_eq(names->v[names->slots[i] - 1].name, name))
		i = (i + 1) & names->mask;
	return &names->slots[i];
}

/* A table at most half full, with all names that are there. */
static void
rehash(struct us_names *names)
{
	uint32_t size = names->slots ? (names->mask + 1) * 2 : FEW * 4;

	free(names->slots);
	names->slots = us_calloc(size, sizeof(*names->slots));
	names->mask = size - 1;
	for (uint32_t i = 0; i < names->n; i++)
		*find_slot(names, names->v[i].name) = i + 1;
}

static const struct us_name_entry *
find(const struct us_names *names, struct us_str name)
{
	uint32_t *slot;

	if (names->slots) {
		slot = find_slot(names, name);
		return *slot ? &names->v[*slot - 1] : NULL;
	}
	for (uint32_t i = 0; i < names->n; i++) {
		if (us_str_eq(names->v[i].name, name))
			return &names->v[i];
	}
	return NULL;
}

uint32_t
us_names_add(struct us_names *names, struct us_str name, uint32_t id)
{
	const struct us_name_entry *first = find(names, name);

	if (first)
		return first->id;
	if (names->n == names->cap) {
		names->cap = names->cap ? names->cap * 2 : FEW;
		names->v = us_realloc(names->v, names->cap * sizeof(*names->v));
	}
	names->v[names->n++] = (struct us_name_entry){name, id};
	if (names->slots ? names->n * 2 > names->mask : names->n > FEW)
		rehash(names);
	else if (names->slots)
		*find_slot(names, name) = names->n;
	return US_NAMES_NEW;
}

void
us_names_reset(struct us_names *names)
{
	names->n = 0;
	free(names->slots);
	names->slots = NULL;
	names->mask = 0;
}

void
us_names_free(struct us_names *names)
{
	free(names->v);
	free(names->slots);
	*names = (struct us_names){0};
}
