/* SPDX-License-Identifier: Apache-2.0 */
/* Growing texts: room, numbers, quoting. */
#include "engine/buf.h"
#include "tests/tap.h"

/* A text that fits, one that does not, and one that is empty. */
static void
test_printf(void)
{
	struct us_buf b = {0};
	char long_one[2000];

	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	us_buf_printf(&b, "%s", "");
	is_str(b.p, "", "nothing");
	us_buf_printf(&b, "%d-%s", 7, "a");
	is_str(b.p, "7-a", "what fits");
	us_buf_printf(&b, "%s!", long_one);
	is_int(b.n, 3 + sizeof(long_one), "what does not fit at first");
	is_str(b.p + b.n - 2, "x!", "to its end");
	us_buf_reset(&b);
	/* Up to and over every size that there is. */
	for (int i = 0; i < 5000; i++)
		us_buf_printf(&b, "%d", i % 10);
	is_int(b.n, 5000, "piece by piece");
	is_int(strlen(b.p), 5000, "without a NUL inside");
	us_buf_free(&b);
	for (int i = 0; i < 600; i++)
		us_buf_putc(&b, 'c');
	is_int(strlen(b.p), 600, "byte by byte");
	us_buf_free(&b);
}

static void
test_number(void)
{
	static const struct {
		int64_t n;
		const char *text;
	} rows[] = {{0, "0"}, {7, "7"}, {-1, "-1"}, {10, "10"},
	    {1234567890, "1234567890"}, {INT64_MAX, "9223372036854775807"},
	    {INT64_MIN, "-9223372036854775808"}};
	struct us_buf b = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		us_buf_reset(&b);
		us_buf_number(&b, rows[i].n);
		is_str(b.p, rows[i].text, "the number %s", rows[i].text);
	}
	us_buf_free(&b);
}

/*
 * Which bytes are escaped is said twice, for one byte and for eight at once:
 * for every byte both say the same, and so does what is written, which looks at
 * a short text byte by byte and at a longer one in words.
 */
static void
test_special(void)
{
	struct us_buf alone = {0}, among = {0};
	char bytes[8];
	int wrong = 0;

	for (int c = 0; c < 256; c++) {
		memset(bytes, 'x', sizeof(bytes));
		bytes[3] = (char)c;
		us_buf_reset(&alone);
		us_buf_reset(&among);
		us_buf_json(&alone, (struct us_str){bytes + 3, 1});
		us_buf_json(&among, (struct us_str){bytes, sizeof(bytes)});
		wrong += (alone.n > 3) != (us_plain8(bytes) == 3);
		wrong += among.n != alone.n + 7 ||
			 memcmp(among.p + 4, alone.p + 1, alone.n - 2) != 0;
	}
	is_int(wrong, 0, "every byte is special for both, or for none");
	us_buf_free(&alone);
	us_buf_free(&among);
}

/* Every character with the last one before it and the first one behind. */
static void
test_yaml(void)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
	    {"\x7e\x7f\xc2\x80", "\"~\\u007f\\u0080\""},
	    {"\xc2\x85\xc2\x9f\xc2\xa0", "\"\\u0085\\u009f\xc2\xa0\""},
	    {"\xe2\x80\xa7\xe2\x80\xa8", "\"\xe2\x80\xa7\\u2028\""},
	    {"\xe2\x80\xa9\xe2\x80\xaa", "\"\\u2029\xe2\x80\xaa\""},
	    {"\xef\xbb\xbe\xef\xbb\xbf", "\"\xef\xbb\xbe\\ufeff\""},
	    {"\xef\xbc\x80", "\"\xef\xbc\x80\""},
	    {"\xef\xbf\xbd\xef\xbf\xbe", "\"\xef\xbf\xbd\\ufffe\""},
	    {"\xef\xbf\xbf\xf0\x90\x80\x80", "\"\\uffff\xf0\x90\x80\x80\""},
	    {"\xc3\x85\xea\x80\xa8\xef\x80\xa8",
		"\"\xc3\x85\xea\x80\xa8\xef\x80\xa8\""},
	    {"a longer text \xef\xbf\xbf, and more of it",
		"\"a longer text \\uffff, and more of it\""},
	    {"\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86\xef\xbb\xbf",
		"\"\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86\\ufeff\""},
	    {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xc2\x85\xc3\xa9\xc3\xa9\xc3\xa9",
		"\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\\u0085\xc3\xa9\xc3\xa9\xc3\xa9"
		"\""},
	    /* No UTF-8: what stands behind is not swallowed. */
	    {"\xe2@(abc", "\"\xe2@(abc\""},
	    {"\xe2\x80)", "\"\xe2\x80)\""},
	    {"\xef\xbf>", "\"\xef\xbf>\""},
	    {"\xef;?x", "\"\xef;?x\""},
	    {"\xc2(", "\"\xc2(\""},
	    {"cut \xe2", "\"cut \xe2\""},
	    {"cut \xef\xbf", "\"cut \xef\xbf\""},
	};
	struct us_buf b = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		us_buf_reset(&b);
		us_buf_json(&b, us_str(rows[i].text));
		is_str(b.p, rows[i].json, "JSON that is YAML as well, %zu", i);
	}
	us_buf_free(&b);
}

/* As JSON and as the language have them. */
static void
test_quotes(void)
{
	struct us_buf b = {0};

	us_buf_json(&b, US_STR("\"a\\\n\t\r\x01\x1f\x7f/\xc3\xa9"));
	is_str(b.p, "\"\\\"a\\\\\\n\\t\\r\\u0001\\u001f\\u007f/\xc3\xa9\"",
	    "a string of JSON");
	us_buf_reset(&b);
	us_buf_quote(&b, US_STR("\"a\\\n\t\r\x01\x7f/\xc3\xa9"));
	is_str(b.p, "\"\\\"a\\\\\\n\\t\\u{d}\\u{1}\\u{7f}/\xc3\xa9\"",
	    "a string of the language");
	us_buf_reset(&b);
	us_buf_json(&b, (struct us_str){0});
	is_str(b.p, "\"\"", "an empty string");
	us_buf_reset(&b);
	us_buf_json(&b, (struct us_str){"a\0b", 3});
	is_str(b.p, "\"a\\u0000b\"", "NUL");
	us_buf_free(&b);
}

int
main(void)
{
	test_printf();
	test_number();
	test_special();
	test_quotes();
	test_yaml();
	return plan_done();
}
