/* SPDX-License-Identifier: Apache-2.0 */
/* The text of an answer, and who may approve. */
#include "tests/agree/naive_parts.h"

static const unsigned requirements[] = {
    US_OPTION_REASON, US_OPTION_DURATION, US_OPTION_PREAPPROVAL};
static const char *const requirement_names[] = {
    "reason", "duration", "preapproval"};

/* --- The approver ------------------------------------------------------ */

static bool
is_same_person(struct us_str a, struct us_str b)
{
	return a.p && b.p && us_str_eq_nocase(a, b);
}

static bool
approves_self(const struct us_request *req)
{
	struct us_str uid = req->approver->uid;

	return (req->principal && is_same_person(req->principal->uid, uid)) ||
	       is_same_person(req->requested_by, uid) ||
	       (req->agent && is_same_person(req->agent->owner, uid));
}

static bool
is_named(const struct us_request *req, const struct us_alt *alt)
{
	const struct us_profile_fact *fact;

	if (!req->principal)
		return false;
	/* a directory that goes by two names may name two people */
	US_EACH (fact, &req->principal->profile)
		if (naive_same_directory(fact->directory, alt->directory.s) &&
		    us_str_eq(fact->property, alt->property.s) &&
		    is_same_person(fact->value, req->approver->uid))
			return true;
	return false;
}

static bool
is_on_call(const struct us_request *req, const struct us_alt *alt)
{
	const struct us_oncall_service *fact;
	const struct us_word *service;

	US_EACH (fact, &req->approver->oncall)
		US_EACH (service, &alt->services)
			if (us_str_eq(fact->integration, alt->integration.s) &&
			    us_str_eq(fact->service, service->s))
				return true;
	return false;
}

static bool
is_reviewer(const struct us_request *req)
{
	const struct us_str *role;

	US_EACH (role, &req->approver->roles)
		if (us_str_is(*role, "security-reviewer"))
			return true;
	return false;
}

static bool
admits(const struct naive_case *c, const struct us_rule *rule,
    const struct us_alt *alt)
{
	const struct us_request *req = c->req;

	if (!naive_is_human(alt) || naive_alt_available(c, rule, alt) != US_YES)
		return false;
	if (approves_self(req) && !(alt->options & US_OPTION_ONE_PARTY))
		return false;
	switch (alt->type) {
	case US_ALT_GROUP:
		return naive_member(&alt->members, &req->approver->groups);
	case US_ALT_P0:
		return is_reviewer(req);
	case US_ALT_PROFILE:
		return is_named(req, alt);
	case US_ALT_ESCALATION:
		return req->escalated && is_on_call(req, alt);
	default:
		return false;
	}
}

/* --- The text ---------------------------------------------------------- */

static void
comma(struct us_buf *out)
{
	if (out->p[out->n - 1] != '[')
		us_buf_putc(out, ',');
}

static void
put_missing(struct us_buf *out, unsigned missing)
{
	us_buf_puts(out, ",\"missing\":[");
	for (unsigned i = 0; i < 3; i++)
		if (missing & requirements[i]) {
			comma(out);
			us_buf_printf(out, "\"%s\"", requirement_names[i]);
		}
	us_buf_putc(out, ']');
}

static void
put_rules(const struct naive_case *c, const char *label, enum us_tri state,
    bool denying, struct us_buf *out)
{
	us_buf_printf(out, ",\"%s\":[", label);
	for (uint32_t i = 0; i < c->rs->rules.n; i++) {
		const struct us_rule *rule = &c->rs->rules.v[i];

		if (c->state[i] != state || (denying && !naive_denies(rule)))
			continue;
		comma(out);
		us_buf_json(out, rule->name.s);
	}
	us_buf_putc(out, ']');
}

static void
put_denied_by(const struct naive_case *c, const struct naive_decision *d,
    struct us_buf *out)
{
	bool denies = naive_any_in(c, true);

	if (strcmp(d->outcome, "denied") == 0 && (denies || naive_all_empty(c)))
		put_rules(c, "deniedBy", US_YES, denies, out);
	else
		us_buf_puts(out, ",\"deniedBy\":[]");
}

static void
put_alt(const struct naive_case *c, const struct us_rule *rule, uint32_t index,
    struct us_buf *out)
{
	static const char *const words[] = {"false", "true", "null"};
	static const char *const types[] = {
	    [US_ALT_AUTO] = "auto",
	    [US_ALT_DENY] = "deny",
	    [US_ALT_ESCALATION] = "escalation",
	    [US_ALT_GROUP] = "group",
	    [US_ALT_PERSISTENT] = "persistent",
	    [US_ALT_PROFILE] = "requestor-profile",
	    [US_ALT_P0] = "p0",
	};
	const struct us_alt *alt = &rule->alts.v[index];

	comma(out);
	us_buf_puts(out, "{\"rule\":");
	us_buf_json(out, rule->name.s);
	us_buf_printf(out, ",\"index\":%u,\"type\":\"%s\",\"available\":%s",
	    index, types[alt->type], words[naive_alt_available(c, rule, alt)]);
	put_missing(out, naive_alt_missing(c, alt));
	us_buf_putc(out, '}');
}

static void
put_alternatives(const struct naive_case *c, struct us_buf *out)
{
	us_buf_puts(out, ",\"alternatives\":[");
	for (uint32_t i = 0; i < c->rs->rules.n; i++) {
		const struct us_rule *rule = &c->rs->rules.v[i];

		if (!c->in[i])
			continue;
		for (uint32_t k = 0; k < rule->alts.n; k++)
			if (rule->alts.v[k].type != US_ALT_DENY)
				put_alt(c, rule, k, out);
	}
	us_buf_putc(out, ']');
}

static void
put_via(const struct naive_case *c, struct us_buf *out)
{
	for (uint32_t i = 0; i < c->rs->rules.n; i++) {
		const struct us_rule *rule = &c->rs->rules.v[i];

		for (uint32_t k = 0; c->in[i] && k < rule->alts.n; k++) {
			if (!admits(c, rule, &rule->alts.v[k]))
				continue;
			comma(out);
			us_buf_puts(out, "{\"rule\":");
			us_buf_json(out, rule->name.s);
			us_buf_printf(out, ",\"index\":%u}", k);
		}
	}
}

static void
put_approver(const struct naive_case *c, const struct naive_decision *d,
    struct us_buf *out)
{
	struct us_buf via = {0};

	us_buf_putc(&via, '[');
	if (strcmp(d->outcome, "no-route") != 0 &&
	    strcmp(d->outcome, "denied") != 0 &&
	    strcmp(d->outcome, "unknown") != 0)
		put_via(c, &via);
	us_buf_puts(out, ",\"approver\":{\"uid\":");
	us_buf_json(out, c->req->approver->uid);
	us_buf_printf(out, ",\"allowed\":%s,\"via\":%s]}",
	    via.n > 1 ? "true" : "false", via.p);
	us_buf_free(&via);
}

void
naive_put(const struct naive_case *c, const struct naive_decision *d,
    struct us_buf *out)
{
	us_buf_printf(out, "{\"outcome\":\"%s\",\"by\":", d->outcome);
	if (d->by)
		us_buf_printf(out, "\"%s\"", d->by);
	else
		us_buf_puts(out, "null");
	put_rules(c, "rules", US_YES, false, out);
	put_denied_by(c, d, out);
	put_missing(out, d->missing);
	put_alternatives(c, out);
	if (naive_undecided(c) > 0)
		put_rules(c, "undecided", US_CANNOT_TELL, false, out);
	if (c->req->approver)
		put_approver(c, d, out);
	us_buf_putc(out, '}');
}
