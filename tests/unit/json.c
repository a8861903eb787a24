/* SPDX-License-Identifier: Apache-2.0 */
/* JSON, strictly: what is refused, what is read, and the places of values. */
#include "engine/json.h"
#include "tests/unit/cases.h"

/* One line for each node: its path, and the text it stands for. */
static void
put_nodes(const struct us_src *src, struct us_buf *out)
{
	const struct us_src_node *node;

	US_EACH (node, &src->nodes) {
		struct us_buf path = {0};

		us_src_path(src, node->off, &path);
		us_buf_puts(out, path.n ? path.p : "root");
		us_buf_free(&path);
		us_buf_puts(out, " = ");
		us_buf_add(out, src->text + node->off,
		    node->len > 40 ? 40 : node->len);
		us_buf_putc(out, '\n');
	}
}

static void
run(struct us_src *src, struct us_buf *out)
{
	struct us_diags diags = {0};
	struct us_json_value value;

	if (us_json_parse(src, &diags, &value)) {
		us_json_print(src, value, out);
		us_buf_putc(out, '\n');
		put_nodes(src, out);
	}
	cases_diags(&diags, out);
	us_diags_free(&diags);
	us_src_free(src);
}

/* The ids of the errors of a text, "" when it is right. */
static const char *
errors_of(const char *text, size_t n)
{
	static char ids[256];
	struct us_src *src =
	    us_src_new("t", (struct us_str){text, n}, US_FORMAT_JSON);
	struct us_diags diags = {0};
	struct us_json_value value;

	ids[0] = '\0';
	us_json_parse(src, &diags, &value);
	for (uint32_t i = 0; i < diags.list.n && i < 4; i++)
		snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s%s",
		    i ? " " : "", us_diag_name(diags.list.v[i].id));
	us_diags_free(&diags);
	us_src_free(src);
	return ids;
}

static void
test_numbers(void)
{
	static const struct {
		const char *text, *errors;
	} rows[] = {
	    {"9007199254740992", ""},
	    {"-9007199254740992", ""},
	    {"9007199254740992.000", ""},
	    {"9007199254740993", "limit"},
	    {"-9007199254740993", "limit"},
	    {"9007199254740992.0000000000000001", "limit"},
	    {"9007199254740992e0", ""},
	    {"9007199254740992e1", "limit"},
	    {"0.9007199254740992e16", ""},
	    {"0.9007199254740993e16", "limit"},
	    {"90071992547409930e-1", "limit"},
	    {"90071992547409920e-1", ""},
	    {"1e16", "limit"},
	    {"9e15", ""},
	    {"1e300", "limit"},
	    {"1e-300", ""},
	    {"1E+99999999999999999999", "limit"},
	    {"1e-99999999999999999999", ""},
	    {"0e99999999999999999999", ""},
	    {"0.000000000000000000001e20", ""},
	    {"123456789012345678901234567890", "limit"},
	    {"-0", ""},
	    {"01", "syntax"},
	    {"-", "syntax"},
	    {"+1", "syntax"},
	    {"1.", "syntax"},
	    {".5", "syntax"},
	    {"1e", "syntax"},
	    {"1e+", "syntax"},
	    {"0x10", "syntax"},
	    {"-Infinity", "syntax"},
	    {"-NaN", "syntax"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is_str(errors_of(rows[i].text, strlen(rows[i].text)),
		    rows[i].errors, "number %s", rows[i].text);
}

static void
test_depth(void)
{
	char text[700] = {0};

	memset(text, '[', 32);
	memset(text + 32, ']', 32);
	is_str(errors_of(text, 64), "", "32 levels");
	memset(text, '[', 33);
	memset(text + 33, ']', 33);
	is_str(errors_of(text, 66), "limit", "33 levels");
	memset(text, '[', 300);
	memset(text + 300, ']', 300);
	is_str(errors_of(text, 600), "limit", "300 levels");
	is_str(errors_of(text, 300), "limit", "300 levels, never closed");
}

static void
test_bytes(void)
{
	is_str(errors_of("", 0), "syntax", "an empty text");
	is_str(errors_of(" \n", 2), "syntax", "a blank text");
	is_str(errors_of("\"a\0b\"", 5), "encoding", "NUL in a string");
	is_str(errors_of("1\0", 2), "encoding", "NUL behind the value");
	is_str(errors_of("\"\xff\"", 3), "encoding", "malformed UTF-8");
	is_str(errors_of("\"\xc0\x80\"", 4), "encoding", "overlong NUL");
	is_str(errors_of("\"\xed\xa0\x80\"", 5), "encoding", "raw surrogate");
	is_str(errors_of("\xef\xbb\xbf{}", 5), "encoding", "byte order mark");
	is_str(errors_of("\"\xc3\xa9\"", 4), "", "UTF-8");
	is_str(errors_of("\"a\x7f\"", 4), "", "DEL");
}

/* Cutting a text anywhere breaks it, and never the reader. */
static void
test_cut(void)
{
	static const char text[] =
	    "{\"a\": [1, -2.5e1, \"x\\u00e9\\ud83d\\ude00\\n\"], \"b\": null}";
	size_t bad = 0;

	for (size_t n = 0; n < sizeof(text) - 1; n++)
		bad += errors_of(text, n)[0] != '\0';
	is_int(bad, sizeof(text) - 1, "every cut is an error");
	is_str(errors_of(text, sizeof(text) - 1), "", "the whole is none");
}

/* So many that comparing each with each would take minutes. */
static void
test_many_members(void)
{
	struct us_buf text = {0};

	us_buf_putc(&text, '{');
	for (unsigned i = 0; i < 200000; i++)
		us_buf_printf(&text, "\"m%u\": 1,", i);
	us_buf_puts(&text, "\"m77\": 2}");
	is_str(errors_of(text.p, text.n), "duplicate",
	    "one duplicate among 200,000 members");
	us_buf_free(&text);
}

/* "[0,0,...]": of two bytes each, there are sooner too many than of eight. */
static void
test_many_values(void)
{
	struct us_buf text = {0};

	us_buf_puts(&text, "[0");
	for (unsigned i = 0; i < 340000; i++)
		us_buf_puts(&text, ",0");
	us_buf_putc(&text, ']');
	is_str(errors_of(text.p, text.n), "", "340,000 short values");
	text.n--;
	for (unsigned i = 0; i < 20000; i++)
		us_buf_puts(&text, ",0");
	us_buf_putc(&text, ']');
	is_str(errors_of(text.p, text.n), "limit", "360,000 are too many");
	us_buf_reset(&text);
	us_buf_puts(&text, "[0");
	for (unsigned i = 0; i < 600000; i++)
		us_buf_puts(&text, ",\"abcd\"");
	us_buf_putc(&text, ']');
	is_str(errors_of(text.p, text.n), "", "600,000 longer ones are not");
	us_buf_free(&text);
}

static void
test_many_errors(void)
{
	struct us_buf text = {0};
	struct us_json_value value;
	struct us_src *src;
	struct us_diags diags = {0};

	us_buf_puts(&text, "{\"a\": 1");
	for (unsigned i = 0; i < 50000; i++)
		us_buf_puts(&text, ", \"a\": 1");
	us_buf_putc(&text, '}');
	src = us_src_new("t", us_buf_str(&text), US_FORMAT_JSON);
	ok(!us_json_parse(src, &diags, &value), "many errors are errors");
	is_int(diags.errors, US_JSON_ERRORS_MAX + 1,
	    "errors without end are cut");
	us_src_free(src);
	us_diags_free(&diags);
	us_buf_free(&text);
}

static struct us_src *
read_text(const char *text, struct us_json_value *value)
{
	struct us_src *src = us_src_new("t", us_str(text), US_FORMAT_JSON);
	struct us_diags diags = {0};

	ok(us_json_parse(src, &diags, value), "%.40s is read", text);
	us_diags_free(&diags);
	return src;
}

/* Every value knows its place, nulls and fractions too. */
static void
test_walk(void)
{
	static const char text[] =
	    "{\"a\": null, \"b\": [null, 0.5, [1, [2]], null, {}], \"c\": 1.5,"
	    " \"d\": null}";
	struct us_json_value value, member, item;
	struct us_src *src = read_text(text, &value);
	struct us_json_walk walk = us_json_walk(src, value), items;
	struct us_buf seen = {0};

	while (us_json_next(&walk, &member)) {
		us_buf_str_add(&seen, src->nodes.v[member.node].name);
		us_buf_putc(&seen, ' ');
		items = us_json_walk(src, member);
		while (us_json_next(&items, &item))
			us_buf_printf(&seen, "%u:%u ",
			    src->nodes.v[item.node].index,
			    src->nodes.v[item.node].len);
	}
	is_str(seen.p, "a b 0:4 1:3 2:8 3:4 4:2 c d ", "places on a walk");
	is_int(us_json_length(src, value), 4, "members are counted");
	is_int(us_json_length(src, us_json_member(src, value, "b")), 5,
	    "items are counted");
	is_int(us_json_length(src, us_json_member(src, value, "c")), 0,
	    "nothing is in a number");
	us_buf_free(&seen);
	us_src_free(src);
}

/* Members are told from absent ones and from nulls. */
static void
test_members(void)
{
	struct us_json_value value, member;
	struct us_src *src = read_text(
	    "{\"n\": null, \"i\": -12, \"f\": 1e3, \"t\": true, \"\\u0061\": "
	    "\"x\", \"\": {\"i\": 7}}",
	    &value);

	member = us_json_member(src, value, "n");
	ok(member.kind == US_JSON_NULL && !member.has, "a null");
	is_int(src->nodes.v[member.node].off, 6, "which has a place");
	ok(us_json_member(src, value, "x").kind == US_JSON_ABSENT &&
		us_json_member(src, member, "i").kind == US_JSON_ABSENT,
	    "absent members");
	member = us_json_member(src, value, "i");
	ok(member.kind == US_JSON_INT && us_json_int(src, member) == -12,
	    "a whole number, and not that of an object inside");
	member = us_json_member(src, value, "f");
	ok(member.kind == US_JSON_NUMBER && us_json_int(src, member) == 0,
	    "a number with an exponent is no whole one");
	ok(us_json_true(src, us_json_member(src, value, "t")) &&
		!us_json_true(src, us_json_member(src, value, "f")),
	    "true is");
	ok(us_json_member(src, value, "a").kind == US_JSON_STRING,
	    "a name with an escape");
	ok(us_json_member(src, value, "").kind == US_JSON_OBJECT,
	    "an empty name");
	us_src_free(src);
}

static void
test_strings(void)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"\"\"", ""},
	    {"\"plain and longer than eight bytes\"",
		"plain and longer than eight bytes"},
	    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
	    {"\"\\u00e9\\u20AC\\uD83D\\ude00\"", "\u00e9\u20ac\U0001f600"},
	    {"\"1234567\\n\"", "1234567\n"},
	    {"\"12345678\\\"9\"", "12345678\"9"},
	    {"\"\u00e9\U0001f600\x7f\"", "\u00e9\U0001f600\x7f"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct us_json_value value;
		struct us_src *src = read_text(rows[i].text, &value);
		struct us_arena a = {0};

		is_str(us_arena_str(&a, us_json_text(src, value, &a)).p,
		    rows[i].says, "string %s", rows[i].text);
		us_arena_free(&a);
		us_src_free(src);
	}
}

/* More nodes than were reserved: the list moves while it grows. */
static void
test_many_items(void)
{
	enum { COUNT = 100000 };
	struct us_json_value value, item;
	struct us_json_walk walk;
	struct us_buf text = {0};
	struct us_src *src;
	int64_t sum = 0;

	us_buf_putc(&text, '[');
	for (unsigned i = 0; i < COUNT; i++)
		us_buf_puts(&text, i ? ",[1]" : "[1]");
	us_buf_putc(&text, ']');
	src = read_text(text.p, &value);
	is_int(us_json_length(src, value), COUNT, "100,000 items");
	walk = us_json_walk(src, value);
	while (us_json_next(&walk, &item))
		sum += us_json_int(src, us_json_at(src, item.node + 1));
	is_int(sum, COUNT, "with one inside of each");
	us_src_free(src);
	us_buf_free(&text);
}

int
main(void)
{
	cases_run("tests/json/text", run);
	test_numbers();
	test_depth();
	test_bytes();
	test_cut();
	test_many_members();
	test_many_values();
	test_many_errors();
	test_walk();
	test_members();
	test_strings();
	test_many_items();
	return plan_done();
}
