/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of the daemon: {NAME: [...], "next": where to go on, or null}, read
 * page by page.
 */
#ifndef US_PAGE_H
#define US_PAGE_H

#include "cli/args.h"
#include "cli/client.h"

#define US_PAGE_DEFAULT 50
#define US_PAGE_MOST 1000000

/*
 * Up to --limit items as one answer of that form, or NULL after a message. The
 * caller puts it.
 */
struct json_object *us_page_read(struct us_client *client,
    const struct us_args *args, const char *path, const char *name);

/*
 * Asks for a list and prints it: as JSON with --json, else with `print`, which
 * gets the items, of which there is at least one; `none` says that there are
 * none. Returns an exit status.
 */
struct us_page_list {
	const char *path, *name, *none;
	void (*print)(struct json_object *items, struct us_buf *out);
};
int us_page_run(const struct us_args *args, const struct us_page_list *list);

#endif
