/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests of the load generator, made before the first is sent: writing
 * them must cost as little as can be, for generator and server share a machine.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/load.h"

/* Stands in a body for the number of the request. */
#define MARK "@@@@@@@@@"
#define DIGITS (sizeof(MARK) - 1)

struct lines {
	char **v;
	size_t n;
};

static void
lines_add(struct lines *lines, const char *text)
{
	lines->v = load_grow(lines->v, (lines->n + 1) * sizeof(*lines->v));
	lines->v[lines->n] = strdup(text);
	if (!lines->v[lines->n++])
		load_die("memory");
}

static struct lines
lines_read(const char *path)
{
	FILE *f = fopen(path, "re");
	struct lines lines = {0};
	char *line = NULL;
	size_t cap = 0;

	if (!f)
		load_die(path);
	while (getline(&line, &cap, f) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		lines_add(&lines, line);
	}
	free(line);
	fclose(f);
	if (!lines.n)
		load_die("an empty file");
	return lines;
}

static void
lines_free(struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		free(lines->v[i]);
	free(lines->v);
}

static char *print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *
print(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		load_die("memory");
	va_end(args);
	return text;
}

static void
find_places(struct load_form *form)
{
	const size_t max = sizeof(form->places) / sizeof(*form->places);
	char *at = form->text;

	while (form->place_count < max && (at = strstr(at, MARK)) != NULL) {
		form->places[form->place_count++] = (size_t)(at - form->text);
		at += DIGITS;
	}
}

/* body: NULL for a GET. */
static void
add_form(struct load_forms *forms, const char *path, const char *token,
    const char *body)
{
	struct load_form *form = &forms->v[forms->n++];
	char *auth = *token ? print("Authorization: Bearer %s\r\n", token)
			    : print("%s", "");

	*form = (struct load_form){0};
	if (body)
		form->text = print("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
				   "%sContent-Type: application/json\r\n"
				   "Content-Length: %zu\r\n\r\n%s",
		    path, auth, strlen(body), body);
	else
		form->text = print("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
				   "%s\r\n",
		    path, auth);
	form->n = strlen(form->text);
	find_places(form);
	free(auth);
}

/* What somebody types who asks for a role. */
static char *
command_body(const struct load_options *o)
{
	return print("{\"argv\":[\"request\",\"aws\",\"role\",\"%s-" MARK
		     "\",\"--reason\",\"INC-" MARK
		     "\",\"--requested-duration\",\"%s\"],"
		     "\"scriptName\":\"load\"}",
	    o->prefix, o->duration);
}

void
load_forms_make(
    struct load_forms *forms, const struct load_options *o, const char *file)
{
	struct lines tokens = {0}, bodies = {0};
	char *path =
	    o->post ? print("%s", o->post) : print("/o/%s/command", o->org);
	size_t n;

	if (strcmp(file, "-") == 0)
		lines_add(&tokens, "");
	else
		tokens = lines_read(file);
	if (o->bodies)
		bodies = lines_read(o->bodies);
	else if (!o->get) {
		char *body = command_body(o);

		lines_add(&bodies, body);
		free(body);
	}
	n = tokens.n > bodies.n ? tokens.n : bodies.n;
	forms->v = load_grow(NULL, n * sizeof(*forms->v));
	for (size_t i = 0; i < n; i++)
		add_form(forms, o->get ? o->get : path, tokens.v[i % tokens.n],
		    o->get ? NULL : bodies.v[i % bodies.n]);
	lines_free(&tokens);
	lines_free(&bodies);
	free(path);
}

const struct load_form *
load_forms_next(struct load_forms *forms, uint64_t number)
{
	struct load_form *form = &forms->v[number % forms->n];
	char digits[DIGITS];

	for (size_t i = DIGITS; i-- > 0; number /= 10)
		digits[i] = (char)('0' + number % 10);
	for (unsigned i = 0; i < form->place_count; i++)
		memcpy(form->text + form->places[i], digits, DIGITS);
	return form;
}
