/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON: the order of members, escapes, what is refused. */
#include "engine/json_canon.h"
#include "tests/tap.h"

static void
is_canon(const char *text, const char *want)
{
	struct json_object *value = json_tokener_parse(text);
	struct us_buf out = {0};

	if (ok(us_canon(value, &out), "canonical: %s", text))
		is_str(out.p, want, "the form of %s", text);
	us_buf_free(&out);
	json_object_put(value);
}

static void
is_refused(struct json_object *value, const char *what)
{
	struct us_buf out = {0};

	ok(!us_canon(value, &out), "%s is refused", what);
	us_buf_free(&out);
	json_object_put(value);
}

/* The order of UTF-16 units is that of bytes but in one place. */
static void
test_order(void)
{
	is_canon("{\"b\":1,\"a\":2,\"\":3,\"aa\":4,\"B\":5}",
	    "{\"\":3,\"B\":5,\"a\":2,\"aa\":4,\"b\":1}");
	/* From RFC 8785, section 3.2.3. */
	is_canon("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,"
		 "\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}",
	    "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,"
	    "\"\xe2\x82\xac\":1,\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}");
	/* U+10000, U+DFFF's neighbours: U+D7FF and U+E000. */
	is_canon("{\"\\ue000\":1,\"\\ud800\\udc00\":2,\"\\ud7ff\":3}",
	    "{\"\xed\x9f\xbf\":3,\"\xf0\x90\x80\x80\":2,\"\xee\x80\x80\":1}");
	/* The same lead byte: the order of what follows. */
	is_canon("{\"\\ue002\":1,\"\\ue001\":2}",
	    "{\"\xee\x80\x81\":2,\"\xee\x80\x82\":1}");
}

static void
test_values(void)
{
	is_canon("null", "null");
	is_canon(" [ true , false , null, 0, -1, {} , [ ] ] ",
	    "[true,false,null,0,-1,{},[]]");
	is_canon("{\"z\":{\"b\":[{\"d\":1,\"c\":2}],\"a\":\"x\"}}",
	    "{\"z\":{\"a\":\"x\",\"b\":[{\"c\":2,\"d\":1}]}}");
	is_canon("\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\\u007f\\u00e9\"",
	    "\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\x7f\xc3\xa9\"");
	is_canon("9007199254740992", "9007199254740992");
	is_canon("-9007199254740992", "-9007199254740992");
}

/* Long texts are looked at eight bytes at a time: wherever an escape stands. */
static void
test_long(void)
{
	char text[30], want[31];
	struct us_buf out = {0};
	int wrong = 0;

	for (size_t n = 1; n < sizeof(text); n++) {
		for (size_t at = 0; at < n; at++) {
			memset(text, 'x', n);
			text[at] = '"';
			memset(want, 'x', n + 1);
			memcpy(want + at, "\\\"", 2);
			us_buf_reset(&out);
			us_canon_str((struct us_str){text, n}, &out);
			wrong += out.n != n + 3 || out.p[0] != '"' ||
				 memcmp(out.p + 1, want, n + 1) != 0 ||
				 out.p[n + 2] != '"';
		}
	}
	is_int(wrong, 0, "a quote at every place of texts up to 29 bytes");
	us_buf_reset(&out);
	us_canon_str(US_STR("12345678\x7f"
			    "12345678\x1f"
			    "12345678\\"),
	    &out);
	is_str(out.p,
	    "\"12345678\x7f"
	    "12345678\\u001f12345678\\\\\"",
	    "DEL stays as it is");
	us_buf_free(&out);
}

static void
test_refused(void)
{
	struct json_object *list = json_object_new_array();

	is_refused(json_object_new_int64(9007199254740993), "2^53 + 1");
	is_refused(json_object_new_int64(-9007199254740993), "-2^53 - 1");
	is_refused(json_object_new_double(1.5), "a fraction");
	json_object_array_add(list, json_object_new_double(1.0));
	is_refused(list, "a fraction inside");
}

int
main(void)
{
	test_order();
	test_values();
	test_long();
	test_refused();
	return plan_done();
}
