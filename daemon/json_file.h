/* SPDX-License-Identifier: Apache-2.0 */
/* Files of facts: JSON, read strictly, told what is wrong with them. */
#ifndef US_JSON_FILE_H
#define US_JSON_FILE_H

#include "engine/json_read.h"

/*
 * Reads the file and hands its value to `read`, which builds `what` in the
 * arena. False with what is wrong in *error.
 */
bool us_json_file_read(const char *path, struct us_arena *a,
    void (*read)(
	struct us_json_reader *r, struct us_json_value value, void *what),
    void *what, struct us_buf *error);

#endif
