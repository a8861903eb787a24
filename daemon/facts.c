/* SPDX-License-Identifier: Apache-2.0 */
/* Whose facts: the claims that are refused, the facts that take their place. */
#include "daemon/facts.h"
#include "engine/json_request.h"
#include "engine/vocab.h"

bool
us_facts_any(const struct us_caller *caller)
{
	return caller->roles & US_ROLE_BIT(MANAGER);
}

static bool
is_own(const struct us_caller *caller, struct us_src *src,
    struct us_json_value uid)
{
	return uid.kind == US_JSON_STRING && caller->uid.p &&
	       us_str_eq_nocase(
		   us_json_text(src, uid, &src->arena), caller->uid);
}

/* requestor, approver: nobody else, and no more than the uid. */
static bool
person_allowed(const struct us_caller *caller, struct us_src *src,
    struct us_json_value request, const char *role, struct us_buf *why)
{
	struct us_json_walk walk =
	    us_json_walk(src, us_json_member(src, request, role));
	struct us_json_value value;
	struct us_str name;

	while (us_json_next(&walk, &value)) {
		name = src->nodes.v[value.node].name;
		if (!name.p || !value.has)
			continue;
		if (!us_str_is(name, "uid")) {
			us_buf_printf(why,
			    "\"%.*s\" of the %s is what the server's "
			    "directory says; only a manager may state it: "
			    "take it out",
			    US_ARG(name), role);
			return false;
		}
		if (!is_own(caller, src, value)) {
			us_buf_printf(why,
			    "only a manager may ask about somebody else; the "
			    "%s must be you, or be left out",
			    role);
			return false;
		}
	}
	return true;
}

/* What the server would have to know of the request itself. */
static bool
claims_allowed(const struct us_caller *caller, struct us_src *src,
    struct us_json_value request, struct us_buf *why)
{
	static const char *const claims[] = {"preapproved", "escalated"};
	struct us_json_value value;

	if (us_json_member(src, request, "agent").has) {
		us_buf_puts(why,
		    "the agent is what your token says; only a manager may "
		    "state one: take it out");
		return false;
	}
	value = us_json_member(src, request, "requestedBy");
	if (value.has && !is_own(caller, src, value)) {
		us_buf_puts(why,
		    "\"requestedBy\" is you; only a manager may state "
		    "somebody else");
		return false;
	}
	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		if (!us_json_true(src, us_json_member(src, request, claims[i])))
			continue;
		us_buf_printf(why,
		    "only a manager may state \"%s\": take it out", claims[i]);
		return false;
	}
	return true;
}

bool
us_facts_allowed(const struct us_caller *caller, struct us_src *src,
    struct us_json_value request, struct us_buf *why)
{
	return us_facts_any(caller) ||
	       (person_allowed(caller, src, request, "requestor", why) &&
		   person_allowed(caller, src, request, "approver", why) &&
		   claims_allowed(caller, src, request, why));
}

static struct us_session *
known_session(const struct us_caller *caller, const struct us_sources *sources,
    struct us_arena *a)
{
	if (caller->kind != US_CALLER_AGENT)
		return NULL;
	return us_known_session(
	    sources, caller->client_id, caller->owner, caller->provider, a);
}

/* About the caller, who need not be told in it. */
static struct us_request *
own_request(const struct us_caller *caller, const struct us_sources *sources,
    struct us_src *src, struct us_json_value value, struct us_arena *a,
    struct us_diags *diags)
{
	struct us_request *req =
	    us_request_from_value(src, value, true, a, diags);

	if (!req)
		return NULL;
	req->principal = us_known_person(sources, caller->uid, a);
	req->agent = known_session(caller, sources, a);
	if (req->approver)
		req->approver =
		    us_known_approver(sources, caller->uid, caller->roles, a);
	return req;
}

struct us_request *
us_facts_request(const struct us_caller *caller,
    const struct us_sources *sources, struct us_src *src,
    struct us_json_value value, int64_t now, struct us_arena *a,
    struct us_diags *diags)
{
	struct us_request *req;
	const struct us_src_node *node = &src->nodes.v[value.node];

	if (node->len > US_REQUEST_MAX) {
		us_diag_add(diags, US_DIAG_LIMIT,
		    (struct us_loc){src, node->off, 0},
		    "the request has %u bytes; a request has %d at most",
		    node->len, US_REQUEST_MAX);
		return NULL;
	}
	if (us_facts_any(caller))
		req = us_request_from_value(src, value, false, a, diags);
	else
		req = own_request(caller, sources, src, value, a, diags);
	if (req && !req->has_at) {
		req->has_at = true;
		req->at = now;
	}
	return req;
}
