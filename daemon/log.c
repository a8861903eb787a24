/* SPDX-License-Identifier: Apache-2.0 */
/* The log. A line is written by one call, so that threads do not mix. */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "engine/buf.h"

static const char *const level_names[] = {
    [US_LOG_ERROR] = "error",
    [US_LOG_WARNING] = "warning",
    [US_LOG_INFO] = "info",
    [US_LOG_DEBUG] = "debug",
};

/* Set once, before there are threads. */
static enum us_log_level log_level = US_LOG_INFO;
static bool log_json;

void
us_log_open(enum us_log_level level, bool json)
{
	log_level = level;
	log_json = json;
}

/* The time as RFC 3339 with milliseconds. */
static void
add_time(struct us_buf *b)
{
	int64_t now = us_clock_now();
	time_t seconds = (time_t)(now / 1000);
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	us_buf_printf(b, "%s.%03dZ", text, (int)(now % 1000));
}

static void
line_begin(struct us_buf *b, enum us_log_level level)
{
	if (log_json)
		us_buf_puts(b, "{\"time\":\"");
	add_time(b);
	us_buf_printf(
	    b, log_json ? "\",\"level\":\"%s\"" : " %s", level_names[level]);
}

static void
line_end(struct us_buf *b)
{
	ssize_t written;

	us_buf_puts(b, log_json ? "}\n" : "\n");
	written = write(STDERR_FILENO, b->p, b->n);
	(void)written; /* there is nobody left to tell */
	us_buf_free(b);
}

/* What others sent may stand in a message: it cannot begin a line. */
static void
add_plain(struct us_buf *b, const char *z)
{
	for (; *z; z++) {
		unsigned char c = (unsigned char)*z;

		if (c < ' ' || c == 0x7f)
			us_buf_printf(b, "\\x%02x", c);
		else
			us_buf_putc(b, *z);
	}
}

static void
add_member(struct us_buf *b, const char *name, const char *value)
{
	struct us_str s = us_str(value);

	us_buf_printf(b, ",\"%s\":", name);
	/* A long message may have been cut inside of a character. */
	s.n = us_utf8_bad(s.p, s.n);
	us_buf_json(b, s);
}

void
us_log(enum us_log_level level, const char *fmt, ...)
{
	struct us_buf line = {0};
	char text[1024];
	va_list ap;

	if (level > log_level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	line_begin(&line, level);
	if (log_json) {
		add_member(&line, "message", text);
	} else {
		us_buf_putc(&line, ' ');
		add_plain(&line, text);
	}
	line_end(&line);
}

void
us_log_request(uint64_t id, const char *peer, const char *method,
    const char *path, int status, int64_t micros)
{
	struct us_buf line = {0};

	if (log_level < US_LOG_INFO)
		return;
	line_begin(&line, US_LOG_INFO);
	if (log_json) {
		us_buf_printf(
		    &line, ",\"request\":%llu", (unsigned long long)id);
		add_member(&line, "peer", peer);
		add_member(&line, "method", method);
		add_member(&line, "path", path);
		us_buf_printf(&line, ",\"status\":%d,\"micros\":%lld", status,
		    (long long)micros);
	} else {
		us_buf_printf(
		    &line, " request %llu %s ", (unsigned long long)id, peer);
		add_plain(&line, method);
		us_buf_putc(&line, ' ');
		add_plain(&line, path);
		us_buf_printf(&line, " %d %lld us", status, (long long)micros);
	}
	line_end(&line);
}
