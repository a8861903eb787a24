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
/* With another one, which is borrowed. */
struct us_client *us_client_new(const struct us_session_file *session);
void us_client_free(struct us_client *client);

struct us_client_call {
	const char *method;   /* "GET" when NULL */
	const char *path;     /* behind /o/ORG: "/routing/latest" */
	const char *type;     /* of the body; application/json when NULL */
	const char *accept;   /* application/json when NULL */
	const struct us_buf *body; /* or NULL */
};

/*
 * The status of the answer, its body in out; 0 after a message when there was
 * none.
 */
long us_client_call(struct us_client *client, const struct us_client_call *call,
    struct us_buf *out);

/*
 * The same, for calls that have one good status: false after a message that
 * says what the daemon said.
 */
bool us_client_get(struct us_client *client, const struct us_client_call *call,
    struct us_buf *out);

/* The answer as JSON, or NULL after a message. The caller puts it. */
struct json_object *us_client_json(
    struct us_client *client, const char *path);

/* A member of an answer as text; "" when it is not there. */
const char *us_client_text(struct json_object *object, const char *name);

/* "usher: ..." of an answer with that status: its error, or the status. */
void us_client_complain(long status, const struct us_buf *answer);

/* Text for a URL: all but letters, digits and -._~ as %XX. */
void us_client_escape(const char *text, struct us_buf *out);

#endif
