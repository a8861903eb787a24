/* SPDX-License-Identifier: Apache-2.0 */
/* API keys, made and split. */
#include <string.h>

#include "daemon/apikey.h"
#include "daemon/hash.h"

#define KEY_PREFIX "usher_"
#define KEY_MAX 512
#define SECRET_SIZE 32 /* bytes; as text without padding: */
#define SECRET_TEXT (US_BASE64URL_32 - 1)

void
us_apikey_new(
    struct us_str org, struct us_str id, struct us_buf *out, uint8_t hash[32])
{
	uint8_t secret[SECRET_SIZE];
	char text[US_BASE64URL_32];

	us_random(secret, sizeof(secret));
	us_base64url_32(secret, text);
	us_sha256((struct us_str){text, SECRET_TEXT}, hash);
	us_buf_puts(out, KEY_PREFIX);
	us_buf_str_add(out, org);
	us_buf_putc(out, '_');
	us_buf_str_add(out, id);
	us_buf_putc(out, '_');
	us_buf_add(out, text, SECRET_TEXT);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(text, sizeof(text));
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
	us_sha256(
	    (struct us_str){bearer.p + bearer.n - SECRET_TEXT, SECRET_TEXT},
	    hash);
	return true;
}
