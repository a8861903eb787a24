/* SPDX-License-Identifier: Apache-2.0 */
/* Workflows from the JSON form: rules, services, pre-approvals (SPEC 2). */
#include "engine/check.h"
#include "engine/json_parts.h"
#include "engine/json_rules.h"
#include "engine/when.h"

static void
read_rule(
    struct us_json_reader *r, struct us_json_value value, struct us_rule *rule)
{
	enum { NAME, DISABLED, REQUESTOR, RESOURCE, APPROVAL, COUNT };
	static const char *const names[] = {
	    "name", "disabled", "requestor", "resource", "approval"};
	static const struct us_json_shape shapes[] = {{NULL,
	    US_BIT(NAME) | US_BIT(REQUESTOR) | US_BIT(RESOURCE) |
		US_BIT(APPROVAL),
	    US_BIT(DISABLED)}};
	static const struct us_json_form form =
	    US_FORM("a rule", names, shapes);
	struct us_json_value slots[COUNT], alternative;
	struct us_json_walk walk;

	rule->loc = us_json_place(r, value);
	us_json_members(r, &form, value, slots);
	us_json_word(r, slots[NAME], &rule->name);
	us_json_bool(r, slots[DISABLED], &rule->disabled);
	if (slots[REQUESTOR].has)
		us_json_requestor(r, slots[REQUESTOR], &rule->who);
	if (slots[RESOURCE].has)
		us_json_resource(r, slots[RESOURCE], &rule->to);
	if (us_json_is(r, slots[APPROVAL], US_JSON_ARRAY)) {
		walk = us_json_walk(r->src, slots[APPROVAL]);
		while (us_json_each(r, &walk, &alternative))
			us_json_alternative(
			    r, alternative, us_list_add(r->arena, &rule->alts));
	}
}

static void
read_duration(struct us_json_reader *r, struct us_json_value value,
    struct us_preapproval *pre)
{
	struct us_buf text = {0};
	int64_t seconds;

	if (!us_json_is(r, value, US_JSON_INT))
		return;
	seconds = us_json_int(r->src, value);
	if (seconds > 0 && seconds % 60 == 0) {
		us_length_print(seconds, &text);
		pre->has_duration =
		    us_length_parse(us_buf_str(&text), &pre->duration);
	}
	if (!pre->has_duration)
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "%s is no length; expected whole minutes in seconds (60, "
		    "120, ...), 100 years at most",
		    us_json_show(r, value));
	pre->duration_text = (struct us_word){
	    us_arena_str(r->arena, us_buf_str(&text)), us_json_place(r, value)};
	us_buf_free(&text);
}

static void
read_preapproval(struct us_json_reader *r, struct us_json_value value,
    struct us_preapproval *pre)
{
	enum {
		NAME,
		DISABLED,
		REQUESTOR,
		RESOURCE,
		FROM,
		UNTIL,
		DURATION,
		REASON,
		COUNT
	};
	static const char *const names[] = {"name", "disabled", "requestor",
	    "resource", "from", "until", "durationSeconds", "reason"};
	static const struct us_json_shape shapes[] = {{NULL,
	    US_BIT(NAME) | US_BIT(REQUESTOR) | US_BIT(RESOURCE) | US_BIT(UNTIL),
	    US_BIT(DISABLED) | US_BIT(FROM) | US_BIT(DURATION) |
		US_BIT(REASON)}};
	static const struct us_json_form form =
	    US_FORM("a pre-approval", names, shapes);
	struct us_json_value slots[COUNT];

	pre->loc = us_json_place(r, value);
	us_json_members(r, &form, value, slots);
	us_json_word(r, slots[NAME], &pre->name);
	us_json_bool(r, slots[DISABLED], &pre->disabled);
	if (slots[REQUESTOR].has)
		us_json_requestor(r, slots[REQUESTOR], &pre->who);
	if (slots[RESOURCE].has)
		us_json_resource(r, slots[RESOURCE], &pre->to);
	pre->has_from = us_json_time(r, slots[FROM], &pre->from) &&
			us_json_word(r, slots[FROM], &pre->from_text);
	if (us_json_time(r, slots[UNTIL], &pre->until))
		us_json_word(r, slots[UNTIL], &pre->until_text);
	if (slots[DURATION].has)
		read_duration(r, slots[DURATION], pre);
	us_json_word(r, slots[REASON], &pre->reason);
}

/* "any", "boolean", or a list of keys. */
static void
read_custom_filter(struct us_json_reader *r, struct us_json_value value,
    struct us_service *service)
{
	static const char *const kinds[] = {"any", "boolean"};
	struct us_service_filter *filter;
	struct us_json_walk walk;
	struct us_json_value key;

	if (!value.has)
		return;
	filter = us_list_add(r->arena, &service->filters);
	filter->name = us_json_name(r, value);
	filter->carried = ~UINT64_C(0);
	if (value.kind == US_JSON_STRING) {
		filter->kind =
		    us_json_choice(r, value, "kind of filter", kinds, 2) == 1
			? US_BOOLEAN
			: US_ANY_KEY;
		return;
	}
	if (value.kind != US_JSON_ARRAY) {
		us_json_error(r, US_DIAG_TYPE, value,
		    "expected a list of keys, \"any\" or \"boolean\", found %s",
		    us_json_show(r, value));
		return;
	}
	if (!us_json_length(r->src, value))
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "a list of keys may not be empty; \"any\" allows every "
		    "key");
	walk = us_json_walk(r->src, value);
	while (us_json_each(r, &walk, &key))
		us_json_item_word(r, key, us_list_add(r->arena, &filter->keys));
}

static void
read_service(struct us_json_reader *r, struct us_json_value value,
    struct us_service *service)
{
	enum { NAME, ACCESS, FILTERS, COUNT };
	static const char *const names[] = {"name", "accessTypes", "filters"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(NAME) | US_BIT(ACCESS), US_BIT(FILTERS)}};
	static const struct us_json_form form =
	    US_FORM("a service", names, shapes);
	struct us_json_value slots[COUNT], item;
	struct us_json_walk walk;
	unsigned before = r->errors;

	service->loc = us_json_place(r, value);
	us_json_members(r, &form, value, slots);
	us_json_word(r, slots[NAME], &service->name);
	if (us_json_is(r, slots[ACCESS], US_JSON_ARRAY)) {
		service->access_loc = us_json_place(r, slots[ACCESS]);
		walk = us_json_walk(r->src, slots[ACCESS]);
		while (us_json_each(r, &walk, &item))
			us_json_item_word(
			    r, item, us_list_add(r->arena, &service->access));
		if (!service->access.n)
			us_json_error(r, US_DIAG_BAD_VALUE, slots[ACCESS],
			    "a service has at least one access type");
	}
	if (us_json_is(r, slots[FILTERS], US_JSON_OBJECT)) {
		walk = us_json_walk(r->src, slots[FILTERS]);
		while (us_json_each(r, &walk, &item))
			read_custom_filter(r, item, service);
	}
	service->broken = r->errors > before;
}

/* A list of no more items than a workflow may have rules. */
static bool
check_list(struct us_json_reader *r, struct us_json_value list, const char *of)
{
	size_t n;

	if (!us_json_is(r, list, US_JSON_ARRAY))
		return false;
	n = us_json_length(r->src, list);
	if (n > US_RULES_MAX)
		us_json_error(r, US_DIAG_LIMIT, list,
		    "there are %zu %s; a workflow has %d at most", n, of,
		    US_RULES_MAX);
	return n <= US_RULES_MAX;
}

static void
read_rules(
    struct us_json_reader *r, struct us_json_value list, struct us_ruleset *rs)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value value;

	if (!check_list(r, list, "rules"))
		return;
	while (us_json_each(r, &walk, &value))
		read_rule(r, value, us_list_add(r->arena, &rs->rules));
}

static void
read_preapprovals(
    struct us_json_reader *r, struct us_json_value list, struct us_ruleset *rs)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value value;

	if (!check_list(r, list, "pre-approvals"))
		return;
	while (us_json_each(r, &walk, &value))
		read_preapproval(
		    r, value, us_list_add(r->arena, &rs->preapprovals));
}

static void
read_services(
    struct us_json_reader *r, struct us_json_value list, struct us_ruleset *rs)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value value;
	unsigned before = r->errors;

	if (check_list(r, list, "services")) {
		while (us_json_each(r, &walk, &value))
			read_service(
			    r, value, us_list_add(r->arena, &rs->services));
	}
	/* A service that cannot be read is not unknown as well. */
	if (r->errors > before)
		rs->services_broken = true;
}

/* {rules, services, preapprovals}, and what is read over. */
static void
read_workflow(struct us_json_reader *r, struct us_json_value value,
    bool wrapped, struct us_ruleset *rs)
{
	enum {
		RULES,
		SERVICES,
		PREAPPROVALS,
		ID,
		CREATED,
		VERSION,
		WORKFLOW,
		COUNT
	};
	static const char *const names[] = {"rules", "services", "preapprovals",
	    "id", "createdDate", "version", "workflow"};
	static const struct us_json_shape bare[] = {
	    {NULL, US_BIT(RULES), US_BIT(WORKFLOW) - 2}};
	static const struct us_json_shape around[] = {
	    {NULL, US_BIT(WORKFLOW), 0}};
	struct us_json_form form = US_FORM("a workflow", names, bare);
	struct us_json_value slots[COUNT];

	if (wrapped)
		form.shapes = around;
	if (us_json_members(r, &form, value, slots) < 0)
		return;
	if (wrapped) {
		read_workflow(r, slots[WORKFLOW], false, rs);
		return;
	}
	read_services(r, slots[SERVICES], rs);
	read_rules(r, slots[RULES], rs);
	read_preapprovals(r, slots[PREAPPROVALS], rs);
}

unsigned
us_rules_from_json(struct us_ruleset *rs, struct us_src *src,
    struct us_json_value value, struct us_diags *diags)
{
	struct us_json_reader r = {
	    .src = src, .diags = diags, .arena = &rs->arena};
	bool wrapped = us_json_member(src, value, "workflow").has &&
		       !us_json_member(src, value, "rules").has;

	if (value.kind == US_JSON_ARRAY)
		read_rules(&r, value, rs);
	else if (value.kind == US_JSON_OBJECT)
		read_workflow(&r, value, wrapped, rs);
	else
		us_json_error(&r, US_DIAG_TYPE, value,
		    "expected a workflow: a list of rules, or an object with "
		    "\"rules\"; found %s",
		    us_json_show(&r, value));
	return r.errors;
}
