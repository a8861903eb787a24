/* SPDX-License-Identifier: Apache-2.0 */
/* Names used once: a list, and a hash table over it once it is long. */
#include <stdlib.h>
#include <sys/random.h>

#include "engine/err.h"
#include "engine/names.h"

#define FEW 16

/* --- A hash that nobody can aim at --------------------------------------- */

/* It shows in no answer. */
static void
make_key(struct us_names *names)
{
	/* So few bytes are always there, once the system is up. */
	if (getrandom(names->key, sizeof(names->key), 0) < 0)
		names->key[0] = (uintptr_t)names;
}

static uint64_t
rotate(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void
sip_block(uint64_t v[4], uint64_t block)
{
	v[3] ^= block;
	sip_round(v);
	v[0] ^= block;
}

/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012): with a hash that is known, a
 * hostile object could have all of its names in one slot.
 */
static uint64_t
hash_of(const uint64_t key[2], struct us_str name)
{
	uint64_t v[4], block;
	size_t i = 0;

	v[0] = key[0] ^ UINT64_C(0x736f6d6570736575);
	v[1] = key[1] ^ UINT64_C(0x646f72616e646f6d);
	v[2] = key[0] ^ UINT64_C(0x6c7967656e657261);
	v[3] = key[1] ^ UINT64_C(0x7465646279746573);
	for (; i + 8 <= name.n; i += 8) {
		memcpy(&block, name.p + i, 8);
		sip_block(v, block);
	}
	block = (uint64_t)name.n << 56;
	memcpy(&block, name.p + i, name.n - i);
	sip_block(v, block);
	v[2] ^= 0xff;
	for (i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* --- The table ------------------------------------------------------------ */

/* The slot of name: its own, or the empty one where it belongs. */
static uint32_t *
find_slot(const struct us_names *names, struct us_str name)
{
	uint32_t i = (uint32_t)hash_of(names->key, name) & names->mask;

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

	if (!names->slots)
		make_key(names);
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
