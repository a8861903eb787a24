/* SPDX-License-Identifier: Apache-2.0 */
/* A moment at which nothing fails. */
#include "daemon/fail.h"

void
us_fail_point(const char *where)
{
	(void)where;
}
