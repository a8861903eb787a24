/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of the store, and the names of its errors. A text that is too long for
 * the room a key has stands there as a hash: 0xff, which no UTF-8 begins with,
 * and 32 digits.
 */
#include <assert.h>

#include "daemon/hash.h"
#include "daemon/store.h"

#define HASH_BYTES 16
#define HASHED (1 + 2 * HASH_BYTES) /* without the NUL */

/* What stays free behind a text: three more texts, hashed, and two numbers. */
#define ROOM_BEHIND (3 * (HASHED + 1) + 2 * 8)

static void
add(struct us_key *key, const void *bytes, size_t n)
{
	assert(n <= sizeof(key->bytes) - key->n);
	if (n)
		memcpy(key->bytes + key->n, bytes, n);
	key->n += n;
}

/* As it is: it fits, and cannot be taken for two parts, nor for a hash. */
static bool
stays(const struct us_key *key, struct us_str part)
{
	if (part.n == 0)
		return true;
	if (memchr(part.p, '\0', part.n) || (unsigned char)part.p[0] == 0xff)
		return false;
	return part.n <= HASHED ||
	       key->n + part.n + 1 + ROOM_BEHIND <= sizeof(key->bytes);
}

void
us_key_text(struct us_key *key, struct us_str part)
{
	char text[HASHED] = {(char)0xff};
	uint8_t hash[32];

	if (stays(key, part)) {
		add(key, part.p, part.n);
	} else {
		us_sha256(part, hash);
		us_hex(hash, HASH_BYTES, text + 1);
		add(key, text, sizeof(text));
	}
	add(key, "", 1);
}

void
us_key_number(struct us_key *key, uint64_t part)
{
	unsigned char bytes[8];

	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(part >> (56 - 8 * i));
	add(key, bytes, sizeof(bytes));
}

uint64_t
us_key_last_number(struct us_str key)
{
	uint64_t n = 0;

	if (key.n < 8)
		return 0;
	for (size_t i = key.n - 8; i < key.n; i++)
		n = n << 8 | (unsigned char)key.p[i];
	return n;
}

const char *
us_store_error_text(enum us_store_error e)
{
	switch (e) {
	case US_STORE_OK:
		return "no error";
	case US_STORE_FULL:
		return "the store is full";
	case US_STORE_RESERVE:
		return "only the reserve of the store is left";
	case US_STORE_CORRUPT:
		return "the store is damaged, or not of this version";
	case US_STORE_IO:
		break;
	}
	return "the store cannot be read or written";
}
