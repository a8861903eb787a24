/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A crowd of clients: keep-alive connections on one epoll, each asking again
 * as soon as it was answered, or when its turn in a given rate has come.
 *
 *	load [-c CONNECTIONS] [-s SECONDS | -n REQUESTS] [-r PER_SECOND]
 *	     [-g PATH | -p PATH] [-b BODIES] [-u PREFIX] [-d DURATION]
 *	     [-e TEXT] PORT ORG TOKENS
 *
 * TOKENS is a file with a token on each line ("-": none); requests take them
 * in turn. Without -g and -p each request asks for something that nobody asked
 * for before, with a name that begins with PREFIX. -g: GET this path instead.
 * -p: post to it the lines of BODIES in turn, in which nine @ are the number of
 * the request. -e: an answer without this text is an error. With -r, latency
 * counts from the moment at which a request was to be sent. SIGTERM ends it
 * early. Prints one line of JSON; load_us is the generator's own processor
 * time for a request.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench/load.h"

#define CONNECTIONS_MAX 4096
struct connection {
	int fd;
	bool busy;
	int64_t sent;  /* ns: or when it was to be sent */
	size_t n, cap; /* of what came */
	char *answer;
};

struct load {
	struct load_options o;
	struct load_forms forms;
	struct connection *connections;
	unsigned next; /* of them, at a given rate */
	int epoll;
	int64_t start, end, cpu; /* ns */
	uint64_t asked, answered, errors, bytes;
	int64_t *latencies; /* ns */
	size_t cap;
	char wrong[300]; /* the first answer that was wrong */
};

static volatile sig_atomic_t stopped;

static void
stop(int number)
{
	(void)number;
	stopped = 1;
}

_Noreturn void
load_die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

void *
load_grow(void *p, size_t n)
{
	p = realloc(p, n);
	if (!p)
		load_die("memory");
	return p;
}

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* Of this process, so far. */
static int64_t
cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000000) +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * INT64_C(1000);
}

/* --- One request -------------------------------------------------------- */

static void
ask(struct load *l, struct connection *c, int64_t at)
{
	const struct load_form *form = load_forms_next(&l->forms, l->asked++);

	c->busy = true;
	c->n = 0;
	c->sent = at;
	/* It is small, and the socket is empty: it goes in one piece. */
	if (write(c->fd, form->text, form->n) != (ssize_t)form->n)
		load_die("write");
}

/* What Content-Length says in a head that ends at `end`; 0 without it. */
static size_t
body_length(const char *head, const char *end)
{
	static const char name[] = "Content-Length:";
	const size_t n = sizeof(name) - 1;
	const char *line = head;

	while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		if (strncasecmp(++line, name, n) == 0)
			return strtoul(line + n, NULL, 10);
	}
	return 0;
}

/* Bytes of the whole answer, or 0 as long as they are not known. */
static size_t
whole_length(const struct connection *c)
{
	const char *end = memmem(c->answer, c->n, "\r\n\r\n", 4);

	if (!end)
		return 0;
	return (size_t)(end + 4 - c->answer) + body_length(c->answer, end);
}

static void
note_answer(struct load *l, struct connection *c)
{
	int64_t took = now_ns() - c->sent;

	l->bytes += c->n;
	c->busy = false;
	if (strncmp(c->answer, "HTTP/1.1 200", 12) != 0 ||
	    (l->o.expect && !strstr(c->answer, l->o.expect))) {
		if (!l->errors++)
			snprintf(l->wrong, sizeof(l->wrong), "%s", c->answer);
		return;
	}
	if (l->answered == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 65536;
		l->latencies =
		    load_grow(l->latencies, l->cap * sizeof(*l->latencies));
	}
	l->latencies[l->answered++] = took;
}

/* True once the answer is there. */
static bool
receive(struct load *l, struct connection *c)
{
	size_t whole;
	ssize_t n;

	if (c->cap - c->n < 4096)
		c->answer = load_grow(c->answer, (c->cap = 2 * c->cap + 8192));
	n = read(c->fd, c->answer + c->n, c->cap - c->n - 1);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n == 0)
		errno = ECONNRESET; /* what it comes to */
	if (n <= 0)
		load_die("read");
	c->n += (size_t)n;
	c->answer[c->n] = '\0';
	whole = whole_length(c);
	if (!whole || c->n < whole)
		return false;
	note_answer(l, c);
	return true;
}

/* --- All of them -------------------------------------------------------- */

static void
open_connection(struct load *l, struct connection *c)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)l->o.port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = c}};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)))
		load_die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event))
		load_die("epoll");
}

static bool
is_over(const struct load *l)
{
	if (stopped)
		return true;
	return l->o.requests ? l->asked >= l->o.requests : now_ns() >= l->end;
}

static unsigned
busy_count(const struct load *l)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l->o.connections; i++)
		n += l->connections[i].busy;
	return n;
}

/* When the next request of a given rate is to be sent. */
static int64_t
turn(const struct load *l)
{
	return l->start + (int64_t)((double)l->asked * 1e9 / l->o.rate);
}

/* Sends what has its turn on connections that are free, each after the others,
 * so that none is idle for so long that it is closed; those that are late for
 * want of one keep their turn. */
static void
send_in_turn(struct load *l)
{
	struct connection *c;

	for (unsigned i = 0; i < l->o.connections; i++) {
		if (is_over(l) || turn(l) > now_ns())
			return;
		c = &l->connections[l->next];
		l->next = (l->next + 1) % l->o.connections;
		if (!c->busy)
			ask(l, c, turn(l));
	}
}

static void
wait_for_answers(struct load *l)
{
	struct epoll_event events[256];
	int n = epoll_wait(l->epoll, events, 256, l->o.rate > 0 ? 1 : 1000);

	if (n < 0 && errno != EINTR)
		load_die("epoll");
	for (int i = 0; i < n; i++) {
		struct connection *c = events[i].data.ptr;

		if (receive(l, c) && l->o.rate <= 0 && !is_over(l))
			ask(l, c, now_ns());
	}
}

static void
run(struct load *l)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->connections = calloc(l->o.connections, sizeof(*l->connections));
	if (l->epoll < 0 || !l->connections)
		load_die("epoll");
	for (unsigned i = 0; i < l->o.connections; i++)
		open_connection(l, &l->connections[i]);
	l->cpu = cpu_ns();
	l->start = now_ns();
	l->end = l->start + (int64_t)(l->o.seconds * 1e9);
	if (l->o.rate <= 0)
		for (unsigned i = 0; i < l->o.connections && !is_over(l); i++)
			ask(l, &l->connections[i], now_ns());
	while (!is_over(l) || busy_count(l)) {
		if (l->o.rate > 0)
			send_in_turn(l);
		wait_for_answers(l);
	}
	l->end = now_ns();
	l->cpu = cpu_ns() - l->cpu;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
quantile_us(const struct load *l, double q)
{
	size_t at = (size_t)(q * (double)l->answered);

	if (!l->answered)
		return 0;
	if (at >= l->answered)
		at = l->answered - 1;
	return (double)l->latencies[at] / 1e3;
}

static void
report(struct load *l)
{
	double seconds = (double)(l->end - l->start) / 1e9;
	double all =
	    l->answered + l->errors ? (double)(l->answered + l->errors) : 1;

	qsort(l->latencies, l->answered, sizeof(*l->latencies), compare);
	printf("{\"requests\":%llu,\"errors\":%llu,\"seconds\":%.3f,"
	       "\"per_s\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
	       "\"max_us\":%.1f,\"load_us\":%.2f,\"answer_bytes\":%.0f}\n",
	    (unsigned long long)l->answered, (unsigned long long)l->errors,
	    seconds, (double)l->answered / seconds, quantile_us(l, 0.5),
	    quantile_us(l, 0.99), quantile_us(l, 1), (double)l->cpu / 1e3 / all,
	    (double)l->bytes / all);
	if (l->errors)
		fprintf(stderr, "load: %llu wrong answers, the first:\n%s\n",
		    (unsigned long long)l->errors, l->wrong);
}

static void
usage(void)
{
	fputs("usage: load [-c CONNECTIONS] [-s SECONDS | -n REQUESTS] "
	      "[-r PER_SECOND] [-g PATH | -p PATH]\n"
	      "            [-b BODIES] [-u PREFIX] [-d DURATION] [-e TEXT] "
	      "PORT ORG "
	      "TOKENS\n",
	    stderr);
	exit(2);
}

static void
set_option(struct load_options *o, int option, const char *value)
{
	switch (option) {
	case 'c':
		o->connections = (unsigned)atoi(value);
		break;
	case 's':
		o->seconds = atof(value);
		break;
	case 'n':
		o->requests = strtoull(value, NULL, 10);
		break;
	case 'r':
		o->rate = atof(value);
		break;
	case 'g':
		o->get = value;
		break;
	case 'p':
		o->post = value;
		break;
	case 'b':
		o->bodies = value;
		break;
	case 'u':
		o->prefix = value;
		break;
	case 'd':
		o->duration = value;
		break;
	case 'e':
		o->expect = value;
		break;
	default:
		usage();
	}
}

int
main(int argc, char **argv)
{
	struct load l = {.o = {.connections = 64,
			     .seconds = 5,
			     .prefix = "role",
			     .duration = "1h"}};
	int option;

	while ((option = getopt(argc, argv, "c:s:n:r:g:p:b:u:d:e:")) != -1)
		set_option(&l.o, option, optarg);
	if (argc - optind != 3 || !l.o.connections ||
	    l.o.connections > CONNECTIONS_MAX)
		usage();
	l.o.port = (unsigned)atoi(argv[optind]);
	l.o.org = argv[optind + 1];
	load_forms_make(&l.forms, &l.o, argv[optind + 2]);
	signal(SIGTERM, stop);
	run(&l);
	report(&l);
	return l.errors != 0;
}
