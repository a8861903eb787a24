/* SPDX-License-Identifier: Apache-2.0 */
/* The size of a number, decided on its digits: a double would round it. */
#include <stdlib.h>

#include "engine/json.h"

/* 2^53, the largest magnitude that every reader of JSON keeps exactly. */
#define NUMBER_MAX "9007199254740992"

/* More than a text has digits that could weigh against it. */
#define EXPONENT_MAX ((long)UINT32_MAX * 2)

static long
exponent_of(const char *p)
{
	long e = strtol(p, NULL, 10);

	if (e > EXPONENT_MAX)
		return EXPONENT_MAX;
	return e < -EXPONENT_MAX ? -EXPONENT_MAX : e;
}

/* Compares 16 digits before the point, and all behind it, with NUMBER_MAX. */
static bool
digits_beyond(const char *p, const char *end)
{
	const char *max = NUMBER_MAX;

	for (; p < end; p++) {
		if (*p == '.')
			continue;
		if (*p != (*max ? *max : '0'))
			return *p > (*max ? *max : '0');
		max += *max != '\0';
	}
	return false;
}

bool
us_json_number_beyond(const char *p)
{
	const char *end;
	long whole; /* digits before the point, once the exponent moved it */

	p += *p == '-' || *p == '+';
	whole = (long)strspn(p, "0123456789");
	end = p + strspn(p, "0123456789.");
	if (*end == 'e' || *end == 'E')
		whole += exponent_of(end + 1);
	for (; *p == '0' || *p == '.'; p++)
		whole -= *p == '0';
	if (p >= end || whole != 16)
		return p < end && whole > 16;
	return digits_beyond(p, end);
}
