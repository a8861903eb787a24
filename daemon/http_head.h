/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a request, read strictly (RFC 9112): what two readers could
 * take for two things is refused, so that nothing in front of us can be made
 * to see other requests than we do.
 */
#ifndef US_HTTP_HEAD_H
#define US_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/str.h"

/* The fields that mean something here. */
enum us_field {
	US_FIELD_HOST,
	US_FIELD_LENGTH,
	US_FIELD_ENCODING,
	US_FIELD_CONNECTION,
	US_FIELD_EXPECT,
	US_FIELD_TYPE,
	US_FIELD_ACCEPT,
	US_FIELD_AUTHORIZATION,
	US_FIELD_COUNT
};

/* Strings point into the text. */
struct us_head {
	struct us_str method, target;
	struct us_str fields[US_FIELD_COUNT]; /* p NULL: not sent */
	unsigned minor;                       /* of HTTP/1.x */
	uint64_t length;                      /* Content-Length, or 0 */
	bool chunked, close, expects;         /* expects 100-continue */
};

/* Why a text is refused: the status to answer, and what to say. */
struct us_refusal {
	int status;
	const char *text;
};

/*
 * The length of the head that text begins with, its empty line included; 0
 * while that is not there yet. *seen: how much of text was looked at before,
 * 0 at first. Garbage is refused as soon as it can be told.
 */
size_t us_head_end(struct us_str text, size_t *seen, struct us_refusal *why);

/* Reads a whole head. False: refused. */
bool us_head_read(
    struct us_str text, struct us_head *head, struct us_refusal *why);

/* What a hex digit says; -1: it is none. */
int us_hex_value(char c);

#endif
