/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: what is taken, and all that must not be. */
#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/role.h"
#include "daemon/token.h"
#include "daemon/token_key.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

#define NOW INT64_C(1800000000000)
#define HOUR INT64_C(3600000)

static const struct us_token ana = {
    .org = {"acme", 4},
    .email = {"ana@example.com", 15},
    .roles = US_ROLE_BIT(MANAGER) | US_ROLE_BIT(VIEWER),
    .issued = NOW,
    .expires = NOW + HOUR,
};

static bool
verifies(const struct us_token_key *key, struct us_str text, int64_t now,
    struct us_token *token)
{
	static struct us_arena a;
	struct us_token unused;

	us_arena_free(&a);
	if (text.n)
		return us_token_verify(
		    key, text, now, &a, token ? token : &unused);
	return false;
}

static void
test_round(const struct us_token_key *key)
{
	struct us_token token = ana, got;
	struct us_buf text = {0};

	us_token_sign(key, &token, &text);
	ok(verifies(key, us_buf_str(&text), NOW, &got), "a person's token");
	is_str(got.org.p, "acme", "its organisation");
	is_str(got.email.p, "ana@example.com", "its e-mail");
	is_int(got.roles, ana.roles, "its roles");
	ok(!got.client_id.p && !got.owner.p, "no agent");
	ok(got.issued == NOW && got.expires == NOW + HOUR, "its times");

	us_buf_reset(&text);
	token.client_id = US_STR("bot \"1\"");
	token.owner = US_STR("\xc3\xa9@example.com");
	token.roles = 0;
	us_token_sign(key, &token, &text);
	ok(verifies(key, us_buf_str(&text), NOW, &got), "an agent's token");
	is_str(got.client_id.p, "bot \"1\"", "its client");
	is_str(got.owner.p, "\xc3\xa9@example.com", "its owner");
	is_int(got.roles, 0, "no roles");

	us_buf_reset(&text);
	token.email = (struct us_str){0};
	us_token_sign(key, &token, &text);
	ok(verifies(key, us_buf_str(&text), NOW, &got) && !got.email.p,
	    "an agent's with no human");

	us_buf_reset(&text);
	token.email = US_STR("\xff@example.com");
	us_token_sign(key, &token, &text);
	is_int(text.n, 0, "what is no UTF-8 is not signed");
	us_buf_free(&text);
}

static void
test_times(const struct us_token_key *key)
{
	static const struct {
		int64_t now;
		bool good;
	} rows[] = {
	    {NOW - HOUR, false},
	    {NOW - 61000, false},
	    {NOW - 60000, true}, /* the clock of who issued it may be ahead */
	    {NOW, true},
	    {NOW + HOUR - 1, true},
	    {NOW + HOUR, false},
	    {NOW + HOUR + 1, false},
	    {NOW + 1000 * HOUR, false},
	    {0, false},
	    {INT64_MAX - 60000, false},
	};
	struct us_buf text = {0};

	us_token_sign(key, &ana, &text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is_int(verifies(key, us_buf_str(&text), rows[i].now, NULL),
		    rows[i].good, "%s at %lld ms",
		    rows[i].good ? "good" : "no good",
		    (long long)(rows[i].now - NOW));
	us_buf_free(&text);
}

/* A token of those claims, signed with alg by that key. */
static bool
signed_verifies(const struct us_token_key *key, jwt_alg_t alg,
    struct us_str with, const char *claims)
{
	struct us_str text;
	jwt_t *jwt = NULL;
	char *p = NULL;
	bool good;

	if (jwt_new(&jwt) || jwt_add_grants_json(jwt, claims) ||
	    jwt_set_alg(jwt, alg, with.n ? (const unsigned char *)with.p : NULL,
		(int)with.n) ||
	    !(p = jwt_encode_str(jwt)))
		ok(false, "the test can make a token");
	text = p ? us_str(p) : US_STR("");
	good = verifies(key, text, NOW, NULL);
	free(p);
	jwt_free(jwt);
	return good;
}

#define TIMES "\"iat\":1800000000,\"nbf\":1800000000,\"exp\":1800003600"
#define REST "\"sub\":\"a@b\",\"email\":\"a@b\"," TIMES
#define GOOD "{\"iss\":\"usherd\",\"aud\":\"acme\"," REST "}"

static void
test_algorithms(const struct us_token_key *key, const struct us_token_key *foe)
{
	struct us_str own = us_buf_str(&key->private_pem);
	struct us_str public = us_buf_str(&key->public_pem);
	struct us_str none = {0};

	ok(signed_verifies(key, JWT_ALG_ES256, own, GOOD), "ES256, our key");
	ok(!signed_verifies(
	       key, JWT_ALG_ES256, us_buf_str(&foe->private_pem), GOOD),
	    "ES256, another key");
	ok(!signed_verifies(key, JWT_ALG_NONE, none, GOOD), "no signature");
	ok(!signed_verifies(key, JWT_ALG_HS256, public, GOOD),
	    "HS256, our public key as the secret");
	ok(!signed_verifies(key, JWT_ALG_HS384, public, GOOD), "HS384");
	ok(!signed_verifies(key, JWT_ALG_HS512, public, GOOD), "HS512");
}

static void
test_claims(const struct us_token_key *key)
{
	static const char *const rows[] = {
	    "{}",
	    "{\"aud\":\"acme\"," REST "}",
	    "{\"iss\":\"usher\",\"aud\":\"acme\"," REST "}",
	    "{\"iss\":[\"usherd\"],\"aud\":\"acme\"," REST "}",
	    "{\"iss\":\"usherd\"," REST "}",
	    "{\"iss\":\"usherd\",\"aud\":\"\"," REST "}",
	    "{\"iss\":\"usherd\",\"aud\":[\"acme\"]," REST "}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"sub\":\"a@b\"," TIMES "}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"sub\":\"a@b\","
	    "\"email\":\"\"," TIMES "}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"roles\":[\"root\"]," REST
	    "}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"roles\":\"owner\"," REST
	    "}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"admin\":true," REST "}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"sub\":\"a\",\"email\":"
	    "\"a\",\"iat\":1800000000,\"nbf\":1800000000}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"sub\":\"a\",\"email\":"
	    "\"a\",\"iat\":1800000000,\"nbf\":1800000000,\"exp\":1.8e10}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"sub\":\"a\",\"email\":"
	    "\"a\",\"iat\":1800000000,\"nbf\":1800000000,\"exp\":"
	    "\"1800003600\"}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"sub\":\"a\",\"email\":"
	    "\"a\",\"iat\":1800000000,\"nbf\":1800000000,\"exp\":"
	    "9223372036854775807}",
	    "{\"iss\":\"usherd\",\"aud\":\"acme\",\"sub\":\"a\",\"email\":"
	    "\"a\",\"iat\":1800000000,\"exp\":1800003600}",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ok(!signed_verifies(key, JWT_ALG_ES256,
		       us_buf_str(&key->private_pem), rows[i]),
		    "claims that are not ours: %s", rows[i]);
}

/* Every change of every byte, every cut, and what comes from a random walk. */
static void
test_broken(const struct us_token_key *key)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_..=\"{ \xff";
	struct us_buf text = {0};
	struct us_str s;
	unsigned taken = 0, seed = 1;
	size_t signature;
	char kept;

	us_token_sign(key, &ana, &text);
	s = us_buf_str(&text);
	signature = (size_t)(strrchr(text.p, '.') - text.p);
	for (size_t n = 0; n < s.n; n++)
		taken += verifies(key, (struct us_str){s.p, n}, NOW, NULL);
	/* The last digit of a signature has bits that say nothing. */
	for (size_t i = 0; i + 1 < s.n; i++) {
		kept = text.p[i];
		for (unsigned k = 0; k < 3; k++) {
			seed = seed * 1103515245 + 12345;
			text.p[i] =
			    alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
			if (text.p[i] != kept)
				taken += verifies(key, s, NOW, NULL);
		}
		text.p[i] = kept;
	}
	is_int(taken, 0, "no broken token of %zu bytes is taken", s.n);
	ok(!verifies(key, (struct us_str){s.p, signature + 1}, NOW, NULL),
	    "an empty signature");
	us_buf_putc(&text, '\0');
	ok(!verifies(key, us_buf_str(&text), NOW, NULL), "a NUL at the end");
	ok(verifies(key, (struct us_str){text.p, text.n - 1}, NOW, NULL),
	    "and whole again");
	us_buf_free(&text);
}

static void
test_hostile(const struct us_token_key *key)
{
	static const char *const rows[] = {
	    ".",
	    "..",
	    "...",
	    "a",
	    "a.b",
	    "a.b.c",
	    "a.b.c.d",
	    "e30.e30.",
	    "e30.e30.e30",
	    "eyJhbGciOiJub25lIn0.e30.",
	    "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ1c2hlcmQifQ.",
	    "eyJhbGciOiJFUzI1NiJ9.e30.",
	    "eyJhbGciOiJFUzI1NiJ9..",
	    "eyJhbGciOiJFUzI1NiJ9.e30.AA",
	    "bnVsbA.bnVsbA.bnVsbA",
	    "W10.W10.W10",
	    "-._.-",
	    "____.____.____",
	    "=.=.=",
	    "eyJhbGciOlsiRVMyNTYiXX0.e30.AAAA",
	};
	struct us_buf text = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ok(!verifies(key, us_str(rows[i]), NOW, NULL), "hostile: %s",
		    rows[i]);
	for (unsigned i = 0; i < 9000; i++)
		us_buf_putc(&text, i == 4000 || i == 4100 ? '.' : 'A');
	ok(!verifies(key, us_buf_str(&text), NOW, NULL), "9,000 bytes");
	us_buf_free(&text);
}

/* Nonsense with the looks of a token, for the library to read. */
static void
test_random(const struct us_token_key *key)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				     "opqrstuvwxyz0123456789-_";
	static const char *const heads[] = {"", "eyJ", "eyJhbGciOiJFUzI1NiJ9"};
	struct us_buf text = {0};
	unsigned taken = 0, seed = 7, n;

	for (unsigned i = 0; i < 3000; i++) {
		us_buf_reset(&text);
		us_buf_puts(&text, heads[i % 3]);
		for (unsigned part = 0; part < 3; part++) {
			us_buf_puts(&text, part ? "." : "");
			n = part == 2 ? 86 : seed >> 16 & 31;
			while (n--) {
				seed = seed * 1103515245 + 12345;
				us_buf_putc(&text, digits[seed >> 16 & 63]);
			}
		}
		taken += verifies(key, us_buf_str(&text), NOW, NULL);
	}
	is_int(taken, 0, "no nonsense is taken");
	us_buf_free(&text);
}

static bool
is_seen(const struct us_token_key *key, const uint8_t hash[32], const char *as)
{
	struct us_arena a = {0};
	struct us_str claims = us_token_seen_get(key, hash, &a);
	bool seen = us_str_is(claims, as);

	us_arena_free(&a);
	return seen;
}

/* Many tokens have one place to stand in; none is taken for another. */
static void
test_seen(const struct us_token_key *key)
{
	uint8_t hash[32] = {1, 2, 0};
	char claims[16];
	unsigned wrong = 0, seen = 0;

	ok(is_seen(key, hash, ""), "not seen yet");
	for (unsigned i = 0; i < 100; i++) {
		hash[31] = (uint8_t)i;
		wrong += !is_seen(key, hash, "");
		snprintf(claims, sizeof(claims), "{%u}", i);
		us_token_seen_put(key, hash, us_str(claims));
		wrong += !is_seen(key, hash, claims);
		hash[31] = (uint8_t)(i - 1);
		snprintf(claims, sizeof(claims), "{%u}", i - 1);
		wrong += i && !is_seen(key, hash, claims);
	}
	is_int(wrong, 0, "the last two are seen, with their own claims");
	for (unsigned i = 0; i < 100; i++) {
		hash[31] = (uint8_t)i;
		seen += !is_seen(key, hash, "");
	}
	ok(seen > 1 && seen < 100, "others are forgotten: %u are left", seen);
}

/* A token that was seen is judged anew by each call's time. */
static void
test_seen_times(const struct us_token_key *key, const struct us_token_key *foe)
{
	struct us_token token = ana, got;
	struct us_buf text = {0};

	token.email = (struct us_str){0};
	token.client_id = US_STR("bot-9");
	token.owner = US_STR("");
	us_token_sign(key, &token, &text);
	for (unsigned i = 0; i < 2; i++) {
		ok(verifies(key, us_buf_str(&text), NOW, &got), "good");
		is_str(got.client_id.p, "bot-9", "its client");
		ok(!got.email.p && got.owner.p && !got.owner.n,
		    "what is absent, and what is empty");
		is_int(got.roles, ana.roles, "its roles");
		ok(got.issued == NOW && got.expires == NOW + HOUR, "its times");
		ok(!verifies(key, us_buf_str(&text), NOW + HOUR, NULL), "over");
		ok(!verifies(key, us_buf_str(&text), NOW - HOUR, NULL),
		    "not yet");
		ok(!verifies(foe, us_buf_str(&text), NOW, NULL),
		    "not of another key");
	}
	us_buf_free(&text);
}

/* Processes that come first at once, each of which signs a token. */
static void
test_race(void)
{
	struct folder f = folder_new();
	struct us_token_key *key;
	struct us_buf text = {0};
	unsigned good = 0;
	char line[4096];
	FILE *all = tmpfile();

	if (!all)
		exit(99);
	fflush(stdout);
	for (unsigned i = 0; i < 8; i++) {
		if (fork())
			continue;
		key = us_token_key_open(f.path);
		if (!key)
			_exit(1);
		us_token_sign(key, &ana, &text);
		us_buf_putc(&text, '\n');
		_exit(write(fileno(all), text.p, text.n) < 0);
	}
	while (wait(NULL) > 0)
		continue;
	key = us_token_key_open(f.path);
	rewind(all);
	while (key && fgets(line, sizeof(line), all)) {
		line[strcspn(line, "\n")] = '\0';
		good += verifies(key, us_str(line), NOW, NULL);
	}
	is_int(good, 8, "eight at once have one key");
	fclose(all);
	us_token_key_free(key);
	folder_remove(&f);
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f)
		exit(99);
	fputs(text, f);
	fclose(f);
}

static void
write_key(const char *path, const char *curve)
{
	EVP_PKEY *pair = EVP_EC_gen(curve);
	FILE *f = fopen(path, "w");

	if (!f || !PEM_write_PrivateKey(f, pair, NULL, NULL, 0, NULL, NULL))
		exit(99);
	fclose(f);
	EVP_PKEY_free(pair);
}

static void
test_file(void)
{
	struct folder f = folder_new();
	struct us_token_key *key = us_token_key_open(f.path), *again;
	struct us_buf path = {0}, text = {0};
	struct stat st = {0};

	us_buf_printf(&path, "%s/token.pem", f.path);
	ok(key != NULL && stat(path.p, &st) == 0, "a key is made");
	is_int(st.st_mode & 07777, 0600, "for its owner alone");
	again = us_token_key_open(f.path);
	us_token_sign(key, &ana, &text);
	ok(again && verifies(again, us_buf_str(&text), NOW, NULL),
	    "and read again");
	us_token_key_free(again);
	us_token_key_free(key);
	write_file(path.p, "");
	ok(!us_token_key_open(f.path), "an empty file is not replaced");
	write_file(path.p,
	    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
	ok(!us_token_key_open(f.path), "nor is one without a key");
	write_key(path.p, "P-384");
	ok(!us_token_key_open(f.path), "nor a key of another curve");
	write_key(path.p, "P-256");
	key = us_token_key_open(f.path);
	ok(key != NULL, "but one of this curve is taken");
	us_token_key_free(key);
	ok(!us_token_key_open("/does/not/exist"), "no folder, no key");
	ok(unlink(path.p) == 0 && symlink("nowhere", path.p) == 0 &&
		!us_token_key_open(f.path),
	    "nor is one made where a link leads nowhere");
	us_token_key_free(NULL);
	us_buf_free(&path);
	us_buf_free(&text);
	folder_remove(&f);
}

int
main(void)
{
	struct folder f = folder_new(), g = folder_new();
	struct us_token_key *key = us_token_key_open(f.path);
	struct us_token_key *foe = us_token_key_open(g.path);

	if (!ok(key && foe, "two keys"))
		return plan_done();
	test_round(key);
	test_times(key);
	test_algorithms(key, foe);
	test_claims(key);
	test_broken(key);
	test_hostile(key);
	test_random(key);
	test_seen(key);
	test_seen_times(key, foe);
	test_race();
	test_file();
	us_token_key_free(key);
	us_token_key_free(foe);
	folder_remove(&f);
	folder_remove(&g);
	return plan_done();
}
