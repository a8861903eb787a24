/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting until requests are decided. */
#ifndef US_WAIT_H
#define US_WAIT_H

#include "cli/args.h"
#include "cli/client.h"

/* Reads --timeout: s, 0 without one. False after a message. */
bool us_wait_timeout(const struct us_args *args, int64_t *seconds);

/*
 * Waits for all of the requests, one after the other, and prints what became
 * of each: in words, or, for --json, as the daemon says it. Shows on a
 * terminal what it waits for. The exit status is that of the worst.
 */
int us_wait(struct us_client *client, const struct us_args *args,
    const us_words *ids);

#endif
