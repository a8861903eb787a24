/* SPDX-License-Identifier: Apache-2.0 */
/* What usherd may do: privileges, the data folder, descriptors. */
#ifndef US_PRIVS_H
#define US_PRIVS_H

#include <stdbool.h>

/*
 * Makes the data folder when it is not there (mode 0700) and becomes `user`
 * for good, who owns that folder then; user NULL: stays who it is. Before any
 * thread is started and the store is opened. False with a message on the log.
 */
bool us_privs_drop(const char *data, const char *user);

/* Room for so many descriptors, as far as the system allows it. */
void us_privs_descriptors(unsigned wanted);

#endif
