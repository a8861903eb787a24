/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of paths and queries. A path that reaches a handler does so too
 * when all of its names are written with %XX, and with a slash behind it; what
 * a handler is given is text.
 *
 * The first byte of an input is the method, the second who calls.
 */
#include "daemon/query.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/route.h"

const char fuzz_door[] = "url";

static struct us_world world;

#define LEAST 3

/* What became of a call, and where it went. */
struct result {
	char text[512];
	const char *called;
	struct us_buf again; /* its path, all names with %XX */
};

static void
put_escaped(struct us_str name, struct us_buf *out)
{
	for (size_t i = 0; i < name.n; i++)
		us_buf_printf(out, "%%%02X", (unsigned char)name.p[i]);
}

/* The path of a call by the pattern of its route. */
static void
put_path(const struct us_call *call, struct us_buf *out)
{
	unsigned param = 0;

	for (const char *p = call->route->pattern; *p; p++) {
		if (*p != '{') {
			us_buf_putc(out, *p);
			continue;
		}
		put_escaped(call->params[param++], out);
		p = strchr(p, '}');
	}
}

static void
must_be_text(struct us_str s)
{
	if (us_utf8_bad(s.p, s.n) != s.n)
		fuzz_broken("a name is no UTF-8");
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			fuzz_broken("a name has a control character");
	}
}

static void
ask(const char *method, struct us_str path, const char *bearer,
    struct result *r)
{
	struct us_call call = make_call(method, "/", bearer, NULL);
	struct us_buf said = {0};

	call.path = path;
	status = 0;
	called = NULL;
	us_route_call(&call);
	r->called = called;
	if (!called && status < 400)
		fuzz_broken("neither a handler nor an error");
	us_buf_printf(&said, "%s %d", called ? called : "", status);
	for (unsigned i = 0; called && i < 4 && call.params[i].p; i++) {
		must_be_text(call.params[i]);
		us_buf_printf(&said, ",%.*s", US_ARG(call.params[i]));
	}
	if (called)
		put_path(&call, &r->again);
	snprintf(r->text, sizeof(r->text), "%s", said.p);
	us_buf_free(&said);
	us_arena_free(&call.arena);
	if (callers_out)
		fuzz_broken("who called was not given back");
}

static void
try_path(const char *method, struct us_str path, const char *bearer)
{
	struct result first = {0}, second = {0};

	ask(method, path, bearer, &first);
	if (first.called) {
		if (path.p[path.n - 1] != '/')
			us_buf_putc(&first.again, '/');
		ask(method, us_buf_str(&first.again), bearer, &second);
		fuzz_same("escaped", us_str(first.text), us_str(second.text));
	}
	us_buf_free(&first.again);
	us_buf_free(&second.again);
}

static void
try_query(struct us_str rest)
{
	struct us_str name, value, out;
	struct us_arena a = {0};
	uint64_t number;

	while (us_query_next(&rest, &name, &value)) {
		if (!us_query_decode(value, &a, &out))
			must_be_text(out);
		if (us_query_number(value, 1000, &number) && number > 1000)
			fuzz_broken("a number is beyond its bound");
	}
	us_arena_free(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = {
	    "GET", "POST", "PUT", "DELETE", "HEAD"};
	static const char *const bearers[] = {
	    "owner@acme", "iamOwner@acme", "nobody@acme", "", "owner@other"};
	struct us_str path = {(const char *)data + 2, size - 2};
	const char *mark;

	/* The reader of heads lets no other path pass. */
	if (size < LEAST || size > FUZZ_MAX || *path.p != '/')
		return 0;
	loop.world = &world;
	mark = memchr(path.p, '?', path.n);
	if (mark) {
		size_t n = (size_t)(mark - path.p);

		try_query((struct us_str){mark + 1, path.n - n - 1});
		path.n = n;
	}
	try_path(methods[data[0] % 5], path, bearers[data[1] % 5]);
	return 0;
}
