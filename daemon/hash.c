/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, random bytes, digits: what OpenSSL does of it. */
#include <pthread.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "daemon/hash.h"
#include "engine/err.h"

/* --- SHA-256 ------------------------------------------------------------ */

static const EVP_MD *sha256;
static pthread_key_t sha256_state; /* a thread's EVP_MD_CTX */

static void
free_state(void *state)
{
	EVP_MD_CTX_free(state);
}

static void
find_sha256(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (pthread_key_create(&sha256_state, free_state) != 0)
		abort();
}

/*
 * EVP_sha256() would have it looked up at every call, and EVP_Digest() makes
 * a state for each: both cost more than the hash of what is short.
 */
void
us_sha256(struct us_str bytes, uint8_t out[32])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	EVP_MD_CTX *state;

	pthread_once(&once, find_sha256);
	state = pthread_getspecific(sha256_state);
	if (!state) {
		state = EVP_MD_CTX_new();
		if (!state || pthread_setspecific(sha256_state, state) != 0)
			us_out_of_memory();
	}
	if (!EVP_DigestInit_ex2(state, sha256, NULL) ||
	    !EVP_DigestUpdate(state, bytes.p, bytes.n) ||
	    !EVP_DigestFinal_ex(state, out, NULL))
		abort();
}

bool
us_sha256_same(const uint8_t a[32], const uint8_t b[32])
{
	return CRYPTO_memcmp(a, b, 32) == 0;
}

/* --- Random bytes ------------------------------------------------------- */

/* A generator that fails has nothing to fall back on. */
void
us_random(uint8_t *bytes, size_t n)
{
	if (RAND_bytes(bytes, (int)n) != 1)
		abort();
}

void
us_random_hex(struct us_buf *out, unsigned n)
{
	char digits[2];
	uint8_t byte;

	while (n--) {
		us_random(&byte, 1);
		us_hex(&byte, 1, digits);
		us_buf_add(out, digits, sizeof(digits));
	}
}

/* --- Digits ------------------------------------------------------------- */

void
us_hex(const uint8_t *bytes, size_t n, char *digits)
{
	static const char all[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		digits[2 * i] = all[bytes[i] >> 4];
		digits[2 * i + 1] = all[bytes[i] & 15];
	}
}

void
us_base64url_32(const uint8_t bytes[32], char text[US_BASE64URL_32])
{
	char padded[US_BASE64URL_32 + 1];

	EVP_EncodeBlock((unsigned char *)padded, bytes, 32);
	for (size_t i = 0; i < US_BASE64URL_32 - 1; i++) {
		text[i] = padded[i] == '+'   ? '-'
			  : padded[i] == '/' ? '_'
					     : padded[i];
	}
	text[US_BASE64URL_32 - 1] = '\0';
	OPENSSL_cleanse(padded, sizeof(padded));
}

void
us_hash_digits(struct us_str bytes, unsigned digits, struct us_buf *out)
{
	char text[US_BASE64URL_32];
	uint8_t hash[32];

	us_sha256(bytes, hash);
	us_base64url_32(hash, text);
	us_buf_add(out, text, digits);
}
