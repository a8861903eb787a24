/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a connection: hello, then for each request idle, head, body,
 * wait (or stream), write. Time limits hold for a state as a whole, however
 * busily the other side drips. A request is read when the one before was
 * answered.
 */
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/http_parts.h"
#include "daemon/log.h"
#include "daemon/route.h"
#include "engine/err.h"

/* So much of a body anyone may send before it is asked who that is. */
#define UNASKED_BYTES (16 * 1024)
/* So long we listen to a client that sends on after its refusal. */
#define LINGER_MS 2000
/* No deadline runs, or that of a request before. */
#define NO_STATE (-1)

/* --- Requests ----------------------------------------------------------- */

static void
request_begin(struct us_conn *c)
{
	struct us_http_request *r = &c->request;
	struct us_http *http = c->loop->http;

	*r = (struct us_http_request){.conn = c, .begun = us_clock_ticks()};
	r->call = (struct us_call){
	    .method = "-",
	    .path = US_STR("-"),
	    .query = US_STR(""),
	    .body = US_STR(""),
	    .content_type = US_STR(""),
	    .accept = US_STR(""),
	    .bearer = US_STR(""),
	    .peer = c->peer,
	    .id = atomic_fetch_add(&http->next_id, 1) + 1,
	    .loop = c->loop->data,
	    .loop_index = c->loop->index,
	    .private_ = r,
	};
	c->seen = 0;
	atomic_fetch_add_explicit(&c->loop->requests, 1, memory_order_relaxed);
}

/*
 * Counts what has come of a long body, or gone; false when all of them are too
 * much. Short ones are bounded by their connections.
 */
static bool
count_body(struct us_conn *c)
{
	struct us_http *http = c->loop->http;
	struct us_http_request *r = &c->request;
	size_t more = r->body.bytes.n - r->counted; /* less wraps, as the sum */

	if (!r->admitted || !more)
		return true;
	r->counted = r->body.bytes.n;
	return atomic_fetch_add(&http->bodies, more) + more <=
	       http->limits.bodies;
}

static void
drop_body(struct us_conn *c)
{
	us_buf_free(&c->request.body.bytes);
	count_body(c);
}

static void
request_end(struct us_conn *c)
{
	struct us_http_request *r = &c->request;

	if (r->phase == US_PHASE_DEFERRED || r->phase == US_PHASE_STREAMED)
		us_slot_free(c->loop, r->slot);
	us_buf_free(&r->headers);
	drop_body(c);
	us_arena_free(&r->call.arena);
	*r = (struct us_http_request){.phase = US_PHASE_ANSWERED};
}

/* The token behind "Bearer", whatever the case of that; or "". */
static struct us_str
bearer_of(struct us_str authorization)
{
	static const struct us_str scheme = {"Bearer ", 7};
	struct us_str s = authorization;

	if (s.n < scheme.n ||
	    !us_str_eq_nocase((struct us_str){s.p, scheme.n}, scheme))
		return US_STR("");
	s.p += scheme.n;
	s.n -= scheme.n;
	while (s.n && *s.p == ' ')
		s.p++, s.n--;
	return s;
}

/* Without parameters, in lower case. */
static struct us_str
media_type(struct us_arena *a, struct us_str field)
{
	struct us_str s = {field.p, 0};
	char *p;

	while (s.n < field.n && !strchr("; \t", field.p[s.n]))
		s.n++;
	p = us_arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20
							     : s.p[i]);
	return (struct us_str){p, s.n};
}

/* Copies of what a handler may want to know of the head. */
static void
call_fill(struct us_call *call, const struct us_head *head)
{
	struct us_arena *a = &call->arena;
	struct us_str path = head->target, query = US_STR("");
	const char *mark = memchr(path.p, '?', path.n);

	if (mark) {
		query = (struct us_str){
		    mark + 1, path.n - 1 - (size_t)(mark - path.p)};
		path.n = (size_t)(mark - path.p);
	}
	call->method = us_arena_str(a, head->method).p;
	call->path = us_arena_str(a, path);
	call->query = us_arena_str(a, query);
	call->content_type = media_type(a, head->fields[US_FIELD_TYPE]);
	call->accept = us_arena_str(a, head->fields[US_FIELD_ACCEPT]);
	call->bearer =
	    us_arena_str(a, bearer_of(head->fields[US_FIELD_AUTHORIZATION]));
	call->has_body = head->chunked || head->length > 0;
}

static void
handle(struct us_conn *c)
{
	struct us_http_request *r = &c->request;

	r->call.body = us_buf_str(&r->body.bytes);
	c->state = US_CONN_WAIT;
	c->loop->http->handle(&r->call);
	if (r->phase == US_PHASE_OPEN) {
		us_log(US_LOG_ERROR, "request %llu: its handler said nothing",
		    (unsigned long long)r->call.id);
		us_call_error(&r->call, 500, "internal error");
	}
	/* Who answers later has copied it; a body may be long. */
	r->call.body = US_STR("");
	drop_body(c);
}

/* --- Reading ------------------------------------------------------------ */

static void
read_head(struct us_conn *c)
{
	struct us_call *call = &c->request.call;
	size_t max = c->loop->http->limits.header, end;
	struct us_str text = us_io_input(&c->io);
	struct us_refusal why;
	struct us_head head;

	if (text.n > max)
		text.n = max;
	end = us_head_end(text, &c->seen, &why);
	if (end == 0 && why.status == 0) {
		if (text.n == max)
			us_call_error(call, 431,
			    "the header is longer than %zu bytes", max);
		return;
	}
	text.n = end;
	if (end == 0 || !us_head_read(text, &head, &why)) {
		us_call_error(call, why.status, "%s", why.text);
		return;
	}
	call_fill(call, &head);
	us_io_take(&c->io, end);
	c->last = c->last || head.close;
	us_body_begin(&c->request.body, &head, UNASKED_BYTES);
	c->state = US_CONN_BODY;
	c->request.expects = head.expects;
	c->request.chunks = head.minor > 0;
}

/* The body is longer than who is not known may send: who is it? */
static bool
admit(struct us_conn *c)
{
	const struct us_http_limits *limits = &c->loop->http->limits;
	struct us_http_request *r = &c->request;

	if (r->admitted) {
		us_call_error(&r->call, 413,
		    "the body is longer than %zu bytes, the most that this "
		    "call takes",
		    r->body.limit);
		return false;
	}
	r->admitted = us_route_admit(&r->call);
	if (r->admitted)
		r->body.limit = r->call.route->body == US_BODY_WORKFLOW
				    ? limits->workflow
				    : limits->body;
	return r->admitted;
}

static void
read_body(struct us_conn *c)
{
	struct us_http_request *r = &c->request;
	struct us_str in = us_io_input(&c->io);
	size_t n = in.n;
	enum us_body_result result;

	while ((result = us_body_read(&r->body, &in)) == US_READ_OVER)
		if (!admit(c))
			return;
	us_io_take(&c->io, n - in.n);
	if (!count_body(c)) {
		us_call_error(&r->call, 503,
		    "too many long bodies are sent at once; try again in a "
		    "moment");
		drop_body(c);
		return;
	}
	if (result == US_READ_BAD)
		us_call_error(&r->call, 400, "the body is not well chunked");
	else if (result == US_READ_DONE)
		handle(c);
	else if (r->expects)
		us_reply_continue(c);
	r->expects = false;
}

/* --- Deadlines ---------------------------------------------------------- */

static unsigned
deadline_of(const struct us_conn *c)
{
	const struct us_http_limits *limits = &c->loop->http->limits;

	switch (c->state) {
	case US_CONN_HELLO:
	case US_CONN_HEAD:
		return limits->header_ms;
	case US_CONN_IDLE:
		return limits->idle_ms;
	case US_CONN_BODY:
	case US_CONN_WRITE:
		return limits->body_ms;
	case US_CONN_LINGER:
		return LINGER_MS;
	case US_CONN_WAIT:
	case US_CONN_STREAM:
		break;
	}
	return 0;
}

/* There is no deadline for what is ours to do. */
static bool
waits_for_us(const struct us_conn *c)
{
	return c->state == US_CONN_WAIT || c->state == US_CONN_STREAM;
}

/* Starts the clock of a state that was entered, and only then. */
static void
set_deadline(struct us_conn *c)
{
	unsigned ms = deadline_of(c);
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	if (c->timed == (int)c->state)
		return;
	c->timed = (int)c->state;
	if (waits_for_us(c))
		event_del(c->deadline);
	else
		event_add(c->deadline, &tv);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct us_conn *c = arg;

	(void)fd, (void)what;
	/* Its request came in time, and is answered at the end of the round;
	 * unless that is an answer which nobody takes. */
	if (c->answered && c->timed != (int)US_CONN_WRITE)
		return;
	if (c->state != US_CONN_IDLE && c->state != US_CONN_LINGER)
		atomic_fetch_add_explicit(
		    &c->loop->timed_out, 1, memory_order_relaxed);
	if (c->state != US_CONN_HEAD && c->state != US_CONN_BODY) {
		us_conn_close(c);
		return;
	}
	us_call_error(&c->request.call, 408,
	    c->state == US_CONN_HEAD ? "the header took too long"
				     : "the body took too long");
	us_conn_proceed(c);
}

/* --- From state to state ------------------------------------------------ */

/* A client that sends more than is answered is not read without end. */
static void
pause_or_go_on(struct us_conn *c)
{
	bool busy = waits_for_us(c) || c->state == US_CONN_WRITE ||
		    c->state == US_CONN_IDLE;
	bool full = us_io_input(&c->io).n > c->loop->http->limits.header;

	us_io_read(&c->io, !(busy && full));
}

/*
 * The answer is out, but the client may still be sending: closing at once
 * would reset the connection, and the answer with it.
 */
static void
linger(struct us_conn *c)
{
	c->state = US_CONN_LINGER;
	us_io_shut(&c->io);
}

/* The client has its answer. False when that was all. */
static bool
next_request(struct us_conn *c)
{
	request_end(c);
	if (c->spoiled && !c->io.ended) {
		linger(c);
		return true;
	}
	if (c->last || c->loop->stopping)
		return false;
	c->state = US_CONN_IDLE;
	c->timed = NO_STATE;
	/* In the next round, so that others have their turn. */
	if (us_io_input(&c->io).n)
		us_io_again(&c->io);
	return true;
}

/* Will nothing more come of it? What was sent before the end is answered. */
static bool
is_over(const struct us_conn *c)
{
	if (!c->io.ended || waits_for_us(c) || c->state == US_CONN_WRITE)
		return false;
	return c->state != US_CONN_IDLE || !us_io_input(&c->io).n;
}

void
us_conn_proceed(struct us_conn *c)
{
	bool goes_on = us_io_flush(&c->io);

	if (goes_on && c->state == US_CONN_WRITE && !us_io_unsent(&c->io))
		goes_on = next_request(c);
	if (!goes_on || is_over(c)) {
		us_conn_close(c);
		return;
	}
	pause_or_go_on(c);
	set_deadline(c);
}

/*
 * A client that is sent one answer sleeps again before the next one is ready;
 * to wake it costs more than to decide. So who can answer at once in one round
 * of the loop is answered at its end, or when there are some.
 */
static void
answer_all(struct us_http_loop *loop)
{
	struct us_conn *c;

	for (unsigned i = 0; i < loop->answered_count; i++) {
		c = loop->answered[i];
		if (!c)
			continue;
		c->answered = false;
		us_conn_proceed(c);
	}
	loop->answered_count = 0;
}

static void
on_round_end(evutil_socket_t fd, short what, void *loop)
{
	(void)fd, (void)what;
	answer_all(loop);
}

bool
us_conns_begin(struct us_http_loop *loop)
{
	loop->round_end = event_new(loop->base, -1, 0, on_round_end, loop);
	return loop->round_end != NULL;
}

static void
answer_soon(struct us_conn *c)
{
	struct us_http_loop *loop = c->loop;

	if (c->answered)
		return;
	if (loop->answered_count == US_ANSWERED_MAX)
		answer_all(loop);
	if (loop->answered_count == 0)
		event_active(loop->round_end, EV_TIMEOUT, 0);
	loop->answered[loop->answered_count++] = c;
	c->answered = true;
}

static void
forget_answered(struct us_conn *c)
{
	struct us_http_loop *loop = c->loop;

	for (unsigned i = 0; c->answered && i < loop->answered_count; i++)
		if (loop->answered[i] == c)
			loop->answered[i] = NULL;
}

static void
advance(struct us_conn *c)
{
	if (c->state == US_CONN_HELLO && c->io.shaken)
		c->state = US_CONN_IDLE;
	if (c->state == US_CONN_IDLE && us_io_input(&c->io).n) {
		request_begin(c);
		c->state = US_CONN_HEAD;
	}
	if (c->state == US_CONN_HEAD)
		read_head(c);
	if (c->state == US_CONN_BODY)
		read_body(c);
	if (c->state == US_CONN_LINGER)
		us_io_take(&c->io, us_io_input(&c->io).n);
	if (c->state == US_CONN_WRITE)
		answer_soon(c);
	else
		us_conn_proceed(c);
}

static void
on_io(evutil_socket_t fd, short what, void *arg)
{
	struct us_conn *c = arg;

	(void)fd, (void)what;
	if (us_io_fill(&c->io))
		advance(c);
	else
		us_conn_close(c);
}

/* --- Opening and closing ------------------------------------------------ */

void
us_conn_open(struct us_http_loop *loop, int fd, const char *peer)
{
	struct us_conn *c = us_calloc(1, sizeof(*c));
	SSL *ssl = loop->http->tls ? SSL_new(loop->http->tls) : NULL;

	if (ssl)
		SSL_set_accept_state(ssl);
	c->loop = loop;
	c->deadline = evtimer_new(loop->base, on_deadline, c);
	if (!c->deadline || !ssl != !loop->http->tls)
		us_out_of_memory();
	us_io_open(&c->io, loop->base, fd, ssl, on_io, c);
	memcpy(c->peer, peer, sizeof(c->peer));
	c->next = loop->conns;
	if (c->next)
		c->next->prev = c;
	loop->conns = c;
	c->request.phase = US_PHASE_ANSWERED;
	c->state = loop->http->tls ? US_CONN_HELLO : US_CONN_IDLE;
	c->timed = NO_STATE;
	set_deadline(c);
}

void
us_conn_close(struct us_conn *c)
{
	struct us_http_loop *loop = c->loop;

	if (c->prev)
		c->prev->next = c->next;
	else
		loop->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	forget_answered(c);
	request_end(c);
	event_free(c->deadline);
	us_io_close(&c->io);
	free(c);
	atomic_fetch_sub(&loop->http->open_conns, 1);
	us_loop_end_if_idle(loop);
}
