/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens, signed and verified. The key pair is a PEM file that is made once;
 * see token_key.c.
 */
#include <stdlib.h>

#include <jwt.h>
#include <openssl/err.h>

#include "daemon/hash.h"
#include "daemon/record_parts.h"
#include "daemon/role.h"
#include "daemon/token.h"
#include "daemon/token_key.h"
#include "engine/err.h"
#include "engine/json_read.h"

#define ISSUER "usherd"
#define TOKEN_MAX 8192	      /* bytes */
#define SIGNATURE_TEXT 86     /* 64 bytes in base64url */
#define LEEWAY INT64_C(60000) /* of clocks, for tokens of the near future */

#define POST_SECONDS 60

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

/* Signs claims, an object. kid: NULL, or for the head. */
static void
sign(const struct us_token_key *key, const char *kid, const char *claims,
    struct us_buf *out)
{
	jwt_t *jwt = NULL;
	char *text = NULL;

	if (!jwt_new(&jwt) && !jwt_add_grants_json(jwt, claims) &&
	    !jwt_set_alg(jwt, JWT_ALG_ES256,
		(const unsigned char *)key->private_pem.p,
		(int)key->private_pem.n) &&
	    (!kid || !jwt_add_header(jwt, "kid", kid)))
		text = jwt_encode_str(jwt);
	if (text)
		us_buf_puts(out, text);
	free(text);
	jwt_free(jwt);
}

void
us_token_sign(const struct us_token_key *key, const struct us_token *token,
    struct us_buf *out)
{
	struct us_buf claims = {0};

	put_claims(token, &claims);
	sign(key, NULL, claims.p, out);
	us_buf_free(&claims);
}

void
us_token_sign_post(const struct us_token_key *key,
    const struct us_post_token *token, struct us_buf *out)
{
	struct us_buf claims = {0};
	char digest[US_BASE64URL_32];
	uint8_t hash[32];

	us_sha256(token->body, hash);
	us_base64url_32(hash, digest);
	us_buf_puts(&claims, "{\"iss\":\"" ISSUER "\"");
	put_claim(&claims, "sub", token->org);
	put_claim(&claims, "aud", token->url);
	put_claim(&claims, "digest", us_str(digest));
	us_buf_printf(
	    &claims, ",\"jti\":\"%llu\"", (unsigned long long)token->seq);
	put_time(&claims, "iat", token->now);
	put_time(&claims, "exp", token->now + POST_SECONDS * INT64_C(1000));
	us_buf_putc(&claims, '}');
	sign(key, key->id, claims.p, out);
	us_buf_free(&claims);
}

void
us_token_jwks(const struct us_token_key *key, struct us_buf *out)
{
	us_buf_printf(out,
	    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\","
	    "\"y\":\"%s\",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"%s\"}]}",
	    key->x, key->y, key->id);
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

static int64_t
read_time(struct us_json_reader *r, struct us_json_value value)
{
	if (!us_json_is(r, value, US_JSON_INT))
		return 0;
	/* The scan has refused what is beyond 2^53. */
	return us_json_int(r->src, value) * 1000;
}

/* What a token says, for whatever time it is. */
struct claims {
	struct us_token token;
	int64_t not_before;
};

/* False when they are not what we sign. */
static bool
read_claims(
    struct us_json_reader *r, struct us_json_value value, struct claims *claims)
{
	enum {
		ISS,
		AUD,
		SUB,
		IAT,
		NBF,
		EXP,
		EMAIL,
		CLIENT,
		OWNER,
		ROLES,
		COUNT
	};
	static const char *const names[] = {"iss", "aud", "sub", "iat", "nbf",
	    "exp", "email", "client_id", "owner", "roles"};
	static const struct us_json_shape shapes[] = {{NULL, US_BIT(EMAIL) - 1,
	    US_BIT(EMAIL) | US_BIT(CLIENT) | US_BIT(OWNER) | US_BIT(ROLES)}};
	static const struct us_json_form form =
	    US_FORM("a token", names, shapes);
	struct us_token *token = &claims->token;
	struct us_json_value slots[COUNT];
	struct us_str issuer = {0};

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
	claims->not_before = read_time(r, slots[NBF]);
	return !r->errors && us_str_is(issuer, ISSUER) && token->org.n &&
	       (token->email.n || token->client_id.n);
}

static bool
parse_claims(struct us_str json, struct us_arena *a, struct claims *claims)
{
	struct us_diags diags = {0};
	struct us_json_reader r = {.diags = &diags, .arena = a};
	struct us_json_value value;
	bool good = false;

	r.src = us_src_new("token", json, US_FORMAT_JSON);
	if (us_json_parse(r.src, &diags, &value))
		good = read_claims(&r, value, claims);
	us_diags_free(&diags);
	us_src_free(r.src);
	return good;
}

/* --- Claims that are remembered ------------------------------------------ */

/* With the NUL behind it; nothing at all when it is absent. */
static void
keep_str(struct us_buf *out, struct us_str s)
{
	us_record_number(out, s.p ? s.n + 1 : 0, 4);
	if (!s.p)
		return;
	us_buf_str_add(out, s);
	us_buf_putc(out, '\0');
}

static struct us_str
kept_str(struct us_record_in *in)
{
	struct us_str s = us_record_take_str(in);

	return s.n ? (struct us_str){s.p, s.n - 1} : (struct us_str){0};
}

static void
keep_claims(const struct us_token_key *key, const uint8_t hash[32],
    const struct claims *claims)
{
	const struct us_token *token = &claims->token;
	struct us_buf out = {0};

	keep_str(&out, token->org);
	keep_str(&out, token->email);
	keep_str(&out, token->client_id);
	keep_str(&out, token->owner);
	us_record_number(&out, token->roles, 4);
	us_record_time(&out, token->issued);
	us_record_time(&out, token->expires);
	us_record_time(&out, claims->not_before);
	us_token_seen_put(key, hash, us_buf_str(&out));
	us_buf_free(&out);
}

static bool
kept_claims(const struct us_token_key *key, const uint8_t hash[32],
    struct us_arena *a, struct claims *claims)
{
	struct us_record_in in = {.left = us_token_seen_get(key, hash, a)};
	struct us_token *token = &claims->token;

	if (!in.left.n)
		return false;
	token->org = kept_str(&in);
	token->email = kept_str(&in);
	token->client_id = kept_str(&in);
	token->owner = kept_str(&in);
	token->roles = us_record_take_u32(&in);
	token->issued = us_record_take_time(&in);
	token->expires = us_record_take_time(&in);
	claims->not_before = us_record_take_time(&in);
	return us_record_end(&in);
}

/* ------------------------------------------------------------------------- */

/* The claims of a token with a good signature. */
static bool
signed_claims(const struct us_token_key *key, struct us_str text,
    struct us_arena *a, struct claims *claims)
{
	struct us_buf json = {0};
	uint8_t hash[32];
	bool good;

	us_sha256(text, hash);
	if (kept_claims(key, hash, a, claims))
		return true;
	if (!looks_like_jwt(text))
		return false;
	verify_signature(key, us_arena_str(a, text).p, &json);
	/* What is left there, TLS would take for its own. */
	ERR_clear_error();
	good = json.n && parse_claims(us_buf_str(&json), a, claims);
	if (good)
		keep_claims(key, hash, claims);
	us_buf_free(&json);
	return good;
}

bool
us_token_verify(const struct us_token_key *key, struct us_str text, int64_t now,
    struct us_arena *a, struct us_token *token)
{
	struct claims claims = {0};

	*token = (struct us_token){0};
	if (text.n > TOKEN_MAX || !signed_claims(key, text, a, &claims))
		return false;
	*token = claims.token;
	return now < token->expires && claims.not_before <= now + LEEWAY;
}
