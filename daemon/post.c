/* SPDX-License-Identifier: Apache-2.0 */
/* Posting, by libcurl. */
#include <stdlib.h>

#include <curl/curl.h>

#include "daemon/post.h"
#include "engine/err.h"

#define ANSWER_MAX (64u * 1024)
#define CONNECT_SECONDS 10L

struct us_post {
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	bool sent; /* something of the last call */
};

void
us_post_begin(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		us_out_of_memory();
}

void
us_post_end(void)
{
	curl_global_cleanup();
}

struct us_post *
us_post_new(void)
{
	struct us_post *post = us_calloc(1, sizeof(*post));

	post->curl = curl_easy_init();
	if (!post->curl)
		us_out_of_memory();
	return post;
}

void
us_post_free(struct us_post *post)
{
	if (!post)
		return;
	curl_easy_cleanup(post->curl);
	free(post);
}

/* A longer answer ends the call. */
static size_t
take(char *bytes, size_t size, size_t n, void *arg)
{
	struct us_buf *answer = arg;

	if (size * n > ANSWER_MAX - answer->n)
		return 0;
	us_buf_add(answer, bytes, size * n);
	return size * n;
}

/* libcurl asks about once a second whether to go on. */
static int
is_stopped(void *arg, curl_off_t to_come, curl_off_t came, curl_off_t to_go,
    curl_off_t gone)
{
	const atomic_bool *stop = arg;

	(void)to_come;
	(void)came;
	(void)to_go;
	(void)gone;
	return atomic_load(stop);
}

static struct curl_slist *
header(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	if (!longer)
		us_out_of_memory();
	return longer;
}

static struct curl_slist *
headers(struct us_str bearer)
{
	struct us_buf line = {0};
	struct curl_slist *list;

	us_buf_puts(&line, "Authorization: Bearer ");
	us_buf_str_add(&line, bearer);
	list = header(NULL, line.p);
	list = header(list, "Content-Type: application/json");
	list = header(list, "Accept: application/json");
	/* Not a second round trip for each body. */
	list = header(list, "Expect:");
	us_buf_free(&line);
	return list;
}

/* Resetting the options keeps connections. */
static void
prepare(struct us_post *post, const struct us_post_call *call,
    struct us_buf *answer)
{
	CURL *curl = post->curl;

	curl_easy_reset(curl);
	*post->error = '\0';
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, post->error);
	curl_easy_setopt(curl, CURLOPT_URL, call->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)call->timeout_seconds);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "usherd");
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body.p);
	curl_easy_setopt(
	    curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	if (call->stop) {
		curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
		curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_stopped);
		curl_easy_setopt(
		    curl, CURLOPT_XFERINFODATA, (void *)(uintptr_t)call->stop);
	}
}

/* One that broke off may have been sent before on another connection. */
static bool
was_sent(CURL *curl, CURLcode code)
{
	long bytes = 0;

	if (code != CURLE_COULDNT_CONNECT &&
	    code != CURLE_COULDNT_RESOLVE_HOST &&
	    code != CURLE_COULDNT_RESOLVE_PROXY)
		return true;
	curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &bytes);
	return bytes > 0;
}

bool
us_post_was_sent(const struct us_post *post)
{
	return post->sent;
}

long
us_post(struct us_post *post, const struct us_post_call *call,
    struct us_buf *answer, struct us_buf *error)
{
	struct curl_slist *list = headers(call->bearer);
	long status = 0;
	CURLcode code;

	us_buf_reset(answer);
	prepare(post, call, answer);
	curl_easy_setopt(post->curl, CURLOPT_HTTPHEADER, list);
	code = curl_easy_perform(post->curl);
	post->sent = was_sent(post->curl, code);
	if (code == CURLE_OK)
		curl_easy_getinfo(post->curl, CURLINFO_RESPONSE_CODE, &status);
	else if (code == CURLE_WRITE_ERROR)
		us_buf_printf(
		    error, "the answer is longer than %u bytes", ANSWER_MAX);
	else
		us_buf_puts(error,
		    *post->error ? post->error : curl_easy_strerror(code));
	curl_slist_free_all(list);
	return status;
}
