/* SPDX-License-Identifier: Apache-2.0 */
/* Test files: their beginning and end, and the requests that they describe. */
#include <stdlib.h>

#include "engine/err.h"
#include "engine/testset.h"

struct us_testset *
us_testset_new(struct us_src *src)
{
	struct us_testset *ts = us_calloc(1, sizeof(*ts));

	ts->src = src;
	return ts;
}

void
us_testset_free(struct us_testset *ts)
{
	if (!ts)
		return;
	us_src_free(ts->src);
	us_arena_free(&ts->arena);
	free(ts);
}

/* The user block of an e-mail; NULL when nothing is said of them. */
static const struct us_test_user *
find_user(const struct us_testset *ts, struct us_str uid)
{
	const struct us_test_user *user;

	US_EACH (user, &ts->users) {
		if (us_str_eq_nocase(user->uid.s, uid))
			return user;
	}
	return NULL;
}

static const struct us_group *
find_group(const struct us_ruleset *rs, struct us_str name)
{
	const struct us_group *group;

	US_EACH (group, &rs->groups) {
		if (us_str_eq(group->name.s, name))
			return group;
	}
	return NULL;
}

static void
add_groups(us_group_ids *out, const struct us_test_user *user,
    const struct us_ruleset *rs, struct us_arena *a)
{
	const struct us_test_group *ref;
	const struct us_group *group;

	if (!user)
		return;
	US_EACH (ref, &user->groups) {
		if (ref->id.s.p) {
			*us_list_add(a, out) =
			    (struct us_group_id){ref->name.s, ref->id.s};
			continue;
		}
		group = find_group(rs, ref->name.s);
		if (group)
			*us_list_add(a, out) = (struct us_group_id){
			    group->directory.s, group->id.s};
	}
}

static struct us_person *
make_person(const struct us_testset *ts, const struct us_ruleset *rs,
    struct us_str uid, struct us_arena *a)
{
	struct us_person *person = us_arena_alloc(a, sizeof(*person));
	const struct us_test_user *user = find_user(ts, uid);
	const struct us_test_profile *p;
	const struct us_test_oncall *o;

	person->uid = uid;
	if (!user)
		return person;
	add_groups(&person->groups, user, rs, a);
	US_EACH (p, &user->profile)
		*us_list_add(a, &person->profile) = (struct us_profile_fact){
		    p->directory.s, p->property.s, p->value.s};
	US_EACH (o, &user->oncall)
		*us_list_add(a, &person->oncall) = (struct us_oncall_fact){
		    o->integration.s, o->unknown ? US_CANNOT_TELL : US_YES};
	return person;
}

static struct us_approver *
make_approver(const struct us_testset *ts, const struct us_ruleset *rs,
    struct us_str uid, struct us_arena *a)
{
	struct us_approver *approver = us_arena_alloc(a, sizeof(*approver));
	const struct us_test_user *user = find_user(ts, uid);
	const struct us_test_oncall *o;
	const struct us_word *word;

	approver->uid = uid;
	if (!user)
		return approver;
	add_groups(&approver->groups, user, rs, a);
	US_EACH (word, &user->roles)
		*us_list_add(a, &approver->roles) = word->s;
	US_EACH (o, &user->oncall) {
		US_EACH (word, &o->services)
			*us_list_add(a, &approver->oncall) =
			    (struct us_oncall_service){
				o->integration.s, word->s};
	}
	return approver;
}

static struct us_session *
make_session(const struct us_testset *ts, const struct us_ruleset *rs,
    const struct us_test *test, struct us_arena *a)
{
	struct us_session *session = us_arena_alloc(a, sizeof(*session));

	session->client_id = test->client.s;
	session->owner = test->owner.s;
	session->provider_id = test->provider.s;
	session->subject = test->subject.s;
	if (test->owner.s.p)
		add_groups(&session->owner_groups, find_user(ts, test->owner.s),
		    rs, a);
	return session;
}

/* The attribute of a filter name: its keys may be said one by one. */
static struct us_attr *
attr_of(struct us_request *req, struct us_str filter, enum us_attr_kind kind,
    struct us_arena *a)
{
	struct us_attr *attr;

	US_EACH (attr, &req->attrs) {
		if (us_str_eq(attr->filter, filter))
			return attr;
	}
	attr = us_list_add(a, &req->attrs);
	attr->filter = filter;
	attr->kind = kind;
	return attr;
}

static void
add_attr(
    struct us_request *req, const struct us_test_attr *said, struct us_arena *a)
{
	struct us_attr_key *key;
	const struct us_word *value;
	struct us_attr *attr;

	if (said->boolean) {
		attr = attr_of(req, said->filter.s,
		    said->value == US_CANNOT_TELL ? US_ATTR_UNKNOWN
						  : US_ATTR_BOOLEAN,
		    a);
		attr->value = said->value == US_YES;
		return;
	}
	attr = attr_of(req, said->filter.s, US_ATTR_KEYED, a);
	key = us_list_add(a, &attr->keys);
	key->key = said->key.s;
	key->unknown = said->unknown;
	US_EACH (value, &said->values)
		*us_list_add(a, &key->values) = value->s;
}

struct us_request *
us_test_request(const struct us_testset *ts, const struct us_ruleset *rs,
    const struct us_test *test, const struct us_word *approver,
    struct us_arena *a)
{
	struct us_request *req = us_arena_alloc(a, sizeof(*req));
	const struct us_test_attr *attr;

	if (test->principal.s.p)
		req->principal = make_person(ts, rs, test->principal.s, a);
	if (test->agent)
		req->agent = make_session(ts, rs, test, a);
	req->service = test->service.s;
	req->access = test->access.s;
	US_EACH (attr, &test->attrs)
		add_attr(req, attr, a);
	req->requested_by = test->by.s;
	req->reason = test->reason.s;
	req->duration = test->duration;
	req->preapproved = test->preapproved;
	req->escalated = test->escalated;
	req->has_at = test->at_loc.src != NULL;
	req->at = test->at;
	if (approver)
		req->approver = make_approver(ts, rs, approver->s, a);
	return req;
}
