/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who started usherd, when that is systemd: it passes sockets, and wants to
 * hear that the daemon is ready and alive. Without it nothing happens here.
 */
#ifndef US_SUPERVISOR_H
#define US_SUPERVISOR_H

/* The sockets that were passed: *sockets (the caller frees), and how many. */
unsigned us_supervisor_sockets(int **sockets);
/* "READY=1", "STOPPING=1", "WATCHDOG=1", ... */
void us_supervisor_tell(const char *what);

#endif
