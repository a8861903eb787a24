/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: dict DOOR
 *
 * Prints the words that inputs of a door are made of, as the dictionary of an
 * engine. They come from the tables, and so cannot be out of date.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The words of one table. A list is words with a space between them. */
static const char *const keywords[] = {
#define US_KEYWORD(token, text) text,
#define US_ITEM_KEYWORD(item, token, text) text,
#include "grammar/keywords.def"
    "~", "{", "}", ";", "\"", NULL};

static const char *const vocabulary[] = {
#define US_SERVICE(name, access) name, access,
#define US_FILTER(service, name, keys, access) name, keys,
#define US_DIRECTORY(name, canonical) name, canonical,
#define US_INTEGRATION(id, name) name,
#define US_ALT_TYPE(id, name, human, help) name,
#include "engine/vocab.def"
    NULL};

static const char *const options[] = {
#define US_OPTION(id, json, verb, word, help) json,
#include "engine/vocab.def"
    NULL};

static const char *const outcomes[] = {
#define US_OUTCOME(id, name, help) name,
#include "engine/outcome.def"
    NULL};

static const char *const schemas[] = {
#define US_SCHEMA(name, ...) #__VA_ARGS__,
#include "daemon/schema.def"
    NULL};

static const char *const paths[] = {
#define US_CALL( \
    method, pattern, needs, body, request, answer, statuses, handler, help) \
	method, pattern,
#include "daemon/route.def"
    NULL};

/* Each is two bytes of the door of bytecode: its number, and a zero. */
static const char *const opcodes[] = {
#define US_OP(id, name, a, b, help) name,
#include "engine/opcodes.def"
    NULL};

static void
put_entry(const char *p, size_t n)
{
	if (!n)
		return;
	putchar('"');
	for (; n; n--, p++) {
		if (*p == '"' || *p == '\\')
			printf("\\%c", *p);
		else if (isprint((unsigned char)*p))
			putchar(*p);
		else
			printf("\\x%02x", (unsigned char)*p);
	}
	puts("\"");
}

static void
put_words(const char *const *list, const char *between)
{
	for (; *list; list++) {
		for (const char *p = *list; *p;) {
			size_t n = strcspn(p, between);

			put_entry(p, n);
			p += n;
			p += strspn(p, between);
		}
	}
}

/* "NAME": with its quotes. */
static void
put_member(const char *p, size_t n)
{
	char text[128];
	int length = snprintf(text, sizeof(text), "\"%.*s\":", (int)n, p);

	if (length > 0 && (size_t)length < sizeof(text))
		put_entry(text, (size_t)length);
}

static void
put_members(const char *const *list)
{
	for (; *list; list++)
		put_member(*list, strlen(*list));
}

/* What stands before a colon in the text of a schema. */
static void
put_schema_members(void)
{
	for (const char *const *s = schemas; *s; s++) {
		for (const char *p = strchr(*s, '"'); p; p = strchr(p, '"')) {
			size_t n = strcspn(++p, "\"");

			if (p[n] && p[n + 1] == ':')
				put_member(p, n);
			p += n + (p[n] != '\0');
		}
	}
}

static void
put_opcodes(void)
{
	for (unsigned char i = 0; opcodes[i]; i++)
		put_entry((char[]){(char)i, 0, 0}, 2);
}

int
main(int argc, char **argv)
{
	const char *door = argc == 2 ? argv[1] : "";
	bool json = strstr("json yaml request records", door) != NULL;

	if (strcmp(door, "rules") == 0 || strcmp(door, "testset") == 0) {
		put_words(keywords, " ");
		put_words(vocabulary, " ");
		put_words(outcomes, " ");
	} else if (strcmp(door, "http") == 0 || strcmp(door, "url") == 0) {
		put_words(paths, "/");
	} else if (strcmp(door, "bytecode") == 0) {
		put_opcodes();
	} else if (json && *door) {
		put_words(vocabulary, " ");
		put_members(options);
		put_schema_members();
	} else {
		fprintf(stderr, "usage: dict DOOR\n");
		return 2;
	}
	return 0;
}
