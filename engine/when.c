/* SPDX-License-Identifier: Apache-2.0 */
/* Times and lengths as text. */
#include "engine/when.h"

#define DAY INT64_C(86400)
#define LENGTH_MAX (INT64_C(36525) * DAY)

/* 0000-01-01T00:00:00Z, 9999-12-31T23:59:59.999Z */
#define WHEN_FIRST INT64_C(-62167219200000)
#define WHEN_LAST INT64_C(253402300799999)

/* Days from 1970-01-01 to a date of the Gregorian calendar (y >= 0). */
static int64_t
days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, year_of_era, day_of_year;

	/* Years begin in March, so that leap days come last. */
	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year - 719468;
}

static void
civil_from_days(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
	int64_t era, doe, yoe, doy, mp;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp + (mp < 10 ? 3 : -9);
	*y = yoe + era * 400 + (*m <= 2);
}

static int64_t
days_in_month(int64_t y, int64_t m)
{
	static const int64_t days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

	return days[m - 1] + (m == 2 && leap);
}

/* Reads exactly n digits, then the byte `then` ('\0': nothing). */
static bool
digits(struct us_str *s, size_t n, char then, int64_t *value)
{
	size_t used = n + (then != '\0');

	if (s->n < used || (then && s->p[n] != then))
		return false;
	*value = 0;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*value = *value * 10 + (s->p[i] - '0');
	}
	s->p += used;
	s->n -= used;
	return true;
}

static bool
date(struct us_str *s, int64_t *days)
{
	int64_t y, m, d;

	if (!digits(s, 4, '-', &y) || !digits(s, 2, '-', &m) ||
	    !digits(s, 2, '\0', &d))
		return false;
	if (m < 1 || m > 12 || d < 1 || d > days_in_month(y, m))
		return false;
	*days = days_from_civil(y, m, d);
	return true;
}

/* "." and digits, as milliseconds; more digits than three are cut off. */
static bool
fraction(struct us_str *s, int64_t *ms)
{
	int64_t unit = 100;
	size_t i;

	*ms = 0;
	if (!s->n || s->p[0] != '.')
		return true;
	for (i = 1; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		*ms += (s->p[i] - '0') * unit;
		unit /= 10;
	}
	s->p += i;
	s->n -= i;
	return i > 1;
}

/* "Z" or +hh:mm, as minutes east. */
static bool
zone(struct us_str *s, int64_t *minutes)
{
	int64_t h, m;
	char sign;

	if (!s->n)
		return false;
	sign = s->p[0];
	s->p++;
	s->n--;
	if (sign == 'Z' || sign == 'z') {
		*minutes = 0;
		return true;
	}
	if ((sign != '+' && sign != '-') || !digits(s, 2, ':', &h) ||
	    !digits(s, 2, '\0', &m) || h > 23 || m > 59)
		return false;
	*minutes = (sign == '+' ? 1 : -1) * (h * 60 + m);
	return true;
}

bool
us_when_parse(struct us_str s, int64_t *ms)
{
	int64_t days, h, m, sec, part, minutes;

	if (!date(&s, &days) || !s.n || (s.p[0] != 'T' && s.p[0] != 't'))
		return false;
	s.p++;
	s.n--;
	if (!digits(&s, 2, ':', &h) || !digits(&s, 2, ':', &m) ||
	    !digits(&s, 2, '\0', &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	if (!fraction(&s, &part) || !zone(&s, &minutes) || s.n)
		return false;
	if (sec == 60) /* a leap second counts as the one before it */
		sec = 59;
	*ms = ((days * 24 + h) * 60 + m - minutes) * 60000 + sec * 1000 + part;
	return true;
}

/* The last n digits of value, then the byte `then`. */
static void
put_digits(struct us_buf *out, int64_t value, int n, char then)
{
	char text[8];

	text[n] = then;
	for (int i = n; i > 0; value /= 10)
		text[--i] = (char)('0' + value % 10);
	us_buf_add(out, text, (size_t)n + 1);
}

void
us_when_print(int64_t ms, struct us_buf *out)
{
	int64_t days, y, m, d, part, s;

	/* RFC 3339 has years of four digits: what is beyond is at the end. */
	ms = ms < WHEN_FIRST ? WHEN_FIRST : ms > WHEN_LAST ? WHEN_LAST : ms;
	part = (ms % 1000 + 1000) % 1000;
	s = (ms - part) / 1000;
	days = (s >= 0 ? s : s - (DAY - 1)) / DAY;
	s -= days * DAY;
	civil_from_days(days, &y, &m, &d);
	put_digits(out, y, 4, '-');
	put_digits(out, m, 2, '-');
	put_digits(out, d, 2, 'T');
	put_digits(out, s / 3600, 2, ':');
	put_digits(out, s / 60 % 60, 2, ':');
	put_digits(out, s % 60, 2, part ? '.' : 'Z');
	if (part)
		put_digits(out, part, 3, 'Z');
}

static const struct {
	char letter;
	int64_t seconds;
} units[] = {{'w', 7 * DAY}, {'d', DAY}, {'h', 3600}, {'m', 60}};

bool
us_length_parse(struct us_str text, int64_t *seconds)
{
	int64_t n = 0, unit = 0;

	if (text.n < 2)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].letter == text.p[text.n - 1])
			unit = units[i].seconds;
	}
	for (size_t i = 0; i < text.n - 1; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || n > LENGTH_MAX)
			return false;
		n = n * 10 + (text.p[i] - '0');
	}
	if (!unit || n == 0 || n > LENGTH_MAX / unit)
		return false;
	*seconds = n * unit;
	return true;
}

void
us_length_print(int64_t seconds, struct us_buf *out)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (seconds % units[i].seconds)
			continue;
		us_buf_printf(out, "%lld%c",
		    (long long)(seconds / units[i].seconds), units[i].letter);
		return;
	}
}
