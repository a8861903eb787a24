/* SPDX-License-Identifier: Apache-2.0 */
/* Requestors of the JSON form: people, sets of groups, agents (SPEC 2). */
#include "engine/json_parts.h"

static struct us_group *
add_group(struct us_json_reader *r, struct us_json_value value,
    const struct us_json_value *slots, struct us_members *members)
{
	struct us_groupref *ref = us_list_add(r->arena, &members->refs);
	struct us_group *group = us_arena_alloc(r->arena, sizeof(*group));

	group->loc = us_json_place(r, value);
	group->used = true;
	us_json_word(r, slots[US_GROUP_DIRECTORY], &group->directory);
	us_json_word(r, slots[US_GROUP_ID], &group->id);
	/* A label is for people: none is the empty one. */
	group->label = (struct us_word){US_STR(""), group->loc};
	us_json_word(r, slots[US_GROUP_LABEL], &group->label);
	ref->name.loc = group->loc;
	ref->group = group;
	return group;
}

/* {directory, id, label} */
static void
read_group(struct us_json_reader *r, struct us_json_value value,
    struct us_members *members)
{
	struct us_json_value slots[US_GROUP_MEMBERS];

	if (us_json_group(r, value, slots))
		add_group(r, value, slots, members);
}

static void
read_group_list(struct us_json_reader *r, struct us_json_value list,
    struct us_members *members)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value value;

	if (!us_json_is(r, list, US_JSON_ARRAY))
		return;
	if (!us_json_length(r->src, list))
		us_json_error(r, US_DIAG_BAD_VALUE, list,
		    "a list of groups may not be empty");
	while (us_json_each(r, &walk, &value))
		read_group(r, value, members);
}

/* The old form, one group without a list and without an effect. */
static void
read_flat(struct us_json_reader *r, struct us_json_value around,
    const struct us_json_value *set, struct us_members *members)
{
	if (set[US_SET_EFFECT].has)
		us_json_error(r, US_DIAG_FORBIDDEN, set[US_SET_EFFECT],
		    "\"effect\" goes with \"groups\"; write the group into "
		    "a list \"groups\"");
	for (int i = US_SET_DIRECTORY; i <= US_SET_ID; i++) {
		if (!set[i].has)
			us_json_error(r, US_DIAG_MISSING, around,
			    "\"%s\" is missing: a group has directory, id "
			    "and label",
			    i == US_SET_ID ? "id" : "directory");
	}
	add_group(r, around, set + US_SET_DIRECTORY, members);
}

void
us_json_group_set(struct us_json_reader *r, struct us_json_value around,
    const struct us_json_value *set, struct us_members *members)
{
	static const char *const effects[] = {"keep", "remove"};
	bool flat = set[US_SET_DIRECTORY].has || set[US_SET_ID].has ||
		    set[US_SET_LABEL].has;

	members->loc = us_json_place(r, around);
	if (!set[US_SET_GROUPS].has && flat) {
		read_flat(r, around, set, members);
		return;
	}
	for (int i = US_SET_DIRECTORY; i <= US_SET_LABEL; i++) {
		if (set[i].has)
			us_json_error(r, US_DIAG_FORBIDDEN, set[i],
			    "\"%.*s\" does not stand beside \"groups\"; "
			    "write it into a group of the list",
			    US_ARG(us_json_name(r, set[i]).s));
	}
	if (!set[US_SET_GROUPS].has)
		us_json_error(r, US_DIAG_MISSING, around,
		    "\"groups\" is missing: a list of {directory, id, label}");
	else
		read_group_list(r, set[US_SET_GROUPS], members);
	if (set[US_SET_EFFECT].has)
		members->outside = us_json_choice(r, set[US_SET_EFFECT],
				       "effect", effects, 2) == 1;
}

/* {type: "group", ...} where no other type may stand. */
static void
read_owner_groups(struct us_json_reader *r, struct us_json_value value,
    struct us_members *members)
{
	enum { TYPE, SET, COUNT = SET + 5 };
	static const char *const names[] = {"type", US_SET_MEMBERS};
	static const struct us_json_shape shapes[] = {
	    {"group", 0, US_SET_BITS(SET)}};
	static const struct us_json_form form =
	    US_FORM("a set of groups", names, shapes);
	struct us_json_value slots[COUNT];

	if (us_json_members(r, &form, value, slots) >= 0)
		us_json_group_set(r, value, slots + SET, members);
}

static void
read_agent(
    struct us_json_reader *r, struct us_json_value value, struct us_who *who)
{
	enum { TYPE, CLIENT, OWNER, GROUPS, PROVIDER, SUBJECT, COUNT };
	static const char *const names[] = {"type", "clientId", "owner",
	    "groups", "providerId", "subjectPattern"};
	enum { ANY, AGENT_CLIENT, AGENT_OWNER, OWNER_GROUP, BY_PROVIDER, MCP };
	static const struct us_json_shape shapes[] = {
	    [ANY] = {"any", 0, 0},
	    [AGENT_CLIENT] = {"agent-client", US_BIT(CLIENT), 0},
	    [AGENT_OWNER] = {"agent-owner", US_BIT(OWNER), 0},
	    [OWNER_GROUP] = {"owner-group", US_BIT(GROUPS), 0},
	    [BY_PROVIDER] = {"provider", US_BIT(PROVIDER), US_BIT(SUBJECT)},
	    [MCP] = {"mcp-client", US_BIT(CLIENT), 0},
	};
	static const enum us_agent_kind kinds[] = {US_AGENT_ANY,
	    US_AGENT_CLIENT, US_AGENT_OWNER, US_AGENT_OWNER_MEMBERS,
	    US_AGENT_PROVIDER, US_AGENT_CLIENT};
	static const struct us_json_form form =
	    US_FORM("an agent", names, shapes);
	struct us_json_value slots[COUNT];
	int shape = us_json_members(r, &form, value, slots);

	if (shape < 0)
		return;
	who->agent = kinds[shape];
	if (shape == AGENT_CLIENT || shape == MCP)
		us_json_word(r, slots[CLIENT], &who->agent_id);
	else if (shape == AGENT_OWNER)
		us_json_word(r, slots[OWNER], &who->agent_id);
	else if (shape == OWNER_GROUP && slots[GROUPS].has)
		read_owner_groups(r, slots[GROUPS], &who->owners);
	else if (shape == BY_PROVIDER)
		us_json_word(r, slots[PROVIDER], &who->agent_id);
	if (shape == BY_PROVIDER)
		who->has_subject =
		    us_json_word(r, slots[SUBJECT], &who->subject);
}

/* The human behind an agent. */
static void
read_behalf(
    struct us_json_reader *r, struct us_json_value value, struct us_who *who)
{
	enum { TYPE, UID, SET, COUNT = SET + 5 };
	static const char *const names[] = {"type", "uid", US_SET_MEMBERS};
	static const struct us_json_shape shapes[] = {
	    [US_BEHALF_ANY] = {"any", 0, 0},
	    [US_BEHALF_NONE] = {"none", 0, 0},
	    [US_BEHALF_USER] = {"user", US_BIT(UID), 0},
	    [US_BEHALF_MEMBERS] = {"group", 0, US_SET_BITS(SET)},
	};
	static const struct us_json_form form =
	    US_FORM("the user of an agent", names, shapes);
	struct us_json_value slots[COUNT];
	int shape = us_json_members(r, &form, value, slots);

	if (shape < 0)
		return;
	who->behalf = (enum us_behalf_kind)shape;
	if (shape == US_BEHALF_USER)
		us_json_word(r, slots[UID], &who->uid);
	else if (shape == US_BEHALF_MEMBERS)
		us_json_group_set(r, value, slots + SET, &who->members);
}

void
us_json_requestor(
    struct us_json_reader *r, struct us_json_value value, struct us_who *who)
{
	enum { TYPE, UID, AGENT, USER, SET, COUNT = SET + 5 };
	static const char *const names[] = {
	    "type", "uid", "agent", "user", US_SET_MEMBERS};
	static const struct us_json_shape shapes[] = {
	    {"any", 0, 0},
	    {"some", 0, 0},
	    {"user", US_BIT(UID), 0},
	    {"group", 0, US_SET_BITS(SET)},
	    {"agentic", US_BIT(AGENT) | US_BIT(USER), 0},
	};
	static const enum us_who_kind kinds[] = {
	    US_WHO_ANY, US_WHO_SOME, US_WHO_USER, US_WHO_MEMBERS, US_WHO_AGENT};
	static const struct us_json_form form =
	    US_FORM("a requestor", names, shapes);
	struct us_json_value slots[COUNT];
	int shape = us_json_members(r, &form, value, slots);

	who->loc = us_json_place(r, value);
	if (shape < 0)
		return;
	who->kind = kinds[shape];
	if (who->kind == US_WHO_USER)
		us_json_word(r, slots[UID], &who->uid);
	else if (who->kind == US_WHO_MEMBERS)
		us_json_group_set(r, value, slots + SET, &who->members);
	if (who->kind == US_WHO_AGENT && slots[AGENT].has)
		read_agent(r, slots[AGENT], who);
	if (who->kind == US_WHO_AGENT && slots[USER].has)
		read_behalf(r, slots[USER], who);
}
