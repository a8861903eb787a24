/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares decisions with what they must be, as JSON values, member by member.
 *
 *	conformance cases FILE	each line {"rules", "request", "expect"}
 *	conformance compare WANT GOT	one answer a line in both files
 *
 * Shows the first differences, says how many answers are equal, and exits 1
 * when one is not. It is a program like any other that uses the library: it
 * knows usher.h alone and links the shared library. conformance.test runs it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "engine/usher.h"

#define SHOWN 3

struct tally {
	unsigned long lines, equal, shown;
};

static void
usage(void)
{
	fputs("usage: conformance cases FILE\n"
	      "       conformance compare WANT GOT\n",
	    stderr);
	exit(2);
}

static FILE *
open_file(const char *path)
{
	FILE *file = fopen(path, "r");

	if (file == NULL) {
		perror(path);
		exit(2);
	}
	return file;
}

/* The next line without its end in *line, or false at the end of the file. */
static bool
read_line(FILE *file, char **line, size_t *room)
{
	ssize_t n = getline(line, room, file);

	if (n > 0 && (*line)[n - 1] == '\n')
		(*line)[n - 1] = '\0';
	return n >= 0;
}

/* Compares two answers; either may be no JSON, then they differ. */
static void
compare(struct tally *tally, struct json_object *want, const char *got_text)
{
	struct json_object *got =
	    got_text != NULL ? json_tokener_parse(got_text) : NULL;

	tally->lines++;
	if (want != NULL && got != NULL && json_object_equal(want, got)) {
		tally->equal++;
	} else if (tally->shown++ < SHOWN) {
		printf("line %lu\n want: %s\n  got: %s\n", tally->lines,
		    json_object_to_json_string_ext(
			want, JSON_C_TO_STRING_PLAIN),
		    got_text != NULL ? got_text : "(nothing)");
	}
	json_object_put(got);
}

/* A member of an object as JSON text, which the object keeps. */
static const char *
member(struct json_object *object, const char *name, size_t *size)
{
	return json_object_to_json_string_length(
	    json_object_object_get(object, name), JSON_C_TO_STRING_PLAIN, size);
}

static void
run_case(struct tally *tally, const char *line)
{
	struct json_object *root = json_tokener_parse(line);
	struct usher_problems *problems = NULL;
	struct usher_answer answer = {0};
	size_t size = 0;
	const char *text = member(root, "rules", &size);
	struct usher_rules *rules =
	    usher_load_json("rules", text, size, &problems);
	struct usher_decider *decider = NULL;

	if (rules != NULL) {
		decider = usher_decider_new(rules);
		text = member(root, "request", &size);
		usher_decide(decider, text, size, &answer);
	}
	compare(tally, json_object_object_get(root, "expect"), answer.json);
	for (size_t i = 0; rules == NULL && i < usher_problems_count(problems);
	     i++)
		puts(usher_problem_text(problems, i));
	usher_decider_free(decider);
	usher_rules_free(rules);
	usher_problems_free(problems);
	json_object_put(root);
}

static void
run_cases(struct tally *tally, const char *path)
{
	FILE *file = open_file(path);
	char *line = NULL;
	size_t room = 0;

	while (read_line(file, &line, &room))
		run_case(tally, line);
	free(line);
	fclose(file);
}

static void
run_compare(struct tally *tally, const char *want_path, const char *got_path)
{
	FILE *want_file = open_file(want_path), *got_file = open_file(got_path);
	char *want_line = NULL, *got_line = NULL;
	size_t want_room = 0, got_room = 0;

	while (read_line(want_file, &want_line, &want_room)) {
		struct json_object *want = json_tokener_parse(want_line);

		compare(tally, want,
		    read_line(got_file, &got_line, &got_room) ? got_line
							      : NULL);
		json_object_put(want);
	}
	while (read_line(got_file, &got_line, &got_room))
		compare(tally, NULL, got_line); /* more than was asked for */
	free(want_line);
	free(got_line);
	fclose(want_file);
	fclose(got_file);
}

int
main(int argc, char **argv)
{
	struct tally tally = {0};

	if (argc == 3 && strcmp(argv[1], "cases") == 0)
		run_cases(&tally, argv[2]);
	else if (argc == 4 && strcmp(argv[1], "compare") == 0)
		run_compare(&tally, argv[2], argv[3]);
	else
		usage();
	printf("%lu of %lu answers are equal\n", tally.equal, tally.lines);
	return tally.lines > 0 && tally.equal == tally.lines ? 0 : 1;
}
