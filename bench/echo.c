/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What HTTP and JSON cost without anything behind them: evhttp answers each
 * request with the JSON that it sent, read and written by json-c.
 *
 *	echo PORT
 *
 * One loop, on 127.0.0.1; it runs until it is killed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <json-c/json.h>

static void
answer(struct evhttp_request *request, void *arg)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(request);
	struct evbuffer *out = evhttp_request_get_output_buffer(request);
	size_t n = evbuffer_get_length(in);
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *value = json_tokener_parse_ex(
	    tokener, (const char *)evbuffer_pullup(in, -1), (int)n);
	const char *text;

	(void)arg;
	text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
	evbuffer_add(out, text, strlen(text));
	evhttp_add_header(evhttp_request_get_output_headers(request),
	    "Content-Type", "application/json");
	evhttp_send_reply(request, 200, "OK", NULL);
	json_object_put(value);
	json_tokener_free(tokener);
}

int
main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);

	if (argc != 2) {
		fputs("usage: echo PORT\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	if (evhttp_bind_socket(http, "127.0.0.1", (uint16_t)atoi(argv[1]))) {
		perror("echo");
		return 1;
	}
	evhttp_set_gencb(http, answer, NULL);
	event_base_dispatch(base);
	return 0;
}
