/* SPDX-License-Identifier: Apache-2.0 */
/* Resources and approval alternatives of the JSON form (SPEC 2). */
#include "engine/json_parts.h"

/* keep and remove: a pattern on the values of a key, or a boolean value. */
static void
read_condition(struct us_json_reader *r, struct us_json_value around,
    struct us_json_value key, struct us_json_value pattern,
    struct us_json_value value, struct us_filter *filter)
{
	if (value.has) {
		filter->boolean = true;
		us_json_bool(r, value, &filter->value);
		if (key.has)
			us_json_error(r, US_DIAG_FORBIDDEN, key,
			    "\"key\" does not go with \"value\", which is for "
			    "boolean filters");
		if (pattern.has)
			us_json_error(r, US_DIAG_FORBIDDEN, pattern,
			    "\"pattern\" does not go with \"value\", which is "
			    "for boolean filters");
		return;
	}
	if (!key.has && !pattern.has) {
		us_json_error(r, US_DIAG_MISSING, around,
		    "\"key\" and \"pattern\" are missing (or \"value\", for a "
		    "boolean filter)");
		return;
	}
	if (!key.has || !pattern.has)
		us_json_error(r, US_DIAG_MISSING, around,
		    "\"%s\" is missing: a filter has \"key\" and \"pattern\" "
		    "together",
		    key.has ? "pattern" : "key");
	filter->has_key = us_json_word(r, key, &filter->key);
	us_json_word(r, pattern, &filter->pattern);
}

static void
read_filter(
    struct us_json_reader *r, struct us_json_value value, struct us_to *to)
{
	enum { EFFECT, KEY, PATTERN, VALUE, COUNT };
	static const char *const names[] = {
	    "effect", "key", "pattern", "value"};
	const uint32_t condition =
	    US_BIT(KEY) | US_BIT(PATTERN) | US_BIT(VALUE);
	const struct us_json_shape shapes[] = {
	    [US_KEEP] = {"keep", 0, condition},
	    [US_REMOVE] = {"remove", 0, condition},
	    [US_REMOVE_ALL] = {"removeAll", 0, US_BIT(KEY)},
	};
	const struct us_json_form form = US_FORM("a filter", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_filter *filter;
	int shape;

	if (!value.has)
		return;
	shape = us_json_members(r, &form, value, slots);
	if (shape < 0)
		return;
	filter = us_list_add(r->arena, &to->filters);
	filter->name = us_json_name(r, value);
	filter->loc = us_json_place(r, value);
	filter->effect = (enum us_effect)shape;
	if (filter->effect == US_REMOVE_ALL)
		filter->has_key = us_json_word(r, slots[KEY], &filter->key);
	else
		read_condition(
		    r, value, slots[KEY], slots[PATTERN], slots[VALUE], filter);
}

void
us_json_resource(
    struct us_json_reader *r, struct us_json_value value, struct us_to *to)
{
	enum { TYPE, SERVICE, ACCESS, FILTERS, COUNT };
	static const char *const names[] = {
	    "type", "service", "accessType", "filters"};
	enum { ANY, INTEGRATION };
	static const struct us_json_shape shapes[] = {
	    [ANY] = {"any", 0, 0},
	    [INTEGRATION] = {"integration", US_BIT(SERVICE),
		US_BIT(ACCESS) | US_BIT(FILTERS)},
	};
	static const struct us_json_form form =
	    US_FORM("a resource", names, shapes);
	struct us_json_value slots[COUNT], filter;
	struct us_json_walk walk;
	int shape = us_json_members(r, &form, value, slots);

	to->loc = to->close = us_json_place(r, value);
	if (shape < 0)
		return;
	to->given = true;
	to->any = shape == ANY;
	if (to->any)
		return;
	us_json_word(r, slots[SERVICE], &to->service);
	to->has_access = us_json_word(r, slots[ACCESS], &to->access) &&
			 !us_str_is(to->access.s, "any");
	if (!us_json_is(r, slots[FILTERS], US_JSON_OBJECT))
		return;
	walk = us_json_walk(r->src, slots[FILTERS]);
	while (us_json_each(r, &walk, &filter))
		read_filter(r, filter, to);
}

/* A number that is kept as it is written, and means nothing. */
static struct us_str
read_kept(struct us_json_reader *r, struct us_json_value value)
{
	if (!us_json_is(r, value, US_JSON_NUMBER))
		return (struct us_str){0};
	us_json_error(r, US_DIAG_NOT_INTERPRETED, value,
	    "\"%.*s\" is kept and returned, but nothing acts on it",
	    US_ARG(us_json_name(r, value).s));
	return us_arena_str(r->arena, us_json_text(r->src, value, r->arena));
}

static void
read_options(
    struct us_json_reader *r, struct us_json_value value, struct us_alt *alt)
{
	static const char *const names[] = {
#define US_OPTION(id, json, verb, word, help) json,
#include "engine/vocab.def"
	    "cooldown", "duration"};
	enum {
		COUNT = sizeof(names) / sizeof(*names),
		COOLDOWN = COUNT - 2,
		DURATION
	};
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(COUNT) - 1}};
	static const struct us_json_form form =
	    US_FORM("an object of options", names, shapes);
	struct us_json_value slots[COUNT];
	bool on;

	if (us_json_members(r, &form, value, slots) < 0)
		return;
	alt->has_options = true;
	for (unsigned i = 0; i < COUNT; i++) {
		if (alt->type == US_ALT_DENY && slots[i].has)
			us_json_error(r, US_DIAG_FORBIDDEN, slots[i],
			    "\"deny\" takes no options; take \"%s\" out",
			    names[i]);
		else if (i < COOLDOWN && us_json_bool(r, slots[i], &on) && on)
			alt->options |= us_options[i].bit;
	}
	if (alt->type != US_ALT_DENY) {
		alt->cooldown = read_kept(r, slots[COOLDOWN]);
		alt->duration = read_kept(r, slots[DURATION]);
	}
}

static void
read_services(
    struct us_json_reader *r, struct us_json_value value, struct us_alt *alt)
{
	struct us_json_walk walk = us_json_walk(r->src, value);
	struct us_json_value item;

	if (!us_json_is(r, value, US_JSON_ARRAY))
		return;
	if (!us_json_length(r->src, value))
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "a list of services may not be empty");
	while (us_json_each(r, &walk, &item))
		us_json_item_word(
		    r, item, us_list_add(r->arena, &alt->services));
}

void
us_json_alternative(
    struct us_json_reader *r, struct us_json_value value, struct us_alt *alt)
{
	enum {
		TYPE,
		INTEGRATION,
		SERVICES,
		SET,
		PROPERTY = SET + 5,
		OPTIONS,
		COUNT
	};
	static const char *const names[] = {"type", "integration", "services",
	    US_SET_MEMBERS, "profileProperty", "options"};
	enum { DIRECTORY = SET + US_SET_DIRECTORY };
	static const struct us_json_shape shapes[] = {
	    [US_ALT_AUTO] = {"auto", US_BIT(INTEGRATION), US_BIT(OPTIONS)},
	    [US_ALT_DENY] = {"deny", 0, US_BIT(OPTIONS)},
	    [US_ALT_ESCALATION] = {"escalation",
		US_BIT(INTEGRATION) | US_BIT(SERVICES), US_BIT(OPTIONS)},
	    [US_ALT_GROUP] = {"group", 0, US_SET_BITS(SET) | US_BIT(OPTIONS)},
	    [US_ALT_PERSISTENT] = {"persistent", 0, US_BIT(OPTIONS)},
	    [US_ALT_PROFILE] = {"requestor-profile", US_BIT(DIRECTORY),
		US_BIT(PROPERTY) | US_BIT(OPTIONS)},
	    [US_ALT_P0] = {"p0", 0, US_BIT(OPTIONS)},
	};
	static const struct us_json_form form =
	    US_FORM("an alternative", names, shapes);
	struct us_json_value slots[COUNT];
	int shape = us_json_members(r, &form, value, slots);

	alt->loc = us_json_place(r, value);
	if (shape < 0)
		return;
	alt->type = (enum us_alt_type)shape;
	if (slots[OPTIONS].has)
		read_options(r, slots[OPTIONS], alt);
	if (alt->type == US_ALT_AUTO || alt->type == US_ALT_ESCALATION)
		us_json_word(r, slots[INTEGRATION], &alt->integration);
	if (alt->type == US_ALT_ESCALATION && slots[SERVICES].has)
		read_services(r, slots[SERVICES], alt);
	if (alt->type == US_ALT_GROUP)
		us_json_group_set(r, value, slots + SET, &alt->members);
	if (alt->type != US_ALT_PROFILE)
		return;
	us_json_word(r, slots[DIRECTORY], &alt->directory);
	alt->property = (struct us_word){US_STR("manager"), alt->loc};
	us_json_word(r, slots[PROPERTY], &alt->property);
}
