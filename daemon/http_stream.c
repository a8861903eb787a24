/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers in pieces, from any thread by mail to the loop. The client of
 * HTTP/1.1 gets chunks; that of HTTP/1.0, what comes until the end.
 */
#include <stdlib.h>

#include "daemon/http_parts.h"

/* A client that has not taken so much of its answer is cut. */
#define UNSENT_MAX ((size_t)256 * 1024)

static bool
send_mail(const struct us_ticket *ticket, struct us_mail *mail)
{
	mail->ticket = *ticket;
	us_mail_send(&ticket->http->loops[ticket->loop], mail);
	return us_slot_waits(ticket);
}

bool
us_ticket_begin(struct us_ticket ticket, int status, const char *content_type)
{
	struct us_mail *mail = us_mail_new(US_STR(""));

	mail->kind = US_MAIL_BEGIN;
	mail->status = status;
	mail->content_type = content_type;
	return send_mail(&ticket, mail);
}

bool
us_ticket_send(struct us_ticket ticket, struct us_str piece)
{
	struct us_mail *mail;

	if (!us_slot_waits(&ticket))
		return false;
	mail = us_mail_new(piece);
	mail->kind = US_MAIL_PIECE;
	return send_mail(&ticket, mail);
}

void
us_ticket_end(struct us_ticket ticket)
{
	struct us_mail *mail = us_mail_new(US_STR(""));

	mail->kind = US_MAIL_END;
	send_mail(&ticket, mail);
	us_http_unref(ticket.http);
}

/* --- On the loop -------------------------------------------------------- */

static void
begin(struct us_http_request *r, const struct us_mail *mail)
{
	if (r->phase != US_PHASE_DEFERRED)
		return;
	if (r->conn->loop->stopping)
		r->conn->last = true;
	us_reply_begin(r, mail->status, mail->content_type);
	us_conn_proceed(r->conn);
}

static void
send_piece(struct us_http_request *r, const struct us_mail *mail)
{
	struct us_buf *out = &r->conn->io.out;

	/* A chunk of nothing would be the last one. */
	if (mail->text.n == 0 || strcmp(r->call.method, "HEAD") == 0)
		return;
	if (us_io_unsent(&r->conn->io) + mail->text.n > UNSENT_MAX) {
		us_reply_note(r, r->status);
		us_conn_close(r->conn);
		return;
	}
	if (r->chunks)
		us_buf_printf(out, "%zx\r\n", mail->text.n);
	us_buf_str_add(out, mail->text);
	if (r->chunks)
		us_buf_puts(out, "\r\n");
	us_conn_proceed(r->conn);
}

static void
end(struct us_http_request *r)
{
	struct us_conn *c = r->conn;

	if (r->chunks && strcmp(r->call.method, "HEAD") != 0)
		us_buf_puts(&c->io.out, "0\r\n\r\n");
	us_slot_free(c->loop, r->slot);
	r->phase = US_PHASE_ANSWERED;
	c->state = US_CONN_WRITE;
	us_reply_note(r, r->status);
	us_conn_proceed(c);
}

void
us_stream_deliver(const struct us_mail *mail)
{
	struct us_conn *c = us_slot_conn(&mail->ticket);

	if (!c)
		return;
	if (mail->kind == US_MAIL_BEGIN)
		begin(&c->request, mail);
	else if (c->state != US_CONN_STREAM)
		return; /* nothing was begun */
	else if (mail->kind == US_MAIL_PIECE)
		send_piece(&c->request, mail);
	else
		end(&c->request);
}
