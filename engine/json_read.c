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
kind_name(enum us_json_kind kind)
{
	static const char *const names[] = {
	    [US_JSON_ABSENT] = "null",
	    [US_JSON_NULL] = "null",
	    [US_JSON_BOOL] = "true or false",
	    [US_JSON_INT] = "a whole number",
	    [US_JSON_NUMBER] = "a number",
	    [US_JSON_STRING] = "a string",
	    [US_JSON_ARRAY] = "a list",
	    [US_JSON_OBJECT] = "an object",
	};

	return names[kind];
}

#define SHOWN 60

const char *
us_json_show(const struct us_json_reader *r, struct us_json_value value)
{
	struct us_str raw = us_json_raw(r->src, value), shown;
	size_t n = 0;

	if (!raw.n || value.kind >= US_JSON_ARRAY)
		return kind_name(value.kind);
	while (n < SHOWN && n < raw.n && raw.p[n] != '\n')
		n++;
	shown = us_utf8_cut(raw, n);
	return us_arena_printf(&r->diags->arena, "%.*s%s", US_ARG(shown),
	    shown.n < raw.n ? "..." : "");
}

bool
us_json_is(struct us_json_reader *r, struct us_json_value value,
    enum us_json_kind kind)
{
	if (!value.has)
		return false;
	if (value.kind == kind ||
	    (kind == US_JSON_NUMBER && value.kind == US_JSON_INT))
		return true;
	us_json_error(r, US_DIAG_TYPE, value, "expected %s, found %s",
	    kind_name(kind), us_json_show(r, value));
	return false;
}

bool
us_json_word(
    struct us_json_reader *r, struct us_json_value value, struct us_word *word)
{
	if (!us_json_str(r, value, &word->s))
		return false;
	word->loc = us_json_place(r, value);
	return true;
}

/* The text of a string or number, with a NUL, for as long as the arena. */
static struct us_str
copy_text(const struct us_json_reader *r, struct us_json_value value)
{
	struct us_str text = us_json_text(r->src, value, r->arena);

	/* What was decoded is there already, zeroed behind it. */
	return r->src->format == US_FORMAT_JSON &&
		       r->src->nodes.v[value.node].escapes
		   ? text
		   : us_arena_str(r->arena, text);
}

bool
us_json_str(
    struct us_json_reader *r, struct us_json_value value, struct us_str *s)
{
	if (!us_json_is(r, value, US_JSON_STRING))
		return false;
	*s = copy_text(r, value);
	return true;
}

bool
us_json_item_word(
    struct us_json_reader *r, struct us_json_value value, struct us_word *word)
{
	if (!value.has)
		us_json_error(
		    r, US_DIAG_TYPE, value, "expected a string, found null");
	return us_json_word(r, value, word);
}

bool
us_json_bool(struct us_json_reader *r, struct us_json_value value, bool *b)
{
	if (!us_json_is(r, value, US_JSON_BOOL))
		return false;
	*b = us_json_true(r->src, value);
	return true;
}

bool
us_json_time(struct us_json_reader *r, struct us_json_value value, int64_t *ms)
{
	if (!us_json_is(r, value, US_JSON_STRING))
		return false;
	if (us_when_parse(us_json_text(r->src, value, r->arena), ms))
		return true;
	us_json_error(r, US_DIAG_BAD_VALUE, value,
	    "%s is no time; expected RFC 3339, like "
	    "\"2027-01-02T00:00:00Z\"",
	    us_json_show(r, value));
	return false;
}

/* Which of the names s is; -1: none. No text of JSON or YAML has a NUL. */
static int
find_name(struct us_str s, const char *const *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (s.n && *names[i] == *s.p && !strncmp(names[i], s.p, s.n) &&
		    !names[i][s.n])
			return (int)i;
	}
	return -1;
}

/* The names in words: a, b, c; and the nearest to what was wanted. */
static void
offer_names(struct us_nearest *nearest, const char *const *names, unsigned n,
    struct us_buf *list)
{
	for (unsigned i = 0; i < n; i++) {
		us_nearest_offer(nearest, us_str(names[i]));
		us_buf_puts(list, i ? ", " : "");
		us_buf_puts(list, names[i]);
	}
}

int
us_json_choice(struct us_json_reader *r, struct us_json_value value,
    const char *what, const char *const *names, unsigned n)
{
	struct us_nearest nearest = {0};
	struct us_buf list = {0};
	int i;

	if (!us_json_is(r, value, US_JSON_STRING))
		return -1;
	nearest.wanted = us_json_text(r->src, value, r->arena);
	i = find_name(nearest.wanted, names, n);
	if (i >= 0)
		return i;
	offer_names(&nearest, names, n, &list);
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

	offer_names(&nearest, form->members, form->member_count, &list);
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
	int i;

	while (us_json_each(r, &walk, &member)) {
		i = find_name(r->src->nodes.v[member.node].name, form->members,
		    form->member_count);
		if (i < 0)
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
	struct us_nearest none = {0};
	struct us_buf list = {0};

	for (unsigned i = 0; i < form->shape_count; i++)
		names[i] = form->shapes[i].type;
	if (tag.has)
		return us_json_choice(
		    r, tag, form->members[0], names, form->shape_count);
	offer_names(&none, names, form->shape_count, &list);
	us_json_error(r, US_DIAG_MISSING, value,
	    "\"%s\" is missing: %s has %s%s", form->members[0], form->what,
	    form->shape_count > 1 ? "one of " : "", list.p);
	us_buf_free(&list);
	return -1;
}

/* Of what the message is: an alternative with type "auto". */
static const char *
name_shape(struct us_json_reader *r, const struct us_json_form *form,
    const struct us_json_shape *shape)
{
	if (!shape->type)
		return form->what;
	return us_arena_printf(&r->diags->arena, "%s with %s \"%s\"",
	    form->what, form->members[0], shape->type);
}

/* What the shape needs must be there, what it does not know must not. */
static void
check_shape(struct us_json_reader *r, const struct us_json_form *form,
    const struct us_json_shape *shape, struct us_json_value value,
    const struct us_json_value *slots)
{
	for (unsigned i = shape->type ? 1 : 0; i < form->member_count; i++) {
		if (!slots[i].has && (shape->needs & US_BIT(i)))
			us_json_error(r, US_DIAG_MISSING, value,
			    "\"%s\" is missing: %s needs it", form->members[i],
			    name_shape(r, form, shape));
		if (slots[i].has && !((shape->needs | shape->may) & US_BIT(i)))
			us_json_error(r, US_DIAG_FORBIDDEN, slots[i],
			    "%s has no \"%s\"; take it out",
			    name_shape(r, form, shape), form->members[i]);
	}
}

int
us_json_members(struct us_json_reader *r, const struct us_json_form *form,
    struct us_json_value value, struct us_json_value *slots)
{
	int shape = 0;

	memset(slots, 0, form->member_count * sizeof(*slots));
	if (value.kind != US_JSON_OBJECT) {
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

bool
us_json_group(struct us_json_reader *r, struct us_json_value value,
    struct us_json_value slots[US_GROUP_MEMBERS])
{
	static const char *const names[US_GROUP_MEMBERS] = {
	    [US_GROUP_DIRECTORY] = "directory",
	    [US_GROUP_ID] = "id",
	    [US_GROUP_LABEL] = "label"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(US_GROUP_DIRECTORY) | US_BIT(US_GROUP_ID),
		US_BIT(US_GROUP_LABEL)}};
	static const struct us_json_form form =
	    US_FORM("a group", names, shapes);

	return us_json_members(r, &form, value, slots) >= 0;
}
