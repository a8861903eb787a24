/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the list of calls in doc/http.md from the tables of the daemon. */
#include <stdio.h>
#include <string.h>

#include "daemon/openapi.h"
#include "daemon/role.h"
#include "daemon/route.h"

static void
print_needs(const struct us_route *route)
{
	const char *comma = "";

	if (route->needs == US_NEEDS_NOTHING)
		printf("nothing");
	if (route->needs == US_NEEDS_ANYONE)
		printf("a token");
	for (unsigned i = 0; i < US_ROLE_COUNT; i++) {
		if (!(route->needs & 1u << i))
			continue;
		printf("%s%s", comma, us_role_name(i));
		comma = ", ";
	}
}

static void
print_body(const char *what, const char *schema, bool text)
{
	printf("* %s: ", what);
	if (schema)
		printf("`%s`", schema);
	if (text)
		printf("%s`text/x-usher`", schema ? " or " : "");
	if (!schema && !text)
		printf("none");
	putchar('\n');
}

static void
print_call(const struct us_route *route)
{
	const struct us_openapi_param *query;
	const char *status;

	printf("### %s %s\n\n", route->method, route->pattern);
	printf("%s\n\n* needs: ", route->help);
	print_needs(route);
	putchar('\n');
	for (unsigned i = 0; (query = us_openapi_query(route, i)); i++)
		printf("* `?%s`: %s\n", query->name, query->help);
	if (route->body != US_BODY_NONE)
		print_body(
		    route->body == US_BODY_OPTIONAL ? "body, or none" : "body",
		    route->request, us_openapi_takes_text(route));
	if (!route->answer && strstr(route->statuses, "200"))
		printf("* answer: `%s`\n", us_openapi_type(route));
	else
		print_body(
		    "answer", route->answer, us_openapi_gives_text(route));
	printf("* statuses:");
	for (unsigned i = 0; (status = us_openapi_status(route, i)); i++)
		printf(" %s", status);
	printf("\n\n");
}

int
main(void)
{
	for (unsigned i = 0; i < us_route_count; i++)
		print_call(&us_routes[i]);
	return 0;
}
