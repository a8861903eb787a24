/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What we read of JSON, beside what json-c reads of it. It lets pass more; of
 * what we take it must say the same, value by value.
 */
#include <json-c/json.h>

#include "engine/json.h"
#include "tests/fuzz/fuzz.h"

static void must_agree(const struct us_src *src, struct us_json_value value,
    struct json_object *peer, struct us_arena *a);

static bool
is_kind(enum us_json_kind kind, enum json_type type)
{
	switch (type) {
	case json_type_null:
		return kind == US_JSON_NULL;
	case json_type_boolean:
		return kind == US_JSON_BOOL;
	case json_type_int:
		return kind == US_JSON_INT;
	case json_type_double:
		return kind == US_JSON_NUMBER || kind == US_JSON_INT; /* -0 */
	case json_type_string:
		return kind == US_JSON_STRING;
	case json_type_array:
		return kind == US_JSON_ARRAY;
	case json_type_object:
		return kind == US_JSON_OBJECT;
	}
	return false;
}

static void
must_have_all(const struct us_src *src, struct us_json_value value,
    struct json_object *peer, struct us_arena *a)
{
	bool array = value.kind == US_JSON_ARRAY;
	struct us_json_walk walk = us_json_walk(src, value);
	struct us_json_value inner;
	struct json_object *other;
	size_t n = 0;

	for (; us_json_next(&walk, &inner); n++) {
		struct us_str name = src->nodes.v[inner.node].name;

		if (array)
			other = json_object_array_get_idx(peer, n);
		else if (!json_object_object_get_ex(
			     peer, us_arena_str(a, name).p, &other))
			fuzz_broken(
			    "json-c has no member \"%.*s\"", US_ARG(name));
		must_agree(src, inner, other, a);
	}
	if (n != us_json_length(src, value) ||
	    n != (array ? json_object_array_length(peer)
			: (size_t)json_object_object_length(peer)))
		fuzz_broken("%zu values inside, or another number", n);
}

static void
must_agree(const struct us_src *src, struct us_json_value value,
    struct json_object *peer, struct us_arena *a)
{
	enum json_type type = json_object_get_type(peer);

	if (!is_kind(value.kind, type))
		fuzz_broken("kind %d, json-c says %s", (int)value.kind,
		    json_type_to_name(type));
	if (value.kind >= US_JSON_ARRAY)
		must_have_all(src, value, peer, a);
	else if (value.kind == US_JSON_STRING)
		fuzz_same("a string", us_json_text(src, value, a),
		    (struct us_str){json_object_get_string(peer),
			(size_t)json_object_get_string_len(peer)});
	else if (value.kind == US_JSON_BOOL &&
		 us_json_true(src, value) != json_object_get_boolean(peer))
		fuzz_broken("true is false");
	else if (type == json_type_int &&
		 us_json_int(src, value) != json_object_get_int64(peer))
		fuzz_broken("a number is %lld, json-c says %lld",
		    (long long)us_json_int(src, value),
		    (long long)json_object_get_int64(peer));
}

/* What we print of it is the same text when that is read and printed. */
static void
must_print(const struct us_src *src, struct us_json_value value)
{
	struct us_buf once = {0}, twice = {0};
	struct us_diags diags = {0};
	struct us_json_value again;
	struct us_src *printed;

	us_json_print(src, value, &once);
	printed = us_src_new("printed", us_buf_str(&once), US_FORMAT_JSON);
	if (!us_json_parse(printed, &diags, &again))
		fuzz_broken("printed it is wrong: %s", once.p);
	us_json_print(printed, again, &twice);
	fuzz_same("printed", us_buf_str(&once), us_buf_str(&twice));
	us_src_free(printed);
	us_diags_free(&diags);
	us_buf_free(&once);
	us_buf_free(&twice);
}

void
fuzz_json(struct us_str text)
{
	struct us_src *src = us_src_new("input", text, US_FORMAT_JSON);
	struct json_tokener *reader = json_tokener_new();
	struct us_diags diags = {0};
	struct us_json_value value;
	struct us_arena a = {0};
	struct json_object *peer;

	if (us_json_parse(src, &diags, &value)) {
		/* With the NUL, for a number may go on. */
		peer = json_tokener_parse_ex(
		    reader, src->text, (int)src->size + 1);
		if (json_tokener_get_error(reader) != json_tokener_success)
			fuzz_broken("json-c refuses it: %s",
			    json_tokener_error_desc(
				json_tokener_get_error(reader)));
		must_agree(src, value, peer, &a);
		must_print(src, value);
		json_object_put(peer);
	}
	json_tokener_free(reader);
	us_arena_free(&a);
	us_diags_free(&diags);
	us_src_free(src);
}
