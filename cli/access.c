/* SPDX-License-Identifier: Apache-2.0 */
/* Permission requests in words. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/access.h"
#include "cli/moment.h"
#include "cli/out.h"
#include "cli/text.h"

#define ID_LENGTH 26  /* of a ULID */
#define WORK_LEAST 32 /* ids of works are longer */

static const struct {
	const char *status;
	int exit;
} exits[] = {
    {"APPROVED", US_EXIT_OK},
    {"DONE", US_EXIT_OK},
    {"DENIED", US_EXIT_DENIED},
    {"ERRORED", US_EXIT_NO},
    {"EXPIRY_SUBMITTED", US_EXIT_NO},
    {"EXPIRED", US_EXIT_NO},
    {"REVOKE_SUBMITTED", US_EXIT_NO},
    {"REVOKED", US_EXIT_NO},
    {"CLEANUP_SUBMITTED", US_EXIT_NO},
    {"CLEANED_UP", US_EXIT_NO},
    {"CLEANUP_ERRORED", US_EXIT_NO},
};

int
us_access_exit(const char *status)
{
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		if (strcmp(exits[i].status, status) == 0)
			return exits[i].exit;
	}
	return US_EXIT_OPEN;
}

bool
us_access_is_over(const char *status)
{
	return us_access_exit(status) != US_EXIT_OPEN ||
	       strcmp(status, "TIMED_OUT") == 0;
}

static bool
is_pending(const char *status)
{
	return strncmp(status, "PENDING", 7) == 0;
}

static bool
is_id(const char *word)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz_-";
	size_t n = strlen(word);

	return (n == ID_LENGTH || n >= WORK_LEAST) &&
	       strspn(word, letters) == n;
}

bool
us_access_ids(const struct us_args *args, uint32_t n, const char *list)
{
	for (uint32_t i = n; i < args->operands.n; i++) {
		if (is_id(args->operands.v[i]))
			continue;
		us_args_wrong(args,
		    "\"%s\" is no id: expected one as '%s' shows it",
		    args->operands.v[i], list);
		return false;
	}
	return true;
}

int
us_access_each(const struct us_args *args, uint32_t n, const char *list,
    us_access_act *act, const void *arg)
{
	struct us_client *client;
	int status = US_EXIT_OK;

	if (args->operands.n <= n) {
		us_args_wrong(args, "which? say an id, as '%s' shows it", list);
		return US_EXIT_BAD;
	}
	if (!us_access_ids(args, n, list))
		return US_EXIT_BAD;
	client = us_client_open();
	if (!client)
		return US_EXIT_BAD;
	for (uint32_t i = n; i < args->operands.n; i++) {
		if (!act(client, args, args->operands.v[i], arg))
			status = US_EXIT_NO;
	}
	us_client_free(client);
	return status;
}

struct json_object *
us_access_get(struct us_client *client, const char *id)
{
	struct us_buf path = {0};
	struct json_object *request;

	us_buf_puts(&path, "/permission-requests/");
	us_client_escape(id, &path);
	request = us_client_json(client, path.p);
	us_buf_free(&path);
	return request;
}

void
us_access_what(struct json_object *request, struct us_buf *out)
{
	const char *const names[] = {"accessType",
	    *us_client_text(request, "itemLabel") ? "itemLabel" : "item"};

	us_client_show(request, "service", out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!*us_client_text(request, names[i]))
			continue;
		us_buf_putc(out, ' ');
		us_client_show(request, names[i], out);
	}
}

static const char *
agent_of(struct json_object *request)
{
	struct json_object *agent = NULL;

	json_object_object_get_ex(request, "agent", &agent);
	return us_client_text(agent, "clientId");
}

void
us_access_who(struct json_object *request, struct us_buf *out)
{
	const char *agent = agent_of(request);
	bool alone = !*us_client_text(request, "principal");

	us_client_show(request, "principal", out);
	if (!*agent)
		return;
	us_buf_puts(out, alone ? "agent " : " (agent ");
	us_text_clean(us_str(agent), false, out);
	us_buf_puts(out, alone ? "" : ")");
}

/* It is on its way out, whatever time it had left. */
static bool
is_leaving(const char *status)
{
	return strcmp(status, "REVOKE_SUBMITTED") == 0 ||
	       strcmp(status, "CLEANUP_SUBMITTED") == 0;
}

static void
put_time(const char *words, int64_t at, bool exact, struct us_buf *out)
{
	us_buf_puts(out, words);
	us_moment_from_now(at, out);
	if (!exact)
		return;
	us_buf_puts(out, " (");
	us_moment_print(at, out);
	us_buf_putc(out, ')');
}

void
us_access_when(struct json_object *request, bool exact, struct us_buf *out)
{
	const char *status = us_client_text(request, "status");
	int64_t at, begun;

	if (us_client_time(request, "endDate", &at))
		put_time(us_client_time(request, "startDate", &begun) ? "ended "
								      : "",
		    at, exact, out);
	else if (!is_leaving(status) &&
		 us_client_time(request, "expiresDate", &at))
		put_time(at > us_moment_now() ? "ends " : "its time ended ", at,
		    exact, out);
	else if (is_pending(status) &&
		 us_client_time(request, "approvableUntil", &at))
		put_time("lapses ", at, exact, out);
}

/* What granted it without a person. */
static const char *
granted_by(const char *by)
{
	static const char *const rows[][2] = {
	    {"persistent", "granted by the rules: standing access"},
	    {"auto", "granted by the rules: on call"},
	    {"preapproval", "approved in advance"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(by, rows[i][0]) == 0)
			return rows[i][1];
	}
	return "";
}

void
us_access_approval(struct json_object *request, struct us_buf *out)
{
	if (*us_client_text(request, "approvedBy")) {
		us_buf_puts(out, "approved by ");
		us_client_show(request, "approvedBy", out);
	} else if (is_pending(us_client_text(request, "status"))) {
		us_buf_puts(out, "waits for ");
		us_client_show(request, "approvers", out);
	} else {
		us_buf_puts(out, granted_by(us_client_text(request, "by")));
	}
}

/* "name      text", when there is text, which is emptied for the next line. */
static void
put_line(const char *name, struct us_buf *text, struct us_buf *out)
{
	if (text->n)
		us_buf_printf(out, "%-10s %s\n", name, text->p);
	us_buf_reset(text);
}

/* May those on call be paged? Where one of the rules says so. */
static bool
may_escalate(struct json_object *request)
{
	struct json_object *decision = NULL, *list = NULL, *one;

	if (strcmp(us_client_text(request, "status"), "PENDING_APPROVAL") != 0)
		return false;
	json_object_object_get_ex(request, "decision", &decision);
	if (!json_object_object_get_ex(decision, "alternatives", &list) ||
	    !json_object_is_type(list, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		if (strcmp(us_client_text(one, "type"), "escalation") == 0 &&
		    us_client_is(one, "available"))
			return true;
	}
	return false;
}

static void
put_next(struct json_object *request, bool own, struct us_buf *out)
{
	const char *status = us_client_text(request, "status");
	struct us_buf id = {0};

	us_client_show(request, "id", &id);
	if (!is_pending(status)) {
		if (own && (strcmp(status, "APPROVED") == 0 ||
			       strcmp(status, "STAGED") == 0 ||
			       strcmp(status, "DONE") == 0))
			us_buf_printf(
			    out, "'usher relinquish %s' gives it back", id.p);
	} else if (!own) {
		us_buf_printf(out,
		    "who can approve: 'usher approve %s' or 'usher deny %s'",
		    id.p, id.p);
	} else {
		us_buf_printf(out,
		    "'usher show --wait %s' waits for the answer, 'usher "
		    "relinquish' takes it back",
		    id.p);
		if (may_escalate(request))
			us_buf_puts(out, ", 'usher escalate' pages who is on "
					 "call");
	}
	us_buf_free(&id);
}

void
us_access_length(
    struct json_object *object, const char *name, struct us_buf *out)
{
	struct json_object *value = NULL;
	int64_t seconds;

	json_object_object_get_ex(object, name, &value);
	seconds = json_object_get_int64(value);
	if (seconds > 0)
		us_moment_span(seconds * 1000, out);
}

static void
put_asker(struct json_object *request, struct us_buf *out)
{
	const char *asker = us_client_text(request, "requestor");

	us_access_who(request, out);
	if (*asker &&
	    strcmp(asker, us_client_text(request, "principal")) != 0) {
		us_buf_puts(out, ", asked for by ");
		us_client_show(request, "requestor", out);
	}
}

static void
put_details(struct json_object *request, struct us_buf *out)
{
	struct us_buf text = {0}, asked = {0};

	put_asker(request, &text);
	put_line("for", &text, out);
	us_client_show(request, "reason", &text);
	put_line("reason", &text, out);
	us_access_length(request, "duration", &text);
	us_access_length(request, "requestedDuration", &asked);
	if (asked.n)
		us_buf_printf(
		    &text, "%s%s asked for", text.n ? ", " : "", asked.p);
	put_line("length", &text, out);
	us_client_show(request, "workflowVersion", &text);
	put_line("rules", &text, out);
	us_buf_free(&asked);
	us_buf_free(&text);
}

/* "Active, ends in 1 h 52 min (2026-11-23 09:40 UTC)" */
static void
put_status(struct json_object *request, struct us_buf *out)
{
	struct us_buf when = {0};

	us_client_show(request, "label", out);
	us_access_when(request, true, &when);
	if (when.n)
		us_buf_printf(out, ", %s", when.p);
	us_buf_free(&when);
}

void
us_access_tell(struct json_object *request, enum us_access_detail detail,
    bool own, struct us_buf *out)
{
	struct us_buf text = {0};

	if (detail >= US_TELL_NAME) {
		us_client_show(request, "id", &text);
		put_line("request", &text, out);
		us_access_what(request, &text);
		put_line("what", &text, out);
	}
	if (detail == US_TELL_ALL)
		put_details(request, out);
	put_status(request, &text);
	put_line("status", &text, out);
	if (detail == US_TELL_ALL) {
		us_access_approval(request, &text);
		put_line("approval", &text, out);
		us_client_show(request, "error", &text);
		put_line("error", &text, out);
	}
	put_next(request, own, &text);
	put_line("next", &text, out);
	us_buf_free(&text);
}
