/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A permission request as the daemon tells of it (doc/http.md), in words for
 * people: what it is about, how it stands, what to do next.
 */
#ifndef US_ACCESS_H
#define US_ACCESS_H

#include "cli/args.h"
#include "cli/client.h"

/*
 * The exit status that a status of a request stands for: US_EXIT_OK for
 * approved and active, US_EXIT_DENIED, US_EXIT_NO for errored, expired,
 * revoked; US_EXIT_OPEN for all others.
 */
int us_access_exit(const char *status);
/* It will never be anything else, though nobody decided: TIMED_OUT. */
bool us_access_is_over(const char *status);

/*
 * Do all words from the n-th operand on look like ids? False after a message,
 * which says what lists them.
 */
bool us_access_ids(const struct us_args *args, uint32_t n, const char *list);

/*
 * Does something to each id from the n-th operand on; the exit status. act
 * returns false after a message. list: the command that lists such ids.
 */
typedef bool us_access_act(struct us_client *client,
    const struct us_args *args, const char *id, const void *arg);
int us_access_each(const struct us_args *args, uint32_t n, const char *list,
    us_access_act *act, const void *arg);

/* The request, or NULL after a message. The caller puts it. */
struct json_object *us_access_get(struct us_client *client, const char *id);

/* "aws role Deploy" */
void us_access_what(struct json_object *request, struct us_buf *out);
/* Whose access it is: the principal, or an agent. */
void us_access_who(struct json_object *request, struct us_buf *out);
/* "ends in 1 h 52 min", "lapses in 13 d"; with `exact`, the time behind it. */
void us_access_when(
    struct json_object *request, bool exact, struct us_buf *out);
/* A member in seconds, as "1 h 52 min"; nothing when there is none. */
void us_access_length(
    struct json_object *object, const char *name, struct us_buf *out);
/* Who can approve, or who did. */
void us_access_approval(struct json_object *request, struct us_buf *out);

/* How much is told of a request, each with what stands before it. */
enum us_access_detail {
	US_TELL_NEXT, /* how it stands, what to do next */
	US_TELL_NAME, /* its id and what it is about, for one of several */
	US_TELL_ALL,
};

/* In lines. own: what to do next is for whose access it is. */
void us_access_tell(struct json_object *request, enum us_access_detail detail,
    bool own, struct us_buf *out);

#endif
