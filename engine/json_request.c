/* SPDX-License-Identifier: Apache-2.0 */
/* Requests from the JSON form (SPEC 4), within the limits of SPEC 18. */
#include "engine/check.h"
#include "engine/json_read.h"
#include "engine/json_request.h"
#include "engine/vocab.h"

#define GROUPS_MAX 5000

/* Names are not empty, and short. */
static void
check_length(
    struct us_json_reader *r, struct us_json_value value, struct us_str name)
{
	if (!name.n)
		us_json_error(
		    r, US_DIAG_BAD_VALUE, value, "a name may not be empty");
	if (name.n > US_NAME_MAX)
		us_json_error(r, US_DIAG_LIMIT, value,
		    "a name of %zu bytes; %d are the most", name.n,
		    US_NAME_MAX);
}

static void
read_name(
    struct us_json_reader *r, struct us_json_value value, struct us_str *s)
{
	if (us_json_str(r, value, s))
		check_length(r, value, *s);
}

static bool
read_item(
    struct us_json_reader *r, struct us_json_value value, struct us_str *s)
{
	struct us_word word;

	if (!us_json_item_word(r, value, &word))
		return false;
	*s = word.s;
	return true;
}

/*
 * The vocabulary is small and closed: a misspelt directory would be nobody's
 * group, and let a rule for outsiders match.
 */
void
us_json_check_name(struct us_json_reader *r, struct us_json_value value,
    struct us_str name, const char *what, const char *(*list)(unsigned i))
{
	struct us_nearest nearest = {name, {0}, 0};
	unsigned i;

	for (i = 0; list(i); i++) {
		if (us_str_is(name, list(i)))
			return;
	}
	for (i = 0; list(i); i++)
		us_nearest_offer(&nearest, us_str(list(i)));
	us_json_error(r, US_DIAG_UNKNOWN_NAME, value, "unknown %s \"%.*s\"%s",
	    what, US_ARG(name), us_nearest_hint(&nearest, r->diags));
}

/*
 * As the vocabulary spells it. A text that it does not have is not copied: with
 * the error there is no request.
 */
static void
read_directory(
    struct us_json_reader *r, struct us_json_value value, struct us_str *name)
{
	const char *canonical;

	if (!us_json_is(r, value, US_JSON_STRING))
		return;
	*name = us_json_text(r->src, value, r->arena);
	canonical = us_directory_known(*name);
	if (canonical)
		*name = us_str(canonical);
	else /* says so: what there is, and what was meant */
		us_json_check_name(
		    r, value, *name, "directory", us_directory_name);
}

static void
read_group(struct us_json_reader *r, struct us_json_value value,
    struct us_group_id *group)
{
	struct us_json_value slots[US_GROUP_MEMBERS];

	if (!us_json_group(r, value, slots))
		return;
	read_directory(r, slots[US_GROUP_DIRECTORY], &group->directory);
	read_name(r, slots[US_GROUP_ID], &group->id);
	us_json_is(r, slots[US_GROUP_LABEL], US_JSON_STRING);
}

void
us_json_groups(
    struct us_json_reader *r, struct us_json_value list, us_group_ids *groups)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value item;

	if (!us_json_is(r, list, US_JSON_ARRAY))
		return;
	if (us_json_length(r->src, list) > GROUPS_MAX) {
		us_json_error(r, US_DIAG_LIMIT, list,
		    "there are %zu groups; a person has %d at most",
		    us_json_length(r->src, list), GROUPS_MAX);
		return;
	}
	while (us_json_each(r, &walk, &item))
		read_group(r, item, us_list_add(r->arena, groups));
}

/* {directory: {property: value}} */
static void
read_profile(struct us_json_reader *r, struct us_json_value value,
    struct us_person *person)
{
	struct us_json_walk walk = us_json_walk(r->src, value), inner;
	struct us_json_value directory, property;
	struct us_profile_fact *fact;
	struct us_str name;

	if (!us_json_is(r, value, US_JSON_OBJECT))
		return;
	while (us_json_each(r, &walk, &directory)) {
		name = us_json_key(r, directory);
		us_json_check_name(
		    r, directory, name, "directory", us_directory_name);
		if (!us_json_is(r, directory, US_JSON_OBJECT))
			continue;
		inner = us_json_walk(r->src, directory);
		while (us_json_each(r, &inner, &property)) {
			if (!us_json_is(r, property, US_JSON_STRING))
				continue;
			fact = us_list_add(r->arena, &person->profile);
			fact->directory = name;
			fact->property = us_json_key(r, property);
			read_name(r, property, &fact->value);
		}
	}
}

/* {integration: true, false, or null: it could not be found out} */
static void
read_oncall(struct us_json_reader *r, struct us_json_value value,
    struct us_person *person)
{
	struct us_json_walk walk = us_json_walk(r->src, value);
	struct us_json_value state;
	struct us_oncall_fact *fact;
	bool yes = false;

	if (!us_json_is(r, value, US_JSON_OBJECT))
		return;
	while (us_json_each(r, &walk, &state)) {
		fact = us_list_add(r->arena, &person->oncall);
		fact->integration = us_json_key(r, state);
		us_json_check_name(r, state, fact->integration, "integration",
		    us_integration_name);
		fact->state = US_CANNOT_TELL;
		if (us_json_bool(r, state, &yes))
			fact->state = yes ? US_YES : US_NO;
	}
}

static struct us_person *
read_person(struct us_json_reader *r, struct us_json_value value)
{
	enum { UID, GROUPS, PROFILE, ONCALL, COUNT };
	static const char *const names[] = {
	    "uid", "groups", "profile", "oncall"};
	static const struct us_json_shape shapes[] = {{NULL, US_BIT(UID),
	    US_BIT(GROUPS) | US_BIT(PROFILE) | US_BIT(ONCALL)}};
	static const struct us_json_form form =
	    US_FORM("a requestor", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_person *person = us_arena_alloc(r->arena, sizeof(*person));

	us_json_members(r, &form, value, slots);
	read_name(r, slots[UID], &person->uid);
	us_json_groups(r, slots[GROUPS], &person->groups);
	read_profile(r, slots[PROFILE], person);
	read_oncall(r, slots[ONCALL], person);
	return person;
}

static struct us_session *
read_agent(struct us_json_reader *r, struct us_json_value value)
{
	enum { CLIENT, OWNER, GROUPS, PROVIDER, SUBJECT, COUNT };
	static const char *const names[] = {
	    "clientId", "owner", "ownerGroups", "providerId", "subject"};
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(COUNT) - 1}};
	static const struct us_json_form form =
	    US_FORM("an agent", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_session *agent = us_arena_alloc(r->arena, sizeof(*agent));

	us_json_members(r, &form, value, slots);
	read_name(r, slots[CLIENT], &agent->client_id);
	read_name(r, slots[OWNER], &agent->owner);
	us_json_groups(r, slots[GROUPS], &agent->owner_groups);
	read_name(r, slots[PROVIDER], &agent->provider_id);
	us_json_str(r, slots[SUBJECT], &agent->subject);
	if (agent->subject.n > US_VALUE_MAX)
		us_json_error(r, US_DIAG_LIMIT, slots[SUBJECT],
		    "this subject has %zu bytes; it may have %d at most",
		    agent->subject.n, US_VALUE_MAX);
	return agent;
}

struct attributes {
	struct us_json_reader *r;
	us_attr_list *list;
	unsigned values; /* of all attributes, against US_VALUES_MAX */
};

/* One value more; false with an error when it is one too many. */
static bool
count_value(struct attributes *a, struct us_json_value value)
{
	if (++a->values == US_VALUES_MAX + 1)
		us_json_error(a->r, US_DIAG_LIMIT, value,
		    "the attributes have more than %d values", US_VALUES_MAX);
	return a->values <= US_VALUES_MAX;
}

/* A string or, for a value that is not known, null. */
static void
add_value(
    struct attributes *a, struct us_json_value value, struct us_attr_key *key)
{
	struct us_str s;

	if (!count_value(a, value))
		return;
	if (!value.has)
		key->unknown = true;
	if (!us_json_str(a->r, value, &s))
		return;
	if (s.n > US_VALUE_MAX)
		us_json_error(a->r, US_DIAG_LIMIT, value,
		    "this value has %zu bytes; an attribute's value has %d "
		    "at most",
		    s.n, US_VALUE_MAX);
	*us_list_add(a->r->arena, &key->values) = s;
}

/* {key: value, [values], or null} */
static void
read_keys(
    struct attributes *a, struct us_json_value value, struct us_attr *attr)
{
	struct us_json_walk walk = us_json_walk(a->r->src, value), items;
	struct us_json_value member, item;
	struct us_attr_key *key;

	while (us_json_each(a->r, &walk, &member)) {
		key = us_list_add(a->r->arena, &attr->keys);
		key->key = us_json_key(a->r, member);
		check_length(a->r, member, key->key);
		if (member.kind != US_JSON_ARRAY) {
			add_value(a, member, key);
			continue;
		}
		/* A list is no way around the limit for being empty. */
		if (!us_json_length(a->r->src, member) &&
		    !count_value(a, member))
			return;
		items = us_json_walk(a->r->src, member);
		while (us_json_each(a->r, &items, &item))
			add_value(a, item, key);
	}
}

static void
read_attribute(struct attributes *a, struct us_json_value value)
{
	struct us_attr *attr = us_list_add(a->r->arena, a->list);

	attr->filter = us_json_key(a->r, value);
	check_length(a->r, value, attr->filter);
	if (value.kind == US_JSON_OBJECT) {
		attr->kind = US_ATTR_KEYED;
		read_keys(a, value, attr);
		return;
	}
	if (!count_value(a, value))
		return;
	attr->kind = value.has ? US_ATTR_BOOLEAN : US_ATTR_UNKNOWN;
	if (value.kind == US_JSON_BOOL)
		us_json_bool(a->r, value, &attr->value);
	else if (value.has)
		us_json_error(a->r, US_DIAG_TYPE, value,
		    "expected an object from key to value, a boolean or null, "
		    "found %s",
		    us_json_show(a->r, value));
}

void
us_json_attributes(
    struct us_json_reader *r, struct us_json_value value, us_attr_list *attrs)
{
	struct us_json_walk walk = us_json_walk(r->src, value);
	struct attributes a = {r, attrs, 0};
	struct us_json_value attribute;

	if (!us_json_is(r, value, US_JSON_OBJECT))
		return;
	while (us_json_each(r, &walk, &attribute))
		read_attribute(&a, attribute);
}

static void
read_resource(struct us_json_reader *r, struct us_json_value value,
    struct us_request *request)
{
	enum { SERVICE, ACCESS, ATTRIBUTES, COUNT };
	static const char *const names[] = {
	    "service", "accessType", "attributes"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(SERVICE), US_BIT(ACCESS) | US_BIT(ATTRIBUTES)}};
	static const struct us_json_form form =
	    US_FORM("a resource", names, shapes);
	struct us_json_value slots[COUNT];

	us_json_members(r, &form, value, slots);
	read_name(r, slots[SERVICE], &request->service);
	read_name(r, slots[ACCESS], &request->access);
	request->attrs_unknown = slots[ATTRIBUTES].kind == US_JSON_NULL;
	us_json_attributes(r, slots[ATTRIBUTES], &request->attrs);
}

/* {integration: [services]} */
static void
read_oncall_services(struct us_json_reader *r, struct us_json_value value,
    struct us_approver *approver)
{
	struct us_json_walk walk = us_json_walk(r->src, value), services;
	struct us_json_value list, item;
	struct us_oncall_service *on;
	struct us_str integration;

	if (!us_json_is(r, value, US_JSON_OBJECT))
		return;
	while (us_json_each(r, &walk, &list)) {
		integration = us_json_key(r, list);
		us_json_check_name(
		    r, list, integration, "integration", us_integration_name);
		if (!us_json_is(r, list, US_JSON_ARRAY))
			continue;
		services = us_json_walk(r->src, list);
		while (us_json_each(r, &services, &item)) {
			on = us_list_add(r->arena, &approver->oncall);
			on->integration = integration;
			read_item(r, item, &on->service);
		}
	}
}

static struct us_approver *
read_approver(struct us_json_reader *r, struct us_json_value value)
{
	enum { UID, GROUPS, ROLES, SERVICES, COUNT };
	static const char *const names[] = {
	    "uid", "groups", "roles", "oncallServices"};
	static const struct us_json_shape shapes[] = {{NULL, US_BIT(UID),
	    US_BIT(GROUPS) | US_BIT(ROLES) | US_BIT(SERVICES)}};
	static const struct us_json_form form =
	    US_FORM("an approver", names, shapes);
	struct us_json_value slots[COUNT], role;
	struct us_json_walk walk;
	struct us_approver *approver =
	    us_arena_alloc(r->arena, sizeof(*approver));

	us_json_members(r, &form, value, slots);
	read_name(r, slots[UID], &approver->uid);
	us_json_groups(r, slots[GROUPS], &approver->groups);
	read_oncall_services(r, slots[SERVICES], approver);
	if (us_json_is(r, slots[ROLES], US_JSON_ARRAY)) {
		walk = us_json_walk(r->src, slots[ROLES]);
		while (us_json_each(r, &walk, &role))
			read_item(
			    r, role, us_list_add(r->arena, &approver->roles));
	}
	return approver;
}

static void
read_duration(struct us_json_reader *r, struct us_json_value value,
    struct us_request *request)
{
	if (!us_json_is(r, value, US_JSON_INT))
		return;
	request->duration = us_json_int(r->src, value);
	if (request->duration <= 0)
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "%s is no duration; expected seconds, 1 or more",
		    us_json_show(r, value));
}

static struct us_request *
read_request(
    struct us_json_reader *r, struct us_json_value value, bool asker_known)
{
	enum {
		REQUESTOR,
		AGENT,
		RESOURCE,
		BY,
		REASON,
		DURATION,
		PREAPPROVED,
		ESCALATED,
		AT,
		APPROVER,
		COUNT
	};
	static const char *const names[] = {"requestor", "agent", "resource",
	    "requestedBy", "reason", "durationSeconds", "preapproved",
	    "escalated", "at", "approver"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(RESOURCE), US_BIT(COUNT) - 1}};
	static const struct us_json_form form =
	    US_FORM("a request", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_request *request = us_arena_alloc(r->arena, sizeof(*request));

	if (us_json_members(r, &form, value, slots) < 0)
		return NULL;
	/* A person, an agent, or an agent for a person. */
	if (slots[REQUESTOR].has)
		request->principal = read_person(r, slots[REQUESTOR]);
	if (slots[AGENT].has)
		request->agent = read_agent(r, slots[AGENT]);
	if (!slots[REQUESTOR].has && !slots[AGENT].has && !asker_known)
		us_json_error(r, US_DIAG_MISSING, value,
		    "\"requestor\" is missing: only an agent may ask for "
		    "nobody");
	if (slots[RESOURCE].has)
		read_resource(r, slots[RESOURCE], request);
	read_name(r, slots[BY], &request->requested_by);
	us_json_str(r, slots[REASON], &request->reason);
	read_duration(r, slots[DURATION], request);
	us_json_bool(r, slots[PREAPPROVED], &request->preapproved);
	us_json_bool(r, slots[ESCALATED], &request->escalated);
	request->has_at = us_json_time(r, slots[AT], &request->at);
	if (slots[APPROVER].has)
		request->approver = read_approver(r, slots[APPROVER]);
	return request;
}

struct us_request *
us_request_from_value(struct us_src *src, struct us_json_value value,
    bool asker_known, struct us_arena *a, struct us_diags *diags)
{
	struct us_json_reader r = {.src = src, .diags = diags, .arena = a};
	struct us_request *request = read_request(&r, value, asker_known);

	return r.errors ? NULL : request;
}

struct us_request *
us_request_from_json(
    struct us_src *src, struct us_arena *a, struct us_diags *diags)
{
	struct us_json_value value;

	if (src->size > US_REQUEST_MAX) {
		us_diag_add(diags, US_DIAG_LIMIT, (struct us_loc){src, 0, 0},
		    "the request has %u bytes; a request has %d at most",
		    src->size, US_REQUEST_MAX);
		return NULL;
	}
	if (!us_json_parse(src, diags, &value))
		return NULL;
	return us_request_from_value(src, value, false, a, diags);
}
