/* SPDX-License-Identifier: Apache-2.0 */
/* API keys: what is taken, and all that must not be; hashes and digits. */
#include "daemon/apikey.h"
#include "daemon/hash.h"
#include "tests/tap.h"

static void
test_apikeys(void)
{
	static const char *const rows[] = {
	    "usher_acme_1_",
	    "usher_",
	    "usher__1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAA",
	    "usher_1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAA",
	    "usher_acme__AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "usher_acme_X_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "Usher_acme_1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "x",
	};
	struct us_str org, id;
	struct us_buf text = {0}, other = {0};
	uint8_t hash[32], stored[32];
	unsigned same = 0;

	us_apikey_new(US_STR("a_c.m-e_"), US_STR("0ab1"), &text, stored);
	ok(us_apikey_split(us_buf_str(&text), &org, &id, hash), "a new key");
	ok(us_str_is(org, "a_c.m-e_"), "its organisation");
	ok(us_str_is(id, "0ab1"), "its id");
	ok(us_sha256_same(hash, stored), "its hash");
	ok(!strstr(text.p, "+") && !strstr(text.p, "/"), "no escape in URLs");
	us_apikey_new(US_STR("a_c.m-e_"), US_STR("0ab1"), &other, hash);
	ok(!us_sha256_same(hash, stored), "another one is another one");
	for (size_t i = text.n - 43; i < text.n; i++) {
		text.p[i] ^= 1;
		if (us_apikey_split(us_buf_str(&text), &org, &id, hash))
			same += us_sha256_same(hash, stored);
		text.p[i] ^= 1;
	}
	is_int(same, 0, "every byte of the secret counts");
	for (size_t n = 0; n < text.n; n++) {
		if (us_apikey_split(
			(struct us_str){text.p, n}, &org, &id, hash))
			same += us_sha256_same(hash, stored);
	}
	is_int(same, 0, "and so does its length");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ok(!us_apikey_split(us_str(rows[i]), &org, &id, hash),
		    "no key: %s", rows[i]);
	us_buf_reset(&text);
	us_buf_puts(&text, "usher_");
	while (text.n < 600)
		us_buf_putc(&text, 'a');
	ok(!us_apikey_split(us_buf_str(&text), &org, &id, hash), "too long");
	us_buf_free(&text);
	us_buf_free(&other);
}

static void
test_hash(void)
{
	/* Of "abc", FIPS 180-2, appendix B.1. */
	static const uint8_t want[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01,
	    0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0,
	    0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61,
	    0xf2, 0x00, 0x15, 0xad};
	struct us_buf a = {0}, b = {0};
	uint8_t got[32];

	us_sha256(US_STR("abc"), got);
	ok(us_sha256_same(got, want), "SHA-256 of abc");
	got[31] ^= 1;
	ok(!us_sha256_same(got, want), "one bit is a difference");
	us_random_hex(&a, 10);
	us_random_hex(&b, 10);
	ok(a.n == 20 && b.n == 20 && strcmp(a.p, b.p) != 0, "random ids");
	us_buf_free(&a);
	us_buf_free(&b);
}

static void
test_digits(void)
{
	static const uint8_t bytes[32] = {0x00, 0x9f, 0xfb, 0xff};
	char hex[8], text[US_BASE64URL_32];
	struct us_buf b = {0};

	us_hex(bytes, 4, hex);
	ok(memcmp(hex, "009ffbff", 8) == 0, "hexadecimal digits");
	us_base64url_32(bytes, text);
	is_str(text, "AJ_7_wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "those of base64url, without padding");
	us_hash_digits(US_STR("abc"), 6, &b);
	is_str(b.p, "ungWv4", "the first of a hash");
	us_buf_free(&b);
}

int
main(void)
{
	test_apikeys();
	test_hash();
	test_digits();
	return plan_done();
}
