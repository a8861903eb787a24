/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens: JWTs signed by the key of the data folder (ES256), for trying out
 * and for services; and the secrets of API keys.
 */
#ifndef US_TOKEN_H
#define US_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/buf.h"
#include "engine/str.h"

struct us_token_key; /* the key pair of a data folder */

/* Reads DIR/token.pem, or makes it (mode 0600, atomically). NULL: logged. */
struct us_token_key *us_token_key_open(const char *dir);
void us_token_key_free(struct us_token_key *key);

/* What a token says. Strings of a verified one live in the arena. */
struct us_token {
	struct us_str org, email;
	struct us_str client_id, owner; /* an agent's; p NULL: a person's */
	                                /* (email.p NULL: no human either) */
	unsigned roles;                 /* bits of enum us_role, granted by it */
	int64_t issued, expires;        /* ms since the epoch */
};

/* Adds nothing when a string is no UTF-8. */
void us_token_sign(const struct us_token_key *key, const struct us_token *token,
    struct us_buf *out);
/* False for anything but a token of ours that is valid at `now` (ms). */
bool us_token_verify(const struct us_token_key *key, struct us_str text,
    int64_t now, struct us_arena *a, struct us_token *token);

/*
 * A token for what usherd posts to others, for one minute: whom it is from
 * (sub: the organisation), whom to (aud: the URL), and what (digest: the
 * SHA-256 of the body). It is no token for usherd itself.
 */
struct us_post_token {
	struct us_str org, url, body;
	int64_t now;  /* ms since the epoch */
	uint64_t seq; /* jti: the row of the outbox; later ones are higher */
};
void us_token_sign_post(const struct us_token_key *key,
    const struct us_post_token *token, struct us_buf *out);
/* The public key as a JSON Web Key Set (RFC 7517). */
void us_token_jwks(const struct us_token_key *key, struct us_buf *out);

/*
 * A new API key: "usher_" ORG "_" ID "_" SECRET; hash is what is stored. The
 * id has only lower-case letters and digits, so that the parts can be told
 * from the end.
 */
void us_apikey_new(struct us_str org, struct us_str id, struct us_buf *out,
    uint8_t hash[32]);
/* Splits a bearer that looks like an API key; false when it does not. */
bool us_apikey_split(struct us_str bearer, struct us_str *org,
    struct us_str *id, uint8_t hash[32]);

/* SHA-256; the one place that does it. */
void us_sha256(struct us_str bytes, uint8_t out[32]);
/* Adds so many digits of it in base64url, at most 43. */
void us_hash_digits(struct us_str bytes, unsigned digits, struct us_buf *out);
/* Compares in a time that does not tell where they differ. */
bool us_sha256_same(const uint8_t a[32], const uint8_t b[32]);
/* n bytes that nobody can guess, as 2n hexadecimal digits. */
void us_random_hex(struct us_buf *out, unsigned n);

#endif
