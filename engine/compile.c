/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiler: one straight line of tests per rule, cheap tests first. The
 * order is part of the meaning of "too many undecidable patterns", so it is
 * the same whoever runs the program.
 */
#include <stdlib.h>

#include "engine/compile_parts.h"
#include "engine/err.h"
#include "engine/verify.h"

static uint32_t
emit(struct us_compiler *c, enum us_op op, uint32_t a, uint32_t b)
{
	struct us_prog *p = c->prog;

	*us_list_add(&p->arena, &p->code) = (struct us_insn){op, a, b};
	*us_list_add(&p->arena, &p->lines) = c->origin;
	return p->code.n - 1;
}

/* What is emitted next comes from loc. */
static void
at(struct us_compiler *c, struct us_loc loc)
{
	if (loc.src)
		c->origin.off = loc.off;
}

static void
emit_members(struct us_compiler *c, const struct us_members *members,
    enum us_op in, enum us_op outside)
{
	emit(c, members->outside ? outside : in, us_set_id(c, members), 0);
}

static void
emit_agent(struct us_compiler *c, const struct us_who *who)
{
	emit(c, US_OP_AGENT, 0, 0);
	switch (who->agent) {
	case US_AGENT_ANY:
		break;
	case US_AGENT_CLIENT:
		emit(c, US_OP_AGENT_CLIENT, us_name_id(c, who->agent_id.s), 0);
		break;
	case US_AGENT_OWNER:
		emit(c, US_OP_AGENT_OWNER, us_email_id(c, who->agent_id.s), 0);
		break;
	case US_AGENT_OWNER_MEMBERS:
		emit_members(c, &who->owners, US_OP_AGENT_OWNER_GROUP,
		    US_OP_AGENT_OWNER_OUTSIDE);
		break;
	case US_AGENT_PROVIDER:
		emit(
		    c, US_OP_AGENT_PROVIDER, us_name_id(c, who->agent_id.s), 0);
		break;
	}
}

static void
emit_behalf(struct us_compiler *c, const struct us_who *who)
{
	switch (who->behalf) {
	case US_BEHALF_ANY:
		break;
	case US_BEHALF_NONE:
		emit(c, US_OP_HEADLESS, 0, 0);
		break;
	case US_BEHALF_USER:
		emit(c, US_OP_USER, us_email_id(c, who->uid.s), 0);
		break;
	case US_BEHALF_MEMBERS:
		emit_members(c, &who->members, US_OP_GROUP, US_OP_OUTSIDE);
		break;
	}
}

static void
emit_who(struct us_compiler *c, const struct us_who *who)
{
	at(c, who->loc);
	switch (who->kind) {
	case US_WHO_NONE:
		c->failed = true;
		break;
	case US_WHO_ANY:
	case US_WHO_SOME:
		break;
	case US_WHO_USER:
		emit(c, US_OP_HUMAN, 0, 0);
		emit(c, US_OP_USER, us_email_id(c, who->uid.s), 0);
		break;
	case US_WHO_MEMBERS:
		emit(c, US_OP_HUMAN, 0, 0);
		emit_members(c, &who->members, US_OP_GROUP, US_OP_OUTSIDE);
		break;
	case US_WHO_AGENT:
		emit_agent(c, who);
		emit_behalf(c, who);
		break;
	}
}

static void
emit_filter(struct us_compiler *c, const struct us_costed *costed)
{
	const struct us_filter *f = costed->filter;

	at(c, f->loc);
	if (f->effect == US_REMOVE_ALL && f->has_key)
		emit(c, US_OP_ABSENT_KEY, us_slot_id(c, f), 0);
	else if (f->effect == US_REMOVE_ALL)
		emit(c, US_OP_ABSENT, us_filter_id(c, f->name.s), 0);
	else if (f->boolean)
		emit(c, US_OP_IS, us_filter_id(c, f->name.s),
		    f->value == (f->effect == US_KEEP));
	else
		emit(c, f->effect == US_KEEP ? US_OP_KEEP : US_OP_REMOVE,
		    us_slot_id(c, f), costed->pattern);
}

static enum us_cost
pattern_cost(const struct us_pattern_entry *pattern)
{
	if (pattern->sure)
		return US_ENDS;
	return pattern->re ? US_SEARCH : US_CONTAINS;
}

static void
find_costs(struct us_compiler *c, const struct us_to *to)
{
	const struct us_filter *f;
	struct us_costed *costed;

	c->filters.n = 0;
	US_EACH (f, &to->filters) {
		costed = us_list_add(&c->keys, &c->filters);
		costed->filter = f;
		if (f->effect == US_REMOVE_ALL || f->boolean)
			continue;
		costed->pattern = us_pattern_id(c, f->pattern.s);
		costed->cost =
		    pattern_cost(&c->prog->patterns.v[costed->pattern]);
	}
}

static void
emit_filters(struct us_compiler *c, enum us_cost cost)
{
	const struct us_costed *costed;

	US_EACH (costed, &c->filters) {
		if (costed->cost == cost)
			emit_filter(c, costed);
	}
}

static void
emit_subject(struct us_compiler *c, const struct us_who *who)
{
	if (who->kind != US_WHO_AGENT || who->agent != US_AGENT_PROVIDER ||
	    !who->has_subject)
		return;
	at(c, who->loc);
	emit(c, US_OP_AGENT_SUBJECT, us_pattern_id(c, who->subject.s), 0);
}

static bool
names_service(const struct us_to *to)
{
	return !to->any;
}

/* An access type `any`, in the JSON form, is none. */
static bool
names_access(const struct us_to *to)
{
	return names_service(to) && to->has_access &&
	       !us_str_is(to->access.s, "any");
}

/*
 * Where from and to. The index looks at no test behind the first that may be
 * undecidable, and so keeps out no line that would count one (index.h).
 */
static void
emit_conditions(
    struct us_compiler *c, const struct us_who *who, const struct us_to *to)
{
	at(c, to->loc);
	if (names_service(to))
		emit(c, US_OP_SERVICE, us_name_id(c, to->service.s), 0);
	if (names_access(to))
		emit(c, US_OP_ACCESS, us_name_id(c, to->access.s), 0);
	emit_who(c, who);
	find_costs(c, to);
	emit_filters(c, US_NO_PATTERN);
	emit_filters(c, US_ENDS);
	emit_filters(c, US_CONTAINS);
	emit_subject(c, who);
	emit_filters(c, US_SEARCH);
}

static void
compile_alts(struct us_compiler *c, const struct us_rule *rule,
    struct us_rule_route *out)
{
	const struct us_alt *alt;
	struct us_prog_alt *to;

	out->alt = c->prog->alts.n;
	out->alt_count = rule->alts.n;
	US_EACH (alt, &rule->alts) {
		to = us_list_add(&c->prog->arena, &c->prog->alts);
		to->type = (uint16_t)alt->type;
		to->options = (uint16_t)alt->options;
		to->named = us_keep_named(c, alt);
		if (alt->type == US_ALT_GROUP)
			to->set = us_set_id(c, &alt->members);
		out->denies |= alt->type == US_ALT_DENY;
	}
}

static struct us_origin
origin_of(const struct us_compiler *c, struct us_loc loc)
{
	uint32_t i = c->origin.source;

	/* Rules of one source stand together: look on from the last. */
	for (uint32_t k = 0; k < c->rs->sources.n; k++, i++) {
		i = i < c->rs->sources.n ? i : 0;
		if (c->rs->sources.v[i] == loc.src)
			return (struct us_origin){i, loc.off};
	}
	return (struct us_origin){0, 0};
}

static void
compile_rule(struct us_compiler *c, const struct us_rule *rule)
{
	struct us_prog *p = c->prog;
	uint32_t number = p->rules.n;
	struct us_prog_rule *out = us_list_add(&p->arena, &p->rules);
	struct us_rule_route *route = us_list_add(&p->arena, &p->routes);

	c->origin = origin_of(c, rule->loc);
	out->name = us_keep_str(c, rule->name.s);
	out->origin = c->origin;
	out->disabled = rule->disabled;
	route->some = rule->who.kind == US_WHO_SOME;
	route->names_all = names_access(&rule->to) &&
			   us_str_is(rule->to.service.s, "ssh") &&
			   us_str_is(rule->to.access.s, "all");
	compile_alts(c, rule, route);
	if (rule->disabled)
		return;
	out->code = emit(c, US_OP_RULE, number, 0);
	emit_conditions(c, &rule->who, &rule->to);
	emit(c, route->denies ? US_OP_DENY : US_OP_ROUTE, number, 0);
	p->code.v[out->code].b = p->code.n;
}

static void
compile_preapproval(struct us_compiler *c, const struct us_preapproval *pre)
{
	struct us_prog *p = c->prog;
	uint32_t number = p->preapprovals.n;
	struct us_prog_preapproval *out =
	    us_list_add(&p->arena, &p->preapprovals);

	c->origin = origin_of(c, pre->loc);
	*out = (struct us_prog_preapproval){
	    .name = us_keep_str(c, pre->name.s),
	    .origin = c->origin,
	    .from = pre->has_from ? pre->from : INT64_MIN,
	    .until = pre->until,
	    .duration = pre->has_duration ? pre->duration : 0,
	    .disabled = pre->disabled,
	};
	if (pre->disabled)
		return;
	out->code = emit(c, US_OP_PREAPPROVE, number, 0);
	at(c, pre->valid_loc);
	emit(c, US_OP_VALID, number, 0);
	emit_conditions(c, &pre->who, &pre->to);
	emit(c, US_OP_COVER, number, 0);
	p->code.v[out->code].b = p->code.n;
}

/* How many tests emit_conditions emits. */
static uint32_t
count_tests(const struct us_who *who, const struct us_to *to)
{
	uint32_t n =
	    (uint32_t)names_service(to) + names_access(to) + to->filters.n;

	if (who->kind == US_WHO_USER || who->kind == US_WHO_MEMBERS)
		return n + 2;
	if (who->kind == US_WHO_AGENT)
		n += 1u + (who->agent != US_AGENT_ANY) + who->has_subject +
		     (who->behalf != US_BEHALF_ANY);
	return n;
}

/* Lists that grew by and by would leave their old copies in the arena. */
static void
make_room(struct us_prog *p, const struct us_ruleset *rs)
{
	const struct us_preapproval *pre;
	const struct us_rule *rule;
	uint32_t code = 1, alts = 0;

	US_EACH (pre, &rs->preapprovals)
		code += count_tests(&pre->who, &pre->to) + 3;
	US_EACH (rule, &rs->rules) {
		code += count_tests(&rule->who, &rule->to) + 2;
		alts += rule->alts.n;
	}
	us_list_reserve(&p->arena, &p->preapprovals, rs->preapprovals.n);
	us_list_reserve(&p->arena, &p->rules, rs->rules.n);
	us_list_reserve(&p->arena, &p->routes, rs->rules.n);
	us_list_reserve(&p->arena, &p->alts, alts);
	us_list_reserve(&p->arena, &p->code, code);
	us_list_reserve(&p->arena, &p->lines, code);
}

struct us_prog *
us_compile(const struct us_ruleset *rs)
{
	struct us_compiler c = {
	    .rs = rs, .prog = us_calloc(1, sizeof(*c.prog))};
	const struct us_preapproval *pre;
	const struct us_rule *rule;
	uint32_t where;

	atomic_init(&c.prog->users, 1);
	c.prog->emails.fold = true;
	make_room(c.prog, rs);
	c.groups =
	    us_arena_alloc(&c.keys, rs->groups.n * sizeof(*c.groups));
	US_EACH (pre, &rs->preapprovals)
		compile_preapproval(&c, pre);
	US_EACH (rule, &rs->rules)
		compile_rule(&c, rule);
	emit(&c, US_OP_END, 0, 0);
	us_arena_free(&c.scratch);
	us_arena_free(&c.keys);
	if (!c.failed && !us_verify(c.prog, &where)) {
		us_index_build(c.prog);
		if (!us_index_verify(c.prog, &where))
			return c.prog;
	}
	us_prog_unref(c.prog);
	return NULL;
}
