/* SPDX-License-Identifier: Apache-2.0 */
/* The session file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "cli/out.h"
#include "cli/session.h"
#include "engine/buf.h"
#include "engine/err.h"

const char *
us_session_path(struct us_arena *a)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config)
		return us_arena_printf(a, "%s/usher/session.json", config);
	return us_arena_printf(
	    a, "%s/.config/usher/session.json", home ? home : "");
}

/* A member of the file, copied; NULL when it is absent. */
static const char *
member(struct json_object *object, const char *name, struct us_arena *a)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return us_arena_str(a, us_str(json_object_get_string(value))).p;
}

static void
read_file(struct us_session_file *session, struct us_arena *a)
{
	struct json_object *object = json_object_from_file(us_session_path(a));

	if (!object)
		return;
	session->url = member(object, "url", a);
	session->org = member(object, "org", a);
	session->token = member(object, "token", a);
	json_object_put(object);
}

static void
prefer_environment(const char **value, const char *name)
{
	const char *text = getenv(name);

	if (text && *text)
		*value = text;
}

bool
us_session_find(struct us_session_file *session, struct us_arena *a)
{
	*session = (struct us_session_file){0};
	read_file(session, a);
	prefer_environment(&session->url, "USHER_URL");
	prefer_environment(&session->org, "USHER_ORG");
	prefer_environment(&session->token, "USHER_TOKEN");
	return session->url && session->org && session->token;
}

bool
us_session_read(struct us_session_file *session, struct us_arena *a)
{
	if (us_session_find(session, a))
		return true;
	us_out_error("not signed in: run usher login, or set USHER_URL, "
		     "USHER_ORG and USHER_TOKEN");
	return false;
}

/* Makes the folders above a path, each for its owner alone. */
static bool
make_folders(const char *path, struct us_arena *a)
{
	char *copy = us_arena_printf(a, "%s", path);

	for (char *p = copy + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
			us_out_error(
			    "cannot make %s: %s", copy, strerror(errno));
			return false;
		}
		*p = '/';
	}
	return true;
}

static void
put_session(const struct us_session_file *session, struct us_buf *out)
{
	us_buf_puts(out, "{\"url\":");
	us_buf_json(out, us_str(session->url));
	us_buf_puts(out, ",\"org\":");
	us_buf_json(out, us_str(session->org));
	us_buf_puts(out, ",\"token\":");
	us_buf_json(out, us_str(session->token));
	us_buf_puts(out, "}\n");
}

/* All of it, to a new file that nobody else may read. */
static bool
write_new(const char *path, const struct us_buf *text)
{
	ssize_t n = -1;
	bool good;
	int fd;

	/* What an earlier try left may be open to others. */
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		n = write(fd, text->p, text->n);
	good = n == (ssize_t)text->n && fsync(fd) == 0;
	if (n >= 0 && n != (ssize_t)text->n)
		errno = ENOSPC;
	if (fd >= 0 && close(fd) != 0)
		good = false;
	return good;
}

bool
us_session_write(const struct us_session_file *session)
{
	struct us_arena a = {0};
	const char *path = us_session_path(&a);
	const char *new = us_arena_printf(&a, "%s.new", path);
	struct us_buf text = {0};
	bool good = make_folders(path, &a);

	put_session(session, &text);
	if (good && (!write_new(new, &text) || rename(new, path) != 0)) {
		us_out_error("cannot write %s: %s", path, strerror(errno));
		unlink(new);
		good = false;
	}
	us_buf_free(&text);
	us_arena_free(&a);
	return good;
}
