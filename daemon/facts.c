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
is_own(const struct us_caller *caller, struct json_object *uid)
{
	return json_object_is_type(uid, json_type_string) && caller->uid.p &&
	       us_str_eq_nocase(
		   us_str(json_object_get_string(uid)), caller->uid);
}

/* requestor, approver: nobody else, and no more than the uid. */
static bool
person_allowed(const struct us_caller *caller, struct json_object *request,
    const char *member, struct us_buf *why)
{
	struct json_object *person = NULL;

	json_object_object_get_ex(request, member, &person);
	if (!json_object_is_type(person, json_type_object))
		return true;
	json_object_object_foreach(person, name, value)
	{
		if (!value)
			continue;
		if (strcmp(name, "uid") != 0) {
			us_buf_printf(why,
			    "\"%s\" of the %s is what the server's directory "
			    "says; only a manager may state it: take it out",
			    name, member);
			return false;
		}
		if (!is_own(caller, value)) {
			us_buf_printf(why,
			    "only a manager may ask about somebody else; the "
			    "%s must be you, or be left out",
			    member);
			return false;
		}
	}
	return true;
}

/* What the server would have to know of the request itself. */
static bool
claims_allowed(const struct us_caller *caller, struct json_object *request,
    struct us_buf *why)
{
	static const char *const claims[] = {"preapproved", "escalated"};
	struct json_object *value = NULL;

	if (json_object_object_get_ex(request, "agent", &value) && value) {
		us_buf_puts(why,
		    "the agent is what your token says; only a manager may "
		    "state one: take it out");
		return false;
	}
	if (json_object_object_get_ex(request, "requestedBy", &value) &&
	    value && !is_own(caller, value)) {
		us_buf_puts(why,
		    "\"requestedBy\" is you; only a manager may state "
		    "somebody else");
		return false;
	}
	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		if (!json_object_object_get_ex(request, claims[i], &value) ||
		    !json_object_get_boolean(value))
			continue;
		us_buf_printf(why,
		    "only a manager may state \"%s\": take it out", claims[i]);
		return false;
	}
	return true;
}

bool
us_facts_allowed(const struct us_caller *caller, struct json_object *request,
    struct us_buf *why)
{
	if (us_facts_any(caller) ||
	    !json_object_is_type(request, json_type_object))
		return true;
	return person_allowed(caller, request, "requestor", why) &&
	       person_allowed(caller, request, "approver", why) &&
	       claims_allowed(caller, request, why);
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

/*
 * A request that says nothing of who asks is none for the reader: it gets an
 * agent of whom nothing is said, at its end, so that places stay what they
 * are.
 */
static struct us_src *
with_asker(struct us_src *src, struct us_json_value value)
{
	const struct us_src_node *node = &src->nodes.v[value.node];
	const char *text = src->text + node->off;
	struct json_object *agent;
	struct us_buf out = {0};
	struct us_src *other;

	us_buf_add(&out, text, node->len - 1);
	if (json_object_object_get_ex(value.v, "agent", &agent)) {
		/* It is null, and an absent one may take its place. */
		for (uint32_t i = value.node + 1; i < src->nodes.n; i++) {
			const struct us_src_node *n = &src->nodes.v[i];

			if (n->parent != value.node ||
			    !us_str_is(n->name, "agent"))
				continue;
			memcpy(out.p + (n->off - node->off), "{}  ", 4);
			break;
		}
	} else {
		us_buf_puts(&out, json_object_object_length(value.v)
				      ? ",\"agent\":{}"
				      : "\"agent\":{}");
	}
	us_buf_putc(&out, '}');
	other = us_src_new(src->name, us_buf_str(&out), US_FORMAT_JSON);
	us_buf_free(&out);
	return other;
}

static struct us_request *
own_request(const struct us_caller *caller, const struct us_sources *sources,
    struct us_src *src, struct us_json_value value, struct us_arena *a,
    struct us_diags *diags, struct us_src **other)
{
	struct json_object *requestor = NULL;
	struct us_request *req;

	if (json_object_is_type(value.v, json_type_object) &&
	    !(json_object_object_get_ex(value.v, "requestor", &requestor) &&
		requestor)) {
		*other = with_asker(src, value);
		req = us_request_from_json(*other, a, diags);
	} else {
		req = us_request_from_value(src, value.v, a, diags);
	}
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
    struct us_diags *diags, struct us_src **other)
{
	struct us_request *req;
	const struct us_src_node *node = &src->nodes.v[value.node];

	*other = NULL;
	if (node->len > US_REQUEST_MAX) {
		us_diag_add(diags, US_DIAG_LIMIT,
		    (struct us_loc){src, node->off, 0},
		    "the request has %u bytes; a request has %d at most",
		    node->len, US_REQUEST_MAX);
		return NULL;
	}
	if (us_facts_any(caller))
		req = us_request_from_value(src, value.v, a, diags);
	else
		req = own_request(caller, sources, src, value, a, diags, other);
	if (req && !req->has_at) {
		req->has_at = true;
		req->at = now;
	}
	return req;
}
