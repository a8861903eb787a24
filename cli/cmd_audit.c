/* SPDX-License-Identifier: Apache-2.0 */
/* usher audit verify, export, tail. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/chain.h"
#include "cli/client.h"
#include "cli/out.h"
#include "engine/when.h"

#define PAGE 1000 /* events asked for at once */
#define FOLLOW_SECONDS 1

/* Takes an event; false to stop. */
typedef bool us_each_event(void *arg, struct json_object *event);

/*
 * All events of a page; behind which number to go on in *after. A page may be
 * empty and yet not the last.
 */
static bool
page(struct json_object *answer, uint64_t *after, bool *more,
    us_each_event *each, void *arg)
{
	struct json_object *events = NULL, *event, *seq, *next = NULL;

	json_object_object_get_ex(answer, "next", &next);
	*more = json_object_get_uint64(next) > *after;
	if (!json_object_object_get_ex(answer, "events", &events))
		return true;
	for (size_t i = 0; i < json_object_array_length(events); i++) {
		event = json_object_array_get_idx(events, i);
		if (json_object_object_get_ex(event, "seq", &seq))
			*after = json_object_get_uint64(seq);
		if (!each(arg, event))
			return false;
	}
	if (*more)
		*after = json_object_get_uint64(next);
	return true;
}

/* The daemon's events behind number *after, which moves on. */
static int
each_remote(
    struct us_client *client, uint64_t *after, us_each_event *each, void *arg)
{
	struct json_object *answer;
	char path[64];
	bool more = true, good = true;

	while (more && good) {
		snprintf(path, sizeof(path),
		    "/audit?after=%" PRIu64 "&limit=%d", *after, PAGE);
		answer = us_client_json(client, path);
		if (!answer)
			return US_EXIT_BAD;
		good = page(answer, after, &more, each, arg);
		json_object_put(answer);
	}
	return good ? US_EXIT_OK : US_EXIT_NO;
}

/* The events of an exported file, one on a line. */
static int
each_local(const char *path, us_each_event *each, void *arg)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "r") : stdin;
	struct json_object *event;
	char *line = NULL;
	size_t room = 0;
	bool good = true, broken;

	if (!in) {
		us_out_error("cannot read %s: %s", path, strerror(errno));
		return US_EXIT_BAD;
	}
	while (good && getline(&line, &room, in) > 0) {
		event = json_tokener_parse(line);
		good = each(arg, event);
		json_object_put(event);
	}
	/* A log that could not be read to its end has not been verified. */
	broken = ferror(in);
	if (broken)
		us_out_error("cannot read %s: %s", path, strerror(errno));
	free(line);
	if (in != stdin)
		fclose(in);
	if (broken)
		return US_EXIT_BAD;
	return good ? US_EXIT_OK : US_EXIT_NO;
}

struct verify {
	struct us_chain chain;
	struct us_buf wrong;
	uint64_t head; /* 0: none was given */
	const char *head_hash;
};

static bool
verify_event(void *arg, struct json_object *event)
{
	struct verify *v = arg;

	if (!us_chain_add(&v->chain, event, &v->wrong))
		return false;
	if (v->chain.seq != v->head || !strcmp(v->chain.hash, v->head_hash))
		return true;
	us_buf_printf(&v->wrong,
	    "event %" PRIu64 " is not the one whose hash was kept", v->head);
	return false;
}

/* The digits that text begins with; *end is text itself without any. */
static uint64_t
read_number(const char *text, const char **end)
{
	char *behind = (char *)text;
	uint64_t n = 0;

	if (*text >= '0' && *text <= '9')
		n = strtoull(text, &behind, 10);
	*end = behind;
	return n;
}

/* SEQ:HASH, as `audit verify` prints the head. */
static bool
read_head(const struct us_args *args, struct verify *v)
{
	const char *text = us_args_value(args, US_FLAG_HEAD);
	const char *colon;

	if (!text)
		return true;
	v->head = read_number(text, &colon);
	v->head_hash = colon + 1;
	if (v->head && *colon == ':' && strlen(colon + 1) == US_CHAIN_HASH)
		return true;
	us_args_wrong(args, "\"%s\" is no head: expected SEQ:HASH", text);
	return false;
}

static int
verify_all(struct verify *v, const char *path)
{
	struct us_client *client;
	uint64_t after = 0;
	int status;

	if (path)
		return each_local(path, verify_event, v);
	client = us_client_open();
	if (!client)
		return US_EXIT_BAD;
	status = each_remote(client, &after, verify_event, v);
	us_client_free(client);
	return status;
}

static int
verify(const struct us_args *args)
{
	struct verify v = {.head_hash = ""};
	int status;

	us_chain_begin(&v.chain);
	if (!read_head(args, &v))
		return US_EXIT_BAD;
	status =
	    verify_all(&v, args->operands.n > 1 ? args->operands.v[1] : NULL);
	if (status == US_EXIT_OK && v.chain.seq < v.head) {
		us_buf_printf(&v.wrong,
		    "the log ends at event %" PRIu64 ", before event %" PRIu64
		    " whose hash was kept: its tail was cut off",
		    v.chain.seq, v.head);
		status = US_EXIT_NO;
	}
	if (v.wrong.n)
		us_out_error("%s", v.wrong.p);
	else if (status == US_EXIT_OK)
		printf("%" PRIu64 " events, a whole chain; head %" PRIu64
		       ":%s\n",
		    v.chain.seq, v.chain.seq, v.chain.hash);
	us_buf_free(&v.wrong);
	return status;
}

static bool
export_event(void *arg, struct json_object *event)
{
	(void)arg;
	puts(json_object_to_json_string_ext(
	    event, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	return true;
}

static uint64_t
seq_of(struct json_object *event)
{
	struct json_object *seq = NULL;

	json_object_object_get_ex(event, "seq", &seq);
	return json_object_get_uint64(seq);
}

/* What it was about: those of its data that name something. */
static void
put_subject(struct json_object *event, struct us_buf *out)
{
	static const char *const names[] = {"id", "principal", "service",
	    "accessType", "item", "name", "role", "setting"};
	struct json_object *data = NULL;

	json_object_object_get_ex(event, "data", &data);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!*us_client_text(data, names[i]))
			continue;
		us_buf_puts(out, " ");
		us_client_show(data, names[i], out);
	}
}

static bool
tail_event(void *arg, struct json_object *event)
{
	struct json_object *user = NULL, *timestamp = NULL;
	struct us_buf when = {0}, action = {0}, who = {0}, what = {0};

	(void)arg;
	json_object_object_get_ex(event, "user", &user);
	json_object_object_get_ex(event, "timestamp", &timestamp);
	us_when_print(json_object_get_int64(timestamp), &when);
	us_client_show(event, "action", &action);
	us_client_show(user, "email", &who);
	put_subject(event, &what);
	printf("%6" PRIu64 "  %-24s  %-32s  %s%s%s\n", seq_of(event), when.p,
	    action.n ? action.p : "", who.n ? who.p : "", what.n ? " " : "",
	    what.n ? what.p : "");
	us_buf_free(&when);
	us_buf_free(&action);
	us_buf_free(&who);
	us_buf_free(&what);
	return true;
}

/* Where the last `lines` events begin; false after a message. */
static bool
tail_begin(struct us_client *client, uint64_t lines, uint64_t *after)
{
	struct json_object *head = us_client_json(client, "/audit/head");
	struct json_object *seq = NULL;
	uint64_t last;

	if (!head)
		return false;
	json_object_object_get_ex(head, "seq", &seq);
	last = json_object_get_uint64(seq);
	*after = last > lines ? last - lines : 0;
	json_object_put(head);
	return true;
}

static bool
read_lines(const struct us_args *args, uint64_t *lines)
{
	const char *text = us_args_value(args, US_FLAG_LINES), *end;

	if (!text)
		return true;
	*lines = read_number(text, &end);
	if (end != text && !*end)
		return true;
	us_args_wrong(args, "--lines %s: expected a number", text);
	return false;
}

static int
tail(const struct us_args *args)
{
	struct us_client *client;
	uint64_t after = 0, lines = 10;
	int status = US_EXIT_BAD;

	if (!read_lines(args, &lines))
		return status;
	client = us_client_open();
	if (client && tail_begin(client, lines, &after))
		status = each_remote(client, &after, tail_event, NULL);
	while (status == US_EXIT_OK && us_args_has(args, US_FLAG_FOLLOW)) {
		fflush(stdout);
		sleep(FOLLOW_SECONDS);
		status = each_remote(client, &after, tail_event, NULL);
	}
	us_client_free(client);
	return status;
}

static int export(const struct us_args *args)
{
	struct us_client *client = us_client_open();
	uint64_t after = 0;
	int status = US_EXIT_BAD;

	(void)args;
	if (client)
		status = each_remote(client, &after, export_event, NULL);
	us_client_free(client);
	return status;
}

int
us_cmd_audit(struct us_args *args)
{
	static const struct {
		const char *name;
		int (*run)(const struct us_args *args);
	} rows[] = {{"verify", verify}, {"export", export}, {"tail", tail}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!strcmp(args->operands.v[0], rows[i].name))
			return rows[i].run(args);
	}
	us_args_wrong(args,
	    "there is no \"audit %s\": expected verify, export "
	    "or tail",
	    args->operands.v[0]);
	return US_EXIT_BAD;
}
