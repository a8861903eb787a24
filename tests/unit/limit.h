/* SPDX-License-Identifier: Apache-2.0 */
/* A limit on how long the files get that this process writes. */
#ifndef US_TESTS_LIMIT_H
#define US_TESTS_LIMIT_H

#include <sys/resource.h>

/* In bytes, or RLIM_INFINITY. Who goes beyond it gets SIGXFSZ, too. */
static inline void
limit_files(rlim_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
}

#endif
