/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the HTTP server share: http.c has the loops, http_conn.c
 * the life of a connection, http_io.c its bytes, http_body.c the reading of
 * bodies, http_reply.c the answers, http_stream.c those in pieces, http_slot.c
 * where those wait that come later, http_listen.c the sockets that take
 * connections.
 *
 * Requests are read by http_head.c and not by libevent's own HTTP, which in
 * 2.1 gives a server no say between head and body: there a long body could
 * only be refused after it was taken, and time limits hold for each read.
 */
#ifndef US_HTTP_PARTS_H
#define US_HTTP_PARTS_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "daemon/http.h"
#include "daemon/http_head.h"
#include "daemon/http_io.h"

/* --- A body being read -------------------------------------------------- */

enum us_body_step {
	US_STEP_DATA, /* `left` bytes are to come */
	US_STEP_SIZE, /* the line with the size of a chunk */
	US_STEP_CHUNK,
	US_STEP_CHUNK_END,
	US_STEP_TRAILER,
	US_STEP_DONE
};

struct us_body {
	enum us_body_step step;
	uint64_t left;     /* bytes of this chunk, or of the body */
	size_t limit;      /* bytes that may be taken */
	unsigned trailers; /* lines that came behind the last chunk */
	struct us_buf bytes;
};

enum us_body_result {
	US_READ_MORE, /* all that came was taken */
	US_READ_DONE,
	US_READ_OVER, /* the limit is too low; raised, it can go on */
	US_READ_BAD   /* not a chunked body */
};

void us_body_begin(struct us_body *b, const struct us_head *head, size_t limit);
/* Takes from `in` what belongs to the body. */
enum us_body_result us_body_read(struct us_body *b, struct us_str *in);

/* --- A connection and its request --------------------------------------- */

enum us_conn_state {
	US_CONN_HELLO, /* shaking hands */
	US_CONN_IDLE,  /* between requests */
	US_CONN_HEAD,
	US_CONN_BODY,
	US_CONN_WAIT,  /* for an answer of ours */
	US_CONN_STREAM, /* for the next piece of an answer */
	US_CONN_WRITE, /* until the client has taken it */
	US_CONN_LINGER /* until the client has stopped sending */
};

enum us_request_phase {
	US_PHASE_OPEN,
	US_PHASE_DEFERRED, /* from here on it has a slot */
	US_PHASE_STREAMED,
	US_PHASE_ANSWERED
};

struct us_http_request {
	struct us_conn *conn;
	struct us_call call;
	struct us_body body;
	struct us_buf headers; /* of the answer, by us_call_header */
	enum us_request_phase phase;
	bool admitted; /* us_route_admit said yes */
	bool expects;  /* the client waits for 100 Continue */
	bool chunks;   /* it can read an answer in chunks */
	size_t counted; /* of its body, if that is long, in http->bodies */
	uint32_t slot; /* while deferred */
	int status;    /* of an answer that is streamed */
	int64_t begun; /* ticks */
};

struct us_conn {
	struct us_conn *prev, *next; /* of the same loop */
	struct us_http_loop *loop;
	struct us_io io;
	struct event *deadline;
	enum us_conn_state state;
	int timed;    /* the state whose deadline runs, or -1 */
	size_t seen;  /* bytes of the head that were looked at */
	bool last;    /* no request is read after this one */
	bool spoiled; /* answered before the request was read to its end */
	bool answered; /* and so in the list of its loop */
	char peer[INET6_ADDRSTRLEN];
	struct us_http_request request;
};

/* --- Loops -------------------------------------------------------------- */

/*
 * Where a deferred call waits. Other threads look at the generation, so that a
 * slot stays where it is: block i has US_SLOTS << i of them.
 */
struct us_slot {
	struct us_conn *conn; /* NULL: free */
	_Atomic uint32_t generation;
	uint32_t next_free;
};
#define US_SLOTS 64
#define US_SLOT_BLOCKS 26

/* What other threads send to a loop. */
struct us_mail {
	struct us_mail *next;
	enum {
		US_MAIL_CONN,
		US_MAIL_REPLY,
		US_MAIL_BEGIN,
		US_MAIL_PIECE,
		US_MAIL_END,
		US_MAIL_STOP
	} kind;
	int fd; /* CONN */
	char peer[INET6_ADDRSTRLEN];
	struct us_ticket ticket; /* REPLY, BEGIN, PIECE, END */
	int status;
	const char *content_type;
	unsigned ms; /* STOP */
	struct us_str text; /* in room, or the owner's */
	void (*done)(void *owner); /* or NULL */
	void *owner;
	char room[];
};

#define US_ANSWERED_MAX 16
struct us_http_loop {
	struct us_http *http;
	unsigned index;
	pthread_t thread;
	struct event_base *base;
	void *data; /* of make_loop */
	struct us_conn *conns;
	struct us_slot *slots[US_SLOT_BLOCKS];
	unsigned slot_blocks;
	uint32_t slot_free; /* free list: index + 1; 0: none */
	bool stopping;
	/* Connections whose answers are sent together as a round ends. */
	struct us_conn *answered[US_ANSWERED_MAX];
	unsigned answered_count;
	struct event *wake, *stop_timer, *round_end;
	int wake_fd;
	pthread_mutex_t lock; /* of the mail */
	struct us_mail *mail, **mail_end;
	bool called; /* to read its mail: who sends more need not call it */
	bool closed; /* takes no more mail */
	time_t date_of; /* what date says, for the header */
	char date[40];
	atomic_uint_least64_t requests, timed_out, by_status[6];
};

struct us_listener {
	int fd;
	struct us_http *http;
	struct event *event;
	char address[INET6_ADDRSTRLEN + 16];
};

/* As in struct us_http_conf. */
struct us_http_limits {
	unsigned connections, header_ms, body_ms, idle_ms;
	size_t header, body, workflow, bodies; /* bodies: all together */
};

struct us_http {
	struct us_http_limits limits;
	struct us_http_loop *loops;
	struct us_listener *listeners;
	unsigned listener_count, loop_count, running, next_loop;
	struct event *accept_again; /* after descriptors ran out */
	SSL_CTX *tls;
	void *(*make_loop)(void *arg, unsigned index);
	void (*free_loop)(void *);
	void (*handle)(struct us_call *call);
	void *arg;
	atomic_uint open_conns;
	atomic_size_t bodies; /* bytes of the long ones under way */
	atomic_uint_least64_t connections, refused, next_id;
	atomic_uint users; /* the owner, and each ticket that is out */
};

void us_http_unref(struct us_http *http);
/* With a copy of text. */
struct us_mail *us_mail_new(struct us_str text);
/* Takes the mail. */
void us_mail_send(struct us_http_loop *loop, struct us_mail *mail);
/* Called by a loop without connections that is to stop. */
void us_loop_end_if_idle(struct us_http_loop *loop);

/* http_listen.c. False: it cannot, and the log says why. */
bool us_tls_open(struct us_http *http, const struct us_http_conf *conf);
bool us_listen_open(struct us_http *http, const struct us_http_conf *conf);
bool us_listen_start(struct us_http *http, struct event_base *base);
/* On the loop that accepts, or when there is none any more. */
void us_listen_close(struct us_http *http);

void us_conn_open(struct us_http_loop *loop, int fd, const char *peer);
void us_conn_close(struct us_conn *c);
/* Sends what there is to be sent, and goes on; the connection may end by it. */
void us_conn_proceed(struct us_conn *c);
/* Before the first connection of a loop that has a base; false: no memory. */
bool us_conns_begin(struct us_http_loop *loop);

/* http_slot.c. */
struct us_ticket us_slot_take(
    struct us_http_loop *loop, struct us_http_request *r);
void us_slot_free(struct us_http_loop *loop, uint32_t slot);
/* Who waits for the ticket; NULL: nobody any more. On the loop. */
struct us_conn *us_slot_conn(const struct us_ticket *ticket);
/* Does anybody? From any thread; the answer may be old at once. */
bool us_slot_waits(const struct us_ticket *ticket);

/* A reply that came by mail; dropped when nobody waits for it any more. */
void us_reply_deliver(struct us_http_loop *loop, const struct us_mail *mail);
/* The same of a piece of one, its beginning, its end: http_stream.c. */
void us_stream_deliver(const struct us_mail *mail);
/* Head of an answer without a known length; then it is streamed. */
void us_reply_begin(
    struct us_http_request *r, int status, const char *content_type);
/* An answer is out: counts it, and writes it on the log. */
void us_reply_note(const struct us_http_request *r, int status);
/* Writes an answer that has no call: 100 Continue. */
void us_reply_continue(struct us_conn *c);

#endif
