/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a path to a handler: split, find, authenticate, refuse what the
 * handler need not see. Nothing below /o/ answers anything but 400 or 401 to
 * who shows no good token.
 */
#include <pthread.h>

#include "daemon/api.h"
#include "daemon/org.h"
#include "daemon/query.h"
#include "daemon/role.h"
#include "daemon/route.h"
#include "daemon/store.h"
#include "daemon/world.h"

const struct us_route us_routes[] = {
#define US_CALL( \
    method, pattern, needs, body, request, answer, statuses, handler, help) \
	{method, pattern, needs, US_BODY_##body, request, answer, statuses, \
	    handler, help},
#include "daemon/route.def"
};
const unsigned us_route_count = sizeof(us_routes) / sizeof(*us_routes);

/* More than any pattern has. */
#define SEGMENTS_MAX 12

struct path {
	struct us_str segments[SEGMENTS_MAX]; /* decoded */
	unsigned n;
};

/* --- Splitting ---------------------------------------------------------- */

/* NULL when it is well; or what is wrong with it. */
static const char *
decode(struct us_str sent, struct us_arena *a, struct us_str *out)
{
	const char *wrong = us_query_decode(sent, a, out);

	if (wrong)
		return wrong;
	if (out->n == 0)
		return "has an empty segment";
	if (us_str_is(*out, ".") || us_str_is(*out, ".."))
		return "has a segment \".\" or \"..\"";
	return NULL;
}

/* Splits before it decodes: %2F is part of a name. */
static const char *
split(struct us_str sent, struct us_arena *a, struct path *path)
{
	const char *p = sent.p + 1, *end = sent.p + sent.n;
	const char *wrong = NULL;

	path->n = 0;
	if (end > p && end[-1] == '/')
		end--;
	while (p <= end && end > sent.p + 1 && !wrong) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		struct us_str segment = {
		    p, (size_t)((slash ? slash : end) - p)};

		if (path->n == SEGMENTS_MAX)
			return "has too many segments";
		wrong = decode(segment, a, &path->segments[path->n++]);
		p += segment.n + 1;
	}
	return wrong;
}

/* --- Finding ------------------------------------------------------------ */

/* The pattern of each row, split once; rows of one pattern share one. */
static struct pattern {
	struct us_str segments[SEGMENTS_MAX];
	unsigned n;
	unsigned first; /* row that has it first */
	const struct pattern *next; /* another, of as many segments */
} patterns[sizeof(us_routes) / sizeof(*us_routes)];
static const struct pattern *patterns_of[SEGMENTS_MAX + 1]; /* by segments */

static struct pattern
split_pattern(const char *p)
{
	struct pattern pattern = {0};

	while (*p == '/') {
		struct us_str segment = {p + 1, strcspn(p + 1, "/")};

		pattern.segments[pattern.n++] = segment;
		p = segment.p + segment.n;
	}
	return pattern;
}

static void
split_patterns(void)
{
	for (unsigned i = 0; i < us_route_count; i++) {
		patterns[i] = split_pattern(us_routes[i].pattern);
		while (strcmp(us_routes[patterns[i].first].pattern,
			   us_routes[i].pattern) != 0)
			patterns[i].first++;
		if (patterns[i].first != i)
			continue;
		patterns[i].next = patterns_of[patterns[i].n];
		patterns_of[patterns[i].n] = &patterns[i];
	}
}

static bool
is_hole(struct us_str segment)
{
	return *segment.p == '{';
}

/* Both have as many segments. */
static bool
matches(const struct pattern *pattern, const struct path *path)
{
	for (unsigned i = 0; i < path->n; i++)
		if (!is_hole(pattern->segments[i]) &&
		    !us_str_eq(pattern->segments[i], path->segments[i]))
			return false;
	return true;
}

/* Both match: where they first differ, a literal wins over a hole. */
static bool
is_closer(const struct pattern *pattern, const struct pattern *than)
{
	unsigned i = 0;

	while (
	    i < than->n && us_str_eq(pattern->segments[i], than->segments[i]))
		i++;
	return i < than->n && is_hole(than->segments[i]) &&
	       !is_hole(pattern->segments[i]);
}

/* The pattern for a path, by any of its rows; NULL when there is none. */
static const struct pattern *
find_pattern(const struct path *path)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const struct pattern *best = NULL, *one;

	pthread_once(&once, split_patterns);
	for (one = patterns_of[path->n]; one; one = one->next)
		if (matches(one, path) && (!best || is_closer(one, best)))
			best = one;
	return best;
}

/* The next row of a pattern behind row i, or the first; NULL: no more. */
static const struct us_route *
next_row(const struct pattern *pattern, const struct us_route *row)
{
	unsigned i = row ? (unsigned)(row - us_routes) + 1 : pattern->first;

	while (i < us_route_count && patterns[i].first != pattern->first)
		i++;
	return i < us_route_count ? &us_routes[i] : NULL;
}

static const struct us_route *
find_method(const struct pattern *pattern, const char *method)
{
	const struct us_route *row = next_row(pattern, NULL);

	while (row && strcmp(row->method, method) != 0)
		row = next_row(pattern, row);
	return row;
}

static void
set_params(struct us_call *call, const struct path *path,
    const struct pattern *pattern)
{
	unsigned n = 0;

	for (unsigned i = 0; i < pattern->n; i++)
		if (is_hole(pattern->segments[i]))
			call->params[n++] = path->segments[i];
}

static void
refuse_method(struct us_call *call, const struct pattern *pattern)
{
	const struct us_route *row = NULL;
	struct us_buf allow = {0};

	while ((row = next_row(pattern, row)))
		us_buf_printf(&allow, "%s%s", allow.n ? ", " : "", row->method);
	us_call_header(call, "Allow", allow.p);
	us_call_error(call, 405, "%s is not possible here; use %s",
	    call->method, allow.p);
	us_buf_free(&allow);
}

/* --- Who may ------------------------------------------------------------ */

static void
refuse_caller(struct us_call *call, int status)
{
	if (status == 401) {
		us_call_header(call, "WWW-Authenticate", "Bearer");
		us_call_error(call, 401,
		    "this needs a valid token: Authorization: Bearer TOKEN");
	} else if (status == 403) {
		us_call_error(
		    call, 403, "the token is not one of this organisation");
	} else {
		us_call_error(call, status,
		    "the store cannot be read now: try again later");
	}
}

static bool
authenticate(struct us_call *call, struct us_str name, struct us_caller *caller)
{
	const struct us_loop *loop = call->loop;
	struct us_txn *txn = us_txn_read(loop->world->store);
	int status;

	call->org = us_world_org(loop->world, name);
	status = us_auth_caller(call, call->org, txn, caller);
	us_txn_abort(txn);
	if (status == 0) {
		call->caller = caller;
		return true;
	}
	refuse_caller(call, status);
	return false;
}

static bool
has_role(struct us_call *call, unsigned needs)
{
	struct us_buf names = {0};

	if (needs == US_NEEDS_ANYONE || (call->caller->roles & needs))
		return true;
	us_roles_say(needs, &names);
	us_call_error(call, 403, "this needs the role %s", names.p);
	us_buf_free(&names);
	return false;
}

/* --- Bodies ------------------------------------------------------------- */

static bool
type_fits(const struct us_call *call)
{
	if (us_str_is(call->content_type, "application/json"))
		return true;
	return call->route->body == US_BODY_WORKFLOW &&
	       us_str_is(call->content_type, "text/x-usher");
}

static bool
body_fits(struct us_call *call)
{
	enum us_body_kind kind = call->route->body;

	if (kind == US_BODY_NONE && call->has_body)
		us_call_error(call, 400, "this call takes no body");
	else if (kind == US_BODY_OPTIONAL && !call->has_body)
		return true;
	else if (kind != US_BODY_NONE && !call->has_body)
		us_call_error(call, 400, "this call needs a body");
	else if (kind != US_BODY_NONE && !type_fits(call))
		us_call_error(call, 415, "the Content-Type must be %s",
		    kind == US_BODY_WORKFLOW
			? "application/json or text/x-usher"
			: "application/json");
	else
		return true;
	return false;
}

/* --- All of it ---------------------------------------------------------- */

/* Fills the call; false when it was answered. caller: for us_caller_done. */
static bool
prepare(struct us_call *call, struct us_caller *caller)
{
	struct path path;
	const char *wrong = split(call->path, &call->arena, &path);
	const struct pattern *pattern = wrong ? NULL : find_pattern(&path);
	bool inside =
	    !wrong && path.n > 0 && us_str_is(path.segments[0], "o");

	if (wrong) {
		us_call_error(call, 400, "the path %s", wrong);
		return false;
	}
	if (inside && !authenticate(call,
			  path.n > 1 ? path.segments[1] : US_STR(""), caller))
		return false;
	if (!pattern) {
		us_call_error(call, 404, "there is nothing under this path");
		return false;
	}
	call->route = find_method(pattern, call->method);
	if (!call->route) {
		refuse_method(call, pattern);
		return false;
	}
	set_params(call, &path, pattern);
	return (!inside || has_role(call, call->route->needs)) &&
	       body_fits(call);
}

bool
us_route_admit(struct us_call *call)
{
	struct us_caller caller = {0};
	bool good = prepare(call, &caller);

	call->caller = NULL;
	us_caller_done(&caller);
	return good;
}

void
us_route_call(struct us_call *call)
{
	struct us_caller caller = {0};

	if (prepare(call, &caller))
		call->route->handle(call);
	call->caller = NULL;
	us_caller_done(&caller);
}
