/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing on a socket: plainly, or through OpenSSL. */
#include <sys/socket.h>

#include <errno.h>
#include <openssl/err.h>
#include <unistd.h>

#include "daemon/http_io.h"
#include "engine/err.h"

/* As long as a record of TLS: then nothing is left behind in there. */
#define READ_BYTES (16 * 1024)

/* Done with the first bytes of b: room for more. */
static void
tidy(struct us_buf *b, size_t *done)
{
	if (*done == 0)
		return;
	memmove(b->p, b->p + *done, b->n - *done);
	b->n -= *done;
	*done = 0;
}

/* What became of a read or a write. */
enum turn {
	TURN_DONE,  /* some bytes, or the handshake */
	TURN_LATER, /* the socket has to be ready first */
	TURN_ROOM,  /* the same; OpenSSL has to write first */
	TURN_ENDED, /* the other side is done */
	TURN_BROKEN,
};

/* --- TLS ---------------------------------------------------------------- */

/* OpenSSL may have to write before it can read. */
static enum turn
tls_turn(struct us_io *io, int result)
{
	switch (SSL_get_error(io->ssl, result)) {
	case SSL_ERROR_NONE:
		return TURN_DONE;
	case SSL_ERROR_WANT_READ:
		return TURN_LATER;
	case SSL_ERROR_WANT_WRITE:
		event_add(io->writable, NULL);
		return TURN_ROOM;
	case SSL_ERROR_ZERO_RETURN:
		return TURN_ENDED;
	default:
		return TURN_BROKEN;
	}
}

static enum turn
tls_shake(struct us_io *io)
{
	enum turn turn;

	ERR_clear_error();
	turn = tls_turn(io, SSL_accept(io->ssl));
	io->shaken = turn == TURN_DONE;
	return turn;
}

static enum turn
tls_read(struct us_io *io, char *block, size_t *n)
{
	int result;

	ERR_clear_error();
	result = SSL_read(io->ssl, block, READ_BYTES);
	*n = result > 0 ? (size_t)result : 0;
	return tls_turn(io, result);
}

static enum turn
tls_write(struct us_io *io, struct us_str bytes, size_t *n)
{
	int some = bytes.n < INT_MAX ? (int)bytes.n : INT_MAX, result;

	ERR_clear_error();
	result = SSL_write(io->ssl, bytes.p, some);
	*n = result > 0 ? (size_t)result : 0;
	return tls_turn(io, result);
}

/* --- Plain -------------------------------------------------------------- */

static enum turn
plain_turn(ssize_t result, size_t *n)
{
	*n = result > 0 ? (size_t)result : 0;
	if (result > 0)
		return TURN_DONE;
	if (result == 0)
		return TURN_ENDED;
	return errno == EAGAIN || errno == EINTR ? TURN_LATER : TURN_BROKEN;
}

static enum turn
plain_read(struct us_io *io, char *block, size_t *n)
{
	return plain_turn(recv(io->fd, block, READ_BYTES, 0), n);
}

static enum turn
plain_write(struct us_io *io, struct us_str bytes, size_t *n)
{
	enum turn turn =
	    plain_turn(send(io->fd, bytes.p, bytes.n, MSG_NOSIGNAL), n);

	if (turn == TURN_LATER)
		event_add(io->writable, NULL);
	return turn;
}

/* --- Reading ------------------------------------------------------------ */

static void
watch(struct us_io *io, bool on)
{
	if (on == io->watched)
		return;
	io->watched = on;
	if (on)
		event_add(io->readable, NULL);
	else
		event_del(io->readable);
}

bool
us_io_fill(struct us_io *io)
{
	char block[READ_BYTES];
	enum turn turn = TURN_DONE;
	size_t n = 0;

	if (!io->reading)
		return true;
	watch(io, true);
	if (!io->shaken)
		turn = tls_shake(io);
	if (turn == TURN_DONE)
		turn = io->ssl ? tls_read(io, block, &n)
			       : plain_read(io, block, &n);
	if (n) {
		tidy(&io->in, &io->taken);
		us_buf_add(&io->in, block, n);
	}
	if (turn == TURN_ENDED) {
		us_io_read(io, false);
		io->ended = true;
	}
	/* What is not read until then would wake us on and on. */
	if (turn == TURN_ROOM)
		watch(io, false);
	return turn != TURN_BROKEN;
}

struct us_str
us_io_input(const struct us_io *io)
{
	return (struct us_str){
	    io->in.p ? io->in.p + io->taken : "", io->in.n - io->taken};
}

void
us_io_take(struct us_io *io, size_t n)
{
	io->taken += n;
	if (io->taken < io->in.n)
		return;
	us_buf_free(&io->in);
	io->taken = 0;
}

/*
 * By the next look at the sockets, for there is room now: event_active would
 * have it done before, so that who sends on and on kept all others waiting.
 */
void
us_io_again(struct us_io *io)
{
	event_add(io->writable, NULL);
}

void
us_io_read(struct us_io *io, bool on)
{
	on = on && !io->ended;
	if (on == io->reading)
		return;
	io->reading = on;
	watch(io, on);
}

/* --- Writing ------------------------------------------------------------ */

size_t
us_io_unsent(const struct us_io *io)
{
	return io->out.n - io->sent;
}

bool
us_io_flush(struct us_io *io)
{
	enum turn turn = TURN_DONE;
	struct us_str rest;
	size_t n;

	while (us_io_unsent(io) && turn == TURN_DONE) {
		rest = (struct us_str){io->out.p + io->sent, us_io_unsent(io)};
		turn = io->ssl ? tls_write(io, rest, &n)
			       : plain_write(io, rest, &n);
		io->sent += n;
	}
	if (!us_io_unsent(io)) {
		us_buf_free(&io->out);
		io->sent = 0;
	} else if (io->sent > io->out.n / 2) {
		tidy(&io->out, &io->sent);
	}
	return turn != TURN_ENDED && turn != TURN_BROKEN;
}

void
us_io_shut(struct us_io *io)
{
	if (io->ssl)
		SSL_shutdown(io->ssl);
	shutdown(io->fd, SHUT_WR);
}

/* --- Opening and closing ------------------------------------------------ */

void
us_io_open(struct us_io *io, struct event_base *base, int fd, SSL *ssl,
    event_callback_fn on_io, void *arg)
{
	*io = (struct us_io){.fd = fd, .ssl = ssl, .shaken = !ssl};
	io->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_io, arg);
	io->writable = event_new(base, fd, EV_WRITE, on_io, arg);
	if (!io->readable || !io->writable || (ssl && !SSL_set_fd(ssl, fd)))
		us_out_of_memory();
	us_io_read(io, true);
}

void
us_io_close(struct us_io *io)
{
	event_free(io->readable);
	event_free(io->writable);
	/* Without waiting for the other side's word, nor for room for ours. */
	if (io->ssl && io->shaken) {
		ERR_clear_error();
		SSL_shutdown(io->ssl);
	}
	SSL_free(io->ssl);
	close(io->fd);
	us_buf_free(&io->in);
	us_buf_free(&io->out);
}
