/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings in the store. A value is a version byte and numbers of 8 bytes,
 * big-endian: time and unit of a length, those of each choice, or the bits of
 * options. Units are stored by their numbers: a new one comes last.
 */
#include "daemon/setting.h"

#define VERSION 1
#define NUMBERS_MAX (2 * US_CHOICES_MAX)

static const char choices_name[] = "expiry-options";
static const char options_name[] = "default-approvals";

static const struct {
	const char *name;
	int64_t seconds, least, most;
} settings[] = {
#define US_SETTING(id, name, seconds, least, most, help) \
	{name, seconds, least, most},
#include "daemon/setting.def"
};

const char *
us_setting_name(enum us_setting setting)
{
	return settings[setting].name;
}

enum us_setting
us_setting_find(struct us_str name)
{
	unsigned i = 0;

	while (i < US_SETTING_COUNT && !us_str_is(name, settings[i].name))
		i++;
	return (enum us_setting)i;
}

/* --- Lengths ------------------------------------------------------------ */

static const struct {
	const char *name, *one;
	int64_t seconds;
} units[] = {
    [US_MINUTES] = {"minutes", "minute", 60},
    [US_HOURS] = {"hours", "hour", 3600},
    [US_DAYS] = {"days", "day", US_DAY},
    [US_WEEKS] = {"weeks", "week", 7 * US_DAY},
};

const char *
us_unit_name(enum us_unit unit)
{
	return units[unit].name;
}

enum us_unit
us_unit_find(struct us_str name)
{
	unsigned i = 0;

	while (i < US_UNIT_COUNT && !us_str_is(name, units[i].name) &&
	       !us_str_is(name, units[i].one))
		i++;
	return (enum us_unit)i;
}

int64_t
us_span_seconds(struct us_span span)
{
	return span.time * units[span.unit].seconds;
}

struct us_span
us_span_of(int64_t seconds)
{
	enum us_unit unit = US_DAYS;

	/* Weeks only when somebody says so: "14 days" is how people speak. */
	while (unit > US_MINUTES && (!seconds || seconds % units[unit].seconds))
		unit--;
	return (struct us_span){seconds / units[unit].seconds, unit};
}

void
us_span_label(struct us_span span, struct us_buf *out)
{
	us_buf_printf(out, "%lld %s", (long long)span.time,
	    span.time == 1 ? units[span.unit].one : units[span.unit].name);
}

/* --- The store ---------------------------------------------------------- */

static struct us_key
key_of(struct us_str org, const char *name)
{
	struct us_key key = {0};

	us_key_text(&key, org);
	us_key_text(&key, us_str(name));
	return key;
}

/* How many numbers are stored under that name; 0: it was never set. */
static unsigned
read_numbers(struct us_txn *txn, struct us_str org, const char *name,
    uint64_t numbers[NUMBERS_MAX])
{
	struct us_key key = key_of(org, name);
	struct us_str value, part;
	unsigned n = 0;

	if (!us_txn_get(txn, US_TABLE_SETTING, us_key_str(&key), &value) ||
	    value.n % 8 != 1 || value.p[0] != VERSION)
		return 0;
	for (part = (struct us_str){value.p + 1, 8};
	     part.p < value.p + value.n && n < NUMBERS_MAX; part.p += 8)
		numbers[n++] = us_key_last_number(part);
	return n;
}

static void
write_numbers(struct us_txn *txn, struct us_str org, const char *name,
    const uint64_t *numbers, unsigned n)
{
	struct us_key key = key_of(org, name);
	struct us_buf value = {0};

	us_buf_putc(&value, VERSION);
	for (unsigned i = 0; i < n; i++) {
		for (int shift = 56; shift >= 0; shift -= 8)
			us_buf_putc(&value, (char)(numbers[i] >> shift & 0xff));
	}
	us_txn_put(txn, US_TABLE_SETTING, us_key_str(&key), us_buf_str(&value));
	us_buf_free(&value);
}

/* From the two numbers that a length is stored as. */
static bool
read_span(const uint64_t *numbers, struct us_span *span)
{
	*span = (struct us_span){(int64_t)numbers[0], (enum us_unit)numbers[1]};
	return numbers[0] <= INT32_MAX && numbers[1] < US_UNIT_COUNT;
}

struct us_span
us_setting_span(struct us_txn *txn, struct us_str org, enum us_setting setting)
{
	uint64_t numbers[NUMBERS_MAX];
	struct us_span span;

	if (read_numbers(txn, org, settings[setting].name, numbers) == 2 &&
	    read_span(numbers, &span))
		return span;
	return us_span_of(settings[setting].seconds);
}

int64_t
us_setting_get(struct us_txn *txn, struct us_str org, enum us_setting setting)
{
	return us_span_seconds(us_setting_span(txn, org, setting));
}

void
us_setting_put(struct us_txn *txn, struct us_str org, enum us_setting setting,
    struct us_span span)
{
	uint64_t numbers[] = {(uint64_t)span.time, span.unit};

	write_numbers(txn, org, settings[setting].name, numbers, 2);
}

bool
us_setting_fits(enum us_setting setting, int64_t seconds)
{
	return seconds >= settings[setting].least &&
	       seconds <= settings[setting].most;
}

void
us_setting_bounds(enum us_setting setting, struct us_buf *out)
{
	us_span_label(us_span_of(settings[setting].least), out);
	us_buf_puts(out, " to ");
	us_span_label(us_span_of(settings[setting].most), out);
}

/* --- What approvers choose from ----------------------------------------- */

static const struct us_choices default_choices = {
    5, {{5, US_MINUTES}, {1, US_HOURS}, {1, US_DAYS}, {1, US_WEEKS},
	   {30, US_DAYS}}};

void
us_choices_get(
    struct us_txn *txn, struct us_str org, struct us_choices *choices)
{
	uint64_t numbers[NUMBERS_MAX];
	struct us_key key = key_of(org, choices_name);
	struct us_str value;
	unsigned n;

	*choices = default_choices;
	/* A list without any length is not one that was never set. */
	if (!us_txn_get(txn, US_TABLE_SETTING, us_key_str(&key), &value))
		return;
	n = read_numbers(txn, org, choices_name, numbers);
	choices->n = 0;
	for (unsigned i = 0; i + 1 < n; i += 2) {
		if (read_span(numbers + i, &choices->spans[choices->n]))
			choices->n++;
	}
}

void
us_choices_put(
    struct us_txn *txn, struct us_str org, const struct us_choices *choices)
{
	uint64_t numbers[NUMBERS_MAX];

	for (unsigned i = 0; i < choices->n; i++) {
		numbers[2 * i] = (uint64_t)choices->spans[i].time;
		numbers[2 * i + 1] = choices->spans[i].unit;
	}
	write_numbers(txn, org, choices_name, numbers, 2 * choices->n);
}

void
us_choices_reset(struct us_txn *txn, struct us_str org)
{
	struct us_key key = key_of(org, choices_name);

	us_txn_delete(txn, US_TABLE_SETTING, us_key_str(&key));
}

/* --- The default workflow ----------------------------------------------- */

unsigned
us_default_options_get(struct us_txn *txn, struct us_str org)
{
	uint64_t numbers[NUMBERS_MAX];

	if (read_numbers(txn, org, options_name, numbers) != 1)
		return 0;
	return (unsigned)numbers[0];
}

void
us_default_options_put(struct us_txn *txn, struct us_str org, unsigned options)
{
	uint64_t number = options;

	write_numbers(txn, org, options_name, &number, 1);
}
