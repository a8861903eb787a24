/* SPDX-License-Identifier: Apache-2.0 */
/* Sources, places in them, and diagnostics as they are printed. */
#include "engine/diag.h"
#include "tests/tap.h"

static struct us_loc
at(struct us_src *src, uint32_t off, uint32_t len)
{
	return (struct us_loc){src, off, len};
}

static void
test_place(void)
{
	struct us_src *src = us_src_new(
	    "f", US_STR("one\ntw\xc3\xb6 x\r\n\nlast"), US_FORMAT_RULES);
	static const struct {
		uint32_t off, line, column;
	} rows[] = {{0, 1, 1}, {3, 1, 4}, {4, 2, 1}, {8, 2, 4}, {9, 2, 5},
	    {12, 3, 1}, {13, 4, 1}, {17, 4, 5}};
	uint32_t line, column;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		us_src_place(src, rows[i].off, &line, &column);
		ok(line == rows[i].line && column == rows[i].column,
		    "offset %u is %u:%u, got %u:%u", rows[i].off, rows[i].line,
		    rows[i].column, line, column);
	}
	ok(us_str_is(us_src_line(src, 2), "tw\xc3\xb6 x"),
	    "a line is without its CR LF");
	ok(us_str_is(us_src_line(src, 4), "last"), "the last line has no end");
	us_src_free(src);
}

/* A column far on in a line is counted from a place on the way. */
static void
test_long_column(void)
{
	struct us_buf text = {0};
	struct us_src *src;
	uint32_t line, column, wrong = 0;

	us_buf_puts(&text, "one\n");
	for (int i = 0; i < 5000; i++)
		us_buf_puts(&text, "x\xc3\xb6");
	src = us_src_new("f", us_buf_str(&text), US_FORMAT_JSON);
	for (uint32_t i = 0; i <= 5000; i++) {
		us_src_place(src, 4 + 3 * i, &line, &column);
		wrong += line != 2 || column != 2 * i + 1;
	}
	is_int(wrong, 0, "columns of a long line");
	us_src_free(src);
	us_buf_free(&text);
}

static void
test_inside(void)
{
	struct us_src *src = us_src_new("f",
	    US_STR("\"a\\n\\u{20ac}\\u0041z\\ud83d\\ude00!\""),
	    US_FORMAT_RULES);
	struct us_loc whole = at(src, 0, src->size);

	is_int(us_src_inside(whole, 0).off, 1, "the first byte");
	is_int(us_src_inside(whole, 1).off, 2, "an escape");
	is_int(us_src_inside(whole, 2).off, 4, "a braced escape");
	is_int(us_src_inside(whole, 5).off, 12, "behind its three bytes");
	is_int(us_src_inside(whole, 6).off, 18, "behind four digits");
	is_int(us_src_inside(whole, 11).off, 31, "behind a pair");
	is_int(us_src_inside(at(NULL, 0, 0), 3).len, 0, "no source, no place");
	us_src_free(src);
}

static void
test_text(void)
{
	struct us_src *src = us_src_new(
	    "my.usher", US_STR("rule x {\n\tfrom \xc3\xb6\xc3\xb6 any;\n}"),
	    US_FORMAT_RULES);
	struct us_diags d = {0};
	struct us_diag *diag;
	struct us_buf b = {0};

	diag = us_diag_add(
	    &d, US_DIAG_DUPLICATE, at(src, 20, 3), "a %s", "mistake");
	us_diag_see(&d, diag, at(src, 5, 1), "first here");
	us_diag_text(diag, false, &b);
	is_str(b.p,
	    "my.usher:2:10: error: a mistake [duplicate]\n"
	    "    \tfrom \xc3\xb6\xc3\xb6 any;\n"
	    "    \t        ^~~\n"
	    "my.usher:1:6: note: first here\n"
	    "    rule x {\n"
	    "         ^\n",
	    "text with caret and second place");
	us_buf_reset(&b);
	us_diag_json(diag, &b);
	is_str(b.p,
	    "{\"file\":\"my.usher\",\"line\":2,\"column\":10,"
	    "\"severity\":\"error\",\"id\":\"duplicate\","
	    "\"text\":\"a mistake\",\"see\":{\"file\":\"my.usher\","
	    "\"line\":1,\"column\":6,\"text\":\"first here\"}}",
	    "JSON");
	us_buf_reset(&b);
	us_diag_add(&d, US_DIAG_UNUSED_GROUP, at(NULL, 0, 0), "lonely");
	us_diag_text(&d.list.v[1], false, &b);
	is_str(b.p, "warning: lonely [unused-group]\n", "without a place");
	is_int(d.errors, 1, "one error");
	is_int(d.warnings, 1, "one warning");
	us_buf_free(&b);
	us_diags_free(&d);
	us_src_free(src);
}

static void
test_long_line(void)
{
	char text[5001];
	struct us_diags d = {0};
	struct us_buf b = {0};
	struct us_src *src;

	memset(text, 'x', 5000);
	text[5000] = '\0';
	memcpy(text + 3000, "HERE\x01", 5);
	src = us_src_new("f", us_str(text), US_FORMAT_RULES);
	us_diag_text(us_diag_add(&d, US_DIAG_SYNTAX, at(src, 3000, 4), "m"),
	    false, &b);
	ok(b.n < 400, "only a part of a long line is shown");
	ok(strstr(b.p, "xHERE?x") != NULL,
	    "the part around the place, control characters hidden");
	us_buf_free(&b);
	us_diags_free(&d);
	us_src_free(src);
}

static void
test_sort(void)
{
	struct us_src *one = us_src_new("1", US_STR("abc"), US_FORMAT_RULES);
	struct us_src *two = us_src_new("2", US_STR("abc"), US_FORMAT_RULES);
	struct us_diags d = {0};
	char order[8] = "";

	us_diag_add(&d, US_DIAG_SYNTAX, at(one, 2, 1), "b");
	us_diag_add(&d, US_DIAG_SYNTAX, at(two, 1, 1), "d");
	us_diag_add(&d, US_DIAG_SYNTAX, at(one, 1, 1), "a");
	us_diag_add(&d, US_DIAG_SYNTAX, at(two, 0, 1), "c");
	us_diag_add(&d, US_DIAG_SYNTAX, at(two, 1, 1), "e");
	us_diags_sort(&d);
	for (uint32_t i = 0; i < d.list.n; i++)
		strcat(order, d.list.v[i].text);
	is_str(order, "abcde", "by source, place, and order of finding");
	us_diags_free(&d);
	us_src_free(one);
	us_src_free(two);
}

static void
test_nearest(void)
{
	static const char *const names[] = {"role", "permission-set", "policy"};
	static const struct {
		const char *wanted, *hint;
	} rows[] = {
	    {"rloe", " (did you mean \"role\"?)"},
	    {"permision-set", " (did you mean \"permission-set\"?)"},
	    {"polcy", " (did you mean \"policy\"?)"},
	    {"database", ""},
	};
	struct us_diags d = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct us_nearest n = {.wanted = us_str(rows[i].wanted)};

		for (size_t k = 0; k < 3; k++)
			us_nearest_offer(&n, us_str(names[k]));
		is_str(us_nearest_hint(&n, &d), rows[i].hint, "%s",
		    rows[i].wanted);
	}
	us_diags_free(&d);
}

int
main(void)
{
	test_place();
	test_long_column();
	test_inside();
	test_text();
	test_long_line();
	test_sort();
	test_nearest();
	return plan_done();
}
