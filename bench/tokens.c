/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many tokens at once, signed with the key of a data folder:
 *
 *	tokens DATA ORG COUNT
 *
 * prints those of u0@example.com, u1@example.com, ... one a line. They hold for
 * years, for the clock of the bench leaps.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/token.h"

#define YEAR (INT64_C(365) * 86400000) /* ms */

int
main(int argc, char **argv)
{
	struct us_token_key *key;
	struct us_token token = {.issued = us_clock_now()};
	struct us_buf text = {0};
	int count;

	if (argc != 4) {
		fputs("usage: tokens DATA ORG COUNT\n", stderr);
		return 2;
	}
	key = us_token_key_open(argv[1]);
	if (!key)
		return 1;
	count = atoi(argv[3]);
	token.org = us_str(argv[2]);
	token.issued -= YEAR;
	token.expires = token.issued + 10 * YEAR;
	for (int i = 0; i < count; i++) {
		char email[40];

		snprintf(email, sizeof(email), "u%d@example.com", i);
		token.email = us_str(email);
		us_buf_reset(&text);
		us_token_sign(key, &token, &text);
		puts(text.p);
	}
	us_buf_free(&text);
	us_token_key_free(key);
	return 0;
}
