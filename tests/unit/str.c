/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: comparing, hashing, UTF-8. */
#include "engine/str.h"
#include "tests/tap.h"

static void
test_compare(void)
{
	ok(us_str_eq(US_STR("ab"), US_STR("ab")), "equal strings");
	ok(!us_str_eq(US_STR("ab"), US_STR("aB")), "case counts");
	ok(us_str_eq((struct us_str){0}, US_STR("")), "no bytes equal none");
	ok(us_str_eq_nocase(US_STR("Ana@X.com"), US_STR("aNA@x.COM")),
	    "ASCII case does not count in e-mails");
	ok(!us_str_eq_nocase(US_STR("\xc3\x84"), US_STR("\xc3\xa4")),
	    "other letters keep their case");
	ok(!us_str_eq_nocase(US_STR("@"), US_STR("`")), "@ is no letter");
	is_int(us_str_cmp(US_STR("a"), US_STR("ab")), -1, "a prefix is less");
	is_int(us_str_cmp(US_STR("b"), US_STR("ab")) > 0, 1, "bytes decide");
	is_int(us_str_cmp(US_STR("b"), US_STR("b")), 0, "same");
	ok(us_str_hash(US_STR("AbC"), true) == us_str_hash(US_STR("aBc"), true),
	    "folded hashes ignore case");
	ok(us_str_hash(US_STR("AbC"), false) !=
		us_str_hash(US_STR("aBc"), false),
	    "plain hashes do not");
}

static void
test_utf8(void)
{
	static const struct {
		const char *text;
		int bad; /* -1: none */
	} rows[] = {
	    {"", -1},
	    {"plain", -1},
	    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", -1},
	    {"\xef\xbf\xbf\xf4\x8f\xbf\xbf", -1},
	    {"a\x80", 1},
	    {"\xc0\xaf", 0},
	    {"\xc1\xbf", 0},
	    {"\xe0\x9f\xbf", 0},
	    {"ab\xed\xa0\x80", 2},
	    {"\xf0\x8f\xbf\xbf", 0},
	    {"\xf4\x90\x80\x80", 0},
	    {"\xf5\x80\x80\x80", 0},
	    {"x\xe2\x82", 1},
	    {"x\xc3", 1},
	    {"\xe2\x82g", 0},
	    {"\xff", 0},
	};
	size_t n;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = strlen(rows[i].text);
		is_int(us_utf8_bad(rows[i].text, n),
		    rows[i].bad < 0 ? (intmax_t)n : rows[i].bad,
		    "UTF-8 row %zu", i);
	}
}

static void
test_utf8_cut(void)
{
	static const struct {
		const char *text;
		size_t most, n;
	} rows[] = {
	    {"", 0, 0},
	    {"abc", 3, 3},
	    {"abc", 2, 2},
	    {"a\xc3\xa9", 3, 3},
	    {"a\xc3\xa9", 2, 1},
	    {"\xf0\x9f\x98\x80", 3, 0},
	    {"\xf0\x9f\x98\x80x", 4, 4},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_int((intmax_t)us_utf8_cut(us_str(rows[i].text), rows[i].most)
			   .n,
		    (intmax_t)rows[i].n, "%zu bytes of row %zu",
		    rows[i].most, i);
}

static void
test_utf8_put(void)
{
	static const uint32_t rows[] = {
	    0x24, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff};
	char text[8];
	size_t n;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = us_utf8_put(text, rows[i]);
		is_int(us_utf8_bad(text, n), (intmax_t)n,
		    "U+%04X is written well-formed", rows[i]);
		is_int(n, 1 + (rows[i] > 0x7f) + (rows[i] > 0x7ff) +
			(rows[i] > 0xffff),
		    "in its shortest form");
	}
}

static void
test_kinds(void)
{
	ok(us_str_is_name(US_STR("_a-9Z")), "a name");
	ok(!us_str_is_name(US_STR("9a")), "no digit first");
	ok(!us_str_is_name(US_STR("-a")), "no dash first");
	ok(!us_str_is_name(US_STR("")), "not empty");
	ok(!us_str_is_name(US_STR("a b")), "no space");
	ok(us_str_is_blank(US_STR(" \t\r\n\v\f")), "white space is blank");
	ok(us_str_is_blank((struct us_str){0}), "nothing is blank");
	ok(!us_str_is_blank(US_STR(" \xc2\xa0")),
	    "only ASCII white space counts");
}

static unsigned
plain_of(const unsigned char *p)
{
	unsigned n = 0;

	while (n < 8 && p[n] >= ' ' && p[n] != '"' && p[n] != '\\' &&
	       p[n] != 0x7f)
		n++;
	return n;
}

/* Any two bytes at any two places, among some that are next to the bounds. */
static void
test_plain(void)
{
	static const unsigned char fill[] = {' ', '!', '#', '~', 0x80, 0xff};
	unsigned char bytes[8];
	unsigned wrong = 0;

	for (unsigned at = 0; at < 64; at++)
		for (unsigned c = 0; c < 65536; c++) {
			memset(bytes, fill[c % sizeof(fill)], sizeof(bytes));
			bytes[at / 8] = (unsigned char)(c >> 8);
			bytes[at % 8] = (unsigned char)c;
			wrong += us_plain8((const char *)bytes) !=
				 plain_of(bytes);
		}
	is_int(wrong, 0, "plain bytes are counted");
}

int
main(void)
{
	test_compare();
	test_utf8();
	test_utf8_cut();
	test_utf8_put();
	test_kinds();
	test_plain();
	return plan_done();
}
