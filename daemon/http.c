/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server: its loops, each a thread with an event base of its own,
 * and the mail by which other threads reach them. A base is touched by no
 * thread but its own once it runs.
 */
#include <sys/eventfd.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/http_parts.h"
#include "daemon/log.h"
#include "engine/err.h"

/* Bodies of the longest kind for which there is room at once. */
#define BODIES_AT_ONCE 4

/* --- Mail --------------------------------------------------------------- */

struct us_mail *
us_mail_new(struct us_str text)
{
	struct us_mail *mail = us_malloc(sizeof(*mail) + text.n);

	*mail = (struct us_mail){.text = {mail->room, text.n}};
	if (text.n)
		memcpy(mail->room, text.p, text.n);
	return mail;
}

static void
mail_free(struct us_mail *mail)
{
	if (mail->done)
		mail->done(mail->owner);
	free(mail);
}

static void
mail_drop(struct us_http *http, struct us_mail *mail)
{
	if (mail->kind == US_MAIL_CONN) {
		close(mail->fd);
		atomic_fetch_sub(&http->open_conns, 1);
	}
	mail_free(mail);
}

/* To read its mail, when it next looks at its sockets. */
static void
call_loop(struct us_http_loop *loop)
{
	uint64_t one = 1;

	if (write(loop->wake_fd, &one, sizeof(one)) < 0)
		us_log(US_LOG_ERROR, "cannot wake a loop: %s", strerror(errno));
}

/* The loops that this thread has to call when it holds no more. */
#define HELD_MAX 64
static _Thread_local struct {
	bool on;
	unsigned n;
	struct us_http_loop *loops[HELD_MAX];
} held;

void
us_http_hold(void)
{
	held.on = true;
}

void
us_http_release(void)
{
	for (unsigned i = 0; i < held.n; i++) {
		call_loop(held.loops[i]);
		us_http_unref(held.loops[i]->http);
	}
	held.on = false;
	held.n = 0;
}

static void
call_or_hold(struct us_http_loop *loop)
{
	if (!held.on || held.n == HELD_MAX) {
		call_loop(loop);
		return;
	}
	atomic_fetch_add(&loop->http->users, 1);
	held.loops[held.n++] = loop;
}

void
us_mail_send(struct us_http_loop *loop, struct us_mail *mail)
{
	bool closed, call;

	pthread_mutex_lock(&loop->lock);
	closed = loop->closed;
	call = !loop->called;
	if (!closed) {
		*loop->mail_end = mail;
		loop->mail_end = &mail->next;
		loop->called = true;
	}
	pthread_mutex_unlock(&loop->lock);
	if (closed)
		mail_drop(loop->http, mail);
	else if (call)
		call_or_hold(loop);
}

static struct us_mail *
mail_take(struct us_http_loop *loop, bool close)
{
	struct us_mail *mail;

	pthread_mutex_lock(&loop->lock);
	mail = loop->mail;
	loop->mail = NULL;
	loop->mail_end = &loop->mail;
	loop->closed = close;
	pthread_mutex_unlock(&loop->lock);
	return mail;
}

/* Is all of it read? Then the next to send some has to call. */
static bool
mail_is_read(struct us_http_loop *loop)
{
	bool more;

	pthread_mutex_lock(&loop->lock);
	more = loop->called = loop->mail != NULL;
	pthread_mutex_unlock(&loop->lock);
	return !more;
}

/* --- A loop ------------------------------------------------------------- */

void
us_loop_end_if_idle(struct us_http_loop *loop)
{
	if (loop->stopping && !loop->conns)
		event_base_loopbreak(loop->base);
}

static void
on_stop_timer(evutil_socket_t fd, short what, void *arg)
{
	struct us_http_loop *loop = arg;

	(void)fd, (void)what;
	event_base_loopbreak(loop->base);
}

/* Nothing new; what nobody waits for ends now, the rest may take a while. */
static void
loop_stop(struct us_http_loop *loop, unsigned ms)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};
	struct us_conn *next;

	loop->stopping = true;
	event_add(loop->stop_timer, &tv);
	if (loop->index == 0)
		us_listen_close(loop->http);
	for (struct us_conn *c = loop->conns; c; c = next) {
		next = c->next;
		if (c->state == US_CONN_HELLO || c->state == US_CONN_IDLE ||
		    c->state == US_CONN_LINGER)
			us_conn_close(c);
	}
	us_loop_end_if_idle(loop);
}

static void
mail_read(struct us_http_loop *loop, struct us_mail *mail)
{
	switch (mail->kind) {
	case US_MAIL_CONN:
		if (loop->stopping) {
			mail_drop(loop->http, mail);
			return;
		}
		us_conn_open(loop, mail->fd, mail->peer);
		break;
	case US_MAIL_REPLY:
		us_reply_deliver(loop, mail);
		break;
	case US_MAIL_BEGIN:
	case US_MAIL_PIECE:
	case US_MAIL_END:
		us_stream_deliver(mail);
		break;
	case US_MAIL_STOP:
		loop_stop(loop, mail->ms);
		break;
	}
	mail_free(mail);
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct us_http_loop *loop = arg;
	struct us_mail *mail, *next;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		us_log(US_LOG_ERROR, "a loop's eventfd: %s", strerror(errno));
	for (mail = mail_take(loop, false); mail; mail = next) {
		next = mail->next;
		mail_read(loop, mail);
	}
	/* What came meanwhile has its turn after those who ask. */
	if (!mail_is_read(loop))
		call_loop(loop);
}

static void *
loop_run(void *arg)
{
	struct us_http_loop *loop = arg;
	struct us_http *http = loop->http;
	struct us_mail *mail, *next;

	if (http->make_loop)
		loop->data = http->make_loop(http->arg, loop->index);
	event_base_dispatch(loop->base);
	for (mail = mail_take(loop, true); mail; mail = next) {
		next = mail->next;
		mail_drop(http, mail);
	}
	while (loop->conns)
		us_conn_close(loop->conns);
	if (http->free_loop)
		http->free_loop(loop->data);
	return NULL;
}

static bool
loop_open(struct us_http *http, unsigned index)
{
	struct us_http_loop *loop = &http->loops[index];

	loop->http = http;
	loop->index = index;
	loop->mail_end = &loop->mail;
	pthread_mutex_init(&loop->lock, NULL);
	loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	loop->base = event_base_new();
	if (loop->wake_fd < 0 || !loop->base)
		return false;
	loop->wake = event_new(
	    loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
	loop->stop_timer = evtimer_new(loop->base, on_stop_timer, loop);
	return loop->wake && loop->stop_timer && us_conns_begin(loop) &&
	       event_add(loop->wake, NULL) == 0;
}

static void
loop_free(struct us_http_loop *loop)
{
	if (loop->wake)
		event_free(loop->wake);
	if (loop->stop_timer)
		event_free(loop->stop_timer);
	if (loop->round_end)
		event_free(loop->round_end);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	pthread_mutex_destroy(&loop->lock);
	for (unsigned i = 0; i < loop->slot_blocks; i++)
		free(loop->slots[i]);
}

/* --- The server --------------------------------------------------------- */

static void
log_libevent(int severity, const char *message)
{
	us_log(severity >= EVENT_LOG_WARN ? US_LOG_WARNING : US_LOG_DEBUG,
	    "libevent: %s", message);
}

/* Tickets may be out after the end: who is the last frees the server. */
void
us_http_unref(struct us_http *http)
{
	if (atomic_fetch_sub(&http->users, 1) != 1)
		return;
	us_listen_close(http);
	for (unsigned i = 0; http->loops && i < http->loop_count; i++)
		loop_free(&http->loops[i]);
	SSL_CTX_free(http->tls);
	free(http->listeners);
	free(http->loops);
	free(http);
}

/* Ends the loops that run: some, if starting failed in the middle. */
static void
stop_loops(struct us_http *http, unsigned ms)
{
	for (unsigned i = 0; i < http->running; i++) {
		struct us_mail *mail = us_mail_new(US_STR(""));

		mail->kind = US_MAIL_STOP;
		mail->ms = ms;
		us_mail_send(&http->loops[i], mail);
	}
	for (; http->running > 0; http->running--)
		pthread_join(http->loops[http->running - 1].thread, NULL);
}

/* Signals are for the main thread. */
static bool
run_all(struct us_http *http)
{
	sigset_t all, before;
	int e = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (e == 0 && http->running < http->loop_count) {
		struct us_http_loop *loop = &http->loops[http->running];

		e = pthread_create(&loop->thread, NULL, loop_run, loop);
		if (e)
			break;
		pthread_setname_np(loop->thread, "usherd-loop");
		http->running++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (e != 0)
		us_log(US_LOG_ERROR, "cannot start %u threads: %s",
		    http->loop_count, strerror(e));
	return e == 0;
}

struct us_http *
us_http_bind(const struct us_http_conf *conf)
{
	struct us_http *http = us_calloc(1, sizeof(*http));

	http->limits = (struct us_http_limits){
	    conf->max_connections,
	    conf->header_ms,
	    conf->body_ms,
	    conf->idle_ms,
	    conf->max_header,
	    conf->max_body,
	    conf->max_workflow,
	    conf->max_workflow * BODIES_AT_ONCE,
	};
	http->loop_count = conf->loops;
	atomic_init(&http->users, 1);
	signal(SIGPIPE, SIG_IGN);
	event_set_log_callback(log_libevent);
	if (us_tls_open(http, conf) && us_listen_open(http, conf))
		return http;
	us_http_unref(http);
	return NULL;
}

static bool
open_loops(struct us_http *http)
{
	bool good = true;

	http->loops = us_calloc(http->loop_count, sizeof(*http->loops));
	for (unsigned i = 0; i < http->loop_count; i++)
		good = loop_open(http, i) && good;
	return good && us_listen_start(http, http->loops[0].base);
}

bool
us_http_start(struct us_http *http,
    void *(*make_loop)(void *arg, unsigned index), void (*free_loop)(void *),
    void (*handle)(struct us_call *call), void *arg)
{
	http->make_loop = make_loop;
	http->free_loop = free_loop;
	http->handle = handle;
	http->arg = arg;
	if (open_loops(http))
		return run_all(http);
	us_log(
	    US_LOG_ERROR, "cannot make the event loops: %s", strerror(errno));
	return false;
}

const char *
us_http_address(const struct us_http *http, unsigned i)
{
	return i < http->listener_count ? http->listeners[i].address : NULL;
}

void
us_http_stop(struct us_http *http, unsigned ms)
{
	stop_loops(http, ms);
	us_http_unref(http);
}

struct us_http_stats
us_http_stats(struct us_http *http)
{
	struct us_http_stats s = {
	    .connections = atomic_load(&http->connections),
	    .refused = atomic_load(&http->refused),
	};

	for (unsigned i = 0; i < http->loop_count; i++) {
		const struct us_http_loop *loop = &http->loops[i];

		s.requests += atomic_load(&loop->requests);
		s.timed_out += atomic_load(&loop->timed_out);
		for (unsigned k = 1; k < 6; k++)
			s.by_status[k] += atomic_load(&loop->by_status[k]);
	}
	return s;
}
