/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of a daemon, with libcurl. */
#include <stdlib.h>

#include <curl/curl.h>

#include "cli/client.h"
#include "cli/out.h"
#include "cli/text.h"
#include "engine/err.h"
#include "engine/when.h"

#define CONNECT_SECONDS 10L
#define CALL_SECONDS 300L  /* a large workflow takes its time to compile */
#define SILENT_SECONDS 45L /* a stream has a heartbeat every 10 s */

struct us_client {
	struct us_arena arena;
	struct us_session_file session;
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	struct us_buf trouble;
};

/* One call under way. */
struct answer {
	CURL *curl;
	const struct us_client_watch *watch; /* or NULL */
	struct us_buf *out; /* the body; of a stream, a line so far */
	bool stopped;	    /* by the watch */
};

struct us_client *
us_client_new(const struct us_session_file *session)
{
	struct us_client *c = us_calloc(1, sizeof(*c));

	c->session = *session;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	c->curl = curl_easy_init();
	if (!c->curl) /* out of memory, or a broken installation */
		us_out_of_memory();
	return c;
}

struct us_client *
us_client_open(void)
{
	struct us_session_file session;
	struct us_arena a = {0};
	struct us_client *c;

	if (!us_session_read(&session, &a)) {
		us_arena_free(&a);
		return NULL;
	}
	c = us_client_new(&session);
	c->arena = a;
	return c;
}

bool
us_client_is_signed_in(void)
{
	struct us_session_file session;
	struct us_arena a = {0};
	bool is = us_session_find(&session, &a);

	us_arena_free(&a);
	return is;
}

void
us_client_free(struct us_client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->curl);
	curl_global_cleanup();
	us_buf_free(&c->trouble);
	us_arena_free(&c->arena);
	free(c);
}

void
us_client_escape(const char *text, struct us_buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			us_buf_putc(out, *text);
		else
			us_buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

/* Whole lines go to the watch, what is behind them stays. */
static void
hand_out(struct answer *answer)
{
	struct us_buf *out = answer->out;
	size_t from = 0;
	char *end;

	while (!answer->stopped &&
	       (end = memchr(out->p + from, '\n', out->n - from))) {
		answer->stopped = !answer->watch->line(
		    answer->watch->arg, (struct us_str){out->p + from,
					    (size_t)(end - out->p) - from});
		from = (size_t)(end - out->p) + 1;
	}
	memmove(out->p, out->p + from, out->n - from);
	out->n -= from;
}

static size_t
take(char *bytes, size_t size, size_t n, void *arg)
{
	struct answer *answer = arg;
	long status = 0;

	us_buf_add(answer->out, bytes, size * n);
	if (answer->watch)
		curl_easy_getinfo(
		    answer->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200 && n > 0)
		hand_out(answer);
	return answer->stopped ? 0 : size * n;
}

static int
tick(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct answer *answer = arg;

	(void)a, (void)b, (void)c, (void)d;
	if (!answer->watch->tick(answer->watch->arg))
		answer->stopped = true;
	return answer->stopped;
}

/* "Name: value" behind the others; the list is the caller's. */
static struct curl_slist *
header(struct curl_slist *list, const char *name, const char *value)
{
	struct us_buf line = {0};
	struct curl_slist *longer;

	us_buf_printf(&line, "%s: %s", name, value);
	longer = curl_slist_append(list, line.p);
	if (!longer)
		us_out_of_memory();
	us_buf_free(&line);
	return longer;
}

static struct curl_slist *
headers(const struct us_client *c, const struct us_client_call *call)
{
	struct curl_slist *list = NULL;
	struct us_buf bearer = {0};

	us_buf_printf(&bearer, "Bearer %s", c->session.token);
	list = header(list, "Authorization", bearer.p);
	list = header(
	    list, "Accept", call->accept ? call->accept : "application/json");
	if (call->body)
		list = header(list, "Content-Type",
		    call->type ? call->type : "application/json");
	/* Not a second round trip for each large workflow. */
	list = header(list, "Expect", "");
	us_buf_free(&bearer);
	return list;
}

/* How long it may take: all of it, or, of a stream, to the next sign of life.
 */
static void
prepare_watch(CURL *curl, struct answer *answer)
{
	if (!answer->watch) {
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, CALL_SECONDS);
		return;
	}
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, SILENT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, tick);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, answer);
}

static void
prepare(struct us_client *c, const struct us_client_call *call, const char *url,
    struct answer *answer)
{
	curl_easy_reset(c->curl);
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	/* An id that somebody typed leads nowhere else. */
	curl_easy_setopt(c->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "usher");
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, answer);
	prepare_watch(c->curl, answer);
	if (call->body) {
		curl_easy_setopt(
		    c->curl, CURLOPT_POSTFIELDS, us_buf_str(call->body).p);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)call->body->n);
	}
	if (call->method)
		curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, call->method);
}

static void
put_url(const struct us_client *c, const char *path, struct us_buf *url)
{
	us_buf_puts(url, c->session.url);
	while (url->n && url->p[url->n - 1] == '/')
		url->n--;
	us_buf_puts(url, "/o/");
	us_client_escape(c->session.org, url);
	us_buf_puts(url, path);
}

long
us_client_call(
    struct us_client *c, const struct us_client_call *call, struct us_buf *out)
{
	struct answer answer = {
	    .curl = c->curl, .watch = call->watch, .out = out};
	struct curl_slist *list = headers(c, call);
	struct us_buf url = {0};
	long status = 0;
	CURLcode code;

	put_url(c, call->path, &url);
	us_buf_reset(out);
	us_buf_reset(&c->trouble);
	*c->error = '\0';
	prepare(c, call, url.p, &answer);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, list);
	code = curl_easy_perform(c->curl);
	if (code == CURLE_OK || answer.stopped)
		curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	else
		us_buf_printf(&c->trouble, "cannot reach %s: %s",
		    c->session.url,
		    *c->error ? c->error : curl_easy_strerror(code));
	if (c->trouble.n && !call->watch)
		us_out_error("%s", c->trouble.p);
	curl_slist_free_all(list);
	us_buf_free(&url);
	return status;
}

const char *
us_client_trouble(const struct us_client *c)
{
	return c->trouble.n ? c->trouble.p : "";
}

void
us_client_complain(long status, const struct us_buf *answer)
{
	struct json_object *object =
	    answer->n ? json_tokener_parse(answer->p) : NULL;
	struct us_buf error = {0}, detail = {0};

	/* A usage text has lines. */
	us_text_clean(us_str(us_client_text(object, "error")), true, &error);
	us_client_show(object, "detail", &detail);
	if (error.n)
		us_out_error("%s%s%s%s", error.p, detail.n ? ": " : "",
		    detail.n ? detail.p : "",
		    status == 401 ? "; where yours has expired, 'usher login' "
				    "takes a new one"
				  : "");
	else
		us_out_error("the daemon answered with status %ld", status);
	us_buf_free(&error);
	us_buf_free(&detail);
	json_object_put(object);
}

bool
us_client_get(
    struct us_client *c, const struct us_client_call *call, struct us_buf *out)
{
	long status = us_client_call(c, call, out);

	if (status >= 200 && status < 300)
		return true;
	if (status)
		us_client_complain(status, out);
	return false;
}

bool
us_client_act(struct us_client *c, const char *method, const char *path,
    const struct us_buf *body)
{
	struct us_buf answer = {0};
	bool good = us_client_get(c,
	    &(struct us_client_call){
		.method = method, .path = path, .body = body},
	    &answer);

	us_buf_free(&answer);
	return good;
}

struct json_object *
us_client_ask(struct us_client *c, const struct us_client_call *call)
{
	struct json_object *value = NULL;
	struct us_buf answer = {0};
	struct us_str text;

	if (us_client_get(c, call, &answer)) {
		text = us_buf_str(&answer);
		if (us_utf8_bad(text.p, text.n) == text.n)
			value = json_tokener_parse(text.p);
		if (!value)
			us_out_error("the daemon did not answer with JSON");
	}
	us_buf_free(&answer);
	return value;
}

struct json_object *
us_client_json(struct us_client *c, const char *path)
{
	return us_client_ask(c, &(struct us_client_call){.path = path});
}

struct json_object *
us_client_post(struct us_client *c, const char *path, const struct us_buf *body)
{
	return us_client_ask(c, &(struct us_client_call){
				    .method = "POST",
				    .path = path,
				    .body = body,
				});
}

const char *
us_client_text(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value ? json_object_get_string(value) : "";
}

void
us_client_show(struct json_object *object, const char *name, struct us_buf *out)
{
	us_text_clean(us_str(us_client_text(object, name)), false, out);
}

bool
us_client_is(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return json_object_get_boolean(value);
}

bool
us_client_time(struct json_object *object, const char *name, int64_t *ms)
{
	return us_when_parse(us_str(us_client_text(object, name)), ms);
}
