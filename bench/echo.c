/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What HTTP and JSON cost without anything behind them: evhttp answers each
 * request with the JSON that it sent, read and written by json-c.
 *
 *	echo THREADS
 *
 * Prints the port it listens on; runs until it is killed.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void *
serve(void *arg)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);

	if (evhttp_accept_socket(http, *(int *)arg))
		exit(1);
	evhttp_set_gencb(http, answer, NULL);
	event_base_dispatch(base);
	return NULL;
}

static int
listen_somewhere(void)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) || listen(fd, 128) ||
	    getsockname(fd, (struct sockaddr *)&at, &n)) {
		perror("echo");
		exit(1);
	}
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

int
main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1;
	int fd = listen_somewhere();
	pthread_t thread;

	signal(SIGPIPE, SIG_IGN);
	for (int i = 1; i < threads; i++)
		if (pthread_create(&thread, NULL, serve, &fd))
			return 1;
	serve(&fd);
	return 0;
}
