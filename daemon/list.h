/* SPDX-License-Identifier: Apache-2.0 */
/* ls: items of the inventory that somebody could ask for (SPEC 12). */
#ifndef US_DAEMON_LIST_H
#define US_DAEMON_LIST_H

#include "daemon/item.h"

/*
 * Has the principal a route to it? *has: and has access to it already? Called
 * for each item, with an arena that is emptied behind it.
 */
typedef bool us_list_may(
    void *arg, const struct us_wanted *wanted, struct us_arena *a, bool *has);

enum us_listed { US_LISTED, US_LISTED_CUT, US_LISTED_HELP, US_LISTED_ERROR };

/*
 * Reads what stands behind "ls" and writes the answer as JSON; or the text of
 * the help that was asked for, or of the error. After `us` microseconds the
 * inventory is not looked through any further: CUT, and "isTruncated".
 */
enum us_listed us_list_read(const struct us_str *argv, uint32_t argc,
    const struct us_service_list *services, const struct us_shelf *shelf,
    int64_t us, struct us_arena *a, us_list_may *may, void *arg,
    struct us_buf *out);

#endif
