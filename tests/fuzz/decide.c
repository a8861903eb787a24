/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions of the doors: by the index, by every rule, and explained. */
#include "engine/explain.h"
#include "engine/verdict.h"
#include "tests/fuzz/fuzz.h"

#define NOON INT64_C(1767268800000) /* 2026-01-01T12:00:00Z */

struct fuzz_decider
fuzz_decider(struct us_prog *prog)
{
	struct fuzz_decider d = {
	    prog, us_matcher_new(prog), us_matcher_new(prog)};

	us_matcher_loop(d.loop);
	return d;
}

void
fuzz_decider_free(struct fuzz_decider *d)
{
	us_matcher_free(d->index);
	us_matcher_free(d->loop);
}

static void
must_explain(
    struct us_matcher *m, const struct us_request *req, enum us_outcome want)
{
	struct us_arena a = {0};
	struct us_buf text = {0};
	const struct us_why *why = us_explain(m, req, &a);

	if (why->verdict->outcome != want)
		fuzz_broken("decided %s, explained %s", us_outcome_name(want),
		    us_outcome_name(why->verdict->outcome));
	us_why_json(why, &text);
	us_why_text(why, true, false, &text);
	us_buf_free(&text);
	us_arena_free(&a);
}

void
fuzz_decide(struct fuzz_decider *d, const struct us_request *req)
{
	const struct us_verdict *v;
	struct us_request other = *req;
	struct us_buf index = {0}, loop = {0}, again = {0};
	enum us_outcome outcome;

	us_verdict_json(us_decide(d->loop, req), &loop);
	us_verdict_json(us_decide(d->index, req), &index);
	fuzz_same("index and loop", us_buf_str(&index), us_buf_str(&loop));
	other.preapproved = !req->preapproved;
	other.approver = NULL;
	us_decide_next(d->index, &other);
	v = us_decide_again(d->index, req);
	outcome = v->outcome;
	us_verdict_json(v, &again);
	fuzz_same("asked again", us_buf_str(&index), us_buf_str(&again));
	must_explain(d->index, req, outcome);
	us_buf_free(&index);
	us_buf_free(&loop);
	us_buf_free(&again);
}

/* --- Requests that fit a rule ------------------------------------------- */

static void
join_groups(
    const struct us_members *members, us_group_ids *groups, struct us_arena *a)
{
	const struct us_groupref *ref;

	US_EACH (ref, &members->refs) {
		if (!members->outside && ref->group)
			*us_list_add(a, groups) = (struct us_group_id){
			    ref->group->directory.s, ref->group->id.s};
	}
}

static void
make_people(
    const struct us_who *who, struct us_request *req, struct us_arena *a)
{
	struct us_person *person = us_arena_alloc(a, sizeof(*person));
	struct us_session *agent;

	person->uid = who->uid.s.n ? who->uid.s : US_STR("ana@example.com");
	join_groups(&who->members, &person->groups, a);
	req->principal = person;
	if (who->kind != US_WHO_AGENT)
		return;
	agent = req->agent = us_arena_alloc(a, sizeof(*agent));
	agent->client_id = who->agent_id.s.p ? who->agent_id.s : US_STR("bot");
	agent->owner = agent->provider_id = agent->client_id;
	agent->subject = who->subject.s;
	join_groups(&who->owners, &agent->owner_groups, a);
	if (who->behalf == US_BEHALF_NONE)
		req->principal = NULL;
}

/* What a pattern looks for, near enough: its letters. */
static struct us_str
bare(struct us_str pattern, struct us_arena *a)
{
	char *p = us_arena_alloc(a, pattern.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < pattern.n && n < US_VALUE_MAX; i++) {
		if (!strchr("^$\\*+?()[]{}|", pattern.p[i]))
			p[n++] = pattern.p[i];
	}
	n = us_utf8_bad(p, n);
	return (struct us_str){p, n};
}

/* Filters of one name and key have their values together. */
static struct us_attr *
attr_of(struct us_request *req, struct us_str filter, struct us_arena *a)
{
	struct us_attr *attr;

	US_EACH (attr, &req->attrs) {
		if (us_str_eq(attr->filter, filter))
			return attr;
	}
	attr = us_list_add(a, &req->attrs);
	attr->filter = filter;
	return attr;
}

static struct us_attr_key *
key_of(struct us_attr *attr, struct us_str name, struct us_arena *a)
{
	struct us_attr_key *key;

	US_EACH (key, &attr->keys) {
		if (us_str_eq(key->key, name))
			return key;
	}
	key = us_list_add(a, &attr->keys);
	key->key = name;
	return key;
}

static void
make_attr(const struct us_filter *f, struct us_request *req, struct us_arena *a)
{
	struct us_attr *attr;
	struct us_attr_key *key;

	if (f->effect == US_REMOVE_ALL)
		return;
	attr = attr_of(req, f->name.s, a);
	attr->kind = f->boolean ? US_ATTR_BOOLEAN : US_ATTR_KEYED;
	attr->value = f->value == (f->effect == US_KEEP);
	if (f->boolean || !f->has_key)
		return;
	key = key_of(attr, f->key.s, a);
	if (f->effect == US_KEEP)
		*us_list_add(a, &key->values) = bare(f->pattern.s, a);
	key->unknown = f->effect == US_REMOVE && f->pattern.s.n % 8 == 7;
}

struct us_request *
fuzz_request_for(const struct us_ruleset *rs, uint32_t i, struct us_arena *a)
{
	const struct us_rule *rule = &rs->rules.v[i];
	struct us_request *req = us_arena_alloc(a, sizeof(*req));
	const struct us_filter *f;

	make_people(&rule->who, req, a);
	req->service = rule->to.any ? US_STR("ssh") : rule->to.service.s;
	if (rule->to.has_access)
		req->access = rule->to.access.s;
	US_EACH (f, &rule->to.filters)
		make_attr(f, req, a);
	req->has_at = true;
	req->at = NOON;
	req->duration = i % 2 ? 3600 : 0;
	req->reason = i % 3 ? US_STR("because") : (struct us_str){0};
	return req;
}
