/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fail points that fail: takes the place of daemon/fail.c in usherd_fail.
 * USHER_FAIL_WHERE: only points with this text in their name count; none: all.
 * USHER_FAIL_AT: at the n-th of them the process is killed; 0: at none.
 * USHER_FAIL_LOG: a file that gets a line for every point that is passed, and
 * "killed".
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/fail.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_ulong passed;
static unsigned long fatal;
static const char *only;
static int log_fd = -1;

static void
read_environment(void)
{
	const char *at = getenv("USHER_FAIL_AT"),
		   *path = getenv("USHER_FAIL_LOG");

	only = getenv("USHER_FAIL_WHERE");
	if (at)
		fatal = strtoul(at, NULL, 10);
	if (path)
		log_fd =
		    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

void
us_fail_point(const char *where)
{
	pthread_once(&once, read_environment);
	if (log_fd >= 0)
		dprintf(log_fd, "%s\n", where);
	if ((only && !strstr(where, only)) ||
	    atomic_fetch_add(&passed, 1) + 1 != fatal)
		return;
	if (log_fd >= 0)
		dprintf(log_fd, "killed %s\n", where);
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}
