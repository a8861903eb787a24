/* SPDX-License-Identifier: Apache-2.0 */
/* What a struct us_token_key is made of, for token.c and token_key.c. */
#ifndef US_TOKEN_KEY_H
#define US_TOKEN_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/hash.h"
#include "engine/arena.h"
#include "engine/buf.h"

struct us_token_seen;

struct us_token_key {
	struct us_buf private_pem, public_pem;
	char x[US_BASE64URL_32], y[US_BASE64URL_32]; /* the public point */
	char id[US_BASE64URL_32]; /* its thumbprint (RFC 7638) */
	struct us_token_seen *seen;
};

/*
 * Tokens whose signature was found good, by the SHA-256 of their text, with
 * what token.c keeps of their claims: a client sends one token many times, and
 * verifying it costs more than all the rest of a call. From any thread.
 */
/* A copy; n 0: not seen, or forgotten. */
struct us_str us_token_seen_get(
    const struct us_token_key *key, const uint8_t hash[32], struct us_arena *a);
void us_token_seen_put(const struct us_token_key *key, const uint8_t hash[32],
    struct us_str claims);

#endif
