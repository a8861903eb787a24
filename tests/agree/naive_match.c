/* SPDX-License-Identifier: Apache-2.0 */
/* Does a requestor and a resource of the tree fit a request? One at a time. */
#include <stdlib.h>

#include "engine/err.h"
#include "engine/re.h"
#include "tests/agree/naive_parts.h"

struct naive_pattern {
	struct us_str text;
	struct us_re *re;
};

struct naive {
	struct us_arena arena;
	US_LIST(struct naive_pattern) patterns;
	struct us_re_scratch *scratch;
	struct naive_tries tries; /* since the last count */
	unsigned tried;		  /* for the last answer */
};

struct naive *
naive_new(void)
{
	struct naive *naive = us_calloc(1, sizeof(*naive));

	naive->scratch = us_re_scratch_new();
	return naive;
}

void
naive_free(struct naive *naive)
{
	struct naive_pattern *p;

	US_EACH (p, &naive->patterns)
		us_re_free(p->re);
	us_re_scratch_free(naive->scratch);
	us_arena_free(&naive->arena);
	free(naive);
}

struct naive_tries
naive_tries(struct naive *naive)
{
	struct naive_tries tries = naive->tries;

	naive->tries = (struct naive_tries){0, 0};
	return tries;
}

void
naive_set_tried(struct naive *naive, unsigned tried)
{
	naive->tried = tried;
}

unsigned
naive_tried(const struct naive *naive)
{
	return naive->tried;
}

static struct naive_pattern *
pattern_of(struct naive *naive, struct us_str text)
{
	struct naive_pattern *p;
	struct us_re_error error;

	US_EACH (p, &naive->patterns)
		if (us_str_eq(p->text, text))
			return p;
	p = us_list_add(&naive->arena, &naive->patterns);
	p->text = us_arena_str(&naive->arena, text);
	p->re = us_re_compile(text, &error);
	if (!p->re)
		abort(); /* us_check would have refused the rules */
	return p;
}

/* --- Three answers ----------------------------------------------------- */

static enum us_tri
tri(bool b)
{
	return b ? US_YES : US_NO;
}

static enum us_tri
tri_not(enum us_tri a)
{
	return a == US_CANNOT_TELL ? a : tri(a == US_NO);
}

static enum us_tri
tri_and(enum us_tri a, enum us_tri b)
{
	if (a == US_NO || b == US_NO)
		return US_NO;
	return a == US_YES ? b : a;
}

static enum us_tri
tri_or(enum us_tri a, enum us_tri b)
{
	return tri_not(tri_and(tri_not(a), tri_not(b)));
}

static enum us_tri
contains(struct naive *naive, struct us_str pattern, struct us_str value)
{
	struct naive_pattern *p = pattern_of(naive, pattern);
	enum us_tri found;

	us_re_scratch_begin(naive->scratch); /* nothing is too much here */
	found = us_re_match(p->re, value, naive->scratch);

	if (found == US_CANNOT_TELL)
		naive->tries.most++;
	return found;
}

/* --- The requestor ----------------------------------------------------- */

bool
naive_same_directory(struct us_str a, struct us_str b)
{
	bool a_entra = us_str_is(a, "azure-ad") || us_str_is(a, "entra-id");
	bool b_entra = us_str_is(b, "azure-ad") || us_str_is(b, "entra-id");

	return (a_entra && b_entra) || us_str_eq(a, b);
}

static bool
in_group(const struct us_group *group, const us_group_ids *groups)
{
	const struct us_group_id *g;

	US_EACH (g, groups)
		if (us_str_eq(g->id, group->id.s) &&
		    naive_same_directory(g->directory, group->directory.s))
			return true;
	return false;
}

bool
naive_member(const struct us_members *members, const us_group_ids *groups)
{
	const struct us_groupref *ref;
	bool in = false;

	US_EACH (ref, &members->refs)
		if (in_group(ref->group, groups))
			in = true;
	return in != members->outside;
}

static bool
given_and_equal(struct us_str fact, struct us_str wanted)
{
	return fact.p && us_str_eq(fact, wanted);
}

static enum us_tri
provider_holds(struct naive *naive, const struct us_who *who,
    const struct us_session *agent)
{
	if (!given_and_equal(agent->provider_id, who->agent_id.s))
		return US_NO;
	if (!who->has_subject)
		return US_YES;
	if (!agent->subject.p)
		return US_NO;
	return contains(naive, who->subject.s, agent->subject);
}

static enum us_tri
agent_holds(struct naive *naive, const struct us_who *who,
    const struct us_session *agent)
{
	switch (who->agent) {
	case US_AGENT_ANY:
		return US_YES;
	case US_AGENT_CLIENT:
		return tri(given_and_equal(agent->client_id, who->agent_id.s));
	case US_AGENT_OWNER:
		return tri(agent->owner.p &&
			   us_str_eq_nocase(agent->owner, who->agent_id.s));
	case US_AGENT_OWNER_MEMBERS:
		/* groups without an owner's e-mail are still the owner's */
		return tri((agent->owner.p || !who->owners.outside) &&
			   naive_member(&who->owners, &agent->owner_groups));
	case US_AGENT_PROVIDER:
		return provider_holds(naive, who, agent);
	}
	abort();
}

static bool
behalf_holds(const struct us_who *who, const struct us_person *human)
{
	switch (who->behalf) {
	case US_BEHALF_ANY:
		return true;
	case US_BEHALF_NONE:
		return !human;
	case US_BEHALF_USER:
		return human && us_str_eq_nocase(human->uid, who->uid.s);
	case US_BEHALF_MEMBERS:
		return human && naive_member(&who->members, &human->groups);
	}
	abort();
}

static enum us_tri
who_holds(
    struct naive *naive, const struct us_who *who, const struct us_request *req)
{
	const struct us_person *human = req->principal;

	switch (who->kind) {
	case US_WHO_ANY:
	case US_WHO_SOME:
		return US_YES;
	case US_WHO_USER:
		return tri(!req->agent && human &&
			   us_str_eq_nocase(human->uid, who->uid.s));
	case US_WHO_MEMBERS:
		return tri(!req->agent && human &&
			   naive_member(&who->members, &human->groups));
	case US_WHO_AGENT:
		if (!req->agent || !behalf_holds(who, human))
			return US_NO;
		return agent_holds(naive, who, req->agent);
	case US_WHO_NONE:
		break;
	}
	abort();
}

/* --- The resource ------------------------------------------------------ */

/* What stands under a filter name; NULL: known not to be there. */
static const struct us_attr *
attr_of(const struct us_request *req, struct us_str name)
{
	const struct us_attr *attr;

	US_EACH (attr, &req->attrs)
		if (us_str_eq(attr->filter, name))
			return attr;
	return NULL;
}

/* Does one value of the key contain a match? */
static enum us_tri
value_matches(
    struct naive *naive, const struct us_attr_key *key, struct us_str pattern)
{
	enum us_tri found = key->unknown ? US_CANNOT_TELL : US_NO;
	const struct us_str *value;

	US_EACH (value, &key->values)
		found = tri_or(found, contains(naive, pattern, *value));
	return found;
}

static enum us_tri
keyed_matches(struct naive *naive, const struct us_filter *filter,
    const struct us_attr *attr)
{
	enum us_tri found = US_NO;
	const struct us_attr_key *key;

	if (attr->kind != US_ATTR_KEYED)
		return US_NO;
	US_EACH (key, &attr->keys)
		if (us_str_eq(key->key, filter->key.s))
			found = tri_or(found,
			    value_matches(naive, key, filter->pattern.s));
	return found;
}

static enum us_tri
boolean_matches(const struct us_filter *filter, const struct us_attr *attr)
{
	bool value = attr->kind == US_ATTR_BOOLEAN && attr->value;

	return tri(value == filter->value);
}

/* Is there a value under the name, or, with a key, under that key? */
static enum us_tri
has_value(const struct us_filter *filter, const struct us_attr *attr)
{
	enum us_tri found = US_NO;
	const struct us_attr_key *key;

	if (attr->kind == US_ATTR_BOOLEAN)
		return tri(!filter->has_key);
	US_EACH (key, &attr->keys) {
		if (filter->has_key && !us_str_eq(key->key, filter->key.s))
			continue;
		if (key->values.n > 0)
			return US_YES;
		if (key->unknown)
			found = US_CANNOT_TELL;
	}
	return found;
}

static enum us_tri
filter_holds(struct naive *naive, const struct us_filter *filter,
    const struct us_request *req)
{
	static const struct us_attr absent = {.kind = US_ATTR_KEYED};
	const struct us_attr *attr = attr_of(req, filter->name.s);
	enum us_tri found;

	if (req->attrs_unknown || (attr && attr->kind == US_ATTR_UNKNOWN))
		return US_CANNOT_TELL;
	if (!attr)
		attr = &absent;
	if (filter->effect == US_REMOVE_ALL)
		return tri_not(has_value(filter, attr));
	found = filter->boolean ? boolean_matches(filter, attr)
				: keyed_matches(naive, filter, attr);
	return filter->effect == US_KEEP ? found : tri_not(found);
}

/* Adds to *sure the tries of the filters that are undecided. */
static enum us_tri
to_holds(struct naive *naive, const struct us_to *to,
    const struct us_request *req, unsigned *sure)
{
	enum us_tri all = US_YES, one;
	const struct us_filter *filter;

	if (to->any)
		return US_YES;
	if (!us_str_eq(to->service.s, req->service))
		return US_NO;
	if (to->has_access && !given_and_equal(req->access, to->access.s))
		return US_NO;
	US_EACH (filter, &to->filters) {
		unsigned before = naive->tries.most;

		one = filter_holds(naive, filter, req);
		if (one == US_CANNOT_TELL)
			*sure += naive->tries.most - before;
		all = tri_and(all, one);
	}
	return all;
}

enum us_tri
naive_holds(struct naive *naive, const struct us_who *who,
    const struct us_to *to, const struct us_request *req)
{
	unsigned before = naive->tries.most, sure;
	enum us_tri fits = who_holds(naive, who, req);

	sure = naive->tries.most - before;
	fits = tri_and(fits, to_holds(naive, to, req, &sure));
	if (fits == US_CANNOT_TELL)
		naive->tries.fewest += sure;
	return fits;
}
