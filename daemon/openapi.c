/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OpenAPI document: the rows of route.def, with the schemas of schema.def.
 * It tells more than OpenAPI asks for: x-usher-needs are the roles of which
 * one will do ([]: everyone signed in; absent: not even a token).
 */
#include <stdlib.h>

#include "daemon/api.h"
#include "daemon/openapi.h"
#include "daemon/route.h"

#ifndef USHER_VERSION
#define USHER_VERSION "unknown"
#endif

/* Schemas are written as JSON in the table, and stand here as its text. */
static const struct {
	const char *name, *text;
} schemas[] = {
#define US_SCHEMA(name, ...) {#name, #__VA_ARGS__},
#include "daemon/schema.def"
};

static const struct us_openapi_param params[] = {
#define US_PARAM(name, help, ...) {name, help, #__VA_ARGS__},
#include "daemon/schema.def"
};

static const struct {
	void (*handle)(struct us_call *call);
	struct us_openapi_param param;
} queries[] = {
#define US_QUERY(handler, name, help, ...) \
	{handler, {name, help, #__VA_ARGS__}},
#include "daemon/schema.def"
};

static const struct {
	const char *status, *schema, *help;
} answers[] = {
#define US_STATUS(status, schema, help) {#status, schema, help},
#include "daemon/schema.def"
};

static void (*const text_bodies[])(struct us_call *call) = {
#define US_TEXT_BODY(handler) handler,
#include "daemon/schema.def"
};

static void (*const text_answers[])(struct us_call *call) = {
#define US_TEXT_ANSWER(handler) handler,
#include "daemon/schema.def"
};

static const struct {
	void (*handle)(struct us_call *call);
	const char *type;
} answer_types[] = {
#define US_ANSWER_TYPE(handler, type) {handler, type},
#include "daemon/schema.def"
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

const struct us_openapi_param *
us_openapi_query(const struct us_route *route, unsigned i)
{
	for (size_t n = 0; n < COUNT(queries); n++) {
		if (queries[n].handle == route->handle && i-- == 0)
			return &queries[n].param;
	}
	return NULL;
}

bool
us_openapi_takes_text(const struct us_route *route)
{
	for (size_t i = 0; i < COUNT(text_bodies); i++) {
		if (text_bodies[i] == route->handle)
			return true;
	}
	return false;
}

bool
us_openapi_gives_text(const struct us_route *route)
{
	for (size_t i = 0; i < COUNT(text_answers); i++) {
		if (text_answers[i] == route->handle)
			return true;
	}
	return false;
}

const char *
us_openapi_type(const struct us_route *route)
{
	for (size_t i = 0; i < COUNT(answer_types); i++) {
		if (answer_types[i].handle == route->handle)
			return answer_types[i].type;
	}
	return "text/plain";
}

/* Statuses beside those of the row, by what the call needs and takes. */
static const char *
usual_statuses(const struct us_route *route)
{
	if (route->needs == US_NEEDS_NOTHING)
		return "400";
	if (route->body == US_BODY_NONE)
		return "400 401 403 503";
	return "400 401 403 413 415 503";
}

static bool
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (; *words; words += *words == ' ') {
		size_t length = strcspn(words, " ");

		if (length == n && memcmp(words, word, n) == 0)
			return true;
		words += length;
	}
	return false;
}

const char *
us_openapi_status(const struct us_route *route, unsigned i)
{
	const char *usual = usual_statuses(route);

	for (size_t n = 0; n < COUNT(answers); n++) {
		const char *status = answers[n].status;

		if (!has_word(route->statuses, status) &&
		    !has_word(usual, status))
			continue;
		if (i-- == 0)
			return status;
	}
	return NULL;
}

static void
put_ref(const char *schema, struct us_buf *out)
{
	us_buf_printf(out, "{\"$ref\":\"#/components/schemas/%s\"}", schema);
}

static void
put_param(
    const struct us_openapi_param *param, const char *where, struct us_buf *out)
{
	us_buf_printf(out,
	    "{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s,"
	    "\"description\":\"%s\",\"schema\":%s}",
	    param->name, where, *where == 'p' ? "true" : "false", param->help,
	    param->schema);
}

static const struct us_openapi_param *
find_param(struct us_str name)
{
	for (size_t i = 0; i < COUNT(params); i++) {
		if (us_str_is(name, params[i].name))
			return &params[i];
	}
	abort(); /* schema.def has no row for a {name} of route.def */
}

static void
put_params(const struct us_route *route, struct us_buf *out)
{
	const struct us_openapi_param *query;
	const char *open = route->pattern, *comma = "";

	us_buf_puts(out, ",\"parameters\":[");
	while ((open = strchr(open, '{'))) {
		struct us_str name = {open + 1, strcspn(open + 1, "}")};

		us_buf_puts(out, comma);
		put_param(find_param(name), "path", out);
		comma = ",";
		open += name.n;
	}
	for (unsigned i = 0; (query = us_openapi_query(route, i)); i++) {
		us_buf_puts(out, comma);
		put_param(query, "query", out);
		comma = ",";
	}
	us_buf_putc(out, ']');
}

static void
put_needs(const struct us_route *route, struct us_buf *out)
{
	const char *comma = "";

	if (route->needs == US_NEEDS_NOTHING) {
		us_buf_puts(out, ",\"security\":[]");
		return;
	}
	us_buf_puts(out, ",\"x-usher-needs\":[");
	for (unsigned i = 0; i < US_ROLE_COUNT; i++) {
		if (!(route->needs & 1u << i))
			continue;
		us_buf_printf(out, "%s\"%s\"", comma, us_role_name(i));
		comma = ",";
	}
	us_buf_putc(out, ']');
}

static void
put_body(const struct us_route *route, struct us_buf *out)
{
	if (route->body == US_BODY_NONE)
		return;
	us_buf_printf(out,
	    ",\"requestBody\":{\"required\":%s,\"content\":{"
	    "\"application/json\":{\"schema\":",
	    route->body == US_BODY_OPTIONAL ? "false" : "true");
	put_ref(route->request, out);
	us_buf_putc(out, '}');
	if (us_openapi_takes_text(route))
		us_buf_puts(out, ",\"text/x-usher\":{\"schema\":"
				 "{\"type\":\"string\"}}");
	us_buf_puts(out, "}}");
}

/* The content of a status; an answer that is good has the row's schema. */
static void
put_content(const struct us_route *route, const char *status,
    const char *schema, struct us_buf *out)
{
	bool good = *status == '2';

	if (good)
		schema = route->answer;
	if (strcmp(status, "204") == 0)
		return;
	us_buf_puts(out, ",\"content\":{");
	if (schema) {
		us_buf_puts(out, "\"application/json\":{\"schema\":");
		put_ref(schema, out);
		us_buf_putc(out, '}');
	}
	if (good && (!schema || us_openapi_gives_text(route)))
		us_buf_printf(out,
		    "%s\"%s\":{\"schema\":{\"type\":\"string\"}}",
		    schema ? "," : "",
		    schema ? "text/x-usher" : us_openapi_type(route));
	us_buf_putc(out, '}');
}

static void
put_answers(const struct us_route *route, struct us_buf *out)
{
	const char *status;

	us_buf_puts(out, ",\"responses\":{");
	for (unsigned i = 0; (status = us_openapi_status(route, i)); i++) {
		size_t n = 0;

		while (strcmp(answers[n].status, status) != 0)
			n++;
		us_buf_printf(out, "%s\"%s\":{\"description\":\"%s\"",
		    i ? "," : "", status, answers[n].help);
		put_content(route, status, answers[n].schema, out);
		us_buf_putc(out, '}');
	}
	us_buf_putc(out, '}');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* get_o_org_routing_name_name */
static void
put_id(const struct us_route *route, struct us_buf *out)
{
	for (const char *p = route->method; *p; p++)
		us_buf_putc(out, lower(*p));
	for (const char *p = route->pattern; *p; p++) {
		if (!strchr("/{}.-", *p))
			us_buf_putc(out, *p);
		else if (*p != '}' && out->p[out->n - 1] != '_')
			us_buf_putc(out, '_');
	}
}

static void
put_operation(const struct us_route *route, struct us_buf *out)
{
	us_buf_putc(out, '"');
	for (const char *p = route->method; *p; p++)
		us_buf_putc(out, lower(*p));
	us_buf_puts(out, "\":{\"operationId\":\"");
	put_id(route, out);
	us_buf_puts(out, "\",\"summary\":");
	us_buf_json(out, us_str(route->help));
	put_needs(route, out);
	put_params(route, out);
	put_body(route, out);
	put_answers(route, out);
	us_buf_putc(out, '}');
}

static bool
same_path(unsigned i, unsigned k)
{
	return strcmp(us_routes[i].pattern, us_routes[k].pattern) == 0;
}

/* All methods of the path of row i, unless a row before had it. */
static void
put_path(unsigned i, struct us_buf *out)
{
	for (unsigned k = 0; k < i; k++) {
		if (same_path(i, k))
			return;
	}
	us_buf_printf(out, "%s\"%s\":{", i ? "," : "", us_routes[i].pattern);
	for (unsigned k = i; k < us_route_count; k++) {
		if (!same_path(i, k))
			continue;
		us_buf_puts(out, k == i ? "" : ",");
		put_operation(&us_routes[k], out);
	}
	us_buf_putc(out, '}');
}

void
us_route_openapi(struct us_buf *out)
{
	us_buf_puts(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"usher\","
			 "\"version\":\"" USHER_VERSION "\"},"
			 "\"security\":[{\"bearer\":[]}],\"paths\":{");
	for (unsigned i = 0; i < us_route_count; i++)
		put_path(i, out);
	us_buf_puts(out, "},\"components\":{\"securitySchemes\":{\"bearer\":{"
			 "\"type\":\"http\",\"scheme\":\"bearer\"}},"
			 "\"schemas\":{");
	for (size_t i = 0; i < COUNT(schemas); i++)
		us_buf_printf(out, "%s\"%s\":%s", i ? "," : "", schemas[i].name,
		    schemas[i].text);
	us_buf_puts(out, "}}}");
}
