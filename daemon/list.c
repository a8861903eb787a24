/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of items, for who may ask for them. */
#include <ctype.h>

#include "daemon/clock.h"
#include "daemon/list.h"
#include "daemon/query.h"
#include "daemon/wish_parts.h"

#define SIZE_DEFAULT 15
#define MOST 1000

struct listing {
	const struct us_args *args;
	us_list_may *may;
	void *arg;
	struct us_arena arena; /* of one item */
	struct us_str like;
	uint64_t size, n;
	int64_t end; /* ticks */
	bool cut, truncated;
	struct us_buf *out;
};

/* Does text have the term in it, whatever the case of letters? */
static bool
has_term(struct us_str text, struct us_str term)
{
	for (size_t i = 0; i + term.n <= text.n; i++) {
		if (us_str_eq_nocase((struct us_str){text.p + i, term.n}, term))
			return true;
	}
	return false;
}

static bool
thing_has_term(const struct us_thing *thing, struct us_str term)
{
	const struct us_str *alias;

	if (has_term(thing->id, term) || has_term(thing->label, term) ||
	    has_term(thing->group, term))
		return true;
	US_EACH (alias, &thing->aliases) {
		if (has_term(*alias, term))
			return true;
	}
	return false;
}

/* What is not a letter or digit stands between terms. */
static bool
is_like(const struct us_thing *thing, struct us_str like)
{
	size_t i = 0, begin;

	while (i < like.n) {
		if ((unsigned char)like.p[i] < 0x80 &&
		    !isalnum((unsigned char)like.p[i])) {
			i++;
			continue;
		}
		begin = i;
		while (i < like.n && ((unsigned char)like.p[i] >= 0x80 ||
					 isalnum((unsigned char)like.p[i])))
			i++;
		if (!thing_has_term(
			thing, (struct us_str){like.p + begin, i - begin}))
			return false;
	}
	return true;
}

static void
put_item(struct listing *l, const struct us_thing *thing, bool has)
{
	us_buf_puts(l->out, l->n ? ",{\"key\":" : "{\"key\":");
	us_buf_json(l->out, thing->id);
	us_buf_puts(l->out, ",\"group\":");
	us_buf_json(l->out, thing->group);
	us_buf_puts(l->out, ",\"value\":");
	us_buf_json(l->out, thing->label.n ? thing->label : thing->id);
	us_buf_printf(l->out, ",\"isPreexisting\":%s}", has ? "true" : "false");
}

static bool
list_thing(void *arg, const struct us_thing *thing)
{
	struct listing *l = arg;
	struct us_item_ask ask = l->args->ask;
	struct us_wanted wanted;
	const char *error;
	bool has = false;

	/* What is not listed takes time too. */
	l->cut = us_clock_ticks() >= l->end;
	if (l->cut)
		return false;
	us_arena_reset(&l->arena);
	ask.a = &l->arena;
	if (!us_thing_allows(thing, ask.access) || !is_like(thing, l->like) ||
	    !us_item_listed(&ask, thing, &wanted, &error) ||
	    !l->may(l->arg, &wanted, &l->arena, &has))
		return true;
	/* One more than is shown: then there are more. */
	l->truncated = l->n == l->size;
	if (l->truncated)
		return false;
	put_item(l, thing, has);
	l->n++;
	return true;
}

/* The name of the argument may stand there too, as clients write it. */
static bool
check_words(struct us_args *args)
{
	if (args->words.n <= 2 ||
	    (args->words.n == 3 && us_str_eq_nocase(args->words.v[2],
				       us_str(args->ask.row->argument))))
		return true;
	return us_args_error(args,
	    "ls lists what there is of %.*s %.*s; to look for \"%.*s\", say "
	    "--like",
	    US_ARG(args->ask.service->name.s), US_ARG(args->ask.access),
	    US_ARG(args->words.v[2]));
}

static bool
read_size(struct us_args *args, uint64_t *size)
{
	*size = SIZE_DEFAULT;
	if (!args->given[US_WISH_SIZE_OPTION])
		return true;
	return (us_query_number(args->value[US_WISH_SIZE_OPTION], MOST, size) &&
		   *size) ||
	       us_args_error(args,
		   "\"%.*s\" of --size is no number from 1 to %d",
		   US_ARG(args->value[US_WISH_SIZE_OPTION]), MOST);
}

static void
put_argument(struct us_buf *out, const char *argument)
{
	struct us_buf name = {0};

	for (; *argument; argument++)
		us_buf_putc(&name, (char)tolower((unsigned char)*argument));
	us_buf_json(out, us_buf_str(&name));
	us_buf_free(&name);
}

static void
write_list(struct us_args *args, struct listing *l)
{
	struct us_str any = {0};

	us_buf_puts(l->out, "{\"ok\":true,\"term\":");
	us_buf_json(l->out, l->like);
	us_buf_puts(l->out, ",\"arg\":");
	put_argument(l->out, args->ask.row->argument);
	us_buf_puts(l->out, ",\"items\":[");
	us_shelf_scan(args->ask.shelf, args->ask.service->name.s, any, any,
	    list_thing, l);
	us_buf_printf(l->out, "],\"isTruncated\":%s}",
	    l->cut || l->truncated ? "true" : "false");
	us_arena_free(&l->arena);
}

enum us_listed
us_list_read(const struct us_str *argv, uint32_t argc,
    const struct us_service_list *services, const struct us_shelf *shelf,
    int64_t us, struct us_arena *a, us_list_may *may, void *arg,
    struct us_buf *out)
{
	struct us_args args = {.verb = US_STR("ls"),
	    .services = services,
	    .a = a,
	    .ask = {.shelf = shelf},
	    .error = out};
	struct listing l = {.args = &args,
	    .may = may,
	    .arg = arg,
	    .end = us_clock_ticks() + us,
	    .out = out};

	if (!us_args_read(&args, argv, argc) || !check_words(&args) ||
	    !read_size(&args, &l.size))
		return args.help ? US_LISTED_HELP : US_LISTED_ERROR;
	l.like = args.value[US_WISH_LIKE_OPTION];
	write_list(&args, &l);
	return l.cut ? US_LISTED_CUT : US_LISTED;
}
