/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workflows to the JSON form (SPEC 2): members in the order of that section,
 * left out where they would say the default, so that one meaning has one text.
 */
#include "engine/json_rules.h"

/* "name": behind a comma, unless it is the first member of its object. */
static void
put_name(struct us_buf *out, struct us_str name)
{
	if (out->p[out->n - 1] != '{')
		us_buf_puts(out, ", ");
	us_buf_json(out, name);
	us_buf_puts(out, ": ");
}

static void
put_word(struct us_buf *out, const char *name, struct us_str value)
{
	put_name(out, us_str(name));
	us_buf_json(out, value);
}

static void
put_type(struct us_buf *out, const char *type)
{
	put_word(out, "type", us_str(type));
}

static void
open_object(struct us_buf *out, const char *name)
{
	put_name(out, us_str(name));
	us_buf_putc(out, '{');
}

/* ["a", "b"] */
static void
put_list(struct us_buf *out, const struct us_word *v, uint32_t n)
{
	us_buf_putc(out, '[');
	for (uint32_t i = 0; i < n; i++) {
		us_buf_puts(out, i ? ", " : "");
		us_buf_json(out, v[i].s);
	}
	us_buf_putc(out, ']');
}

static void
put_members(struct us_buf *out, const struct us_members *members)
{
	const struct us_groupref *ref;

	put_word(out, "effect", us_str(members->outside ? "remove" : "keep"));
	put_name(out, US_STR("groups"));
	us_buf_putc(out, '[');
	US_EACH (ref, &members->refs) {
		us_buf_puts(out, ref == members->refs.v ? "{" : ", {");
		put_word(out, "directory", ref->group->directory.s);
		put_word(out, "id", ref->group->id.s);
		put_word(out, "label", ref->group->label.s);
		us_buf_putc(out, '}');
	}
	us_buf_putc(out, ']');
}

static void
put_agent(struct us_buf *out, const struct us_who *who)
{
	open_object(out, "agent");
	switch (who->agent) {
	case US_AGENT_ANY:
		put_type(out, "any");
		break;
	case US_AGENT_CLIENT:
		put_type(out, "agent-client");
		put_word(out, "clientId", who->agent_id.s);
		break;
	case US_AGENT_OWNER:
		put_type(out, "agent-owner");
		put_word(out, "owner", who->agent_id.s);
		break;
	case US_AGENT_OWNER_MEMBERS:
		put_type(out, "owner-group");
		open_object(out, "groups");
		put_type(out, "group");
		put_members(out, &who->owners);
		us_buf_putc(out, '}');
		break;
	case US_AGENT_PROVIDER:
		put_type(out, "provider");
		put_word(out, "providerId", who->agent_id.s);
		if (who->has_subject)
			put_word(out, "subjectPattern", who->subject.s);
		break;
	}
	us_buf_putc(out, '}');
}

static void
put_behalf(struct us_buf *out, const struct us_who *who)
{
	open_object(out, "user");
	switch (who->behalf) {
	case US_BEHALF_ANY:
		put_type(out, "any");
		break;
	case US_BEHALF_NONE:
		put_type(out, "none");
		break;
	case US_BEHALF_USER:
		put_type(out, "user");
		put_word(out, "uid", who->uid.s);
		break;
	case US_BEHALF_MEMBERS:
		put_type(out, "group");
		put_members(out, &who->members);
		break;
	}
	us_buf_putc(out, '}');
}

static void
put_requestor(struct us_buf *out, const struct us_who *who)
{
	open_object(out, "requestor");
	switch (who->kind) {
	case US_WHO_NONE:
	case US_WHO_ANY:
		put_type(out, "any");
		break;
	case US_WHO_SOME:
		put_type(out, "some");
		break;
	case US_WHO_USER:
		put_type(out, "user");
		put_word(out, "uid", who->uid.s);
		break;
	case US_WHO_MEMBERS:
		put_type(out, "group");
		put_members(out, &who->members);
		break;
	case US_WHO_AGENT:
		put_type(out, "agentic");
		put_agent(out, who);
		put_behalf(out, who);
		break;
	}
	us_buf_putc(out, '}');
}

static void
put_filter(struct us_buf *out, const struct us_filter *filter)
{
	static const char *const effects[] = {[US_KEEP] = "keep",
	    [US_REMOVE] = "remove",
	    [US_REMOVE_ALL] = "removeAll"};

	put_name(out, filter->name.s);
	us_buf_putc(out, '{');
	put_word(out, "effect", us_str(effects[filter->effect]));
	if (filter->boolean) {
		put_name(out, US_STR("value"));
		us_buf_puts(out, filter->value ? "true" : "false");
	}
	if (filter->has_key)
		put_word(out, "key", filter->key.s);
	if (filter->has_key && filter->effect != US_REMOVE_ALL)
		put_word(out, "pattern", filter->pattern.s);
	us_buf_putc(out, '}');
}

static void
put_resource(struct us_buf *out, const struct us_to *to)
{
	const struct us_filter *filter;

	open_object(out, "resource");
	put_type(out, to->any ? "any" : "integration");
	if (!to->any)
		put_word(out, "service", to->service.s);
	if (to->has_access)
		put_word(out, "accessType", to->access.s);
	if (to->filters.n) {
		open_object(out, "filters");
		US_EACH (filter, &to->filters)
			put_filter(out, filter);
		us_buf_putc(out, '}');
	}
	us_buf_putc(out, '}');
}

static void
put_options(struct us_buf *out, const struct us_alt *alt)
{
	if (!alt->options && !alt->cooldown.n && !alt->duration.n)
		return;
	open_object(out, "options");
	for (unsigned i = 0; i < us_option_count; i++) {
		if (alt->options & us_options[i].bit) {
			put_name(out, us_str(us_options[i].json));
			us_buf_puts(out, "true");
		}
	}
	if (alt->cooldown.n) {
		put_name(out, US_STR("cooldown"));
		us_buf_str_add(out, alt->cooldown);
	}
	if (alt->duration.n) {
		put_name(out, US_STR("duration"));
		us_buf_str_add(out, alt->duration);
	}
	us_buf_putc(out, '}');
}

static void
put_alternative(struct us_buf *out, const struct us_alt *alt)
{
	us_buf_putc(out, '{');
	put_type(out, us_alt_name(alt->type));
	if (alt->type == US_ALT_AUTO || alt->type == US_ALT_ESCALATION)
		put_word(out, "integration", alt->integration.s);
	if (alt->type == US_ALT_ESCALATION) {
		put_name(out, US_STR("services"));
		put_list(out, alt->services.v, alt->services.n);
	}
	if (alt->type == US_ALT_GROUP)
		put_members(out, &alt->members);
	if (alt->type == US_ALT_PROFILE) {
		put_word(out, "directory", alt->directory.s);
		if (!us_str_is(alt->property.s, "manager"))
			put_word(out, "profileProperty", alt->property.s);
	}
	put_options(out, alt);
	us_buf_putc(out, '}');
}

/* The beginning that rules and pre-approvals have in common. */
static void
put_scope(struct us_buf *out, struct us_str name, bool disabled,
    const struct us_who *who, const struct us_to *to)
{
	us_buf_putc(out, '{');
	put_word(out, "name", name);
	if (disabled) {
		put_name(out, US_STR("disabled"));
		us_buf_puts(out, "true");
	}
	put_requestor(out, who);
	put_resource(out, to);
}

void
us_rule_to_json(const struct us_rule *rule, struct us_buf *out)
{
	const struct us_alt *alt;

	put_scope(out, rule->name.s, rule->disabled, &rule->who, &rule->to);
	put_name(out, US_STR("approval"));
	us_buf_putc(out, '[');
	US_EACH (alt, &rule->alts) {
		us_buf_puts(out, alt == rule->alts.v ? "" : ", ");
		put_alternative(out, alt);
	}
	us_buf_puts(out, "]}");
}

static void
put_preapproval(struct us_buf *out, const struct us_preapproval *pre)
{
	put_scope(out, pre->name.s, pre->disabled, &pre->who, &pre->to);
	/* Times as they were written, like everything else. */
	if (pre->has_from)
		put_word(out, "from", pre->from_text.s);
	put_word(out, "until", pre->until_text.s);
	if (pre->has_duration) {
		put_name(out, US_STR("durationSeconds"));
		us_buf_printf(out, "%lld", (long long)pre->duration);
	}
	if (pre->reason.s.p)
		put_word(out, "reason", pre->reason.s);
	us_buf_putc(out, '}');
}

static void
put_service(struct us_buf *out, const struct us_service *service)
{
	const struct us_service_filter *filter;

	us_buf_putc(out, '{');
	put_word(out, "name", service->name.s);
	if (service->access.n) {
		put_name(out, US_STR("accessTypes"));
		put_list(out, service->access.v, service->access.n);
	}
	if (service->filters.n)
		open_object(out, "filters");
	US_EACH (filter, &service->filters) {
		put_name(out, filter->name.s);
		if (filter->kind == US_KEYED)
			put_list(out, filter->keys.v, filter->keys.n);
		else
			us_buf_puts(out, filter->kind == US_BOOLEAN
					     ? "\"boolean\""
					     : "\"any\"");
	}
	us_buf_puts(out, service->filters.n ? "}}" : "}");
}

/* What stands before element i of the n of a list, or behind the last. */
static void
put_line(struct us_buf *out, uint32_t i, uint32_t n)
{
	us_buf_puts(out, i && i < n ? ",\n " : i < n ? "\n " : "\n]");
}

void
us_rules_to_json(const struct us_ruleset *rs, struct us_buf *out)
{
	uint32_t i, builtin = rs->builtin_services;

	us_buf_puts(out, "{\"rules\": [");
	for (i = 0; i < rs->rules.n; i++) {
		put_line(out, i, rs->rules.n);
		us_rule_to_json(&rs->rules.v[i], out);
	}
	put_line(out, i, i);
	if (rs->services.n > builtin) {
		us_buf_puts(out, ",\n\"services\": [");
		for (i = builtin; i < rs->services.n; i++) {
			put_line(out, i - builtin, rs->services.n - builtin);
			put_service(out, &rs->services.v[i]);
		}
		put_line(out, i, i);
	}
	if (rs->preapprovals.n) {
		us_buf_puts(out, ",\n\"preapprovals\": [");
		for (i = 0; i < rs->preapprovals.n; i++) {
			put_line(out, i, rs->preapprovals.n);
			put_preapproval(out, &rs->preapprovals.v[i]);
		}
		put_line(out, i, i);
	}
	us_buf_puts(out, "}\n");
}
