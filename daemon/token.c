/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens and API keys: what is signed and what is hashed. The key pair is a
 * PEM file that is made once; see token_key.c.
 */
#include <stdlib.h>

#include <jwt.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "daemon/role.h"
#include "daemon/token.h"
#include "daemon/token_key.h"
#include "engine/json_read.h"

#define ISSUER "usherd"
#define TOKEN_MAX 8192    /* bytes */
#define SIGNATURE_TEXT 86 /* 64 bytes in base64url */
#define LEEWAY INT64_C(60000) /* of clocks, for tokens of the near future */

#define KEY_PREFIX "usher_"
#define KEY_MAX 512
#define SECRET_SIZE 32 /* bytes; as text without padding: */
#define SECRET_TEXT 43

static void
put_claim(struct us_buf *out, const char *name, struct us_str value)
{
	if (!value.p)
		return;
	us_buf_printf(out, ",\"%s\":", name);
	us_buf_json(out, value);
}

static void
put_time(struct us_buf *out, const char *name, int64_t ms)
{
	us_buf_printf(out, ",\"%s\":%lld", name, (long long)(ms / 1000));
}

static void
put_claims(const struct us_token *token, struct us_buf *out)
{
	us_buf_puts(out, "{\"iss\":\"" ISSUER "\"");
	put_claim(out, "aud", token->org);
	put_claim(out, "sub", token->email.p ? token->email : token->client_id);
	put_claim(out, "email", token->email);
	put_claim(out, "client_id", token->client_id);
	put_claim(out, "owner", token->owner);
	us_buf_puts(out, ",\"roles\":");
	us_roles_print(token->roles, out);
	put_time(out, "iat", token->issued);
	put_time(out, "nbf", token->issued);
	put_time(out, "exp", token->expires);
	us_buf_putc(out, '}');
}

void
us_token_sign(const struct us_token_key *key, const struct us_token *token,
    struct us_buf *out)
{
	struct us_buf claims = {0};
	jwt_t *jwt = NULL;
	char *text = NULL;

	put_claims(token, &claims);
	if (!jwt_new(&jwt) && !jwt_add_grants_json(jwt, claims.p) &&
	    !jwt_set_alg(jwt, JWT_ALG_ES256,
		(const unsigned char *)key->private_pem.p,
		(int)key->private_pem.n))
		text = jwt_encode_str(jwt);
	if (text)
		us_buf_puts(out, text);
	free(text);
	jwt_free(jwt);
	us_buf_free(&claims);
}

static bool
is_base64url(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/*
 * Three parts of base64url, the last of which has the length of our
 * signatures. The library may see nothing else: libjwt 1.10 writes behind the
 * room it has for a part that is empty.
 */
static bool
looks_like_jwt(struct us_str text)
{
	unsigned dots = 0;
	size_t part = 0; /* digits of the part at hand */

	if (text.n > TOKEN_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (is_base64url(text.p[i])) {
			part++;
			continue;
		}
		if (text.p[i] != '.' || !part || ++dots > 2)
			return false;
		part = 0;
	}
	return dots == 2 && part == SIGNATURE_TEXT;
}

/*
 * The library takes the algorithm from the token. With HS256 it would take
 * our public key for a shared secret, so we look first, without a key.
 */
static bool
says_es256(const char *text)
{
	jwt_t *jwt = NULL;
	const char *alg = NULL;
	bool good;

	if (!jwt_decode(&jwt, text, NULL, 0))
		alg = jwt_get_header(jwt, "alg");
	good = alg && strcmp(alg, "ES256") == 0;
	jwt_free(jwt);
	return good;
}

/* Adds the claims of a token with a good signature, as JSON. */
static void
verify_signature(
    const struct us_token_key *key, const char *text, struct us_buf *claims)
{
	jwt_t *jwt = NULL;
	char *json = NULL;

	if (!says_es256(text))
		return;
	if (!jwt_decode(&jwt, text, (const unsigned char *)key->public_pem.p,
		(int)key->public_pem.n) &&
	    jwt_get_alg(jwt) == JWT_ALG_ES256)
		json = jwt_get_grants_json(jwt, NULL);
	if (json)
		us_buf_puts(claims, json);
	free(json);
	jwt_free(jwt);
}

/* The claims of a token with a good signature, as JSON; NULL otherwise. */
static struct us_src *
signed_claims(const struct us_token_key *key, struct us_str text)
{
	struct us_buf claims = {0};
	struct us_src *src = NULL;
	uint8_t hash[32];

	us_sha256(text, hash);
	if (!us_token_seen_get(key, hash, &claims)) {
		verify_signature(key, text.p, &claims);
		/* What is left there, TLS would take for its own. */
		ERR_clear_error();
		if (claims.n)
			us_token_seen_put(key, hash, us_buf_str(&claims));
	}
	if (claims.n)
		src = us_src_new("token", us_buf_str(&claims), US_FORMAT_JSON);
	us_buf_free(&claims);
	return src;
}

static int64_t
read_time(struct us_json_reader *r, struct us_json_value value)
{
	if (!us_json_is(r, value, json_type_int))
		return 0;
	/* The scan has refused what is beyond 2^53. */
	return json_object_get_int64(value.v) * 1000;
}

/* Reads the claims; false when they are not what we sign, or not for now. */
static bool
read_claims(struct us_json_reader *r, struct us_json_value value, int64_t now,
    struct us_token *token)
{
	enum { ISS, AUD, SUB, IAT, NBF, EXP, EMAIL, CLIENT, OWNER, ROLES,
		COUNT };
	static const char *const names[] = {"iss", "aud", "sub", "iat", "nbf",
	    "exp", "email", "client_id", "owner", "roles"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(EMAIL) - 1,
		US_BIT(EMAIL) | US_BIT(CLIENT) | US_BIT(OWNER) |
		    US_BIT(ROLES)}};
	static const struct us_json_form form =
	    US_FORM("a token", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_str issuer = {0};
	int64_t not_before;

	if (us_json_members(r, &form, value, slots) < 0)
		return false;
	us_json_str(r, slots[ISS], &issuer);
	us_json_str(r, slots[AUD], &token->org);
	us_json_str(r, slots[EMAIL], &token->email);
	us_json_str(r, slots[CLIENT], &token->client_id);
	us_json_str(r, slots[OWNER], &token->owner);
	us_roles_read(r, slots[ROLES], &token->roles);
	token->issued = read_time(r, slots[IAT]);
	token->expires = read_time(r, slots[EXP]);
	not_before = read_time(r, slots[NBF]);
	return !r->errors && us_str_is(issuer, ISSUER) && token->org.n &&
	       (token->email.n || token->client_id.n) &&
	       now < token->expires && not_before <= now + LEEWAY;
}

bool
us_token_verify(const struct us_token_key *key, struct us_str text, int64_t now,
    struct us_arena *a, struct us_token *token)
{
	struct us_diags diags = {0};
	struct us_json_reader r = {.diags = &diags, .arena = a};
	struct json_object *value;
	bool good = false;

	*token = (struct us_token){0};
	if (!looks_like_jwt(text))
		return false;
	r.src = signed_claims(key, us_arena_str(a, text));
	if (!r.src)
		return false;
	if (us_json_parse(r.src, &diags, &value)) {
		good = read_claims(
		    &r, us_json_root(r.src, value), now, token);
		json_object_put(value);
	}
	us_diags_free(&diags);
	us_src_free(r.src);
	return good;
}

/* A generator that fails has nothing to fall back on. */
static void
random_bytes(unsigned char *p, size_t n)
{
	if (RAND_bytes(p, (int)n) != 1)
		abort();
}

void
us_random_hex(struct us_buf *out, unsigned n)
{
	unsigned char byte;

	while (n--) {
		random_bytes(&byte, 1);
		us_buf_printf(out, "%02x", byte);
	}
}

void
us_apikey_new(struct us_str org, struct us_str id, struct us_buf *out,
    uint8_t hash[32])
{
	unsigned char secret[SECRET_SIZE];
	char text[SECRET_TEXT + 2]; /* with padding and a NUL */

	random_bytes(secret, sizeof(secret));
	EVP_EncodeBlock((unsigned char *)text, secret, SECRET_SIZE);
	for (size_t i = 0; i < SECRET_TEXT; i++) {
		if (text[i] == '+')
			text[i] = '-';
		else if (text[i] == '/')
			text[i] = '_';
	}
	us_sha256((struct us_str){text, SECRET_TEXT}, hash);
	us_buf_puts(out, KEY_PREFIX);
	us_buf_str_add(out, org);
	us_buf_putc(out, '_');
	us_buf_str_add(out, id);
	us_buf_putc(out, '_');
	us_buf_add(out, text, SECRET_TEXT);
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(text, sizeof(text));
}

/* Takes the id and its '_' from the end of *s. */
static bool
take_id(struct us_str *s, struct us_str *id)
{
	size_t at = s->n;

	while (at && ((s->p[at - 1] >= '0' && s->p[at - 1] <= '9') ||
			 (s->p[at - 1] >= 'a' && s->p[at - 1] <= 'z')))
		at--;
	*id = (struct us_str){s->p + at, s->n - at};
	if (!id->n || !at || s->p[at - 1] != '_')
		return false;
	s->n = at - 1;
	return true;
}

bool
us_apikey_split(struct us_str bearer, struct us_str *org, struct us_str *id,
    uint8_t hash[32])
{
	const size_t prefix = sizeof(KEY_PREFIX) - 1;
	struct us_str rest = bearer;

	if (bearer.n > KEY_MAX || bearer.n < prefix + SECRET_TEXT + 1 ||
	    memcmp(bearer.p, KEY_PREFIX, prefix) != 0)
		return false;
	rest.p += prefix;
	rest.n -= prefix + SECRET_TEXT + 1;
	if (rest.p[rest.n] != '_' || !take_id(&rest, id) || !rest.n)
		return false;
	*org = rest;
	us_sha256((struct us_str){bearer.p + bearer.n - SECRET_TEXT,
		      SECRET_TEXT},
	    hash);
	return true;
}

void
us_sha256(struct us_str bytes, uint8_t out[32])
{
	if (!EVP_Digest(bytes.p, bytes.n, out, NULL, EVP_sha256(), NULL))
		abort();
}

bool
us_sha256_same(const uint8_t a[32], const uint8_t b[32])
{
	return CRYPTO_memcmp(a, b, 32) == 0;
}
