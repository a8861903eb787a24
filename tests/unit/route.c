/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes: which path is which call, what is refused and in which order. The
 * table is the real one; who calls, and the answers, are stand-ins.
 */
#include "tests/tap.h"
#include "tests/unit/route.h"

#define OWNER "owner@acme"
#define JSON "application/json"
#define O "/o/acme"

static const struct {
	const char *method, *path, *bearer, *type, *want;
} rows[] = {
    /* Without a token. */
    {"GET", "/healthz", "", NULL, "api_healthz"},
    {"GET", "/healthz/", "", NULL, "api_healthz"},
    {"GET", "/healthz//", "", NULL, "400"},
    {"GET", "//healthz", "", NULL, "400"},
    {"GET", "/", "", NULL, "404"},
    {"GET", "//", "", NULL, "404"},
    {"GET", "/nothing", "", NULL, "404"},
    {"GET", "/HEALTHZ", "", NULL, "404"},
    {"GET", "/orgs/acme", "", NULL, "api_discovery acme"},
    {"GET", "/orgs/no%20such", "", NULL, "api_discovery no such"},
    {"GET", "/orgs", "", NULL, "404"},
    {"GET", "/orgs/a/b", "", NULL, "404"},
    {"HEAD", "/healthz", "", NULL, "405"},
    {"OPTIONS", "/healthz", "", NULL, "405"},
    {"get", "/healthz", "", NULL, "405"},
    {"POST", "/healthz", "", JSON, "405"},
    {"GET", "/healthz", "", JSON, "400"},

    /* Who calls comes first. */
    {"GET", O "/account", "", NULL, "401"},
    {"GET", O "/account", "bad", NULL, "401"},
    {"GET", O "/account", "broken", NULL, "503"},
    {"GET", O "/account", "owner@other", NULL, "403"},
    {"GET", O "/account", "nobody@acme", NULL, "api_account acme"},
    {"GET", "/o/none/account", "", NULL, "401"},
    {"GET", "/o/none/account", OWNER, NULL, "403"},
    {"GET", "/o/none/account", "owner@none", NULL, "403"},
    {"GET", O "/nothing", "", NULL, "401"},
    {"GET", O "/nothing", "owner@other", NULL, "403"},
    {"GET", O "/nothing", OWNER, NULL, "404"},
    {"GET", "/o", "", NULL, "401"},
    {"GET", "/o/", "", NULL, "401"},
    {"GET", "/o", OWNER, NULL, "403"},
    {"GET", O, "", NULL, "401"},
    {"GET", O, OWNER, NULL, "404"},
    {"GET", "/%6f/acme/account", "", NULL, "401"},
    {"GET", "/%6f/acme/account", OWNER, NULL, "api_account acme"},
    {"PATCH", O "/account", "", NULL, "401"},
    {"PATCH", O "/account", OWNER, NULL, "405"},
    {"POST", O "/routing", "", "text/html", "401"},

    /* Then what they may. */
    {"GET", O "/routing", "nobody@acme", NULL, "403"},
    {"GET", O "/routing", "iamOwner@acme", NULL, "403"},
    {"GET", O "/routing", "viewer@acme", NULL, "api_routing_get acme"},
    {"GET", O "/routing", "manager@acme", NULL, "api_routing_get acme"},
    {"GET", O "/routing", OWNER, NULL, "api_routing_get acme"},
    {"POST", O "/routing", "viewer@acme", JSON, "403"},
    {"POST", O "/routing", "viewer@acme", NULL, "403"},
    {"POST", O "/routing", "manager@acme", JSON, "api_routing_save acme"},
    {"GET", O "/settings/api-keys", "manager@acme", NULL, "403"},

    {"POST", O "/permission-requests/1/approve", "nobody@acme", NULL,
	"api_permission_approve acme,1"},
    {"POST", O "/permission-requests/1/approve", "nobody@acme", JSON,
	"api_permission_approve acme,1"},
    {"POST", O "/permission-requests/1/approve", "nobody@acme", "text/plain",
	"415"},
    {"GET", O "/permission-requests/mine", "nobody@acme", NULL,
	"api_mine_list acme"},
    {"GET", O "/settings/expiry-options", "owner@acme", NULL,
	"api_expiry_list acme"},
    {"GET", O "/settings/reminder-duration", "owner@acme", NULL,
	"api_setting_get acme,reminder-duration"},
    /* Then the body. */
    {"POST", O "/routing", OWNER, NULL, "400"},
    {"POST", O "/routing", OWNER, "", "415"},
    {"POST", O "/routing", OWNER, "text/html", "415"},
    {"POST", O "/routing", OWNER, "text/x-usher", "api_routing_save acme"},
    {"POST", O "/settings/api-keys", OWNER, "text/x-usher", "415"},
    {"POST", O "/settings/api-keys", OWNER, JSON, "api_key_create acme"},
    {"GET", O "/routing", OWNER, JSON, "400"},
    {"DELETE", O "/routing/name/x", OWNER, JSON, "400"},

    /* Literals and holes. */
    {"GET", O "/routing/latest", OWNER, NULL, "api_routing_latest acme"},
    {"GET", O "/policy/latest", OWNER, NULL, "api_routing_latest acme"},
    {"GET", O "/routing/history", OWNER, NULL, "api_routing_history acme"},
    {"GET", O "/routing/v12", OWNER, NULL, "api_routing_version acme,v12"},
    {"GET", O "/routing/check", OWNER, NULL, "405"},
    {"DELETE", O "/routing/v12", OWNER, NULL, "405"},
    {"GET", O "/routing/name/latest", OWNER, NULL, "api_rule_get acme,latest"},
    {"PUT", O "/policy/name/x/", OWNER, JSON, "api_rule_put acme,x"},
    {"GET", O "/routing/name", OWNER, NULL, "api_routing_version acme,name"},
    {"GET", O "/settings/roles/owner/bindings/users/ana@example.com", OWNER,
	NULL, "api_binding_get acme,owner,users,ana@example.com"},
    {"PUT", O "/settings/roles/owner/bindings/groups/okta:a%2Fb", OWNER, NULL,
	"api_binding_put acme,owner,groups,okta:a/b"},

    /* Names. */
    {"GET", O "/routing/name/a%2Fb", OWNER, NULL, "api_rule_get acme,a/b"},
    {"GET", O "/routing/name/a%2fb", OWNER, NULL, "api_rule_get acme,a/b"},
    {"GET", O "/routing/name/a/b", OWNER, NULL, "404"},
    {"GET", O "/routing/name/%252F", OWNER, NULL, "api_rule_get acme,%2F"},
    {"GET", O "/routing/name/a+b", OWNER, NULL, "api_rule_get acme,a+b"},
    {"GET", O "/routing/name/%22%20%C3%A4", OWNER, NULL,
	"api_rule_get acme,\" \xc3\xa4"},
    {"GET", O "/routing/name/%7Bname%7D", OWNER, NULL,
	"api_rule_get acme,{name}"},
    {"GET", O "/routing/name/...", OWNER, NULL, "api_rule_get acme,..."},
    {"GET", O "/routing/name/%2F..%2F", OWNER, NULL, "api_rule_get acme,/../"},
    {"GET", O "/routing/name/%00", OWNER, NULL, "400"},
    {"GET", O "/routing/name/a%0Ab", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%1f", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%7f", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%4", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%4g", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%g4", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%%34", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%C3", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%C0%AF", OWNER, NULL, "400"},
    {"GET", O "/routing/name/%ED%A0%80", OWNER, NULL, "400"},
    {"GET", O "/routing/name//", OWNER, NULL, "400"},
    {"GET", O "/routing/name/", OWNER, NULL, "api_routing_version acme,name"},
    {"GET", O "/./routing", OWNER, NULL, "400"},
    {"GET", O "/../acme/routing", OWNER, NULL, "400"},
    {"GET", O "/%2e%2e/acme/routing", OWNER, NULL, "400"},
    {"GET", O "/routing/.", OWNER, NULL, "400"},
    {"GET", O "/routing/%2E", OWNER, NULL, "400"},
    {"GET", "/../../etc/passwd", "", NULL, "400"},
    {"GET", "/%00", "", NULL, "400"},
    {"GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n", "", NULL, "400"},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		is_str(outcome(rows[i].method, rows[i].path, rows[i].bearer,
			   rows[i].type),
		    rows[i].want, "%s %s as \"%s\"%s%s", rows[i].method,
		    rows[i].path, rows[i].bearer, rows[i].type ? " with " : "",
		    rows[i].type ? rows[i].type : "");
	}
	is_int(callers_out, 0, "who called is given back each time");
}

static void
test_texts(void)
{
	char known[sizeof(text)];

	outcome("PATCH", O "/routing/name/x", OWNER, NULL);
	is_str(allow, "POST, GET, PUT, DELETE", "Allow names all methods");
	outcome("DELETE", O "/routing/check", OWNER, NULL);
	is_str(allow, "POST", "Allow is of the literal path alone");
	outcome("GET", O "/routing", "owner@other", NULL);
	strcpy(known, text);
	outcome("GET", "/o/none/nothing", "owner@other", NULL);
	is_str(text, known, "403 does not tell what exists");
	outcome("GET", O "/routing", "", NULL);
	strcpy(known, text);
	outcome("GET", "/o/none/nothing", "", NULL);
	is_str(text, known, "401 does not tell what exists");
	outcome("GET", O "/routing", "nobody@acme", NULL);
	is_str(text, "this needs the role viewer", "403 names the role");
}

static void
test_admit(void)
{
	struct us_call call =
	    make_call("POST", O "/routing", "manager@acme", JSON);

	called = NULL;
	ok(us_route_admit(&call) && !called && !call.caller,
	    "admitted, and no handler called");
	is_int(call.route->body, US_BODY_WORKFLOW, "its limit is known");
	us_route_call(&call);
	is_str(called, "api_routing_save", "the same call goes on");
	us_arena_free(&call.arena);
	call = make_call("POST", O "/routing", "viewer@acme", JSON);
	ok(!us_route_admit(&call) && status == 403, "not admitted");
	us_arena_free(&call.arena);
	is_int(callers_out, 0, "who called is given back");
}

/* Every row of the table is reached by a path of its own. */
static void
test_table(void)
{
	for (unsigned i = 0; i < us_route_count; i++) {
		const struct us_route *r = &us_routes[i];
		struct us_buf path = {0};
		struct us_call call;

		for (const char *p = r->pattern; *p; p++) {
			if (*p != '{') {
				us_buf_putc(&path, *p);
				continue;
			}
			us_buf_puts(
			    &path, strncmp(p, "{org}", 5) == 0 ? "acme" : "x");
			p += strcspn(p, "}");
		}
		call = make_call(r->method, path.p, OWNER,
		    r->body == US_BODY_NONE ? NULL : JSON);
		us_route_call(&call);
		ok(call.route == r, "%s %s", r->method, r->pattern);
		us_arena_free(&call.arena);
		us_buf_free(&path);
	}
}

/* Schemas are texts: what they repeat of a table must stay what it says. */
static void
test_role_names(void)
{
	struct us_buf document = {0}, names = {0};

	us_buf_puts(&names, "\"enum\": [");
	for (enum us_role role = 0; role < US_ROLE_COUNT; role++)
		us_buf_printf(
		    &names, "%s\"%s\"", role ? ", " : "", us_role_name(role));
	us_buf_putc(&names, ']');
	us_route_openapi(&document);
	ok(strstr(document.p, names.p) != NULL, "the document has the roles %s",
	    names.p);
	us_buf_free(&document);
	us_buf_free(&names);
}

int
main(void)
{
	struct us_world world = {0};

	loop.world = &world;
	test_rows();
	test_texts();
	test_admit();
	test_table();
	test_role_names();
	return plan_done();
}
