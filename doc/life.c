/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the life of a request, as usherd(8) has it, from the table. */
#include <stdio.h>

#include "daemon/life.h"

int
main(void)
{
	struct us_buf out = {0};

	us_life_draw(&out);
	fputs(out.p, stdout);
	us_buf_free(&out);
	return 0;
}
