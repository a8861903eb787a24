/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Command API, which is a command line in JSON: {"argv": ["request",
 * "aws", ...]}. And the poll, by which a client waits for what comes of it.
 */
#include "daemon/api.h"
#include "daemon/api_body.h"
#include "daemon/api_reply.h"
#include "daemon/ask.h"
#include "daemon/sight.h"
#include "daemon/watch.h"
#include "daemon/world.h"

/* A verb, and its operands and options. */
#define ARGV_MAX 4096

typedef US_LIST(struct us_str) us_argv;

/* --- The body ------------------------------------------------------------ */

static void
read_argv(struct us_json_reader *r, struct us_json_value list, us_argv *argv)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_json_value item;
	struct us_word word;

	if (!us_json_is(r, list, US_JSON_ARRAY))
		return;
	if (us_json_length(r->src, list) > ARGV_MAX) {
		us_json_error(r, US_DIAG_LIMIT, list,
		    "there are %zu words; a command has %d at most",
		    us_json_length(r->src, list), ARGV_MAX);
		return;
	}
	while (us_json_each(r, &walk, &item))
		if (us_json_item_word(r, item, &word))
			*us_list_add(r->arena, argv) = word.s;
}

static void
read_command(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { ARGV, SCRIPT, COUNT };
	static const char *const names[] = {"argv", "scriptName"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(ARGV), US_BIT(SCRIPT)}};
	static const struct us_json_form form =
	    US_FORM("a command", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_str script;

	if (us_json_members(r, &form, value, slots) < 0)
		return;
	read_argv(r, slots[ARGV], what);
	us_json_str(r, slots[SCRIPT], &script);
}

/* Into the call's arena; false when it was answered. */
static bool
read_body(struct us_call *call, us_argv *argv)
{
	return us_api_body(call, &call->arena, read_command, argv);
}

/* --- Verbs --------------------------------------------------------------- */

static const struct {
	const char *name;
	enum us_wish_verb verb;
} verbs[] = {
    {"request", US_WISH_REQUEST},
    {"grant", US_WISH_GRANT},
    {"allow", US_WISH_ALLOW},
};

static bool
is_help(struct us_str word)
{
	return us_str_is(word, "--help") || us_str_is(word, "-h") ||
	       us_str_is(word, "help");
}

/* Without a verb, or with none that is known. */
static void
reply_verbs(struct us_call *call, const us_argv *argv)
{
	static const char usage[] = "request, grant, allow and ls";

	if (argv->n && is_help(argv->v[0]))
		us_call_error(call, 200,
		    "usage: COMMAND ...\n\ncommands: %s; each has its --help",
		    usage);
	else if (argv->n)
		us_call_error(call, 400,
		    "\"%.*s\" is not a command; there are %s",
		    US_ARG(argv->v[0]), usage);
	else
		us_call_error(
		    call, 400, "there is no command; there are %s", usage);
}

void
api_command(struct us_call *call)
{
	us_argv argv = {0};

	if (!read_body(call, &argv))
		return;
	for (size_t i = 0; argv.n && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (!us_str_is(argv.v[0], verbs[i].name))
			continue;
		us_ask(call, verbs[i].verb, argv.v + 1, argv.n - 1);
		return;
	}
	if (argv.n && us_str_is(argv.v[0], "ls"))
		us_ls(call, argv.v + 1, argv.n - 1, false);
	else
		reply_verbs(call, &argv);
}

void
api_command_ls(struct us_call *call)
{
	us_argv argv = {0};
	uint32_t skip;

	if (!read_body(call, &argv))
		return;
	/* The path says it already. */
	skip = argv.n && us_str_is(argv.v[0], "ls");
	us_ls(call, argv.v + skip, argv.n - skip, true);
}

/* --- The poll ------------------------------------------------------------ */

void
api_command_poll(struct us_call *call)
{
	struct us_world *world = call->org->world;
	struct us_watcher watcher;
	struct us_sight sight;
	struct us_permission p;
	bool found;

	us_sight_begin(&sight, call);
	found = us_permission_get(sight.txn, call->org->name, call->params[1],
		    &call->arena, &p) &&
		us_sight_sees(&sight, &p);
	us_sight_end(&sight);
	if (us_txn_error(sight.txn) || !found) {
		struct us_buf out = {0};

		us_error_json(US_STR("there is no such request"), &out);
		us_api_reply(call, sight.txn, 404, &out);
		return;
	}
	us_txn_abort(sight.txn);
	watcher.who = us_watch_who(call->org, call->caller);
	watcher.generated = us_case_is_for(&p, call->caller);
	watcher.ticket = us_call_defer(call);
	us_watch(world->watches, call->org, p.id, &watcher);
}
