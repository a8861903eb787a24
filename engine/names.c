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
static uint32_t
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
	return (uint32_t)(v[0] ^ v[1] ^ v[2] ^ v[3]);
}

/* --- The table ------------------------------------------------------------ */

/* The slot of name: its own, or the empty one where it belongs. */
static struct us_name_slot *
find_slot(const struct us_names *names, struct us_str name, uint32_t hash)
{
	struct us_name_slot *slots = names->slots;
	uint32_t i = hash & names->mask;

	while (slots[i].entry &&
	       (slots[i].hash != hash ||
		   !us_str_eq(names->v[slots[i].entry - 1].name, name)))
		i = (i + 1) & names->mask;
	return &slots[i];
}

/* All names differ, so that no look at one is needed. */
static void
place(struct us_names *names, struct us_name_slot slot)
{
	uint32_t i = slot.hash & names->mask;

	while (names->slots[i].entry)
		i = (i + 1) & names->mask;
	names->slots[i] = slot;
}

/* The first table, once there are more than a few names. */
static void
begin(struct us_names *names)
{
	uint32_t hash;

	make_key(names);
	names->mask = FEW * 4 - 1;
	names->slots = us_calloc(FEW * 4, sizeof(*names->slots));
	for (uint32_t i = 0; i < names->n; i++) {
		hash = hash_of(names->key, names->v[i].name);
		place(names, (struct us_name_slot){i + 1, hash});
	}
}

/* A table twice as large, so that it is at most half full. */
static void
grow(struct us_names *names)
{
	struct us_name_slot *old = names->slots;
	uint32_t size = names->mask + 1;

	names->mask = size * 2 - 1;
	names->slots = us_calloc((size_t)size * 2, sizeof(*names->slots));
	for (uint32_t i = 0; i < size; i++) {
		if (old[i].entry)
			place(names, old[i]);
	}
	free(old);
}

static void
append(struct us_names *names, struct us_str name, uint32_t id)
{
	if (names->n == names->cap) {
		names->cap = names->cap ? names->cap * 2 : FEW;
		names->v = us_realloc(names->v, names->cap * sizeof(*names->v));
	}
	names->v[names->n++] = (struct us_name_entry){name, id};
}

/* To few names. */
static uint32_t
add_few(struct us_names *names, struct us_str name, uint32_t id)
{
	for (uint32_t i = 0; i < names->n; i++) {
		if (us_str_eq(names->v[i].name, name))
			return names->v[i].id;
	}
	append(names, name, id);
	if (names->n > FEW)
		begin(names);
	return US_NAMES_NEW;
}

uint32_t
us_names_add(struct us_names *names, struct us_str name, uint32_t id)
{
	struct us_name_slot *slot;
	uint32_t hash;

	if (!names->slots)
		return add_few(names, name, id);
	hash = hash_of(names->key, name);
	slot = find_slot(names, name, hash);
	if (slot->entry)
		return names->v[slot->entry - 1].id;
	append(names, name, id);
	*slot = (struct us_name_slot){names->n, hash};
	if (names->n * 2 > names->mask)
		grow(names);
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
