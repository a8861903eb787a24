/* SPDX-License-Identifier: Apache-2.0 */
/* Talking to systemd, by libsystemd where configure found it. */
#include <stdlib.h>

#include "daemon/supervisor.h"
#include "engine/err.h"

#ifdef USHER_SYSTEMD
#include <systemd/sd-daemon.h>

unsigned
us_supervisor_sockets(int **sockets)
{
	int n = sd_listen_fds(1);

	*sockets = NULL;
	if (n <= 0)
		return 0;
	*sockets = us_calloc((size_t)n, sizeof(**sockets));
	for (int i = 0; i < n; i++)
		(*sockets)[i] = SD_LISTEN_FDS_START + i;
	return (unsigned)n;
}

void
us_supervisor_tell(const char *what)
{
	sd_notify(0, what);
}

#else

unsigned
us_supervisor_sockets(int **sockets)
{
	*sockets = NULL;
	return 0;
}

void
us_supervisor_tell(const char *what)
{
	(void)what;
}

#endif
