/* SPDX-License-Identifier: Apache-2.0 */
/* Objects read by tables; see json_read.h. */
#include <stdarg.h>
#include <stdio.h>

#include "engine/json_read.h"
#include "engine/when.h"

struct us_loc
us_json_place(const struct us_json_reader *r, struct us_json_value value)
{
	const struct us_src_node *node = &r->src->nodes.v[value.node];

	return (struct us_loc){r->src, node->off, node->len};
}

struct us_word
us_json_name(const struct us_json_reader *r, struct us_json_value value)
{
	return (struct us_word){
	    r->src->nodes.v[value.node].name, us_json_place(r, value)};
}

struct us_str
us_json_key(const struct us_json_reader *r, struct us_json_value value)
{
	return us_arena_str(r->arena, r->src->nodes.v[value.node].name);
}

void
us_json_error(struct us_json_reader *r, enum us_diag_id id,
    struct us_json_value value, const char *fmt, ...)
{
	va_list ap;
	char room[1024];

	if (us_diag_severity(id) == US_ERROR &&
	    ++r->errors >= US_JSON_ERRORS_MAX) {
		if (r->errors == US_JSON_ERRORS_MAX)
			us_diag_add(r->diags, US_DIAG_LIMIT,
			    us_json_place(r, value),
			    "there are %d errors; more are not shown",
			    US_JSON_ERRORS_MAX);
		return;
	}
	va_start(ap, fmt);
	vsnprintf(room, sizeof(room), fmt, ap);
	va_end(ap);
	/* A cut must not leave half a character. */
	room[us_utf8_bad(room, strlen(room))] = '\0';
	us_diag_add(r->diags, id, us_json_place(r, value), "%s", room);
}

static const char *
type_name(enum json_type type)
{
	switch (type) {
	case json_type_null:
		return "null";
	case json_type_boolean:
		return "true or false";
	case json_type_double:
		return "a number";
	case json_type_int:
		return "a whole number";
	case json_type_object:
		return "an object";
	case json_type_array:
		return "a list";
	case json_type_string:
		break;
	}
	return "a string";
}

#define SHOWN 60

const char *
us_json_show(const struct us_json_reader *r, struct us_json_value value)
{
	struct us_loc loc = us_json_place(r, value);
	const char *text = r->src->text + loc.off;
	enum json_type type = json_object_get_type(value.v);
	int n = 0;

	if (!loc.len || type == json_type_object || type == json_type_array)
		return type_name(type);
	while (n < SHOWN && (uint32_t)n < loc.len && text[n] != '\n')
		n++;
	while (n && (uint32_t)n < loc.len && (text[n] & 0xc0) == 0x80)
		n--;
	return us_arena_printf(&r->diags->arena, "%.*s%s", n, text,
	    (uint32_t)n < loc.len ? "..." : "");
}

bool
us_json_is(
    struct us_json_reader *r, struct us_json_value value, enum json_type type)
{
	if (!value.v)
		return false;
	if (json_object_is_type(value.v, type) ||
	    (type == json_type_double &&
		json_object_is_type(value.v, json_type_int)))
		return true;
	us_json_error(r, US_DIAG_TYPE, value, "expected %s, found %s",
	    type_name(type), us_json_show(r, value));
	return false;
}

bool
us_json_word(
    struct us_json_reader *r, struct us_json_value value, struct us_word *word)
{
	if (!us_json_is(r, value, json_type_string))
		return false;
	word->loc = us_json_place(r, value);
	word->s = us_arena_str(
	    r->arena, (struct us_str){json_object_get_string(value.v),
			  (size_t)json_object_get_string_len(value.v)});
	return true;
}

bool
us_json_str(
    struct us_json_reader *r, struct us_json_value value, struct us_str *s)
{
	struct us_word word;

	if (!us_json_word(r, value, &word))
		return false;
	*s = word.s;
	return true;
}

bool
us_json_item_word(
    struct us_json_reader *r, struct us_json_value value, struct us_word *word)
{
	if (!value.v)
		us_json_error(
		    r, US_DIAG_TYPE, value, "expected a string, found null");
	return us_json_word(r, value, word);
}

bool
us_json_bool(struct us_json_reader *r, struct us_json_value value, bool *b)
{
	if (!us_json_is(r, value, json_type_boolean))
		return false;
	*b = json_object_get_boolean(value.v);
	return true;
}

bool
us_json_time(struct us_json_reader *r, struct us_json_value value, int64_t *ms)
{
	if (!us_json_is(r, value, json_type_string))
		return false;
	if (us_when_parse(us_str(json_object_get_string(value.v)), ms))
		return true;
	us_json_error(r, US_DIAG_BAD_VALUE, value,
	    "%s is no time; expected RFC 3339, like "
	    "\"2027-01-02T00:00:00Z\"",
	    us_json_show(r, value));
	return false;
}

/* Adds a name to a list in words: a, b, c. */
static void
list_name(struct us_buf *list, const char *name)
{
	us_buf_puts(list, list->n ? ", " : "");
	us_buf_puts(list, name);
}

int
us_json_choice(struct us_json_reader *r, struct us_json_value value,
    const char *what, const char *const *names, unsigned n)
{
	struct us_nearest nearest = {0};
	struct us_buf list = {0};

	if (!us_json_is(r, value, json_type_string))
		return -1;
	nearest.wanted = us_str(json_object_get_string(value.v));
	for (unsigned i = 0; i < n; i++) {
		if (us_str_is(nearest.wanted, names[i])) {
			us_buf_free(&list);
			return (int)i;
		}
		us_nearest_offer(&nearest, us_str(names[i]));
		list_name(&list, names[i]);
	}
	us_json_error(r, US_DIAG_BAD_VALUE, value,
	    "unknown %s %s%s; expected %s%s", what, us_json_show(r, value),
	    us_nearest_hint(&nearest, r->diags), n > 1 ? "one of " : "",
	    list.p);
	us_buf_free(&list);
	return -1;
}

static void
unknown_member(struct us_json_reader *r, const struct us_json_form *form,
    struct us_json_value value)
{
	struct us_nearest nearest = {us_json_name(r, value).s, {0}, 0};
	struct us_buf list = {0};

	for (unsigned i = 0; i < form->member_count; i++) {
		us_nearest_offer(&nearest, us_str(form->members[i]));
		list_name(&list, form->members[i]);
	}
	us_json_error(r, US_DIAG_UNKNOWN_MEMBER, value,
	    "%s has no member \"%.*s\"%s; it has %s", form->what,
	    US_ARG(nearest.wanted), us_nearest_hint(&nearest, r->diags),
	    list.p);
	us_buf_free(&list);
}

/* Sorts the members of value into slots. */
static void
fill_slots(struct us_json_reader *r, const struct us_json_form *form,
    struct us_json_value value, struct us_json_value *slots)
{
	struct us_json_walk walk = us_json_walk(r->src, value);
	struct us_json_value member;
	unsigned i;

	memset(slots, 0, form->member_count * sizeof(*slots));
	while (us_json_each(r, &walk, &member)) {
		struct us_str name = r->src->nodes.v[member.node].name;

		for (i = 0; i < form->member_count; i++) {
			if (us_str_is(name, form->members[i]))
				break;
		}
		if (i == form->member_count)
			unknown_member(r, form, member);
		else
			slots[i] = member;
	}
}

/* Which shape member 0 says; -1 with an error. */
static int
find_shape(struct us_json_reader *r, const struct us_json_form *form,
    struct us_json_value value, struct us_json_value tag)
{
	const char *names[32];
	struct us_buf list = {0};

	for (unsigned i = 0; i < form->shape_count; i++)
		names[i] = form->shapes[i].type;
	if (tag.v)
		return us_json_choice(
		    r, tag, form->members[0], names, form->shape_count);
	for (unsigned i = 0; i < form->shape_count; i++)
		list_name(&list, names[i]);
	us_json_error(r, US_DIAG_MISSING, value,
	    "\"%s\" is missing: %s has %s%s", form->members[0], form->what,
	    form->shape_count > 1 ? "one of " : "", list.p);
	us_buf_free(&list);
	return -1;
}

/* What the shape needs must be there, what it does not know must not. */
static void
check_shape(struct us_json_reader *r, const struct us_json_form *form,
    const struct us_json_shape *shape, struct us_json_value value,
    const struct us_json_value *slots)
{
	const char *kind = "";

	if (shape->type)
		kind = us_arena_printf(&r->diags->arena, " with %s \"%s\"",
		    form->members[0], shape->type);
	for (unsigned i = shape->type ? 1 : 0; i < form->member_count; i++) {
		if (!slots[i].v && (shape->needs & US_BIT(i)))
			us_json_error(r, US_DIAG_MISSING, value,
			    "\"%s\" is missing: %s%s needs it",
			    form->members[i], form->what, kind);
		if (slots[i].v && !((shape->needs | shape->may) & US_BIT(i)))
			us_json_error(r, US_DIAG_FORBIDDEN, slots[i],
			    "%s%s has no \"%s\"; take it out", form->what, kind,
			    form->members[i]);
	}
}

int
us_json_members(struct us_json_reader *r, const struct us_json_form *form,
    struct us_json_value value, struct us_json_value *slots)
{
	int shape = 0;

	memset(slots, 0, form->member_count * sizeof(*slots));
	if (!json_object_is_type(value.v, json_type_object)) {
		us_json_error(r, US_DIAG_TYPE, value,
		    "expected %s (an object), found %s", form->what,
		    us_json_show(r, value));
		return -1;
	}
	fill_slots(r, form, value, slots);
	if (form->shapes[0].type)
		shape = find_shape(r, form, value, slots[0]);
	if (shape >= 0)
		check_shape(r, form, &form->shapes[shape], value, slots);
	return shape;
}
