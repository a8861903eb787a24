/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes in and out of a connection, with TLS or without, on libevent's loop.
 * A request that comes in one piece costs one read, its answer one write:
 * libevent's bufferevents ask before each read how much there is, and have
 * epoll watch for room before and after each write.
 */
#ifndef US_HTTP_IO_H
#define US_HTTP_IO_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include <event2/event.h>

#include "engine/buf.h"
#include "engine/str.h"

struct us_io {
	int fd;
	SSL *ssl; /* NULL: plain */
	struct event *readable, *writable;
	struct us_buf in, out;
	size_t taken, sent; /* so much of them is done with */
	bool shaken;        /* hands, or there is nothing to shake */
	bool reading;       /* unless us_io_read said no, or it ended */
	bool watched;       /* readable is, as long as reading makes sense */
	bool ended;         /* the other side sends no more */
};

/*
 * Takes fd and ssl (or NULL) and begins to watch. on_io is called when there
 * is something to read, or room to write on: it calls us_io_fill, and after
 * its own work us_io_flush.
 */
void us_io_open(struct us_io *io, struct event_base *base, int fd, SSL *ssl,
    event_callback_fn on_io, void *arg);
void us_io_close(struct us_io *io);

/* Reads what has come, or goes on shaking hands. False: it is broken. */
bool us_io_fill(struct us_io *io);
/* What was read and not yet taken; until the next call of anything here. */
struct us_str us_io_input(const struct us_io *io);
void us_io_take(struct us_io *io, size_t n);
/*
 * on_io will be called again after others had their turn, though nothing may
 * come any more and nothing be read.
 */
void us_io_again(struct us_io *io);
/* Reads on, or does not for a while. */
void us_io_read(struct us_io *io, bool on);

/* Writes to io->out are sent by us_io_flush, or later. False: broken. */
bool us_io_flush(struct us_io *io);
size_t us_io_unsent(const struct us_io *io);
/* Sends no more; the other side is told. */
void us_io_shut(struct us_io *io);

#endif
