/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: lengths as they are said, and what the store keeps of them. */
#include "daemon/setting.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

static struct us_str acme = {"acme", 4}, other = {"other", 5};

static const char *
label(struct us_span span)
{
	static char text[64];
	struct us_buf out = {0};

	us_span_label(span, &out);
	snprintf(text, sizeof(text), "%s", out.p);
	us_buf_free(&out);
	return text;
}

static void
check_spans(void)
{
	is_int(us_unit_find(US_STR("hour")), US_HOURS, "one is a unit");
	is_int(us_unit_find(US_STR("weeks")), US_WEEKS, "so are many");
	is_int(us_unit_find(US_STR("Hours")), US_UNIT_COUNT, "by its case");
	is_int(us_unit_find(US_STR("")), US_UNIT_COUNT, "nothing is none");
	is_str(label(us_span_of(3600)), "1 hour", "the largest unit");
	is_str(label(us_span_of(5400)), "90 minutes", "that shows it whole");
	is_str(label(us_span_of(14 * US_DAY)), "14 days", "weeks are days");
	is_str(label(us_span_of(0)), "0 minutes", "nothing");
	is_int(us_span_seconds((struct us_span){2, US_WEEKS}), 14 * US_DAY,
	    "in seconds");
}

static void
check_settings(struct us_txn *txn)
{
	struct us_span span = {36, US_HOURS};

	is_int(
	    us_setting_get(txn, acme, US_SETTING_DEFAULT), 3600, "a default");
	us_setting_put(txn, acme, US_SETTING_DEFAULT, span);
	is_str(label(us_setting_span(txn, acme, US_SETTING_DEFAULT)),
	    "36 hours", "it is kept as it was said");
	is_int(us_setting_get(txn, acme, US_SETTING_DEFAULT), 36 * 3600,
	    "and is so long");
	is_int(us_setting_get(txn, other, US_SETTING_DEFAULT), 3600,
	    "in its own organisation");
	is_int(us_setting_get(txn, acme, US_SETTING_APPROVABLE), 14 * US_DAY,
	    "under its own name");
	ok(us_setting_fits(US_SETTING_DEFAULT, 60) &&
		!us_setting_fits(US_SETTING_DEFAULT, 59) &&
		us_setting_fits(US_SETTING_DEFAULT, 365 * US_DAY) &&
		!us_setting_fits(US_SETTING_DEFAULT, 365 * US_DAY + 1),
	    "within bounds");
}

static void
check_choices(struct us_txn *txn)
{
	struct us_choices choices;

	us_choices_get(txn, acme, &choices);
	is_int(choices.n, 5, "five to choose from");
	for (unsigned i = 0; i < US_CHOICES_MAX; i++)
		choices.spans[i] = (struct us_span){i + 1, US_HOURS};
	choices.n = US_CHOICES_MAX;
	us_choices_put(txn, acme, &choices);
	us_choices_get(txn, acme, &choices);
	is_int(choices.n, US_CHOICES_MAX, "as many as there can be");
	is_str(
	    label(choices.spans[US_CHOICES_MAX - 1]), "32 hours", "the last");
	choices.n = 0;
	us_choices_put(txn, acme, &choices);
	us_choices_get(txn, acme, &choices);
	is_int(choices.n, 0, "none is not the default");
	us_choices_reset(txn, acme);
	us_choices_get(txn, acme, &choices);
	is_int(choices.n, 5, "until they are reset");
}

static void
check_options(struct us_txn *txn)
{
	is_int(us_default_options_get(txn, acme), 0, "no options");
	us_default_options_put(txn, acme, US_OPTION_REASON);
	is_int(us_default_options_get(txn, acme), US_OPTION_REASON, "one");
	is_int(us_default_options_get(txn, other), 0, "of one organisation");
}

/* Of a later version, or damaged: the default is what is safe. */
static void
check_damage(struct us_txn *txn)
{
	struct us_key key = {0};

	us_key_text(&key, acme);
	us_key_text(&key, US_STR("max-access-duration"));
	us_txn_put(txn, US_TABLE_SETTING, us_key_str(&key), US_STR("\002x"));
	is_int(us_setting_get(txn, acme, US_SETTING_MAX_ACCESS), 180 * US_DAY,
	    "what cannot be read counts as not set");
	us_txn_put(txn, US_TABLE_SETTING, us_key_str(&key),
	    US_STR("\001\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\77"));
	is_int(us_setting_get(txn, acme, US_SETTING_MAX_ACCESS), 180 * US_DAY,
	    "nor does a unit that there is not");
}

int
main(void)
{
	struct folder folder = folder_new();
	struct us_store *store;
	struct us_txn *txn;

	check_spans();
	is_int(us_store_open(folder.path, 1 << 26, 0, NULL, &store), US_STORE_OK,
	    "a store");
	txn = us_txn_write(store);
	check_settings(txn);
	check_choices(txn);
	check_options(txn);
	check_damage(txn);
	is_int(us_txn_commit(txn), US_STORE_OK, "committed");
	us_store_close(store);
	folder_remove(&folder);
	return plan_done();
}
