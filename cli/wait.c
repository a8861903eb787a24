/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting: reads the stream of GET /command/{id}/poll until its one data line,
 * again and again while the request is open. A daemon that is away for a
 * moment is asked again. Ctrl-C and --timeout leave the request as it is.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/access.h"
#include "cli/moment.h"
#include "cli/out.h"
#include "cli/text.h"
#include "cli/wait.h"

#define TRIES 6 /* a daemon that is away: 1, 2, 4, 8, 16 s between them */

struct waiting {
	const char *id;
	const char *position; /* "2 of 3: ", or "" */
	bool draws;	      /* there is a terminal */
	struct us_buf note;   /* who can approve, until when */
	int64_t begun, end;   /* s, of a clock that nobody sets; end 0: none */
	struct json_object *data; /* of the data line */
	bool alive;		  /* the stream has begun */
};

static volatile sig_atomic_t interrupted;

static void
interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static int64_t
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static bool
is_enough(const struct waiting *w)
{
	return interrupted || (w->end && seconds_now() >= w->end);
}

/* The progress line, cut to the terminal; written over each time. */
static void
draw(struct waiting *w)
{
	struct winsize size = {0};
	struct us_buf line = {0};
	struct us_str shown;

	us_buf_printf(&line, "%swaiting ", w->position);
	us_moment_span((seconds_now() - w->begun) * 1000, &line);
	if (w->note.n)
		us_buf_printf(&line, ": %s", w->note.p);
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col)
		size.ws_col = 80;
	shown = us_text_cut(us_buf_str(&line), size.ws_col - 1u);
	fprintf(stderr, "\r%.*s\033[K", US_ARG(shown));
	us_buf_free(&line);
}

static void
wipe(const struct waiting *w)
{
	if (w->draws)
		fputs("\r\033[K", stderr);
}

static bool
on_tick(void *arg)
{
	struct waiting *w = arg;

	if (is_enough(w))
		return false;
	if (w->draws)
		draw(w);
	return true;
}

static bool
on_line(void *arg, struct us_str text)
{
	struct waiting *w = arg;
	struct us_buf copy = {0};
	struct json_object *line, *data = NULL;

	us_buf_str_add(&copy, text);
	line = copy.n ? json_tokener_parse(copy.p) : NULL;
	w->alive = true;
	if (strcmp(us_client_text(line, "type"), "data") == 0 &&
	    json_object_object_get_ex(line, "data", &data))
		w->data = json_object_get(data);
	json_object_put(line);
	us_buf_free(&copy);
	return w->data == NULL;
}

/* One stream: true with data, or with none when it broke off. */
static bool
listen_once(struct us_client *client, struct waiting *w)
{
	struct us_client_watch watch = {on_line, on_tick, w};
	struct us_buf path = {0}, answer = {0};
	long status;

	json_object_put(w->data);
	w->data = NULL;
	w->alive = false;
	us_buf_puts(&path, "/command/");
	us_client_escape(w->id, &path);
	us_buf_puts(&path, "/poll");
	status = us_client_call(client,
	    &(struct us_client_call){.path = path.p, .watch = &watch}, &answer);
	us_buf_free(&path);
	/* Of a failure that passes: the daemon stops, is started, is full. */
	if (status && status != 200 && status != 429 && status != 503) {
		wipe(w);
		us_client_complain(status, &answer);
		us_buf_free(&answer);
		return false;
	}
	us_buf_free(&answer);
	return true;
}

static void
pause_for(struct waiting *w, int64_t seconds)
{
	int64_t until = seconds_now() + seconds;

	while (seconds_now() < until && on_tick(w))
		nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
}

/* What the request became, or is when that is enough; NULL: neither. */
static bool
wait_for(struct us_client *client, struct waiting *w)
{
	unsigned tries = 0;
	const char *why;

	while (!is_enough(w)) {
		if (!listen_once(client, w))
			return false;
		if (w->data)
			return true;
		if (is_enough(w))
			break;
		tries = w->alive ? 1 : tries + 1;
		if (tries == TRIES) {
			why = us_client_trouble(client);
			wipe(w);
			us_out_error("%s; the request goes on, 'usher show "
				     "--wait %s' waits on",
			    *why ? why : "the daemon gives no answer", w->id);
			return false;
		}
		pause_for(w, 1 << (tries - 1));
	}
	return true;
}

static const char *
status_of(const struct waiting *w)
{
	struct json_object *request = NULL;

	json_object_object_get_ex(w->data, "request", &request);
	return us_client_text(request, "status");
}

/* Until it is over: a stream ends after a quarter of an hour. */
static int
wait_on(struct us_client *client, struct waiting *w)
{
	do {
		if (!wait_for(client, w))
			return US_EXIT_NO;
	} while (!is_enough(w) && !us_access_is_over(status_of(w)));
	return w->data ? us_access_exit(status_of(w)) : US_EXIT_OPEN;
}

/* What the progress line says. It is not there when that fails. */
static void
look(struct us_client *client, struct waiting *w)
{
	struct json_object *request = us_access_get(client, w->id);
	struct us_buf when = {0};

	us_buf_reset(&w->note);
	us_client_show(request, "approvers", &w->note);
	us_access_when(request, false, &when);
	if (when.n)
		us_buf_printf(&w->note, ", %s", when.p);
	us_buf_free(&when);
	json_object_put(request);
}

/* The last word, and the request as it is now. */
static void
tell(struct us_client *client, const struct waiting *w, bool json)
{
	struct json_object *request;
	struct us_buf text = {0};

	if (json) {
		us_out_json(w->data);
		return;
	}
	us_text_clean(us_str(us_client_text(w->data, "message")), true, &text);
	if (text.n)
		us_buf_putc(&text, '\n');
	request = us_access_get(client, w->id);
	if (request)
		us_access_tell(request,
		    *w->position ? US_TELL_NAME : US_TELL_NEXT, true, &text);
	json_object_put(request);
	us_out(&text);
	us_buf_free(&text);
}

static int
wait_and_tell(struct us_client *client, struct waiting *w, bool json)
{
	int status;

	json_object_put(w->data); /* of the one before */
	w->data = NULL;
	if (w->draws)
		look(client, w);
	status = wait_on(client, w);
	wipe(w);
	if (w->data)
		tell(client, w, json);
	if (status == US_EXIT_OPEN && is_enough(w))
		us_out_error("not decided yet; the request goes on: 'usher "
			     "show --wait %s' waits on, 'usher relinquish %s' "
			     "takes it back",
		    w->id, w->id);
	fflush(stdout);
	return status;
}

/* What went wrong weighs more than a no, and that more than no answer. */
static int
worse(int a, int b)
{
	static const int order[] = {
	    US_EXIT_OK, US_EXIT_OPEN, US_EXIT_DENIED, US_EXIT_NO};
	int found = US_EXIT_OK;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (order[i] == a || order[i] == b)
			found = order[i];
	}
	return found;
}

bool
us_wait_timeout(const struct us_args *args, int64_t *seconds)
{
	const char *text = us_args_value(args, US_FLAG_TIMEOUT);

	*seconds = 0;
	if (!text || us_moment_length(text, seconds))
		return true;
	us_args_wrong(
	    args, "--timeout %s: expected a length such as 90s or 15m", text);
	return false;
}

static bool
has_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
}

int
us_wait(
    struct us_client *client, const struct us_args *args, const us_words *ids)
{
	struct sigaction action = {.sa_handler = interrupt}, before;
	struct waiting w = {.begun = seconds_now(), .draws = has_terminal()};
	struct us_arena a = {0};
	int64_t timeout;
	int status = US_EXIT_OK;

	if (!us_wait_timeout(args, &timeout))
		return us_command_bad(args->command);
	if (timeout)
		w.end = w.begun + timeout;
	fflush(stdout);
	sigaction(SIGINT, &action, &before);
	for (uint32_t i = 0; i < ids->n; i++) {
		w.id = ids->v[i];
		w.position = ids->n == 1 ? ""
					 : us_arena_printf(
					       &a, "%u of %u: ", i + 1, ids->n);
		status = worse(status,
		    wait_and_tell(client, &w, us_args_has(args, US_FLAG_JSON)));
	}
	sigaction(SIGINT, &before, NULL);
	json_object_put(w.data);
	us_buf_free(&w.note);
	us_arena_free(&a);
	return status;
}
