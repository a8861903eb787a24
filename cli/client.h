/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of a daemon. client.c is the only file that includes curl.
 */
#ifndef US_CLIENT_H
#define US_CLIENT_H

#include <stdbool.h>

#include <json-c/json.h>

#include "cli/session.h"
#include "engine/buf.h"

struct us_client;

/* With the session of usher login. NULL after a message. */
struct us_client *us_client_open(void);
/* Is there one? */
bool us_client_is_signed_in(void);
/* With another one, which is borrowed. */
struct us_client *us_client_new(const struct us_session_file *session);
void us_client_free(struct us_client *client);

/*
 * Who reads an answer line by line as it comes. line gets each without its
 * end, tick is asked about once a second; either stops the call with false.
 */
struct us_client_watch {
	bool (*line)(void *arg, struct us_str line);
	bool (*tick)(void *arg);
	void *arg;
};

struct us_client_call {
	const char *method;   /* "GET" when NULL */
	const char *path;     /* behind /o/ORG: "/routing/latest" */
	const char *type;     /* of the body; application/json when NULL */
	const char *accept;   /* application/json when NULL */
	const struct us_buf *body; /* or NULL */
	const struct us_client_watch *watch; /* or NULL */
};

/*
 * The status of the answer, its body in out; 0 after a message when there was
 * none. With a watch, the lines of a good answer go there instead, there is no
 * bound to its time but that something comes, and no message but
 * us_client_trouble.
 */
long us_client_call(struct us_client *client, const struct us_client_call *call,
    struct us_buf *out);

/*
 * The same, for calls that have one good status: false after a message that
 * says what the daemon said.
 */
bool us_client_get(struct us_client *client, const struct us_client_call *call,
    struct us_buf *out);

/* The same, when a good answer says nothing more. */
bool us_client_act(struct us_client *client, const char *method,
    const char *path, const struct us_buf *body);

/* What went wrong with the last call: "cannot reach URL: ...". */
const char *us_client_trouble(const struct us_client *client);

/*
 * The same with a good answer as JSON, or NULL after a message. The caller
 * puts it.
 */
struct json_object *us_client_ask(
    struct us_client *client, const struct us_client_call *call);
struct json_object *us_client_post(
    struct us_client *client, const char *path, const struct us_buf *body);

/* The answer to a GET as JSON, or NULL after a message. */
struct json_object *us_client_json(
    struct us_client *client, const char *path);

/* A member of an answer as text; "" when it is not there. */
const char *us_client_text(struct json_object *object, const char *name);

/* The same, made harmless for a terminal, behind what is in out. */
void us_client_show(
    struct json_object *object, const char *name, struct us_buf *out);

/* A member that is true. */
bool us_client_is(struct json_object *object, const char *name);

/* A member that is a time (RFC 3339), as ms since the epoch; false: none. */
bool us_client_time(struct json_object *object, const char *name, int64_t *ms);

/* "usher: ..." of an answer with that status: its error and detail, or the
 * status. */
void us_client_complain(long status, const struct us_buf *answer);

/* Text for a URL: all but letters, digits and -._~ as %XX. */
void us_client_escape(const char *text, struct us_buf *out);

#endif
