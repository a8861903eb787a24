/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a source that was read: what they say, and what is in them. */
#include <stdlib.h>

#include "engine/json.h"
#include "engine/json_escape.h"

struct us_json_value
us_json_at(const struct us_src *src, uint32_t i)
{
	enum us_json_kind kind = (enum us_json_kind)src->nodes.v[i].kind;

	return (struct us_json_value){i, kind, kind > US_JSON_NULL};
}

/* The node behind node i and all that is inside it. */
static uint32_t
past(const struct us_src *src, uint32_t i)
{
	return src->nodes.v[i].kind >= US_JSON_ARRAY ? src->nodes.v[i].more
						     : i + 1;
}

struct us_json_walk
us_json_walk(const struct us_src *src, struct us_json_value around)
{
	struct us_json_walk walk = {.src = src};

	if (around.kind >= US_JSON_ARRAY) {
		walk.next = around.node + 1;
		walk.end = past(src, around.node);
	}
	return walk;
}

bool
us_json_next(struct us_json_walk *walk, struct us_json_value *value)
{
	if (walk->next == walk->end)
		return false;
	*value = us_json_at(walk->src, walk->next);
	walk->next = past(walk->src, walk->next);
	return true;
}

size_t
us_json_length(const struct us_src *src, struct us_json_value value)
{
	struct us_json_walk walk = us_json_walk(src, value);
	size_t n = 0;

	for (; walk.next != walk.end; walk.next = past(src, walk.next))
		n++;
	return n;
}

struct us_json_value
us_json_member(
    const struct us_src *src, struct us_json_value value, const char *name)
{
	struct us_json_walk walk = us_json_walk(src, value);
	struct us_json_value member;

	while (value.kind == US_JSON_OBJECT && us_json_next(&walk, &member)) {
		if (us_str_is(src->nodes.v[member.node].name, name))
			return member;
	}
	return (struct us_json_value){0};
}

struct us_str
us_json_raw(const struct us_src *src, struct us_json_value value)
{
	const struct us_src_node *node = &src->nodes.v[value.node];

	return (struct us_str){src->text + node->off, node->len};
}

struct us_str
us_json_text(
    const struct us_src *src, struct us_json_value value, struct us_arena *a)
{
	const struct us_src_node *node = &src->nodes.v[value.node];
	struct us_str raw = us_json_raw(src, value);

	if (src->format == US_FORMAT_YAML)
		return src->strings.v[node->more];
	if (value.kind != US_JSON_STRING)
		return raw;
	raw = (struct us_str){raw.p + 1, raw.n - 2};
	return node->escapes ? us_json_decode(raw, a) : raw;
}

bool
us_json_true(const struct us_src *src, struct us_json_value value)
{
	/* In YAML it may be True. */
	return value.kind == US_JSON_BOOL &&
	       (us_json_raw(src, value).p[0] | 0x20) == 't';
}

int64_t
us_json_int(const struct us_src *src, struct us_json_value value)
{
	/* Behind its text stands what is no digit. */
	return value.kind == US_JSON_INT
		   ? strtoll(us_json_text(src, value, NULL).p, NULL, 10)
		   : 0;
}

static void
print_inside(
    const struct us_src *src, struct us_json_value value, struct us_buf *out)
{
	struct us_json_walk walk = us_json_walk(src, value);
	struct us_json_value inner;
	const char *comma = "";

	while (us_json_next(&walk, &inner)) {
		us_buf_puts(out, comma);
		if (value.kind == US_JSON_OBJECT) {
			us_buf_json(out, src->nodes.v[inner.node].name);
			us_buf_putc(out, ':');
		}
		us_json_print(src, inner, out);
		comma = ",";
	}
}

void
us_json_print(
    const struct us_src *src, struct us_json_value value, struct us_buf *out)
{
	bool array = value.kind == US_JSON_ARRAY;
	struct us_arena a = {0};

	switch (value.kind) {
	case US_JSON_ABSENT:
	case US_JSON_NULL:
		us_buf_puts(out, "null");
		break;
	case US_JSON_BOOL:
		us_buf_puts(out, us_json_true(src, value) ? "true" : "false");
		break;
	case US_JSON_INT:
	case US_JSON_NUMBER:
		us_buf_str_add(out, us_json_text(src, value, NULL));
		break;
	case US_JSON_STRING:
		us_buf_json(out, us_json_text(src, value, &a));
		us_arena_free(&a);
		break;
	case US_JSON_ARRAY:
	case US_JSON_OBJECT:
		us_buf_putc(out, array ? '[' : '{');
		print_inside(src, value, out);
		us_buf_putc(out, array ? ']' : '}');
		break;
	}
}
