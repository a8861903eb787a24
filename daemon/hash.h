/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, bytes that nobody can guess, and how both are written as digits. */
#ifndef US_HASH_H
#define US_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/buf.h"
#include "engine/str.h"

/* The one place that does it. */
void us_sha256(struct us_str bytes, uint8_t out[32]);
/* Compares in a time that does not tell where they differ. */
bool us_sha256_same(const uint8_t a[32], const uint8_t b[32]);

/* From a generator of the system's library, or the process ends. */
void us_random(uint8_t *bytes, size_t n);
/* n such bytes, as 2n hexadecimal digits. */
void us_random_hex(struct us_buf *out, unsigned n);

/* n bytes as 2n hexadecimal digits, without a NUL. */
void us_hex(const uint8_t *bytes, size_t n, char *digits);

/* 32 bytes as base64url without padding, and a NUL. */
#define US_BASE64URL_32 44
void us_base64url_32(const uint8_t bytes[32], char text[US_BASE64URL_32]);
/* Adds so many such digits of a SHA-256, at most 43. */
void us_hash_digits(struct us_str bytes, unsigned digits, struct us_buf *out);

#endif
