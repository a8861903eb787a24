/* SPDX-License-Identifier: Apache-2.0 */
/* usherd.conf, read by the rows of conf.def. */
#ifndef US_CONF_FILE_H
#define US_CONF_FILE_H

#include "daemon/conf_row.h"

/* What was said of organisations. */
struct us_conf_lines {
	US_LIST(struct us_conf_org) orgs; /* their sections */
	/* By lines outside of sections, and by flags. */
	struct us_conf_org outside;
};

/*
 * Reads the file into conf and lines; strings are in the arena. False after
 * a message with file and line.
 */
bool us_conf_file_read(const char *path, struct us_conf *conf,
    struct us_conf_lines *lines, struct us_arena *a);

#endif
