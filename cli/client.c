/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of a daemon, with libcurl. */
#include <stdlib.h>

#include <curl/curl.h>

#include "cli/client.h"
#include "cli/out.h"
#include "engine/err.h"

#define CONNECT_SECONDS 10L
#define CALL_SECONDS 300L /* a large workflow takes its time to compile */

struct us_client {
	struct us_arena arena;
	struct us_session_file session;
	CURL *curl;
	char error[CURL_ERROR_SIZE];
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

void
us_client_free(struct us_client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->curl);
	curl_global_cleanup();
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

static size_t
take(char *bytes, size_t size, size_t n, void *out)
{
	us_buf_add(out, bytes, size * n);
	return size * n;
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

static void
prepare(struct us_client *c, const struct us_client_call *call, const char *url,
    struct us_buf *out)
{
	curl_easy_reset(c->curl);
	curl_easy_setopt(c->curl, CURLOPT_URL, url);
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, CALL_SECONDS);
	curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "usher");
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, out);
	if (call->body) {
		curl_easy_setopt(
		    c->curl, CURLOPT_POSTFIELDS, us_buf_str(call->body).p);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)call->body->n);
	}
	if (call->method)
		curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, call->method);
}

long
us_client_call(
    struct us_client *c, const struct us_client_call *call, struct us_buf *out)
{
	struct curl_slist *list = headers(c, call);
	struct us_buf url = {0};
	long status = 0;
	CURLcode code;

	us_buf_puts(&url, c->session.url);
	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	us_buf_puts(&url, "/o/");
	us_client_escape(c->session.org, &url);
	us_buf_puts(&url, call->path);
	us_buf_reset(out);
	prepare(c, call, url.p, out);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, list);
	code = curl_easy_perform(c->curl);
	if (code == CURLE_OK)
		curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	else
		us_out_error("cannot reach %s: %s", c->session.url,
		    *c->error ? c->error : curl_easy_strerror(code));
	curl_slist_free_all(list);
	us_buf_free(&url);
	return status;
}

void
us_client_complain(long status, const struct us_buf *answer)
{
	struct json_object *object =
	    answer->n ? json_tokener_parse(answer->p) : NULL;
	struct json_object *error = NULL;

	if (object && json_object_object_get_ex(object, "error", &error))
		us_out_error("%s", json_object_get_string(error));
	else
		us_out_error("the daemon answered with status %ld", status);
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

struct json_object *
us_client_json(struct us_client *c, const char *path)
{
	struct json_object *value = NULL;
	struct us_buf answer = {0};

	if (us_client_get(c, &(struct us_client_call){.path = path}, &answer)) {
		value = json_tokener_parse(us_buf_str(&answer).p);
		if (!value)
			us_out_error("the daemon did not answer with JSON");
	}
	us_buf_free(&answer);
	return value;
}

const char *
us_client_text(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value ? json_object_get_string(value) : "";
}
