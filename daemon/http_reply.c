/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers: at once on the loop of the connection, or later by ticket
 * (http_slot.c). http_stream.c has those that come in pieces.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/clock.h"
#include "daemon/http_parts.h"
#include "daemon/log.h"
#include "engine/err.h"

static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
	    {200, "OK"},
	    {201, "Created"},
	    {204, "No Content"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {408, "Request Timeout"},
	    {409, "Conflict"},
	    {413, "Content Too Large"},
	    {415, "Unsupported Media Type"},
	    {417, "Expectation Failed"},
	    {422, "Unprocessable Content"},
	    {429, "Too Many Requests"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {503, "Service Unavailable"},
	    {505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Unknown";
}

/* --- Writing ------------------------------------------------------------ */

/* A control character in a header could begin another one. */
static bool
is_one_line(const char *z)
{
	for (; *z; z++)
		if ((unsigned char)*z < ' ' || *z == 0x7f)
			return false;
	return true;
}

/* What Date says; made once a second. */
static const char *
date(struct us_http_loop *loop)
{
	time_t now = (time_t)(us_clock_now() / 1000);
	struct tm tm;

	if (now != loop->date_of || !*loop->date) {
		gmtime_r(&now, &tm);
		strftime(loop->date, sizeof(loop->date),
		    "%a, %d %b %Y %H:%M:%S GMT", &tm);
		loop->date_of = now;
	}
	return loop->date;
}

/* All but what says how long the body is, and the empty line. */
static void
put_head(const struct us_http_request *r, int status, const char *content_type)
{
	struct us_buf *out = &r->conn->io.out;

	us_buf_puts(out, "HTTP/1.1 ");
	us_buf_number(out, status);
	us_buf_putc(out, ' ');
	us_buf_puts(out, reason(status));
	us_buf_puts(out, "\r\nDate: ");
	us_buf_puts(out, date(r->conn->loop));
	us_buf_puts(out, "\r\nCache-Control: no-store\r\n"
			 "X-Content-Type-Options: nosniff\r\n"
			 "X-Request-Id: ");
	us_buf_number(out, (int64_t)r->call.id);
	us_buf_puts(out, "\r\n");
	if (status != 204) {
		us_buf_puts(out, "Content-Type: ");
		us_buf_puts(
		    out, content_type ? content_type : "application/json");
		us_buf_puts(out, "\r\n");
	}
	if (r->conn->last)
		us_buf_puts(out, "Connection: close\r\n");
	us_buf_add(out, r->headers.p, r->headers.n);
}

/* The head of an answer takes about so many bytes. */
#define HEAD_BYTES 400

static void
put_answer(const struct us_http_request *r, int status,
    const char *content_type, struct us_str body)
{
	struct us_buf *out = &r->conn->io.out;
	bool empty = status == 204;

	us_buf_reserve(out, HEAD_BYTES + body.n);
	put_head(r, status, content_type);
	if (!empty) {
		us_buf_puts(out, "Content-Length: ");
		us_buf_number(out, (int64_t)body.n);
		us_buf_puts(out, "\r\n");
	}
	us_buf_puts(out, "\r\n");
	if (!empty && strcmp(r->call.method, "HEAD") != 0)
		us_buf_str_add(out, body);
}

void
us_reply_begin(struct us_http_request *r, int status, const char *content_type)
{
	/* Of the old version, which is never kept open, the end says it. */
	put_head(r, status, content_type);
	us_buf_puts(&r->conn->io.out,
	    r->chunks ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
	r->status = status;
	r->phase = US_PHASE_STREAMED;
	r->conn->state = US_CONN_STREAM;
}

void
us_reply_note(const struct us_http_request *r, int status)
{
	atomic_fetch_add_explicit(&r->conn->loop->by_status[status / 100 % 6],
	    1, memory_order_relaxed);
	us_log_request(r->call.id, r->conn->peer, r->call.method,
	    r->call.path.p, status, us_clock_ticks() - r->begun);
}

static void
answer(struct us_http_request *r, int status, const char *content_type,
    struct us_str body)
{
	struct us_conn *c = r->conn;

	if (r->phase == US_PHASE_ANSWERED) {
		us_log(US_LOG_ERROR, "request %llu was answered twice",
		    (unsigned long long)r->call.id);
		return;
	}
	/* What is left of the request is not going to be read. */
	if (c->state != US_CONN_WAIT)
		c->last = c->spoiled = true;
	if (c->loop->stopping)
		c->last = true;
	put_answer(r, status, content_type, body);
	r->phase = US_PHASE_ANSWERED;
	c->state = US_CONN_WRITE;
	us_reply_note(r, status);
}

void
us_reply_continue(struct us_conn *c)
{
	us_buf_puts(&c->io.out, "HTTP/1.1 100 Continue\r\n\r\n");
}

void
us_error_json(struct us_str text, struct us_buf *out)
{
	us_buf_puts(out, "{\"error\":");
	us_buf_json(out, text);
	us_buf_putc(out, '}');
}

/* text may be anything, the answer is UTF-8. */
static void __attribute__((format(printf, 2, 0)))
error_body(struct us_buf *b, const char *fmt, va_list ap)
{
	char *text = NULL;
	struct us_str s = US_STR("");

	if (vasprintf(&text, fmt, ap) < 0)
		us_out_of_memory();
	s = us_str(text);
	s.n = us_utf8_bad(s.p, s.n);
	us_error_json(s, b);
	free(text);
}

/* --- At once ------------------------------------------------------------ */

void
us_call_reply(struct us_call *call, int status, const char *content_type,
    struct us_str body)
{
	answer(call->private_, status, content_type, body);
}

void
us_call_error(struct us_call *call, int status, const char *fmt, ...)
{
	struct us_buf body = {0};
	va_list ap;

	va_start(ap, fmt);
	error_body(&body, fmt, ap);
	va_end(ap);
	us_call_reply(call, status, NULL, us_buf_str(&body));
	us_buf_free(&body);
}

void
us_call_header(struct us_call *call, const char *name, const char *value)
{
	if (is_one_line(name) && is_one_line(value))
		us_buf_printf(
		    &call->private_->headers, "%s: %s\r\n", name, value);
	else
		us_log(US_LOG_ERROR,
		    "request %llu: the header \"%s\" was not sent, it has "
		    "control characters",
		    (unsigned long long)call->id, name);
}

/* --- Later -------------------------------------------------------------- */

struct us_ticket
us_call_defer(struct us_call *call)
{
	struct us_http_request *r = call->private_;
	struct us_http_loop *loop = r->conn->loop;

	r->phase = US_PHASE_DEFERRED;
	atomic_fetch_add(&loop->http->users, 1);
	return us_slot_take(loop, r);
}

static void
send_reply(struct us_ticket ticket, int status, struct us_mail *mail)
{
	mail->kind = US_MAIL_REPLY;
	mail->ticket = ticket;
	mail->status = status;
	us_mail_send(&ticket.http->loops[ticket.loop], mail);
	us_http_unref(ticket.http);
}

void
us_ticket_reply(struct us_ticket ticket, int status, const char *content_type,
    struct us_str body)
{
	struct us_mail *mail = us_mail_new(body);

	mail->content_type = content_type;
	send_reply(ticket, status, mail);
}

void
us_ticket_give(struct us_ticket ticket, int status, struct us_str body,
    void (*done)(void *owner), void *owner)
{
	struct us_mail *mail = us_mail_new(US_STR(""));

	mail->text = body;
	mail->done = done;
	mail->owner = owner;
	send_reply(ticket, status, mail);
}

void
us_ticket_error(struct us_ticket ticket, int status, const char *fmt, ...)
{
	struct us_buf body = {0};
	va_list ap;

	va_start(ap, fmt);
	error_body(&body, fmt, ap);
	va_end(ap);
	us_ticket_reply(ticket, status, NULL, us_buf_str(&body));
	us_buf_free(&body);
}

void
us_reply_deliver(struct us_http_loop *loop, const struct us_mail *mail)
{
	struct us_conn *c = us_slot_conn(&mail->ticket);

	if (!c || c->request.phase != US_PHASE_DEFERRED)
		return;
	us_slot_free(loop, mail->ticket.slot);
	answer(&c->request, mail->status, mail->content_type, mail->text);
	us_conn_proceed(c);
}
