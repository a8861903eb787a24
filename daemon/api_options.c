/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls under /settings that are neither roles nor keys: lengths of time,
 * the lengths that approvers choose from, options of the default workflow.
 * The audit log has the old value and the new.
 */
#include "daemon/api.h"
#include "daemon/api_body.h"
#include "daemon/api_reply.h"
#include "daemon/audit.h"
#include "daemon/clock.h"
#include "daemon/errand.h"
#include "daemon/log.h"
#include "daemon/org_parts.h"
#include "daemon/setting.h"
#include "daemon/world.h"

/* What an errand changes; of these, what it is about. */
struct change {
	enum us_setting setting;
	struct us_span span;
	struct us_str label;
	unsigned options;
};

/* Takes data. */
static void
record_change(struct us_errand *errand, struct us_txn *txn,
    enum us_action action, struct json_object *data)
{
	struct us_actor actor = us_caller_actor(&errand->caller);

	us_audit_append(
	    txn, errand->org->name, us_clock_now(), action, &actor, data);
	errand->status = 204;
}

/* "name": "value" in data, an object. */
static void
note(struct json_object *data, const char *name, const char *value)
{
	json_object_object_add(data, name, json_object_new_string(value));
}

static void
note_span(struct json_object *data, const char *name, struct us_span span)
{
	struct us_buf label = {0};

	us_span_label(span, &label);
	note(data, name, label.p);
	us_buf_free(&label);
}

static void
submit(struct us_call *call, const struct change *change,
    bool (*apply)(struct us_write *write, struct us_txn *txn), bool new_work)
{
	struct us_errand *errand = us_errand_new(call, apply, new_work);
	struct change *copy = us_arena_alloc(&errand->arena, sizeof(*copy));

	*copy = *change;
	copy->label = us_arena_str(&errand->arena, change->label);
	errand->what = copy;
	us_errand_submit(errand, call);
}

/* --- Lengths of time ---------------------------------------------------- */

static void
put_span(struct us_span span, struct us_buf *out)
{
	us_buf_printf(out, "\"time\":%lld,\"unit\":\"%s\"",
	    (long long)span.time, us_unit_name(span.unit));
}

static void
read_time(struct us_json_reader *r, struct us_json_value value, int64_t *time)
{
	if (!us_json_is(r, value, US_JSON_INT))
		return;
	*time = us_json_int(r->src, value);
	if (*time < 0 || *time > INT32_MAX)
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "%s; expected a whole number that is not negative",
		    us_json_show(r, value));
}

static void
read_unit(
    struct us_json_reader *r, struct us_json_value value, enum us_unit *unit)
{
	struct us_word word;

	if (!us_json_word(r, value, &word))
		return;
	*unit = us_unit_find(word.s);
	if (*unit == US_UNIT_COUNT)
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "%s is no unit; expected minutes, hours, days or weeks",
		    us_json_show(r, value));
}

/* {"time": 2, "unit": "hours"} */
static void
read_span(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { TIME, UNIT, COUNT };
	static const char *const names[] = {"time", "unit"};
	static const struct us_json_shape shapes[] = {
	    {NULL, US_BIT(TIME) | US_BIT(UNIT), 0}};
	static const struct us_json_form form =
	    US_FORM("a length of time", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_span *span = what;

	if (us_json_members(r, &form, value, slots) < 0)
		return;
	read_time(r, slots[TIME], &span->time);
	read_unit(r, slots[UNIT], &span->unit);
}

/* Within the bounds of the setting; false when it was answered. */
static bool
read_fitting(
    struct us_call *call, enum us_setting setting, struct us_span *span)
{
	struct us_buf bounds = {0};

	*span = (struct us_span){0};
	if (!us_api_body(call, &call->arena, read_span, span))
		return false;
	if (us_setting_fits(setting, us_span_seconds(*span)))
		return true;
	us_setting_bounds(setting, &bounds);
	us_call_error(call, 400, "time: %lld %s; expected %s",
	    (long long)span->time, us_unit_name(span->unit), bounds.p);
	us_buf_free(&bounds);
	return false;
}

/* {setting} of the path; false when it was answered. */
static bool
read_setting(struct us_call *call, enum us_setting *setting)
{
	struct us_buf names = {0};

	*setting = us_setting_find(call->params[1]);
	if (*setting != US_SETTING_COUNT)
		return true;
	for (unsigned i = 0; i < US_SETTING_COUNT; i++)
		us_buf_printf(&names, "%s%s", i ? ", " : "",
		    us_setting_name((enum us_setting)i));
	us_call_error(call, 404,
	    "there is no setting of that name; expected one of %s", names.p);
	us_buf_free(&names);
	return false;
}

void
api_setting_get(struct us_call *call)
{
	struct us_buf out = {0};
	enum us_setting setting;
	struct us_txn *txn;

	if (!read_setting(call, &setting))
		return;
	txn = us_txn_read(call->org->world->store);
	us_buf_putc(&out, '{');
	put_span(us_setting_span(txn, call->org->name, setting), &out);
	us_buf_putc(&out, '}');
	us_api_reply(call, txn, 200, &out);
}

static bool
apply_setting(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct change *change = errand->what;
	struct us_str org = errand->org->name;
	struct json_object *data = json_object_new_object();

	note(data, "setting", us_setting_name(change->setting));
	note_span(data, "old", us_setting_span(txn, org, change->setting));
	note_span(data, "new", change->span);
	us_setting_put(txn, org, change->setting, change->span);
	record_change(errand, txn, US_ACTION_SETTING_UPDATED, data);
	return true;
}

void
api_setting_put(struct us_call *call)
{
	struct change change = {.label = US_STR("")};

	if (read_setting(call, &change.setting) &&
	    read_fitting(call, change.setting, &change.span))
		submit(call, &change, apply_setting, true);
}

/* --- What approvers choose from ----------------------------------------- */

void
api_expiry_list(struct us_call *call)
{
	struct us_txn *txn = us_txn_read(call->org->world->store);
	struct us_buf out = {0}, label = {0};
	struct us_choices choices;

	us_choices_get(txn, call->org->name, &choices);
	us_buf_puts(&out, "{\"options\":[");
	for (unsigned i = 0; i < choices.n; i++) {
		us_buf_reset(&label);
		us_span_label(choices.spans[i], &label);
		us_buf_printf(
		    &out, "%s{\"label\":\"%s\",", i ? "," : "", label.p);
		put_span(choices.spans[i], &out);
		us_buf_putc(&out, '}');
	}
	us_buf_puts(&out, "]}");
	us_buf_free(&label);
	us_api_reply(call, txn, 200, &out);
}

/* Where the length belongs; of two that are as long there is one. */
static unsigned
place_of(const struct us_choices *choices, struct us_span span)
{
	unsigned at = 0;

	while (at < choices->n &&
	       us_span_seconds(choices->spans[at]) < us_span_seconds(span))
		at++;
	return at;
}

static bool
apply_create(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct change *change = errand->what;
	struct json_object *data;
	struct us_choices choices;
	unsigned at;

	us_choices_get(txn, errand->org->name, &choices);
	at = place_of(&choices, change->span);
	if (at < choices.n &&
	    us_span_seconds(choices.spans[at]) == us_span_seconds(change->span))
		return us_errand_refuse(
		    errand, 409, "there is an option of that length already");
	if (choices.n == US_CHOICES_MAX)
		return us_errand_refuse(errand, 409,
		    "there are as many options as there can be; delete one");
	memmove(choices.spans + at + 1, choices.spans + at,
	    (choices.n - at) * sizeof(*choices.spans));
	choices.spans[at] = change->span;
	choices.n++;
	us_choices_put(txn, errand->org->name, &choices);
	data = json_object_new_object();
	note_span(data, "label", change->span);
	record_change(errand, txn, US_ACTION_EXPIRY_CREATED, data);
	return true;
}

void
api_expiry_create(struct us_call *call)
{
	struct change change = {.label = US_STR("")};

	/* No grant may be longer, whatever is set as the longest. */
	if (read_fitting(call, US_SETTING_MAX_ACCESS, &change.span))
		submit(call, &change, apply_create, true);
}

static bool
has_label(struct us_span span, struct us_str label)
{
	struct us_buf text = {0};
	bool same;

	us_span_label(span, &text);
	same = us_str_eq(us_buf_str(&text), label);
	us_buf_free(&text);
	return same;
}

static bool
apply_delete(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct change *change = errand->what;
	struct json_object *data;
	struct us_choices choices;
	unsigned at = 0;

	us_choices_get(txn, errand->org->name, &choices);
	while (at < choices.n && !has_label(choices.spans[at], change->label))
		at++;
	if (at == choices.n)
		return us_errand_refuse(
		    errand, 404, "there is no option of that label");
	data = json_object_new_object();
	note_span(data, "label", choices.spans[at]);
	choices.n--;
	memmove(choices.spans + at, choices.spans + at + 1,
	    (choices.n - at) * sizeof(*choices.spans));
	us_choices_put(txn, errand->org->name, &choices);
	record_change(errand, txn, US_ACTION_EXPIRY_DELETED, data);
	return true;
}

void
api_expiry_delete(struct us_call *call)
{
	struct change change = {.label = call->params[1]};

	submit(call, &change, apply_delete, false);
}

static bool
apply_reset(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;

	us_choices_reset(txn, errand->org->name);
	record_change(errand, txn, US_ACTION_EXPIRY_RESET, NULL);
	return true;
}

static void
read_nothing(struct us_json_reader *r, struct us_json_value value, void *what)
{
	static const struct us_json_shape shapes[] = {{NULL, 0, 0}};
	static const struct us_json_form form = {
	    "an empty body", NULL, shapes, 0, 1};
	struct us_json_value none;

	(void)what;
	us_json_members(r, &form, value, &none);
}

void
api_expiry_reset(struct us_call *call)
{
	struct change change = {.label = US_STR("")};

	if (us_api_body(call, &call->arena, read_nothing, NULL))
		submit(call, &change, apply_reset, false);
}

/* --- The default workflow ----------------------------------------------- */

/* The options that it has, in the order of US_DEFAULT_OPTIONS' bits. */
static const struct us_option_row *
default_option(unsigned i)
{
	for (unsigned k = 0; k < us_option_count; k++) {
		if ((us_options[k].bit & US_DEFAULT_OPTIONS) && i-- == 0)
			return &us_options[k];
	}
	return NULL;
}

static struct json_object *
options_json(unsigned options)
{
	struct json_object *json = json_object_new_object();
	const struct us_option_row *row;

	for (unsigned i = 0; (row = default_option(i)); i++)
		json_object_object_add(json, row->json,
		    json_object_new_boolean((options & row->bit) != 0));
	return json;
}

void
api_default_approvals_get(struct us_call *call)
{
	struct us_txn *txn = us_txn_read(call->org->world->store);
	struct json_object *json =
	    options_json(us_default_options_get(txn, call->org->name));
	struct us_buf out = {0};

	us_buf_puts(
	    &out, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	us_api_reply(call, txn, 200, &out);
}

/* What is not said is false. */
static void
read_options(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { COUNT = 3 };
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(COUNT) - 1}};
	const char *names[COUNT];
	struct us_json_form form = US_FORM("default approvals", names, shapes);
	struct us_json_value slots[COUNT];
	unsigned *options = what;

	for (unsigned i = 0; i < COUNT; i++)
		names[i] = default_option(i)->json;
	if (us_json_members(r, &form, value, slots) < 0)
		return;
	for (unsigned i = 0; i < COUNT; i++) {
		bool set = false;

		if (us_json_bool(r, slots[i], &set) && set)
			*options |= default_option(i)->bit;
	}
}

static bool
apply_options(struct us_write *write, struct us_txn *txn)
{
	struct us_errand *errand = (struct us_errand *)write;
	const struct change *change = errand->what;
	struct us_str org = errand->org->name;
	struct json_object *data = json_object_new_object();

	note(data, "setting", "default-approvals");
	json_object_object_add(
	    data, "old", options_json(us_default_options_get(txn, org)));
	json_object_object_add(data, "new", options_json(change->options));
	us_default_options_put(txn, org, change->options);
	record_change(errand, txn, US_ACTION_SETTING_UPDATED, data);
	return true;
}

/* On the writer thread, as every publishing of a workflow. */
static void
publish_options(struct us_write *write)
{
	struct us_org *org = ((struct us_errand *)write)->org;
	struct us_active *active = us_org_active(org);
	struct us_buf error = {0};

	if (!active->version && !us_org_load_stored(org, &error))
		us_log(US_LOG_ERROR, "%.*s: %s", US_ARG(org->name), error.p);
	us_active_unref(active);
	us_buf_free(&error);
}

void
api_default_approvals_put(struct us_call *call)
{
	struct us_errand *errand;
	struct change *change;
	unsigned options = 0;

	if (!us_api_body(call, &call->arena, read_options, &options))
		return;
	errand = us_errand_new(call, apply_options, true);
	errand->write.publish = publish_options;
	change = us_arena_alloc(&errand->arena, sizeof(*change));
	change->options = options;
	errand->what = change;
	us_errand_submit(errand, call);
}
