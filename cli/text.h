/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of others before they reach a terminal: what would move its cursor,
 * colour it or turn its text around is shown as U+FFFD.
 */
#ifndef US_TEXT_H
#define US_TEXT_H

#include "engine/buf.h"

/* Appends text made harmless, on one line; with `lines`, its line ends stay. */
void us_text_clean(struct us_str text, bool lines, struct us_buf *out);

/* How many columns clean text takes. */
unsigned us_text_width(struct us_str text);

/* The longest beginning of clean text that takes at most so many columns. */
struct us_str us_text_cut(struct us_str text, unsigned width);

#endif
