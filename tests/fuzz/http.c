/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of bytes on a connection: a real one of the server, whose other end
 * is here. However the bytes are cut into pieces, the same requests come out,
 * and the same answers.
 *
 * The first two bytes of an input say how it is cut.
 */
#include <sys/socket.h>

#include <unistd.h>

#include "daemon/http_parts.h"
#include "daemon/route.h"
#include "engine/err.h"
#include "tests/fuzz/fuzz.h"

const char fuzz_door[] = "http";

#define CUTS 2 /* bytes */
#define HEADER_MAX 512
#define BODY_MAX 256
#define WORKFLOW_MAX \
	(64 * 1024) /* to be admitted an announced length will do */
/* Rounds of the loop without an answer until nothing more is to come. */
#define ROUNDS_MAX 64

static struct us_http http;
static struct us_http_loop loop;
static struct us_buf seen; /* what the handler was given */

static const struct us_route small = {.body = US_BODY_SMALL};
static const struct us_route workflow = {.body = US_BODY_WORKFLOW};

/* In the place of that of route.c: who asks under /c may not. */
bool
us_route_admit(struct us_call *call)
{
	us_buf_printf(
	    &seen, "admit %s %.*s\n", call->method, US_ARG(call->path));
	if (call->path.n > 1 && call->path.p[1] == 'c') {
		us_call_error(call, 401, "no");
		return false;
	}
	call->route =
	    call->path.n > 1 && call->path.p[1] == 'w' ? &workflow : &small;
	return true;
}

static void
handle(struct us_call *call)
{
	us_buf_printf(&seen,
	    "%s path %.*s query %.*s type %.*s accept %.*s bearer %.*s%s\n",
	    call->method, US_ARG(call->path), US_ARG(call->query),
	    US_ARG(call->content_type), US_ARG(call->accept),
	    US_ARG(call->bearer), call->has_body ? " and a body" : "");
	us_buf_str_add(&seen, call->body);
	us_buf_puts(&seen, "\n");
	if (call->path.p[0] != '/')
		fuzz_broken("a path without /");
	us_call_reply(call, 200, NULL, call->body);
}

static void
open_loop(void)
{
	if (loop.base)
		return;
	http.limits = (struct us_http_limits){
	    .connections = 4,
	    .header_ms = 1000000,
	    .body_ms = 1000000,
	    .idle_ms = 1000000,
	    .header = HEADER_MAX,
	    .body = BODY_MAX,
	    .workflow = WORKFLOW_MAX,
	    .bodies = (size_t)4 * WORKFLOW_MAX,
	};
	http.loops = &loop;
	http.loop_count = 1;
	http.handle = handle;
	atomic_init(&http.users, 1);
	loop.http = &http;
	loop.mail_end = &loop.mail;
	loop.base = event_base_new();
	if (!loop.base || !us_conns_begin(&loop))
		us_out_of_memory();
}

/* Takes what the server wrote; true when there was something. */
static bool
take(int fd, struct us_buf *answers)
{
	char piece[4096];
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n <= 0)
		return false;
	us_buf_add(answers, piece, (size_t)n);
	return true;
}

/* Until the server has nothing more to say. */
static void
run(int fd, struct us_buf *answers)
{
	for (int quiet = 0; quiet < 3;) {
		event_base_loop(loop.base, EVLOOP_NONBLOCK);
		quiet = take(fd, answers) ? 0 : quiet + 1;
	}
}

static void
send_piece(int fd, struct us_str piece, struct us_buf *answers)
{
	/* What it does not take any more, because it has closed, is lost. */
	if (send(fd, piece.p, piece.n, MSG_NOSIGNAL) < 0)
		return;
	run(fd, answers);
}

/*
 * What may differ: the date, and whether a client that waits for it is told to
 * go on, for a body that has come already needs no such word.
 */
static void
forget(struct us_buf *text)
{
	static const struct us_str date = {"Date: ", 6};
	static const struct us_str go_on = {
	    "HTTP/1.1 100 Continue\r\n\r\n", 25};
	char *p;
	size_t behind;

	for (size_t i = 0; i < text->n; i++) {
		p = text->p + i;
		behind = text->n - i;
		if (behind >= go_on.n && !memcmp(p, go_on.p, go_on.n)) {
			memmove(p, p + go_on.n, behind - go_on.n);
			text->n -= go_on.n;
		} else if (behind >= date.n && !memcmp(p, date.p, date.n)) {
			for (i += date.n; i < text->n && text->p[i] != '\r';
			    i++)
				text->p[i] = '.';
		}
	}
}

/* `cuts`: sizes of pieces, drawn from it; 0: one piece. */
static void
talk(struct us_str bytes, uint32_t cuts, struct us_buf *answers)
{
	static const char peer[INET6_ADDRSTRLEN] = "127.0.0.1";
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0)
		fuzz_broken("no sockets");
	atomic_store(&http.open_conns, 1);
	atomic_store(&http.next_id, 0);
	us_conn_open(&loop, fds[0], peer);
	while (bytes.n) {
		struct us_str piece = bytes;

		if (cuts) {
			cuts = cuts * 1664525u + 1013904223u;
			piece.n = (cuts >> 24) % (cuts >> 16 & 31 ? 24 : 300);
			piece.n = piece.n < bytes.n ? piece.n + 1 : bytes.n;
		}
		if (piece.n > bytes.n)
			piece.n = bytes.n;
		send_piece(fds[1], piece, answers);
		bytes.p += piece.n;
		bytes.n -= piece.n;
	}
	shutdown(fds[1], SHUT_WR);
	run(fds[1], answers);
	close(fds[1]);
	for (int i = 0; loop.conns && i < ROUNDS_MAX; i++)
		event_base_loop(loop.base, EVLOOP_NONBLOCK);
	/* What libevent frees in a later round. */
	event_base_loop(loop.base, EVLOOP_NONBLOCK);
	if (loop.conns || atomic_load(&http.open_conns))
		fuzz_broken("a connection stays");
	if (atomic_load(&http.bodies))
		fuzz_broken("bodies stay counted");
	forget(answers);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct us_buf whole = {0}, parts = {0}, first = {0};
	struct us_str bytes;

	if (size < CUTS || size > FUZZ_MAX)
		return 0;
	bytes = (struct us_str){(const char *)data + CUTS, size - CUTS};
	open_loop();
	us_buf_reset(&seen);
	talk(bytes, 0, &whole);
	us_buf_str_add(&first, us_buf_str(&seen));
	us_buf_reset(&seen);
	talk(bytes, 1 + (uint32_t)data[0] * 256 + data[1], &parts);
	fuzz_same("requests", us_buf_str(&first), us_buf_str(&seen));
	fuzz_same("answers", us_buf_str(&whole), us_buf_str(&parts));
	us_buf_free(&whole);
	us_buf_free(&parts);
	us_buf_free(&first);
	return 0;
}
