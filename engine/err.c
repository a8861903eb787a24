/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is there, or the end of the process. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/err.h"

void
us_out_of_memory(void)
{
	fputs("usher: out of memory\n", stderr);
	abort();
}

void *
us_malloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		us_out_of_memory();
	return p;
}

void *
us_calloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		us_out_of_memory();
	return p;
}

void *
us_realloc(void *p, size_t n)
{
	p = realloc(p, n ? n : 1);
	if (!p)
		us_out_of_memory();
	return p;
}
