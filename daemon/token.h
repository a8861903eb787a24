/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens: JWTs signed by the key of the data folder (ES256), for trying out
 * and for services.
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
	unsigned roles;                 /* bits of enum us_role that it gives */
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

#endif
