/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP: connections, requests, answers. What stands behind this door may
 * change.
 *
 * A handler runs on the loop of its connection and never blocks. It answers
 * at once (us_call_reply), or takes a ticket and answers later from any
 * thread; a ticket outlives the client, the call does not.
 */
#ifndef US_HTTP_H
#define US_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/arena.h"
#include "engine/buf.h"
#include "engine/str.h"

struct us_http;
struct us_route; /* a row of route.def, route.h */
struct us_caller; /* who calls, auth.h */

/* One request being handled. Lives until it is answered or deferred. */
struct us_call {
	const char *method;          /* "GET", ... */
	struct us_str path, query;   /* as sent */
	struct us_str body;
	bool has_body;               /* one was sent, or is being sent */
	struct us_str content_type;  /* lower case, without parameters; or "" */
	struct us_str accept;        /* as sent, or "" */
	struct us_str bearer;        /* of Authorization: Bearer; or "" */
	const char *peer;            /* address of the client */
	uint64_t id;                 /* for the log */
	const struct us_route *route;
	struct us_str params[4];     /* {org}, {name}, ... decoded */
	const struct us_caller *caller; /* NULL on routes that need none */
	struct us_org *org;          /* NULL on routes outside of /o/ */
	void *loop;                  /* the loop's data, see us_http_start */
	unsigned loop_index;
	struct us_arena arena;       /* freed with the call */
	struct us_http_request *private_;
};

/* Ends the call. content_type: a literal; NULL: application/json. */
void us_call_reply(struct us_call *call, int status, const char *content_type,
    struct us_str body);
/* Appends {"error": text}; the text is UTF-8. */
void us_error_json(struct us_str text, struct us_buf *out);
/* Ends the call with one; the text may be anything. */
void us_call_error(struct us_call *call, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a header to the answer to come. */
void us_call_header(struct us_call *call, const char *name, const char *value);

/* Where an answer goes: loop, slot, generation; never a pointer. */
struct us_ticket {
	struct us_http *http;
	uint32_t loop, slot, generation;
};
/* The call is over for the handler; the client waits. */
struct us_ticket us_call_defer(struct us_call *call);
/* From any thread, once. Copies the body. */
void us_ticket_reply(struct us_ticket ticket, int status,
    const char *content_type, struct us_str body);
/*
 * The same, of JSON that its owner keeps until done: on the loop, which also
 * made what the owner consists of, or at once when nobody waits any more.
 */
void us_ticket_give(struct us_ticket ticket, int status, struct us_str body,
    void (*done)(void *owner), void *owner);
void us_ticket_error(struct us_ticket ticket, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Between these two, answers that this thread gives gather, and each loop is
 * woken once for all of its: for who gives many at a time.
 */
void us_http_hold(void);
void us_http_release(void);

/*
 * An answer in pieces (chunked; to clients of HTTP/1.0 until the connection
 * closes): head, pieces, end; from any thread, one after another. False once
 * the client is gone, and to us_ticket_end it comes in any case. While it is
 * streamed the connection is not idle; a client that does not take what it is
 * sent is cut.
 */
bool us_ticket_begin(
    struct us_ticket ticket, int status, const char *content_type);
bool us_ticket_send(struct us_ticket ticket, struct us_str piece);
void us_ticket_end(struct us_ticket ticket);

struct us_http_conf {
	const char *const *listen;   /* "127.0.0.1:8080", "[::1]:0" */
	const int *sockets;          /* or that listen already (systemd) */
	unsigned listen_count, socket_count, loops; /* loops: at least 1 */
	const char *tls_cert, *tls_key; /* NULL: plain */
	unsigned max_connections;
	unsigned header_ms, body_ms, idle_ms; /* deadlines, whole */
	/* Bytes. All long bodies under way share four times max_workflow. */
	size_t max_header, max_body, max_workflow;
};

/*
 * Binds, and reads certificate and key: what may need privileges, which are
 * dropped before anything else is done. Starts no thread and answers nobody
 * yet. Keeps nothing of conf. NULL with a message on the log when it cannot.
 */
struct us_http *us_http_bind(const struct us_http_conf *conf);
/*
 * Starts the loops (threads). make_loop makes each loop's data on its thread;
 * handle gets every request that is well-formed. False with a message on the
 * log when it cannot.
 */
bool us_http_start(struct us_http *http,
    void *(*make_loop)(void *arg, unsigned index), void (*free_loop)(void *),
    void (*handle)(struct us_call *call), void *arg);
/* "127.0.0.1:43211" of listener i: port 0 has become a port. */
const char *us_http_address(const struct us_http *http, unsigned i);
/* Takes no more connections, answers what is under way, then ends; at most
 * `ms` long. Frees http, which may be one that was only bound. */
void us_http_stop(struct us_http *http, unsigned ms);

struct us_http_stats {
	uint64_t requests, connections, refused, timed_out;
	uint64_t by_status[6]; /* 1xx .. 5xx in [1] .. [5] */
};
struct us_http_stats us_http_stats(struct us_http *http);

#endif
