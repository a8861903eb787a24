/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server with handlers of our own behind it: what is taken and what
 * is refused, deadlines, tickets, limits, TLS, the end.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/http.h"
#include "daemon/log.h"
#include "daemon/route.h"
#include "engine/buf.h"
#include "tests/tap.h"

#define CR "\r\n"
#define HOST "Host: h" CR
#define END "Connection: close" CR CR

/* --- Handlers ----------------------------------------------------------- */

static const struct us_route small = {.body = US_BODY_SMALL};
static const struct us_route workflow = {.body = US_BODY_WORKFLOW};

/* Stands in for that of route.c: only /closed and /small are special. */
bool
us_route_admit(struct us_call *call)
{
	if (us_str_is(call->path, "/closed")) {
		us_call_error(call, 401, "no");
		return false;
	}
	call->route = us_str_is(call->path, "/small") ? &small : &workflow;
	return true;
}

static struct us_ticket held; /* by /hold, until the test answers it */
static bool is_held;
static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t held_cond = PTHREAD_COND_INITIALIZER;

static void *
answer_later(void *arg)
{
	struct us_ticket *ticket = arg;

	usleep(20000);
	us_ticket_reply(*ticket, 200, "text/plain", US_STR("later"));
	free(ticket);
	return NULL;
}

static void
start_later(struct us_call *call, void *(*answer)(void *ticket))
{
	struct us_ticket *ticket = malloc(sizeof(*ticket));
	pthread_attr_t attr;
	pthread_t thread;

	if (!ticket)
		exit(99);
	*ticket = us_call_defer(call);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, answer, ticket) != 0)
		exit(99);
	pthread_attr_destroy(&attr);
}

/* Three pieces, and one of nothing, which is not the end. */
static void *
stream(void *arg)
{
	struct us_ticket *ticket = arg;

	us_ticket_begin(*ticket, 200, "text/plain");
	us_ticket_send(*ticket, US_STR("one "));
	usleep(20000);
	us_ticket_send(*ticket, US_STR(""));
	us_ticket_send(*ticket, US_STR("two "));
	us_ticket_send(*ticket, US_STR("three"));
	us_ticket_end(*ticket);
	free(ticket);
	return NULL;
}

static atomic_uint flood_ended;

/* Until the client is cut; in some gigabytes it would not be. */
static void *
flood(void *arg)
{
	struct us_ticket *ticket = arg;
	static char block[16 * 1024];
	unsigned n = 0;

	us_ticket_begin(*ticket, 200, "text/plain");
	while (n++ < 100000 &&
	       us_ticket_send(*ticket, (struct us_str){block, sizeof(block)}))
		usleep(100);
	us_ticket_end(*ticket);
	atomic_store(&flood_ended, n);
	free(ticket);
	return NULL;
}

static void
hold(struct us_call *call)
{
	pthread_mutex_lock(&held_lock);
	held = us_call_defer(call);
	is_held = true;
	pthread_cond_signal(&held_cond);
	pthread_mutex_unlock(&held_lock);
}

static void
show(struct us_call *call)
{
	struct us_buf out = {0};

	us_buf_printf(&out, "%s|%.*s|%.*s|%.*s|%.*s|%.*s|%d|%.*s", call->method,
	    US_ARG(call->path), US_ARG(call->query), US_ARG(call->content_type),
	    US_ARG(call->accept), US_ARG(call->bearer), call->has_body,
	    US_ARG(call->body));
	us_call_reply(call, 200, "text/plain", us_buf_str(&out));
	us_buf_free(&out);
}

static void
handle(struct us_call *call)
{
	static char big[4 * 1024 * 1024];

	if (us_str_is(call->path, "/later"))
		start_later(call, answer_later);
	else if (us_str_is(call->path, "/stream"))
		start_later(call, stream);
	else if (us_str_is(call->path, "/flood"))
		start_later(call, flood);
	else if (us_str_is(call->path, "/hold"))
		hold(call);
	else if (us_str_is(call->path, "/silent"))
		return;
	else if (us_str_is(call->path, "/empty"))
		us_call_reply(call, 204, NULL, US_STR(""));
	else if (us_str_is(call->path, "/big"))
		us_call_reply(
		    call, 200, NULL, (struct us_str){big, sizeof(big)});
	else if (us_str_is(call->path, "/length"))
		us_call_error(call, 200, "%zu", call->body.n);
	else if (us_str_is(call->path, "/header")) {
		us_call_header(call, "X-Good", "yes");
		us_call_header(call, "X-Bad", "a\r\nX-Split: yes");
		us_call_reply(call, 200, NULL, US_STR("{}"));
	} else if (us_str_is(call->path, "/twice")) {
		us_call_reply(call, 200, NULL, US_STR("once"));
		us_call_reply(call, 500, NULL, US_STR("twice"));
	} else {
		show(call);
	}
}

static void *
make_loop(void *arg, unsigned index)
{
	(void)arg, (void)index;
	return malloc(1);
}

/* --- Server and client -------------------------------------------------- */

static const char *const listen_on[] = {"127.0.0.1:0"};

static const struct us_http_conf conf = {
    .listen = listen_on,
    .listen_count = 1,
    .loops = 2,
    .max_connections = 50,
    .header_ms = 400,
    .body_ms = 600,
    .idle_ms = 800,
    .max_header = 16 * 1024,
    .max_body = 64 * 1024,
    .max_workflow = 8 * 1024 * 1024,
};

static struct us_http *
start(const struct us_http_conf *c)
{
	struct us_http *http = us_http_bind(c);

	if (!http || !us_http_start(http, make_loop, free, handle, NULL)) {
		puts("Bail out! no server");
		exit(99);
	}
	return http;
}

static int
dial(const struct us_http *http)
{
	const char *port = strrchr(us_http_address(http, 0), ':') + 1;
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)atoi(port)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {5, 0};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		perror("# connect");
	return fd;
}

static void
say(int fd, const char *text)
{
	size_t n = strlen(text);

	if (send(fd, text, n, MSG_NOSIGNAL) != (ssize_t)n)
		perror("# send");
}

/* All until the other side closes; free it. "(timeout)" when it does not. */
static char *
hear(int fd)
{
	struct us_buf got = {0};
	char block[4096];
	ssize_t n;

	while ((n = recv(fd, block, sizeof(block), 0)) > 0)
		us_buf_add(&got, block, (size_t)n);
	if (n < 0 && errno == EAGAIN)
		us_buf_puts(&got, "(timeout)");
	us_buf_puts(&got, "");
	close(fd);
	return got.p;
}

static char *
ask(const struct us_http *http, const char *request)
{
	int fd = dial(http);

	say(fd, request);
	return hear(fd);
}

/* 0 when nothing came. */
static int
status_of(const char *answer)
{
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static const char *
body_of(const char *answer)
{
	const char *end = strstr(answer, CR CR);

	return end ? end + 4 : "";
}

static void
is_body(const struct us_http *http, const char *request, const char *want,
    const char *name)
{
	char *got = ask(http, request);

	is_str(body_of(got), want, "%s", name);
	free(got);
}

/* --- What is taken and what is refused ---------------------------------- */

#define GET(rest) "GET / HTTP/1.1" CR HOST rest END
#define CHUNKS(chunks) \
	"POST / HTTP/1.1" CR HOST "Transfer-Encoding: chunked" CR END chunks

static const struct {
	const char *name, *request;
	int status;
} requests[] = {
    {"a request", GET(""), 200},
    {"HTTP/1.0 without Host", "GET / HTTP/1.0" CR CR, 200},
    {"a version to come", "GET / HTTP/1.9" CR HOST END, 200},
    {"HTTP/0.9", "GET /" CR, 400},
    {"HTTP/2 preface", "PRI * HTTP/2.0" CR CR "SM" CR CR, 400},
    {"HTTP/2 in words", "GET / HTTP/2.0" CR HOST CR, 505},
    {"HTTP/11", "GET / HTTP/11" CR HOST CR, 400},
    {"http/1.1", "GET / http/1.1" CR HOST CR, 400},
    {"two blanks", "GET  / HTTP/1.1" CR HOST CR, 400},
    {"a tab", "GET\t/ HTTP/1.1" CR HOST CR, 400},
    {"a blank behind", "GET / HTTP/1.1 " CR HOST CR, 400},
    {"a blank in the path", "GET /a b HTTP/1.1" CR HOST CR, 400},
    {"no path", "GET HTTP/1.1" CR HOST CR, 400},
    {"an absolute form", "GET http://h/ HTTP/1.1" CR HOST CR, 400},
    {"an asterisk", "OPTIONS * HTTP/1.1" CR HOST CR, 400},
    {"raw UTF-8 in the path", "GET /\xc3\xa4 HTTP/1.1" CR HOST CR, 400},
    {"an escape in the path", "GET /\x1b HTTP/1.1" CR HOST CR, 400},
    {"a leading line end", CR "GET / HTTP/1.1" CR HOST CR, 400},
    {"garbage", "\x16\x03\x01\x02\x01\x01", 400},
    {"bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", 400},
    {"one bare line feed", "GET / HTTP/1.1" CR HOST "A: b\n" CR, 400},
    {"a CR in a value", GET("A: b\rc" CR), 400},
    {"a CR in a name", GET("A\rb: c" CR), 400},
    {"an escape in a value", GET("A: \x1b[31m" CR), 400},
    {"no Host", "GET / HTTP/1.1" CR CR, 400},
    {"two Hosts", GET(HOST), 400},
    {"a folded header", GET("A: b" CR " c" CR), 400},
    {"a blank before the colon", GET("A : b" CR), 400},
    {"no colon", GET("A" CR), 400},
    {"no name", GET(": b" CR), 400},
    {"bytes beyond ASCII in a value", GET("A: \xc3\xa4" CR), 200},
    {"an empty value", GET("A:" CR), 200},
    {"two tokens", GET("Authorization: a" CR "authorization: b" CR), 400},
    {"two Accepts", GET("Accept: a" CR "Accept: b" CR), 200},
    {"an unknown Expect", GET("Expect: coffee" CR), 417},
    {"length zero", GET("Content-Length: 0" CR), 200},
    {"length -1", GET("Content-Length: -1" CR), 400},
    {"length +1", GET("Content-Length: +1" CR), 400},
    {"length 0x1", GET("Content-Length: 0x1" CR), 400},
    {"length 1, 1", GET("Content-Length: 1, 1" CR), 400},
    {"no length", GET("Content-Length:" CR), 400},
    {"two lengths", GET("Content-Length: 0" CR "Content-Length: 0" CR), 400},
    {"a length beyond 2^64", GET("Content-Length: 18446744073709551617" CR),
	400},
    {"a length beyond the limit", GET("Content-Length: 999999999999" CR), 413},
    {"length and chunks",
	GET("Content-Length: 0" CR "Transfer-Encoding: chunked" CR), 400},
    {"chunks and length",
	GET("Transfer-Encoding: chunked" CR "Content-Length: 0" CR), 400},
    {"another encoding", GET("Transfer-Encoding: gzip" CR), 501},
    {"two encodings", GET("Transfer-Encoding: gzip, chunked" CR), 501},
    {"twice chunked",
	GET("Transfer-Encoding: chunked" CR "Transfer-Encoding: chunked" CR),
	400},
    {"chunked with a vertical tab", GET("Transfer-Encoding: \vchunked" CR),
	400},
    {"chunks in HTTP/1.0",
	"POST / HTTP/1.0" CR "Transfer-Encoding: chunked" CR CR "0" CR CR, 400},
    {"chunks", CHUNKS("3" CR "abc" CR "0" CR CR), 200},
    {"no chunks", CHUNKS("0" CR CR), 200},
    {"a chunk extension", CHUNKS("1;a=b" CR "x" CR "0" CR CR), 200},
    {"a trailer", CHUNKS("1" CR "x" CR "0" CR "A: b" CR "C: d" CR CR), 200},
    {"a chunk without a size", CHUNKS(CR "x" CR), 400},
    {"a chunk of size g", CHUNKS("g" CR), 400},
    {"a chunk of size 0x1", CHUNKS("0x1" CR "x" CR), 400},
    {"a chunk of size -1", CHUNKS("-1" CR "x" CR), 400},
    {"a chunk of size 1 and a blank", CHUNKS("1 " CR "x" CR), 400},
    {"a chunk beyond 2^60", CHUNKS("1000000000000000" CR), 400},
    {"a chunk beyond the limit", CHUNKS("fffffffff" CR), 413},
    {"a chunk longer than it says", CHUNKS("1" CR "xy" CR "0" CR CR), 400},
    {"a line feed in an extension", CHUNKS("1;a\nb" CR "x" CR), 400},
    {"HEAD", "HEAD / HTTP/1.1" CR HOST END, 200},
    {"a handler that says nothing", "GET /silent HTTP/1.1" CR HOST END, 500},
    {"a handler that answers twice", "GET /twice HTTP/1.1" CR HOST END, 200},
};

static void
test_requests(const struct us_http *http)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		char *got = ask(http, requests[i].request);

		if (!is_int(status_of(got), requests[i].status, "%s: %d",
			requests[i].name, requests[i].status))
			tap_note("answer:", got);
		free(got);
	}
}

static void
test_calls(const struct us_http *http)
{
	char *got;

	is_body(http,
	    "POST /a%2fb/?q=1&r=%3f HTTP/1.1" CR HOST
	    "content-TYPE: Text/X-Usher; charset=utf-8" CR "ACCEPT:  */* " CR
	    "Authorization: bEARER  t.o.k" CR "Content-Length: 3" CR END "abc",
	    "POST|/a%2fb/|q=1&r=%3f|text/x-usher|*/*|t.o.k|1|abc",
	    "what a handler sees");
	is_body(http,
	    "GET / HTTP/1.1" CR HOST "Authorization: Basic eA==" CR END,
	    "GET|/|||||0|", "another scheme is no token");
	is_body(http, CHUNKS("3" CR "abc" CR "A" CR "0123456789" CR "0" CR CR),
	    "POST|/|||||1|abc0123456789", "chunks put together");
	is_body(http, "HEAD / HTTP/1.1" CR HOST END, "", "HEAD has no body");

	got = ask(http, "GET /header HTTP/1.1" CR HOST END);
	ok(strstr(got, CR "X-Good: yes" CR), "a header of a handler");
	ok(!strstr(got, "X-Split"), "a header that would split the answer");
	ok(strstr(got, CR "Content-Length: 2" CR), "Content-Length");
	ok(strstr(got, CR "Content-Type: application/json" CR), "Content-Type");
	ok(strstr(got, CR "Cache-Control: no-store" CR), "Cache-Control");
	ok(strstr(got, CR "Connection: close" CR), "Connection: close");
	ok(strstr(got, CR "Date: ") && strstr(got, " GMT" CR), "Date");
	free(got);

	got = ask(http, "GET /empty HTTP/1.1" CR HOST END);
	is_int(status_of(got), 204, "204");
	ok(!strstr(got, "Content-Length") && !*body_of(got),
	    "204 has neither body nor length");
	free(got);

	got = ask(http, "GET / HTTP/1.0" CR CR);
	ok(strstr(got, CR "Connection: close" CR), "HTTP/1.0 ends");
	free(got);
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL)
		text++, n++;
	return n;
}

static void
test_pipelining(const struct us_http *http)
{
	struct us_buf all = {0};
	char *got;

	for (unsigned i = 0; i < 200; i++)
		us_buf_puts(&all, i % 3 ? "GET / HTTP/1.1" CR HOST CR
					: "GET /later HTTP/1.1" CR HOST CR);
	us_buf_puts(&all, "GET /last HTTP/1.1" CR HOST "Connection: x" CR END
			  "GET /never HTTP/1.1" CR HOST CR);
	got = ask(http, all.p);
	is_int(count(got, "HTTP/1.1 200 OK"), 201, "201 requests in one go");
	ok(strstr(got, "GET|/last|"), "the last one is answered");
	ok(!strstr(got, "/never"), "and none behind Connection: close");
	free(got);
	us_buf_free(&all);

	got = ask(http, "POST / HTTP/1.1" CR HOST "Content-Length: 1" CR
			"Transfer-Encoding: chunked" CR CR "0" CR CR
			"GET /smuggled HTTP/1.1" CR HOST CR);
	is_int(count(got, "HTTP/1.1 "), 1, "nothing is smuggled");
	free(got);
}

/* Reading goes on after it was paused for what a client sent ahead. */
static void
test_sent_ahead(const struct us_http *http)
{
	struct us_buf all = {0};
	int fd = dial(http);
	char *got;

	us_buf_puts(&all, "GET /later HTTP/1.1" CR HOST CR);
	while (all.n < 4 * conf.max_header)
		us_buf_puts(&all, "GET / HTTP/1.1" CR HOST CR);
	say(fd, all.p);
	usleep(200000);
	say(fd, "GET /last HTTP/1.1" CR HOST END);
	got = hear(fd);
	ok(strstr(got, "GET|/last|"), "asked when all before was answered");
	free(got);
	us_buf_free(&all);
}

#define EAGER "GET / HTTP/1.1" CR HOST CR
#define EAGER_ROOM (64 * 1024)
#define EAGER_AHEAD (1024 * 1024) /* more than sockets of that hold */

static atomic_bool eager_ends;
static atomic_size_t eager_sent;

/* Asks on and on. */
static void *
send_eagerly(void *arg)
{
	struct us_buf block = {0};
	ssize_t n = 0;

	for (unsigned i = 0; i < 10000; i++)
		us_buf_puts(&block, EAGER);
	while (n >= 0 && !atomic_load(&eager_ends)) {
		n = send(*(int *)arg, block.p, block.n, MSG_NOSIGNAL);
		if (n > 0)
			atomic_fetch_add(&eager_sent, (size_t)n);
	}
	us_buf_free(&block);
	return NULL;
}

/* And takes all answers. */
static void *
hear_eagerly(void *arg)
{
	static char block[256 * 1024];

	while (recv(*(int *)arg, block, sizeof(block), 0) > 0)
		continue;
	return NULL;
}

/* Who never stops asking neither keeps others waiting nor fills the memory. */
static void
test_eager(void)
{
	struct us_http_conf c = conf;
	struct us_http *http;
	struct us_http_stats stats;
	pthread_t sender, hearer;
	int room = EAGER_ROOM, fd = socket(AF_INET, SOCK_STREAM, 0);
	unsigned answered = 0;
	size_t sent;
	char *got;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	listen(fd, 5);
	c.sockets = &fd;
	c.socket_count = 1;
	c.loops = 1;
	http = start(&c);
	fd = dial(http);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	pthread_create(&sender, NULL, send_eagerly, &fd);
	pthread_create(&hearer, NULL, hear_eagerly, &fd);
	for (unsigned i = 0; i < 10; i++) {
		usleep(100000);
		got = ask(http, "GET /other HTTP/1.1" CR HOST END);
		answered += strstr(got, "GET|/other|") != NULL;
		free(got);
	}
	is_int(answered, 10, "others are answered meanwhile");
	/* In this order: what is asked between the two is not what was sent. */
	sent = atomic_load(&eager_sent);
	stats = us_http_stats(http);
	ok(stats.requests > 100, "so is who asks on and on");
	ok(sent < stats.requests * strlen(EAGER) + EAGER_AHEAD,
	    "of whom not much is read ahead");
	atomic_store(&eager_ends, true);
	shutdown(fd, SHUT_RDWR);
	pthread_join(sender, NULL);
	pthread_join(hearer, NULL);
	close(fd);
	us_http_stop(http, 1000);
}

/* A client that closes its sending side gets its answers. */
static void
test_half_close(const struct us_http *http)
{
	int fd = dial(http);
	char *got;

	say(fd, "GET /later HTTP/1.1" CR HOST CR "GET / HTTP/1.1" CR HOST CR);
	shutdown(fd, SHUT_WR);
	got = hear(fd);
	is_int(count(got, "HTTP/1.1 200 OK"), 2, "after a half close");
	free(got);
	fd = dial(http);
	say(fd, "POST / HTTP/1.1" CR HOST "Content-Length: 9" CR CR "abc");
	shutdown(fd, SHUT_WR);
	got = hear(fd);
	is_str(got, "", "a truncated body has no answer");
	free(got);
}

/* --- Bodies ------------------------------------------------------------- */

static char *
send_long(
    const struct us_http *http, const char *path, size_t announced, size_t sent)
{
	struct us_buf all = {0};
	char *got;
	int fd;

	us_buf_printf(&all,
	    "POST %s HTTP/1.1" CR HOST "Content-Length: %zu" CR END, path,
	    announced);
	for (size_t i = 0; i < sent; i++)
		us_buf_putc(&all, 'x');
	fd = dial(http); /* now, for it may not be idle for long */
	say(fd, all.p);
	got = hear(fd);
	us_buf_free(&all);
	return got;
}

static void
test_bodies(const struct us_http *http)
{
	static const struct {
		const char *name, *path;
		size_t announced, sent;
		int status;
	} rows[] = {
	    {"the longest small body", "/small", 65536, 65536, 200},
	    {"one byte more", "/small", 65537, 65537, 413},
	    {"so many announced", "/small", 65537, 0, 413},
	    {"the longest workflow", "/length", 8 << 20, 8 << 20, 200},
	    {"one byte more", "/length", (8 << 20) + 1, 100000, 413},
	    {"a short one of who is not admitted", "/closed", 100, 100, 200},
	    {"a long one of who is not admitted", "/closed", 8 << 20, 0, 401},
	    {"the same, sent", "/closed", 200000, 200000, 401},
	};
	char *got;
	int fd;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		got = send_long(
		    http, rows[i].path, rows[i].announced, rows[i].sent);
		is_int(status_of(got), rows[i].status, "%s: %d", rows[i].name,
		    rows[i].status);
		if (strcmp(rows[i].path, "/length") == 0 &&
		    rows[i].status == 200)
			is_str(body_of(got), "{\"error\":\"8388608\"}",
			    "all of it arrives");
		free(got);
	}

	fd = dial(http);
	say(fd, "POST / HTTP/1.1" CR HOST "Content-Length: 2" CR
		"Expect: 100-continue" CR END);
	usleep(100000);
	say(fd, "ab");
	got = hear(fd);
	is_int(status_of(got), 100, "100 Continue");
	ok(strstr(got, "HTTP/1.1 200 OK"), "and then the answer");
	free(got);

	got = ask(http,
	    "POST /closed HTTP/1.1" CR HOST "Content-Length: 100000" CR
	    "Expect: 100-continue" CR END);
	is_int(status_of(got), 401, "no 100 Continue for who is refused");
	free(got);
}

/* The answer to a client that goes on sending does not get lost. */
static void
test_linger(const struct us_http *http)
{
	int fd = dial(http), sent = 0;
	char block[1024], *got;

	say(fd,
	    "POST /small HTTP/1.1" CR HOST "Content-Length: 90000000" CR CR);
	memset(block, 'x', sizeof(block));
	for (; sent < 300; sent++) {
		if (send(fd, block, sizeof(block), MSG_NOSIGNAL) < 0)
			break;
		usleep(500);
	}
	is_int(sent, 300, "a refused client may send on for a while");
	shutdown(fd, SHUT_WR);
	got = hear(fd);
	is_int(status_of(got), 413, "and reads why");
	free(got);
}

static void
test_big_answer(const struct us_http *http)
{
	char *got;
	int fd = dial(http);
	struct us_buf all = {0};
	char block[65536];
	ssize_t n;

	say(fd, "GET /big HTTP/1.1" CR HOST END);
	usleep(50000);
	while ((n = recv(fd, block, sizeof(block), 0)) > 0)
		us_buf_add(&all, block, (size_t)n);
	close(fd);
	got = memmem(all.p, all.n, CR CR, 4);
	is_int(got ? all.p + all.n - (got + 4) : -1, 4 << 20,
	    "an answer of 4 MiB");
	us_buf_free(&all);
}

/* --- Deadlines ---------------------------------------------------------- */

/* Sends the text, then a byte of drip every 50 ms; how long until the end. */
static int64_t
drip(const struct us_http *http, const char *text, const char *dripped,
    int *status)
{
	int fd = dial(http);
	int64_t begin = us_clock_ticks();
	char c, *got;

	say(fd, text);
	for (unsigned i = 0; i < 60 && *dripped; i++) {
		usleep(50000);
		if (send(fd, dripped, 1, MSG_NOSIGNAL) < 0 ||
		    recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
			break;
		dripped += dripped[1] != '\0';
	}
	got = hear(fd);
	*status = status_of(got);
	free(got);
	return (us_clock_ticks() - begin) / 1000;
}

static void
test_deadlines(struct us_http *http)
{
	static const struct {
		const char *name, *text, *drip;
		int status, from, to; /* ms */
	} rows[] = {
	    {"a silent connection ends", "", "", 0, 750, 1500},
	    {"one between requests too", "GET / HTTP/1.1" CR HOST CR, "", 200,
		750, 1500},
	    {"a header that stops", "GET / HTTP/1.1" CR, "", 408, 350, 1000},
	    {"a header that drips", "GET / HTTP/1.1" CR "A", "a", 408, 350,
		1000},
	    {"a body that stops",
		"POST / HTTP/1.1" CR HOST "Content-Length: 9" CR CR "a", "",
		408, 550, 1200},
	    {"a body that drips",
		"POST / HTTP/1.1" CR HOST "Content-Length: 999" CR CR "a", "a",
		408, 550, 1200},
	    {"chunks that drip",
		"POST / HTTP/1.1" CR HOST "Transfer-Encoding: chunked" CR CR
		"ff" CR,
		"a", 408, 550, 1200},
	};
	uint64_t before = us_http_stats(http).timed_out;
	int status;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t ms = drip(http, rows[i].text, rows[i].drip, &status);

		is_int(status, rows[i].status, "%s", rows[i].name);
		if (!ok(ms >= rows[i].from && ms <= rows[i].to, "%s, in time",
			rows[i].name))
			printf("# %lld ms\n", (long long)ms);
	}
	is_int(us_http_stats(http).timed_out - before, 5, "five are counted");
}

/* Who takes no answer is cut in time, however busily more is asked for. */
static void
test_untaken(struct us_http *http)
{
	uint64_t before = us_http_stats(http).timed_out;
	int room = 1, fd = dial(http);
	int64_t end;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	for (unsigned i = 0; i < 4; i++)
		say(fd, "GET /big HTTP/1.1" CR HOST CR);
	end = us_clock_ticks() + 3000000;
	while (us_http_stats(http).timed_out == before &&
	       us_clock_ticks() < end) {
		send(fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		usleep(20);
	}
	ok(us_http_stats(http).timed_out > before, "an answer that nobody takes");
	close(fd);
}

/* --- Tickets ------------------------------------------------------------ */

static void
wait_held(void)
{
	pthread_mutex_lock(&held_lock);
	while (!is_held)
		pthread_cond_wait(&held_cond, &held_lock);
	is_held = false;
	pthread_mutex_unlock(&held_lock);
}

static void
reset(int fd)
{
	struct linger hard = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
}

static void
test_tickets(const struct us_http *http)
{
	struct us_ticket old;
	int fd = dial(http);
	char *got;

	is_body(http, "GET /later HTTP/1.1" CR HOST END, "later",
	    "an answer from another thread");

	say(fd, "GET /hold HTTP/1.1" CR HOST END);
	wait_held();
	us_ticket_error(held, 409, "it is \"%s\"", "so");
	got = hear(fd);
	is_int(status_of(got), 409, "an error by ticket");
	is_str(body_of(got), "{\"error\":\"it is \\\"so\\\"\"}", "its text");
	free(got);

	/* The client goes; its slot is given to another one of that loop. */
	fd = dial(http);
	say(fd, "GET /hold HTTP/1.1" CR HOST CR);
	wait_held();
	old = held;
	reset(fd);
	usleep(100000);
	for (unsigned i = 0; i < 4; i++) {
		fd = dial(http);
		say(fd, "GET /hold HTTP/1.1" CR HOST END);
		wait_held();
		if (held.loop == old.loop)
			break;
		us_ticket_error(held, 200, "passed over");
		free(hear(fd));
	}
	is_int(held.slot, old.slot, "a slot is used again");
	us_ticket_reply(old, 200, NULL, US_STR("for the one who left"));
	usleep(50000);
	us_ticket_reply(held, 200, NULL, US_STR("for the one here"));
	got = hear(fd);
	is_str(body_of(got), "for the one here",
	    "nobody gets the answer of another");
	free(got);
}

/* --- Answers in pieces ------------------------------------------------ */

static void
test_streams(const struct us_http *http)
{
	static const char chunks[] =
	    "4" CR "one " CR "4" CR "two " CR "5" CR "three" CR "0" CR CR;
	char *got;
	int fd;

	got = ask(http, "GET /stream HTTP/1.1" CR HOST END);
	is_int(status_of(got), 200, "a stream");
	ok(strstr(got, CR "Transfer-Encoding: chunked" CR), "in chunks");
	ok(!strstr(got, "Content-Length"), "of which nobody knows the length");
	is_str(body_of(got), chunks, "all pieces, and the end");
	free(got);

	got = ask(http, "GET /stream HTTP/1.0" CR CR);
	ok(!strstr(got, "Transfer-Encoding"), "HTTP/1.0 knows no chunks");
	is_str(body_of(got), "one two three", "it ends with the connection");
	free(got);

	is_body(http, "HEAD /stream HTTP/1.1" CR HOST END, "",
	    "HEAD of a stream has no body");

	fd = dial(http);
	say(fd, "GET /stream HTTP/1.1" CR HOST CR "GET / HTTP/1.1" CR HOST END);
	got = hear(fd);
	ok(strstr(got, "0" CR CR "HTTP/1.1 200 OK"),
	    "the next request is answered behind the last chunk");
	free(got);
}

/* A client that takes nothing, and one that goes. */
static void
test_stream_cut(const struct us_http *http)
{
	int fd = dial(http);
	unsigned tries = 0;

	say(fd, "GET /flood HTTP/1.1" CR HOST CR);
	while (!atomic_load(&flood_ended) && tries++ < 5000)
		usleep(1000);
	ok(atomic_load(&flood_ended) > 0 && atomic_load(&flood_ended) < 100000,
	    "a client that takes nothing is cut after %u pieces",
	    atomic_load(&flood_ended));
	close(fd);

	atomic_store(&flood_ended, 0);
	fd = dial(http);
	say(fd, "GET /flood HTTP/1.1" CR HOST CR);
	usleep(20000);
	close(fd);
	for (tries = 0; !atomic_load(&flood_ended) && tries < 5000; tries++)
		usleep(1000);
	ok(atomic_load(&flood_ended) > 0, "who streams hears that it is gone");
}

/* While it is streamed it is neither idle nor late. */
static void
test_stream_time(const struct us_http *http)
{
	int fd = dial(http);
	struct us_ticket ticket;
	char *got;

	say(fd, "GET /hold HTTP/1.1" CR HOST END);
	wait_held();
	ticket = held;
	ok(us_ticket_begin(ticket, 200, NULL), "somebody waits");
	ok(us_ticket_send(ticket, US_STR("a")), "and takes a piece");
	usleep(1000 * (conf.idle_ms + conf.body_ms));
	ok(us_ticket_send(ticket, US_STR("b")), "also after a long time");
	us_ticket_end(ticket);
	got = hear(fd);
	is_str(body_of(got), "1" CR "a" CR "1" CR "b" CR "0" CR CR,
	    "a stream takes the time that it takes");
	free(got);
}

static void
test_long_wait(const struct us_http *http)
{
	int fd = dial(http);
	char *got;

	say(fd, "GET / HTTP/1.1" CR HOST CR "GET /hold HTTP/1.1" CR HOST END);
	wait_held();
	usleep(1200000);
	us_ticket_reply(held, 200, NULL, US_STR("patience"));
	got = hear(fd);
	ok(strstr(got, "patience"), "an answer may take longer than a request");
	free(got);
}

/* --- Limits, the end, TLS ----------------------------------------------- */

static void
test_limit(void)
{
	struct us_http_conf few = conf;
	struct us_http *http;
	int fds[4];
	char *got;

	few.max_connections = 4;
	http = start(&few);
	for (unsigned i = 0; i < 4; i++) {
		char c;

		fds[i] = dial(http);
		say(fds[i], "GET / HTTP/1.1" CR HOST CR);
		recv(fds[i], &c, 1, MSG_PEEK);
	}
	got = ask(http, GET(""));
	is_str(got, "", "one connection too many is closed");
	free(got);
	is_int(us_http_stats(http).refused, 1, "and counted");
	close(fds[0]);
	usleep(100000);
	got = ask(http, GET(""));
	is_int(status_of(got), 200, "there is room again");
	free(got);
	for (unsigned i = 1; i < 4; i++)
		close(fds[i]);
	us_http_stop(http, 1000);
}

/* A body of n bytes, the last of which is still to come. */
static int
send_most(const struct us_http *http, size_t n)
{
	struct us_buf text = {0};
	int fd = dial(http);

	us_buf_printf(&text,
	    "POST /length HTTP/1.1" CR HOST "Content-Length: %zu" CR END, n);
	while (--n)
		us_buf_putc(&text, 'x');
	say(fd, text.p);
	us_buf_free(&text);
	return fd;
}

/* Long bodies share their room; who finds none is told to come again. */
static void
test_bodies_at_once(void)
{
	struct us_http_conf one = conf;
	struct us_http *http;
	unsigned good = 0, refused = 0;
	int fds[5];
	char *got;

	one.loops = 1;
	one.body_ms = 20000;
	one.max_workflow = 256 * 1024;
	http = start(&one);
	for (unsigned i = 0; i < 8; i++)
		close(send_most(http, one.max_workflow));
	usleep(100000);
	for (unsigned i = 0; i < 5; i++)
		fds[i] = send_most(http, one.max_workflow);
	usleep(200000);
	for (unsigned i = 0; i < 5; i++) {
		say(fds[i], "x");
		got = hear(fds[i]);
		good += status_of(got) == 200;
		refused += status_of(got) == 503;
		free(got);
	}
	is_int(good, 4, "there is room for four long bodies");
	is_int(refused, 1, "and the fifth is told so");
	us_http_stop(http, 1000);
}

static void *
stop_it(void *http)
{
	us_http_stop(http, 2000);
	return NULL;
}

static void
test_stop(void)
{
	struct us_http *http = start(&conf);
	struct us_ticket late;
	pthread_t thread;
	int64_t begin;
	int idle[2] = {dial(http), dial(http)}, waiting = dial(http), fd;
	char *got;

	say(waiting, "GET /hold HTTP/1.1" CR HOST CR);
	wait_held();
	if (pthread_create(&thread, NULL, stop_it, http) != 0)
		exit(99);
	for (int i = 0; i < 2; i++) { /* one on each loop: both have heard */
		got = hear(idle[i]);
		is_str(got, "", "idle connections end");
		free(got);
	}
	us_ticket_reply(held, 200, NULL, US_STR("done"));
	got = hear(waiting);
	is_str(body_of(got), "done", "what is under way is answered");
	ok(strstr(got, "Connection: close"), "and the connection ends");
	free(got);
	pthread_join(thread, NULL);

	http = start(&conf);
	fd = dial(http);
	say(fd, "GET /hold HTTP/1.1" CR HOST CR);
	wait_held();
	late = held;
	begin = us_clock_ticks();
	us_http_stop(http, 200);
	ok(us_clock_ticks() - begin < 1500000, "an end does not wait for ever");
	us_ticket_reply(late, 200, NULL, US_STR("too late"));
	got = hear(fd);
	is_str(got, "", "an answer after the end is dropped");
	free(got);
}

/* A self-signed certificate and its key, in dir. */
static void
make_certificate(const char *cert, const char *key)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	FILE *f;

	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, pkey);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
	    (const unsigned char *)"localhost", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_sign(x, pkey, EVP_sha256());
	if ((f = fopen(cert, "w"))) {
		PEM_write_X509(f, x);
		fclose(f);
	}
	if ((f = fopen(key, "w"))) {
		PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL);
		fclose(f);
	}
	X509_free(x);
	EVP_PKEY_free(pkey);
}

static void
tls_ask(const struct us_http *http, int version, const char *request,
    struct us_buf *got)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl;
	char block[4096];
	int fd = dial(http), n;

	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_security_level(ctx, 0);
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) == 1) {
		SSL_write(ssl, request, (int)strlen(request));
		while ((n = SSL_read(ssl, block, sizeof(block))) > 0)
			us_buf_add(got, block, (size_t)n);
	}
	us_buf_puts(got, "");
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
}

static int64_t
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* Each asks for an answer; with those that nobody takes, reading has to end. */
static void
test_key_updates(const struct us_http_conf *tls)
{
	struct us_http_conf c = *tls;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	int room = 1, passed = socket(AF_INET, SOCK_STREAM, 0), fd;
	struct us_http *http;
	int64_t before;

	setsockopt(passed, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	listen(passed, 5);
	c.sockets = &passed;
	c.socket_count = 1;
	c.idle_ms = 60000;
	http = start(&c);
	fd = dial(http);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	SSL_set_fd(ssl, fd);
	is_int(SSL_connect(ssl), 1, "a handshake in little room");
	for (unsigned i = 0; i < 20000; i++) {
		SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
		SSL_do_handshake(ssl);
	}
	usleep(300000);
	before = cpu_ms();
	usleep(500000);
	ok(cpu_ms() - before < 50, "no wait for room keeps a loop busy");
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	us_http_stop(http, 500);
}

static void
test_tls(void)
{
	static const struct {
		const char *name;
		int version, status;
	} versions[] = {
	    {"TLS 1.3", TLS1_3_VERSION, 200},
	    {"TLS 1.2", TLS1_2_VERSION, 200},
	    {"TLS 1.1", TLS1_1_VERSION, 0},
	};
	char dir[] = "/tmp/us-http-XXXXXX", cert[64], key[64], *got;
	struct us_http_conf tls = conf;
	struct us_buf out = {0};
	struct us_http *http;

	if (!mkdtemp(dir))
		exit(99);
	snprintf(cert, sizeof(cert), "%s/cert", dir);
	snprintf(key, sizeof(key), "%s/key", dir);
	make_certificate(cert, key);
	tls.tls_cert = cert;
	tls.tls_key = key;
	http = start(&tls);
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		us_buf_reset(&out);
		tls_ask(http, versions[i].version, GET(""), &out);
		is_int(status_of(out.p), versions[i].status, "%s",
		    versions[i].name);
	}
	us_buf_reset(&out);
	tls_ask(http, TLS1_3_VERSION,
	    "GET /later HTTP/1.1" CR HOST CR "GET /big HTTP/1.1" CR HOST END,
	    &out);
	ok(out.n > 4 << 20, "a long answer over TLS, behind another");
	us_buf_reset(&out);
	tls_ask(http, TLS1_2_VERSION, CHUNKS("fffffffff" CR), &out);
	is_int(status_of(out.p), 413, "a refusal over TLS");
	got = ask(http, GET(""));
	ok(status_of(got) == 0, "plain HTTP to a TLS port");
	free(got);
	got = hear(dial(http));
	is_str(got, "", "a handshake that never begins");
	free(got);
	us_http_stop(http, 500);

	test_key_updates(&tls);
	tls.tls_key = tls.tls_cert;
	ok(!us_http_bind(&tls), "a key that is none");
	unlink(cert);
	unlink(key);
	rmdir(dir);
	us_buf_free(&out);
}

static void
test_listen(void)
{
	static const char *const bad[] = {"nonsense", "127.0.0.1:99999",
	    "256.0.0.1:0", "[::1:0", "203.0.113.7:0"};
	static const char *const six[] = {"[::1]:0"};
	struct us_http_conf c = conf;
	struct us_http *http = us_http_bind(&conf);
	const char *again[1];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	again[0] = us_http_address(http, 0);
	c.listen = again;
	ok(!us_http_bind(&c), "an address that is in use");
	us_http_stop(http, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		c.listen = &bad[i];
		ok(!us_http_bind(&c), "not an address of ours: %s", bad[i]);
	}
	c.listen = six;
	http = us_http_bind(&c);
	if (http) {
		ok(strncmp(us_http_address(http, 0), "[::1]:", 6) == 0, "IPv6");
		us_http_stop(http, 0);
	} else {
		skip("no IPv6 here");
	}
	listen(fd, 5);
	c.sockets = &fd;
	c.socket_count = 1;
	http = start(&c);
	is_body(http, GET(""), "GET|/|||||0|", "a socket that was passed");
	us_http_stop(http, 1000);
}

int
main(void)
{
	struct us_http *http;
	struct us_http_stats stats;

	us_log_open(US_LOG_ERROR, false);
	if (!getenv("US_TEST_LOG"))
		freopen("/dev/null", "w", stderr);
	http = start(&conf);
	test_requests(http);
	test_calls(http);
	test_pipelining(http);
	test_sent_ahead(http);
	test_half_close(http);
	test_bodies(http);
	test_linger(http);
	test_big_answer(http);
	test_deadlines(http);
	test_untaken(http);
	test_tickets(http);
	test_long_wait(http);
	test_streams(http);
	test_stream_cut(http);
	test_stream_time(http);
	stats = us_http_stats(http);
	ok(stats.requests > 300 && stats.by_status[2] > 200 &&
		stats.by_status[4] > 30 && stats.by_status[5] > 2,
	    "what was counted");
	us_http_stop(http, 1000);
	test_eager();
	test_limit();
	test_bodies_at_once();
	test_stop();
	test_tls();
	test_listen();
	return plan_done();
}
