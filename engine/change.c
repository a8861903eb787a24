/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest changes that help. Plans of one to three edits are made from
 * what failed, rule by rule; each is tried by deciding the changed request, in
 * the order of their length, until enough have helped.
 */
#include "engine/change.h"
#include "engine/pattern.h"

#define PLANS_MAX 4000	   /* collected */
#define TRIALS_MAX 2000	   /* tried: each costs a decision */
#define GROUPS_MAX 3	   /* of one set that are offered */
#define WORK_MAX 100000000 /* of the patterns of all trials: re.h */

struct plan {
	struct us_edit edits[US_CHANGE_EDITS];
	unsigned n;
	uint32_t rule;
};

struct search {
	const struct us_prog *prog;
	const struct us_request *req;
	const struct us_verdict *verdict;
	struct us_arena *arena; /* for what is kept */
	struct us_re_scratch *re;
	const uint8_t *answers; /* of every instruction, enum us_tri */
	US_LIST(struct plan) plans;
};

static bool
is_refusal(enum us_outcome outcome)
{
	return outcome != US_OUTCOME_GRANTED && outcome != US_OUTCOME_PENDING;
}

/* Is v what the requestor, or the approver, hoped for? */
static bool
helps(const struct search *s, const struct us_verdict *v)
{
	if (is_refusal(v->outcome))
		return false;
	return is_refusal(s->verdict->outcome) || v->allowed;
}

static void
add_plan(struct search *s, const struct plan *plan)
{
	if (plan->n && plan->n <= US_CHANGE_EDITS && s->plans.n < PLANS_MAX)
		*us_list_add(s->arena, &s->plans) = *plan;
}

static bool
add_edit(struct plan *plan, struct us_edit edit)
{
	if (plan->n == US_CHANGE_EDITS)
		return false;
	plan->edits[plan->n++] = edit;
	return true;
}

/* The plan, with the edits that meet requirements (option bits). */
static void
add_plan_meeting(struct search *s, struct plan plan, unsigned missing)
{
	static const struct {
		unsigned bit;
		enum us_edit_kind kind;
	} rows[] = {
	    {US_OPTION_REASON, US_EDIT_REASON},
	    {US_OPTION_DURATION, US_EDIT_DURATION},
	    {US_OPTION_PREAPPROVAL, US_EDIT_PREAPPROVED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((missing & rows[i].bit) &&
		    !add_edit(&plan, (struct us_edit){.kind = rows[i].kind}))
			return;
	}
	add_plan(s, &plan);
}

/* What the request does not say, of what alternatives may require. */
static unsigned
unsaid(const struct us_request *req)
{
	unsigned bits = 0;

	if (us_str_is_blank(req->reason))
		bits |= US_OPTION_REASON;
	if (req->duration <= 0)
		bits |= US_OPTION_DURATION;
	if (!req->preapproved)
		bits |= US_OPTION_PREAPPROVAL;
	return bits;
}

/* The plan, with each subset of the requirements that are not met. */
static void
add_plans_meeting_any(struct search *s, const struct plan *plan)
{
	unsigned open = unsaid(s->req);

	for (unsigned bits = 0; bits <= US_OPTION_REQUIRE; bits++) {
		if ((bits & open) == bits)
			add_plan_meeting(s, *plan, bits);
	}
}

static bool
matches(struct search *s, uint32_t pattern, struct us_str value)
{
	return us_pattern_decide(&s->prog->patterns.v[pattern], value, s->re) ==
	       US_YES;
}

/* A value that the pattern matches; p NULL when none was found. */
static struct us_str
value_matching(struct search *s, uint32_t pattern)
{
	const struct us_pattern *p =
	    us_pattern_parse(s->arena, us_pattern_text(s->prog, pattern));
	struct us_buf buf = {0};
	struct us_str value = {0};

	if (us_pattern_witness(p, &buf) &&
	    matches(s, pattern, us_buf_str(&buf)))
		value = us_arena_str(s->arena, us_buf_str(&buf));
	us_buf_free(&buf);
	return value;
}

static struct us_str
value_not_matching(struct search *s, uint32_t pattern)
{
	static const char *const tries[] = {"other", "x", "0", "-", ""};
	const struct us_pattern_entry *p = &s->prog->patterns.v[pattern];

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		if (us_pattern_decide(p, us_str(tries[i]), s->re) == US_NO)
			return us_str(tries[i]);
	}
	return (struct us_str){0};
}

static const struct us_attr *
find_attr(const struct us_request *req, struct us_str filter)
{
	const struct us_attr *attr;

	US_EACH (attr, &req->attrs) {
		if (us_str_eq(attr->filter, filter))
			return attr;
	}
	return NULL;
}

/* What is not known cannot be changed. */
static bool
is_known(const struct search *s, struct us_str filter)
{
	const struct us_attr *attr = find_attr(s->req, filter);

	return !s->req->attrs_unknown &&
	       (!attr || attr->kind != US_ATTR_UNKNOWN);
}

static bool
set_slot(const struct search *s, uint32_t slot, struct us_str value,
    struct us_edit *edit)
{
	const struct us_symbol *symbol = &s->prog->slots.symbols.v[slot];

	*edit = (struct us_edit){.kind = US_EDIT_ATTRIBUTE,
	    .filter = symbol->a,
	    .key = symbol->b,
	    .value = value};
	return is_known(s, symbol->a);
}

static bool
set_filter(
    const struct search *s, uint32_t filter, bool boolean, struct us_edit *edit)
{
	*edit = (struct us_edit){.kind = US_EDIT_ATTRIBUTE,
	    .filter = s->prog->filters.symbols.v[filter].a,
	    .boolean = boolean};
	return is_known(s, edit->filter);
}

/* The edit that makes an attribute's test answer `wanted`; false: none. */
static bool
edit_attribute(struct search *s, const struct us_insn *insn, bool wanted,
    struct us_edit *edit)
{
	struct us_str value;

	switch (insn->op) {
	case US_OP_KEEP:
	case US_OP_REMOVE:
		value = (insn->op == US_OP_KEEP) == wanted
			    ? value_matching(s, insn->b)
			    : value_not_matching(s, insn->b);
		return value.p && set_slot(s, insn->a, value, edit);
	case US_OP_IS:
		return set_filter(s, insn->a, (insn->b != 0) == wanted, edit);
	case US_OP_ABSENT_KEY:
		value = wanted ? (struct us_str){0} : US_STR("other");
		return set_slot(s, insn->a, value, edit);
	case US_OP_ABSENT: /* an empty key: nothing under the name */
		*edit = (struct us_edit){.kind = US_EDIT_ATTRIBUTE,
		    .filter = s->prog->filters.symbols.v[insn->a].a,
		    .key = US_STR("")};
		return wanted && is_known(s, edit->filter);
	default:
		return false;
	}
}

static struct us_edit
join_group(const struct search *s, uint32_t group)
{
	const struct us_symbol *symbol = &s->prog->groups.symbols.v[group];

	return (struct us_edit){.kind = US_EDIT_GROUP,
	    .group = {symbol->a, symbol->b},
	    .group_name = s->prog->group_names.v[group]};
}

/* Edits that would make a failed test hold; how many. */
static unsigned
edits_for(struct search *s, const struct us_insn *insn,
    struct us_edit edits[GROUPS_MAX])
{
	const struct us_set *set;
	unsigned n = 0;

	edits[0] = (struct us_edit){0};
	if (insn->op == US_OP_ACCESS) {
		edits[0].kind = US_EDIT_ACCESS;
		edits[0].value = s->prog->names.symbols.v[insn->a].a;
		return 1;
	}
	if (insn->op != US_OP_GROUP)
		return edit_attribute(s, insn, true, &edits[0]);
	if (!s->req->principal)
		return 0;
	set = &s->prog->sets.v[insn->a];
	for (; n < set->n && n < GROUPS_MAX; n++)
		edits[n] = join_group(s, s->prog->set_groups.v[set->first + n]);
	return n;
}

/*
 * Plans that make the tests from insn to end hold: each test that does not
 * needs one of its edits.
 */
static void
plan_tests(struct search *s, const struct us_insn *insn,
    const struct us_insn *end, const struct plan *plan)
{
	struct us_edit edits[GROUPS_MAX];
	struct plan more;
	unsigned n;

	while (insn < end && s->answers[insn - s->prog->code.v] == US_YES)
		insn++;
	if (insn == end) {
		add_plans_meeting_any(s, plan);
		return;
	}
	n = edits_for(s, insn, edits);
	for (unsigned i = 0; i < n; i++) {
		more = *plan;
		if (add_edit(&more, edits[i]))
			plan_tests(s, insn + 1, end, &more);
	}
}

/* Plans to match a rule that does not, and has an alternative to offer. */
static void
plan_rule(struct search *s, uint32_t number)
{
	const struct us_prog_rule *rule = &s->prog->rules.v[number];
	const struct us_rule_route *route = &s->prog->routes.v[number];
	const struct us_insn *first = &s->prog->code.v[rule->code];
	struct plan plan = {.rule = number};

	if (rule->disabled || route->denies || !route->alt_count)
		return;
	plan_tests(s, first + 1, s->prog->code.v + first->b - 1, &plan);
}

/* Access types that rules of the request's service name. */
static void
plan_other_access(struct search *s, uint32_t denier)
{
	const struct us_insn *insn = s->prog->code.v;
	struct plan plan = {.n = 1, .rule = denier};
	struct us_str name;

	for (; insn->op != US_OP_END; insn++) {
		if (insn->op != US_OP_SERVICE ||
		    s->answers[insn - s->prog->code.v] != US_YES ||
		    insn[1].op != US_OP_ACCESS)
			continue;
		name = s->prog->names.symbols.v[insn[1].a].a;
		if (us_str_eq(name, s->req->access))
			continue;
		plan.edits[0] =
		    (struct us_edit){.kind = US_EDIT_ACCESS, .value = name};
		add_plans_meeting_any(s, &plan);
	}
}

/*
 * Plans to ask for a value that other rules keep, and the pattern of the rule
 * that refuses does not match: out of its reach, into that of another.
 */
static void
plan_kept_values(
    struct search *s, const struct us_insn *refusing, uint32_t denier)
{
	struct plan plan = {.n = 1, .rule = denier};
	bool *seen = us_arena_alloc(s->arena, s->prog->patterns.n);
	const struct us_insn *insn = s->prog->code.v;
	struct us_str value;

	for (; insn->op != US_OP_END; insn++) {
		if (insn->op != US_OP_KEEP || insn->a != refusing->a ||
		    seen[insn->b])
			continue;
		seen[insn->b] = true;
		value = value_matching(s, insn->b);
		if (value.p && !matches(s, refusing->b, value) &&
		    set_slot(s, insn->a, value, &plan.edits[0]))
			add_plans_meeting_any(s, &plan);
	}
}

/* Plans to get out of the reach of a rule that refuses. */
static void
plan_escape(struct search *s, uint32_t number)
{
	const struct us_prog_rule *rule = &s->prog->rules.v[number];
	const struct us_insn *insn = &s->prog->code.v[rule->code];
	const struct us_insn *end = s->prog->code.v + insn->b - 1;
	struct plan plan = {.n = 1, .rule = number};
	const struct us_set *set;

	for (insn++; insn < end; insn++) {
		if (insn->op == US_OP_ACCESS)
			plan_other_access(s, number);
		if (insn->op == US_OP_OUTSIDE) {
			set = &s->prog->sets.v[insn->a];
			plan.edits[0] =
			    join_group(s, s->prog->set_groups.v[set->first]);
			add_plans_meeting_any(s, &plan);
			continue;
		}
		if (insn->op == US_OP_KEEP)
			plan_kept_values(s, insn, number);
		if (edit_attribute(s, insn, false, &plan.edits[0]))
			add_plans_meeting_any(s, &plan);
	}
}

static void
make_plans(struct search *s)
{
	struct plan plan = {.rule = UINT32_MAX};
	const uint32_t *number;

	add_plans_meeting_any(s, &plan);
	if (s->req->approver && !s->req->escalated) {
		add_edit(&plan, (struct us_edit){.kind = US_EDIT_ESCALATE});
		add_plans_meeting_any(s, &plan);
	}
	US_EACH (number, &s->verdict->rules) {
		if (s->prog->routes.v[*number].denies)
			plan_escape(s, *number);
	}
	for (uint32_t i = 0; i < s->prog->rules.n; i++)
		plan_rule(s, i);
}

/* The values under filter and key become one value, or none. */
static void
apply_attribute(
    const struct us_edit *edit, struct us_request *req, struct us_arena *a)
{
	us_attr_list before = req->attrs;
	const struct us_attr_key *key;
	struct us_attr_key *new;
	struct us_attr *old, *attr;

	memset(&req->attrs, 0, sizeof(req->attrs));
	US_EACH (old, &before) {
		if (!us_str_eq(old->filter, edit->filter))
			*us_list_add(a, &req->attrs) = *old;
	}
	if (edit->key.p && !edit->key.n) /* nothing under the name */
		return;
	attr = us_list_add(a, &req->attrs);
	attr->filter = edit->filter;
	attr->kind = edit->key.p ? US_ATTR_KEYED : US_ATTR_BOOLEAN;
	attr->value = edit->boolean;
	US_EACH (old, &before) {
		if (!edit->key.p || !us_str_eq(old->filter, edit->filter))
			continue;
		US_EACH (key, &old->keys) {
			if (!us_str_eq(key->key, edit->key))
				*us_list_add(a, &attr->keys) = *key;
		}
	}
	if (edit->key.p && edit->value.p) {
		new = us_list_add(a, &attr->keys);
		new->key = edit->key;
		*us_list_add(a, &new->values) = edit->value;
	}
}

static void
apply_group(
    const struct us_edit *edit, struct us_request *req, struct us_arena *a)
{
	struct us_person *p = us_arena_alloc(a, sizeof(*p));
	const struct us_group_id *g;

	*p = *req->principal;
	memset(&p->groups, 0, sizeof(p->groups));
	US_EACH (g, &req->principal->groups)
		*us_list_add(a, &p->groups) = *g;
	*us_list_add(a, &p->groups) = edit->group;
	req->principal = p;
}

static void
apply_edit(
    const struct us_edit *edit, struct us_request *req, struct us_arena *a)
{
	switch (edit->kind) {
	case US_EDIT_REASON:
		req->reason = US_STR("because");
		break;
	case US_EDIT_DURATION:
		req->duration = 3600;
		break;
	case US_EDIT_PREAPPROVED:
		req->preapproved = true;
		break;
	case US_EDIT_ESCALATE:
		req->escalated = true;
		break;
	case US_EDIT_GROUP:
		apply_group(edit, req, a);
		break;
	case US_EDIT_ATTRIBUTE:
		apply_attribute(edit, req, a);
		break;
	case US_EDIT_ACCESS:
		req->access = edit->value;
		break;
	}
}

static bool
same_edit(const struct us_edit *a, const struct us_edit *b)
{
	return a->kind == b->kind && us_str_eq(a->group.id, b->group.id) &&
	       us_str_eq(a->group.directory, b->group.directory) &&
	       us_str_eq(a->filter, b->filter) && us_str_eq(a->key, b->key) &&
	       us_str_eq(a->value, b->value) && a->boolean == b->boolean;
}

/* Does the plan hold all edits of a change that helps already? */
static bool
contains(const struct plan *plan, const struct us_offer *change)
{
	for (unsigned i = 0; i < change->n; i++) {
		bool found = false;

		for (unsigned k = 0; k < plan->n; k++)
			found |= same_edit(&plan->edits[k], &change->edits[i]);
		if (!found)
			return false;
	}
	return true;
}

static bool
is_new(const struct plan *plan, const struct us_changes *found)
{
	for (unsigned i = 0; i < found->n; i++) {
		if (contains(plan, &found->v[i]))
			return false;
	}
	return true;
}

static void
try_plan(struct search *s, const struct plan *plan, struct us_matcher *m,
    struct us_arena *a, struct us_changes *out)
{
	struct us_request req = *s->req;
	const struct us_verdict *v;
	struct us_offer *change;

	us_arena_reset(a);
	for (unsigned i = 0; i < plan->n; i++)
		apply_edit(&plan->edits[i], &req, a);
	v = us_decide(m, &req);
	if (!helps(s, v))
		return;
	change = &out->v[out->n++];
	memcpy(change->edits, plan->edits, sizeof(change->edits));
	change->n = plan->n;
	change->rule = plan->rule;
	change->outcome = v->outcome;
	change->by = v->by;
	change->allowed = v->allowed;
}

static void
try_plans(struct search *s, struct us_matcher *m, struct us_changes *out)
{
	struct us_arena scratch = {0};
	unsigned trials = 0;
	size_t work = 0;
	struct plan *plan;

	for (unsigned n = 1; n <= US_CHANGE_EDITS; n++) {
		US_EACH (plan, &s->plans) {
			if (plan->n != n || !is_new(plan, out))
				continue;
			if (out->n == US_CHANGES_MAX ||
			    trials++ == TRIALS_MAX || work > WORK_MAX)
				goto out;
			try_plan(s, plan, m, &scratch, out);
			work += us_matcher_work(m);
		}
	}
out:
	us_arena_free(&scratch);
}

void
us_changes_find(struct us_matcher *m, const struct us_request *req,
    const struct us_verdict *verdict, const uint8_t *answers,
    struct us_arena *a, struct us_changes *out)
{
	struct search s = {.prog = us_matcher_prog(m),
	    .req = req,
	    .verdict = verdict,
	    .arena = a,
	    .answers = answers};

	out->n = 0;
	if (!is_refusal(verdict->outcome) &&
	    (!verdict->approver || verdict->allowed))
		return;
	s.re = us_re_scratch_new();
	make_plans(&s);
	try_plans(&s, m, out);
	us_re_scratch_free(s.re);
}
