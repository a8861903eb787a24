/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a daemon is and who we are there: from the environment (USHER_URL,
 * USHER_ORG, USHER_TOKEN), or the file that `usher login` wrote, which only
 * its owner can read.
 */
#ifndef US_SESSION_H
#define US_SESSION_H

#include <stdbool.h>

#include "engine/arena.h"

struct us_session_file {
	const char *url, *org, *token;
};

/* False when nobody has signed in. */
bool us_session_find(struct us_session_file *session, struct us_arena *a);
/* The same after a message. */
bool us_session_read(struct us_session_file *session, struct us_arena *a);
/* Replaces the file at once. False after a message. */
bool us_session_write(const struct us_session_file *session);
/* Its path: $XDG_CONFIG_HOME/usher/session.json, or under ~/.config. */
const char *us_session_path(struct us_arena *a);

#endif
