/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real table of routes, between stand-ins: handlers that note that they
 * were called, callers who are what their token says, answers that are kept.
 */
#ifndef US_TESTS_ROUTE_H
#define US_TESTS_ROUTE_H

#include <stdarg.h>
#include <stdio.h>

#include "daemon/api.h"
#include "daemon/auth.h"
#include "daemon/org.h"
#include "daemon/route.h"
#include "daemon/world.h"
#include "engine/buf.h"

/* --- What stands behind and before -------------------------------------- */

static const char *called; /* the handler */
static int status;         /* of the answer; 200: a handler was called */
static char text[512], allow[128];
static unsigned callers_out; /* given and not given back */
static struct us_org acme = {.name = {"acme", 4}};

#define HANDLER(name) \
	void name(struct us_call *call) \
	{ \
		(void)call; \
		called = #name; \
		status = 200; \
	}
HANDLER(api_account)
HANDLER(api_approvals_list)
HANDLER(api_audit_head)
HANDLER(api_audit_list)
HANDLER(api_binding_delete)
HANDLER(api_binding_get)
HANDLER(api_binding_put)
HANDLER(api_bindings_list)
HANDLER(api_command)
HANDLER(api_command_ls)
HANDLER(api_command_poll)
HANDLER(api_default_approvals_get)
HANDLER(api_default_approvals_put)
HANDLER(api_discovery)
HANDLER(api_expiry_create)
HANDLER(api_expiry_delete)
HANDLER(api_expiry_list)
HANDLER(api_expiry_reset)
HANDLER(api_healthz)
HANDLER(api_inventory_delete)
HANDLER(api_inventory_get)
HANDLER(api_inventory_list)
HANDLER(api_inventory_put)
HANDLER(api_jwks)
HANDLER(api_key_create)
HANDLER(api_key_delete)
HANDLER(api_key_get)
HANDLER(api_keys_list)
HANDLER(api_metrics)
HANDLER(api_mine_get)
HANDLER(api_mine_list)
HANDLER(api_mine_relinquish)
HANDLER(api_openapi)
HANDLER(api_permission_approve)
HANDLER(api_permission_deny)
HANDLER(api_permission_escalate)
HANDLER(api_permission_get)
HANDLER(api_permission_revoke)
HANDLER(api_permissions_list)
HANDLER(api_preapproval_delete)
HANDLER(api_preapproval_get)
HANDLER(api_preapprovals_list)
HANDLER(api_readyz)
HANDLER(api_routing_check)
HANDLER(api_routing_decide)
HANDLER(api_routing_get)
HANDLER(api_routing_history)
HANDLER(api_routing_latest)
HANDLER(api_routing_save)
HANDLER(api_routing_version)
HANDLER(api_rule_create)
HANDLER(api_rule_delete)
HANDLER(api_rule_get)
HANDLER(api_rule_put)
HANDLER(api_setting_get)
HANDLER(api_setting_put)
HANDLER(api_ssh_audit)
HANDLER(api_ssh_config)
HANDLER(api_version)
HANDLER(api_work_done)
HANDLER(api_works_list)

void
us_call_error(struct us_call *call, int code, const char *fmt, ...)
{
	va_list ap;

	(void)call;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	status = code;
}

void
us_call_header(struct us_call *call, const char *name, const char *value)
{
	(void)call;
	if (strcmp(name, "Allow") == 0)
		snprintf(allow, sizeof(allow), "%s", value);
}

struct us_org *
us_world_org(const struct us_world *world, struct us_str name)
{
	(void)world;
	return us_str_eq(name, acme.name) ? &acme : NULL;
}

struct us_txn *
us_txn_read(struct us_store *store)
{
	(void)store;
	return NULL;
}

void
us_txn_abort(struct us_txn *txn)
{
	(void)txn;
}

/* A token here is ROLE@ORG, or nobody@ORG. */
int
us_auth_caller(struct us_call *call, struct us_org *org, struct us_txn *txn,
    struct us_caller *caller)
{
	struct us_str token = call->bearer;
	const char *at = memchr(token.p, '@', token.n);
	struct us_str role = {token.p, at ? (size_t)(at - token.p) : 0};
	enum us_role found = us_role_find(role);

	(void)txn;
	*caller = (struct us_caller){0};
	if (us_str_is(token, "broken"))
		return 503;
	if (!at)
		return 401;
	if (!org || strcmp(at + 1, org->name.p) != 0)
		return 403;
	caller->roles =
	    found < US_ROLE_COUNT ? us_roles_implied(1u << found) : 0;
	caller->directory = (struct us_directory *)&acme;
	callers_out++;
	return 0;
}

void
us_caller_done(struct us_caller *caller)
{
	if (caller->directory)
		callers_out--;
	*caller = (struct us_caller){0};
}

/* --- Calls -------------------------------------------------------------- */

static struct us_loop loop;

static inline struct us_call
make_call(
    const char *method, const char *path, const char *bearer, const char *type)
{
	return (struct us_call){
	    .method = method,
	    .path = us_str(path),
	    .bearer = us_str(bearer),
	    .content_type = us_str(type ? type : ""),
	    .has_body = type != NULL,
	    .loop = &loop,
	};
}

/* What became of it: "handler(param,...)" or "STATUS". */
static inline const char *
outcome(
    const char *method, const char *path, const char *bearer, const char *type)
{
	static char out[512];
	struct us_call call = make_call(method, path, bearer, type);
	int n;

	status = 0;
	called = NULL;
	allow[0] = '\0';
	us_route_call(&call);
	n = snprintf(out, sizeof(out), "%s", called ? called : "");
	if (!called)
		snprintf(out, sizeof(out), "%d", status);
	for (unsigned i = 0; called && i < 4 && call.params[i].p; i++)
		n += snprintf(out + n, sizeof(out) - (size_t)n, "%s%.*s",
		    i ? "," : " ", US_ARG(call.params[i]));
	us_arena_free(&call.arena);
	return out;
}

#endif
