/* SPDX-License-Identifier: Apache-2.0 */
/* What commands write: answers, messages, colours, and that it arrived. */
#ifndef US_OUT_H
#define US_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include <json-c/json.h>

#include "engine/buf.h"
#include "engine/diag.h"

/* Appends to standard output. */
void us_out(const struct us_buf *text);

/*
 * Flushes standard output. The exit status to end with: `status`, or, after a
 * message, `bad` when not all of it could be written.
 */
int us_out_finish(int status, int bad);

/* Answers arrive one by one when the requests do (a pipe, a terminal). */
void us_out_follow(FILE *in);

/* JSON on a line of standard output; DEL and C1 controls as \u00XX. */
void us_out_json(struct json_object *value);

/* Colours suit this stream: a terminal, and NO_COLOR is not set. */
bool us_out_colour(FILE *stream);

/* "usher: ..." on standard error. */
void us_out_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* All diagnostics on standard error. */
void us_out_diags(const struct us_diags *diags);

/* US_EXIT_BAD, US_EXIT_NO or US_EXIT_OK, as the diagnostics say. */
int us_out_status(const struct us_diags *diags);

/* "1 error", "2 errors", "no errors". */
void us_out_count(struct us_buf *out, uint32_t n, const char *what);

#endif
