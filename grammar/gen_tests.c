/* SPDX-License-Identifier: Apache-2.0 */
/* Actions of the grammar for the items of a test file. */
#include "grammar/gen.h"

static void
add_item(struct us_gen *g, enum us_testitem_kind kind, uint32_t index)
{
	struct us_testitem *item = us_list_add(g->arena, &g->ts->items);

	item->kind = kind;
	item->index = index;
}

void
gen_test_rules(struct us_gen *g, struct us_loc loc, struct us_word path)
{
	add_item(g, US_TESTITEM_RULES, g->ts->rules.n);
	*us_list_add(g->arena, &g->ts->rules) = path;
	*us_list_add(g->arena, &g->ts->rules_locs) = loc;
}

/* --- Users --- */

void
gen_fact_group(struct us_gen *g, struct us_word name, struct us_word id)
{
	*us_list_add(g->arena, &g->user.groups) =
	    (struct us_test_group){name, id};
}

void
gen_fact_oncall(struct us_gen *g, struct us_loc loc, struct us_word integration,
    bool unknown, const struct gen_words *services)
{
	struct us_test_oncall *o = us_list_add(g->arena, &g->user.oncall);

	o->integration = integration;
	o->unknown = unknown;
	o->loc = loc;
	if (services)
		gen_take(g, &o->services, services);
}

void
gen_fact_profile(struct us_gen *g, struct us_loc loc, struct us_word directory,
    struct us_word property, struct us_word value)
{
	*us_list_add(g->arena, &g->user.profile) =
	    (struct us_test_profile){directory, property, value, loc};
}

void
gen_fact_roles(struct us_gen *g, const struct gen_words *roles)
{
	const struct us_word *role;

	US_EACH (role, &roles->list)
		*us_list_add(g->arena, &g->user.roles) = *role;
}

void
gen_test_user(struct us_gen *g, struct us_loc loc)
{
	g->user.loc = loc;
	g->user.close = g->close;
	g->user.broken = g->broken;
	add_item(g, US_TESTITEM_USER, g->ts->users.n);
	*us_list_add(g->arena, &g->ts->users) = g->user;
	gen_finish(g);
}

/* --- Requests --- */

void
gen_request_person(struct us_gen *g, struct us_word uid)
{
	if (!g->test.given)
		g->test.principal = uid;
}

void
gen_request_agent(struct us_gen *g, struct us_word human)
{
	if (g->test.given)
		return;
	g->test.agent = true;
	g->test.principal = human;
}

void
gen_agent_part(struct us_gen *g, struct us_loc loc, enum gen_agent_part part,
    struct us_word word)
{
	static const char *const names[] = {
	    "client", "owner", "provider", "subject"};
	struct us_word *const places[] = {&g->test.client, &g->test.owner,
	    &g->test.provider, &g->test.subject};

	if (g->test.given || gen_twice(g, places[part]->s.p != NULL,
				 places[part]->loc, loc, names[part]))
		return;
	*places[part] = word;
}

void
gen_request_head(struct us_gen *g, struct us_loc loc, struct us_word by,
    struct us_word service, struct us_word access)
{
	struct us_test *t = &g->test;

	g->close = (struct us_loc){0};
	if (gen_twice(g, t->given, t->request_loc, loc, "request")) {
		g->broken = true; /* its attributes would be added */
		return;
	}
	t->given = true;
	t->by = by;
	t->service = service;
	t->access = access;
}

void
gen_request(struct us_gen *g, struct us_loc loc)
{
	g->test.request_loc = loc;
	g->test.request_close = g->close;
}

static struct us_test_attr *
add_attr(struct us_gen *g, struct us_loc loc, struct us_word filter)
{
	struct us_test_attr *attr = us_list_add(g->arena, &g->test.attrs);

	attr->filter = filter;
	attr->loc = loc;
	return attr;
}

void
gen_attr(struct us_gen *g, struct us_loc loc, struct us_word filter,
    struct us_word key, const struct gen_words *values)
{
	struct us_test_attr *attr = add_attr(g, loc, filter);

	attr->key = key;
	attr->unknown = !values;
	if (values)
		gen_take(g, &attr->values, values);
}

void
gen_attr_is(struct us_gen *g, struct us_loc loc, struct us_word filter,
    enum us_tri value)
{
	struct us_test_attr *attr = add_attr(g, loc, filter);

	attr->boolean = true;
	attr->value = value;
}

/* --- The rest of a test --- */

void
gen_test_reason(struct us_gen *g, struct us_loc loc, struct us_word reason)
{
	struct us_test *t = &g->test;

	if (gen_twice(g, t->reason_loc.src, t->reason_loc, loc, "reason"))
		return;
	t->reason = reason;
	t->reason_loc = loc;
}

void
gen_test_duration(struct us_gen *g, struct us_loc loc, struct us_word length)
{
	struct us_test *t = &g->test;

	if (gen_twice(g, t->duration_loc.src, t->duration_loc, loc, "duration"))
		return;
	t->duration_text = length;
	t->duration_loc = loc;
	gen_length(g, length, &t->duration);
}

void
gen_test_at(struct us_gen *g, struct us_loc loc, struct us_word text)
{
	struct us_test *t = &g->test;

	if (gen_twice(g, t->at_loc.src, t->at_loc, loc, "at"))
		return;
	t->at_text = text;
	t->at_loc = loc;
	gen_time(g, text, &t->at);
}

void
gen_test_preapproved(struct us_gen *g, struct us_loc loc)
{
	struct us_test *t = &g->test;

	if (gen_twice(
		g, t->preapproved, t->preapproved_loc, loc, "preapproved"))
		return;
	t->preapproved = true;
	t->preapproved_loc = loc;
}

void
gen_test_escalated(struct us_gen *g, struct us_loc loc)
{
	struct us_test *t = &g->test;

	if (gen_twice(g, t->escalated, t->escalated_loc, loc, "escalated"))
		return;
	t->escalated = true;
	t->escalated_loc = loc;
}

void
gen_expect(struct us_gen *g, struct us_loc loc, struct us_word outcome,
    struct us_word how, const struct gen_words *missing,
    const struct gen_words *rules)
{
	struct us_expect *e = us_list_add(g->arena, &g->test.expects);

	e->kind = US_EXPECT_OUTCOME;
	e->outcome = outcome;
	e->by = how;
	if (missing)
		gen_take(g, &e->missing, missing);
	if (rules)
		gen_take(g, &e->rules, rules);
	e->loc = loc;
}

void
gen_expect_approver(
    struct us_gen *g, struct us_loc loc, bool may, struct us_word uid)
{
	struct us_expect *e = us_list_add(g->arena, &g->test.expects);

	e->kind = may ? US_EXPECT_APPROVER : US_EXPECT_NOT_APPROVER;
	e->approver = uid;
	e->loc = loc;
}

void
gen_test(struct us_gen *g, struct us_loc loc)
{
	g->test.loc = loc;
	g->test.close = g->close;
	g->test.broken = g->broken;
	add_item(g, US_TESTITEM_TEST, g->ts->tests.n);
	*us_list_add(g->arena, &g->ts->tests) = g->test;
	gen_finish(g);
}
