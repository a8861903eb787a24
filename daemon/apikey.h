/* SPDX-License-Identifier: Apache-2.0 */
/*
 * API keys: "usher_" ORG "_" ID "_" SECRET. What is stored of one is the
 * SHA-256 of its secret.
 */
#ifndef US_APIKEY_H
#define US_APIKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buf.h"
#include "engine/str.h"

/*
 * A new one; hash is what is stored. The id has only lower-case letters and
 * digits, so that the parts can be told from the end.
 */
void us_apikey_new(struct us_str org, struct us_str id, struct us_buf *out,
    uint8_t hash[32]);
/* Splits a bearer that looks like an API key; false when it does not. */
bool us_apikey_split(struct us_str bearer, struct us_str *org,
    struct us_str *id, uint8_t hash[32]);

#endif
