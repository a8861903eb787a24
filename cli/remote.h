/* SPDX-License-Identifier: Apache-2.0 */
/* The active workflow of a daemon, as a tree. */
#ifndef US_REMOTE_H
#define US_REMOTE_H

#include "cli/client.h"
#include "engine/rule.h"

struct us_remote {
	struct us_ruleset *rs;
	char version[32]; /* "v7", or "" when none was saved yet */
};

/* False after a message. Free it in any case. */
bool us_remote_load(struct us_client *client, struct us_remote *remote);
void us_remote_free(struct us_remote *remote);

/*
 * A tree in the language, its groups named by their labels: the same text for
 * the same workflow, whoever wrote it down.
 */
void us_remote_print(const struct us_ruleset *rs, struct us_buf *out);

#endif
