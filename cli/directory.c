/* SPDX-License-Identifier: Apache-2.0 */
/* Reading directory.json, as strictly as everything else in JSON. */
#include "cli/directory.h"
#include "engine/check.h"
#include "engine/json_request.h"
#include "grammar/load.h"

static void
read_strings(struct us_json_reader *r, struct us_json_value list)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value item;
	struct us_word word;

	if (!us_json_is(r, list, US_JSON_ARRAY))
		return;
	while (us_json_next(&walk, &item))
		us_json_item_word(r, item, &word);
}

/* {directory: {property: value}} */
static void
read_profile(struct us_json_reader *r, struct us_json_value profile)
{
	struct us_json_walk walk = us_json_walk(r->src, profile), inner;
	struct us_json_value directory, property;

	if (!us_json_is(r, profile, US_JSON_OBJECT))
		return;
	while (us_json_next(&walk, &directory)) {
		inner = us_json_walk(r->src, directory);
		if (!us_json_is(r, directory, US_JSON_OBJECT))
			continue;
		while (us_json_next(&inner, &property))
			us_json_is(r, property, US_JSON_STRING);
	}
}

static void
read_user(struct us_json_reader *r, struct us_json_value user,
    us_group_ids *inhabited)
{
	enum { GROUPS, PROFILE, ROLES, NAME, COUNT };
	static const char *const names[] = {
	    "groups", "profile", "roles", "name"};
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(COUNT) - 1}};
	static const struct us_json_form form =
	    US_FORM("a user", names, shapes);
	struct us_json_value slots[COUNT];

	if (us_json_members(r, &form, user, slots) < 0)
		return;
	us_json_groups(r, slots[GROUPS], inhabited);
	read_profile(r, slots[PROFILE]);
	read_strings(r, slots[ROLES]);
	us_json_is(r, slots[NAME], US_JSON_STRING);
}

static void
read_directory(struct us_json_reader *r, struct us_json_value value,
    us_group_ids *inhabited)
{
	enum { USERS, COUNT };
	static const char *const names[] = {"users"};
	static const struct us_json_shape shapes[] = {{NULL, US_BIT(USERS), 0}};
	static const struct us_json_form form =
	    US_FORM("a directory", names, shapes);
	struct us_json_value slots[COUNT], user;
	struct us_json_walk walk;

	if (us_json_members(r, &form, value, slots) < 0 ||
	    !us_json_is(r, slots[USERS], US_JSON_OBJECT))
		return;
	walk = us_json_walk(r->src, slots[USERS]);
	while (us_json_next(&walk, &user))
		read_user(r, user, inhabited);
}

bool
us_directory_load(const char *path, struct us_arena *arena,
    us_group_ids *inhabited, struct us_src **src, struct us_diags *diags)
{
	struct us_json_reader r = {.diags = diags, .arena = arena};
	struct us_json_value value;

	*src = us_load_file(path, US_FORMAT_JSON, US_WORKFLOW_MAX, diags);
	r.src = *src;
	if (!r.src || !us_json_parse(r.src, diags, &value))
		return false;
	read_directory(&r, value, inhabited);
	return r.errors == 0;
}
