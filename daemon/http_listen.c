/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets that take connections, and TLS. One loop accepts for all and hands
 * connections round.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/http_parts.h"
#include "daemon/log.h"
#include "engine/err.h"

#define ACCEPT_AT_ONCE 64

/* --- TLS ---------------------------------------------------------------- */

static bool
tls_failed(const char *what, const char *path)
{
	unsigned long code = ERR_get_error();
	const char *why = code ? ERR_reason_error_string(code) : NULL;

	us_log(US_LOG_ERROR, "cannot use the %s \"%s\": %s", what, path,
	    why ? why : "unknown error");
	ERR_clear_error();
	return false;
}

bool
us_tls_open(struct us_http *http, const struct us_http_conf *conf)
{
	SSL_CTX *tls;

	if (!conf->tls_cert)
		return true;
	tls = http->tls = SSL_CTX_new(TLS_server_method());
	if (!tls)
		us_out_of_memory();
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_NO_COMPRESSION |
				     SSL_OP_CIPHER_SERVER_PREFERENCE |
				     SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* An idle connection keeps no buffers; ours grow, and so move. */
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS |
				  SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (SSL_CTX_use_certificate_chain_file(tls, conf->tls_cert) != 1)
		return tls_failed("certificate", conf->tls_cert);
	if (SSL_CTX_use_PrivateKey_file(tls, conf->tls_key, SSL_FILETYPE_PEM) !=
		1 ||
	    SSL_CTX_check_private_key(tls) != 1)
		return tls_failed("key", conf->tls_key);
	return true;
}

/* --- Addresses ---------------------------------------------------------- */

/* "127.0.0.1:8470", "[::1]:0", "localhost:80". */
static struct addrinfo *
resolve(const char *address)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	    .ai_socktype = SOCK_STREAM};
	const char *colon = strrchr(address, ':');
	struct addrinfo *found = NULL;
	char host[256];
	int n, e;

	if (!colon || colon - address >= (ptrdiff_t)sizeof(host) ||
	    strtoul(colon + 1, NULL, 10) > UINT16_MAX) {
		us_log(US_LOG_ERROR,
		    "cannot listen on \"%s\": expected ADDRESS:PORT", address);
		return NULL;
	}
	n = (int)(colon - address);
	if (n >= 2 && address[0] == '[' && address[n - 1] == ']')
		address++, n -= 2;
	snprintf(host, sizeof(host), "%.*s", n, address);
	e = getaddrinfo(n ? host : NULL, colon + 1, &hints, &found);
	if (e == 0)
		return found;
	us_log(US_LOG_ERROR, "cannot listen on \"%s\": %s", address,
	    gai_strerror(e));
	return NULL;
}

static int
bind_one(const char *address)
{
	struct addrinfo *ai = resolve(address);
	int on = 1, fd;

	if (!ai)
		return -1;
	fd = socket(ai->ai_family,
	    ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, ai->ai_protocol);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 ||
		    listen(fd, SOMAXCONN) != 0) {
			int e = errno;

			close(fd);
			errno = e;
			fd = -1;
		}
	}
	if (fd < 0)
		us_log(US_LOG_ERROR, "cannot listen on \"%s\": %s", address,
		    strerror(errno));
	freeaddrinfo(ai);
	return fd;
}

static void
address_text(const struct sockaddr_storage *ss, char *host, size_t n)
{
	const void *from = &((const struct sockaddr_in *)ss)->sin_addr;

	if (ss->ss_family == AF_INET6)
		from = &((const struct sockaddr_in6 *)ss)->sin6_addr;
	if ((ss->ss_family != AF_INET && ss->ss_family != AF_INET6) ||
	    !inet_ntop(ss->ss_family, from, host, (socklen_t)n))
		snprintf(host, n, "local");
}

/* What port 0 has become. */
static void
listener_name(struct us_listener *l)
{
	struct sockaddr_storage ss = {0};
	socklen_t n = sizeof(ss);
	char host[INET6_ADDRSTRLEN];
	bool six;

	getsockname(l->fd, (struct sockaddr *)&ss, &n);
	six = ss.ss_family == AF_INET6;
	address_text(&ss, host, sizeof(host));
	snprintf(l->address, sizeof(l->address), "%s%s%s:%u", six ? "[" : "",
	    host, six ? "]" : "",
	    six ? ntohs(((struct sockaddr_in6 *)&ss)->sin6_port)
		: ntohs(((struct sockaddr_in *)&ss)->sin_port));
}

bool
us_listen_open(struct us_http *http, const struct us_http_conf *conf)
{
	bool passed = conf->socket_count > 0;
	unsigned n = passed ? conf->socket_count : conf->listen_count;

	http->listeners = us_calloc(n, sizeof(*http->listeners));
	for (unsigned i = 0; i < n; i++) {
		struct us_listener *l = &http->listeners[i];

		l->http = http;
		l->fd = passed ? conf->sockets[i] : bind_one(conf->listen[i]);
		if (l->fd < 0 || evutil_make_socket_nonblocking(l->fd) != 0)
			return false;
		http->listener_count++;
		listener_name(l);
	}
	return true;
}

/* --- Accepting ---------------------------------------------------------- */

static void
hand_over(struct us_http *http, int fd, const struct sockaddr_storage *from)
{
	struct us_http_loop *loop =
	    &http->loops[http->next_loop++ % http->loop_count];
	struct us_mail *mail = us_mail_new(US_STR(""));
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	mail->kind = US_MAIL_CONN;
	mail->fd = fd;
	address_text(from, mail->peer, sizeof(mail->peer));
	atomic_fetch_add(&http->open_conns, 1);
	us_mail_send(loop, mail);
}

/* Without descriptors, trying again at once would spin. */
static void
accept_later(struct us_http *http)
{
	struct timeval tv = {0, 100 * 1000};

	us_log(US_LOG_WARNING, "cannot take a connection: %s", strerror(errno));
	for (unsigned i = 0; i < http->listener_count; i++)
		event_del(http->listeners[i].event);
	event_add(http->accept_again, &tv);
}

static void
on_accept_again(evutil_socket_t fd, short what, void *arg)
{
	struct us_http *http = arg;

	(void)fd, (void)what;
	for (unsigned i = 0; i < http->listener_count; i++)
		event_add(http->listeners[i].event, NULL);
}

static void
on_connection(evutil_socket_t listening, short what, void *arg)
{
	struct us_http *http = ((struct us_listener *)arg)->http;

	(void)what;
	for (unsigned i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct sockaddr_storage from = {0};
		socklen_t n = sizeof(from);
		int fd = accept4(listening, (struct sockaddr *)&from, &n,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			atomic_fetch_add(&http->connections, 1);
			if (atomic_load(&http->open_conns) <
			    http->limits.connections) {
				hand_over(http, fd, &from);
				continue;
			}
			atomic_fetch_add(&http->refused, 1);
			close(fd);
		} else if (errno == EMFILE || errno == ENFILE ||
			   errno == ENOBUFS || errno == ENOMEM) {
			accept_later(http);
			return;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

bool
us_listen_start(struct us_http *http, struct event_base *base)
{
	http->accept_again = evtimer_new(base, on_accept_again, http);
	for (unsigned i = 0; i < http->listener_count; i++) {
		struct us_listener *l = &http->listeners[i];

		l->event = event_new(
		    base, l->fd, EV_READ | EV_PERSIST, on_connection, l);
		if (!l->event || event_add(l->event, NULL) != 0)
			return false;
	}
	return http->accept_again != NULL;
}

void
us_listen_close(struct us_http *http)
{
	for (unsigned i = 0; i < http->listener_count; i++) {
		struct us_listener *l = &http->listeners[i];

		if (l->event)
			event_free(l->event);
		if (l->fd >= 0)
			close(l->fd);
		l->event = NULL;
		l->fd = -1;
	}
	if (http->accept_again)
		event_free(http->accept_again);
	http->accept_again = NULL;
}
