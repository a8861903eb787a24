/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain of an audit log (SPEC 16): each event holds the hash of the one
 * before it, so that no event can be changed, left out or put in between.
 */
#ifndef US_CHAIN_H
#define US_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "engine/buf.h"

#define US_CHAIN_HASH 64 /* hexadecimal digits */

struct us_chain {
	uint64_t seq;                  /* of the last event */
	char hash[US_CHAIN_HASH + 1];  /* its hash; zeros before the first */
};

void us_chain_begin(struct us_chain *chain);

/* The next event, which loses its hash. False: *wrong says why. */
bool us_chain_add(
    struct us_chain *chain, struct json_object *event, struct us_buf *wrong);

#endif
