/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading usherd.conf. The only file that includes confuse.h; libconfuse
 * knows the syntax, conf_row.c what the values mean.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

#include "daemon/conf_file.h"
#include "engine/err.h"

#define ROWS_MAX 64
#define FILE_MAX (1024u * 1024)

/* --- The text ----------------------------------------------------------- */

/*
 * libconfuse loses count of lines in comments, and takes the end of the file
 * for that of an open section: so comments are blanked before it reads, and
 * braces counted.
 */
struct scan {
	char *p;
	unsigned line, depth, opened; /* opened: line of the outermost brace */
};

/* Blanks to the end of the comment that begins at s->p. */
static void
blank_comment(struct scan *s)
{
	bool long_one = s->p[0] == '/' && s->p[1] == '*';
	bool last = false;

	/* The star of its beginning is not that of its end. */
	if (long_one)
		*s->p++ = ' ', *s->p++ = ' ';
	while (*s->p && !last && (long_one || *s->p != '\n')) {
		last = long_one && s->p[0] == '*' && s->p[1] == '/';
		if (last)
			*s->p++ = ' ';
		if (*s->p == '\n')
			s->line++;
		else
			*s->p = ' ';
		s->p++;
	}
}

static void
skip_string(struct scan *s)
{
	char quote = *s->p++;

	for (; *s->p && *s->p != quote; s->p++) {
		if (*s->p == '\\' && s->p[1])
			s->p++;
		s->line += *s->p == '\n';
	}
	if (*s->p)
		s->p++;
}

static void
scan_one(struct scan *s)
{
	switch (*s->p) {
	case '{':
		if (!s->depth++)
			s->opened = s->line;
		break;
	case '}':
		s->depth -= s->depth > 0;
		break;
	case '\n':
		s->line++;
		break;
	}
	s->p++;
}

/* Makes text fit for libconfuse; the line of a brace that stays open, or 0. */
static unsigned
prepare(char *text)
{
	struct scan s = {.p = text, .line = 1};

	while (*s.p) {
		if (*s.p == '#' ||
		    (*s.p == '/' && (s.p[1] == '/' || s.p[1] == '*')))
			blank_comment(&s);
		else if (*s.p == '"' || *s.p == '\'')
			skip_string(&s);
		else
			scan_one(&s);
	}
	return s.depth ? s.opened : 0;
}

/* All of a file; NULL after a message. */
static char *
read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = us_calloc(1, FILE_MAX + 1);
	bool right = false;

	if (file) {
		fread(text, 1, FILE_MAX, file);
		right = !ferror(file);
	}
	if (!right)
		us_conf_complain("cannot read %s: %s", path, strerror(errno));
	else if (!feof(file))
		right = us_conf_complain(
		    "%s is longer than %u bytes", path, FILE_MAX);
	if (file)
		fclose(file);
	if (right)
		return text;
	free(text);
	return NULL;
}

/* --- The rows ----------------------------------------------------------- */

/* Where lines may stand, by the name of their section. */
static unsigned
scope_of(cfg_t *cfg)
{
	static const struct {
		const char *name;
		unsigned scope;
	} sections[] = {
	    {"organisation", US_SCOPE_ORG},
	    {"provisioner", US_SCOPE_PROVISIONER},
	    {"notifier", US_SCOPE_NOTIFIER},
	};

	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		if (strcmp(cfg_name(cfg), sections[i].name) == 0)
			return sections[i].scope;
	}
	return US_SCOPE_LINE;
}

static void
complain_line(cfg_t *cfg, const char *fmt, va_list ap)
{
	struct us_arena arena = {0};
	const char *name;
	va_list first;

	fprintf(stderr, "usherd: %s:%d: ", cfg->filename, cfg->line);
	/* libconfuse names the option, but not what it could have been. */
	if (strcmp(fmt, "no such option '%s'") == 0) {
		va_copy(first, ap);
		name = va_arg(first, const char *);
		va_end(first);
		fprintf(stderr, "there is no option \"%s\"%s", name,
		    us_conf_row_hint(name, scope_of(cfg), &arena));
	} else {
		vfprintf(stderr, fmt, ap);
	}
	fputc('\n', stderr);
	us_arena_free(&arena);
}

/* Tries a value while libconfuse knows its line; it is set afterwards. */
static int
validate(cfg_t *cfg, cfg_opt_t *opt)
{
	const struct us_conf_row *row =
	    us_conf_row_find(cfg_opt_name(opt), scope_of(cfg));
	union {
		struct us_conf conf;
		struct us_conf_org org;
		struct us_conf_provisioner provisioner;
		struct us_conf_notifier notifier;
	} scratch = {0};
	struct us_arena arena = {0};
	struct us_buf wrong = {0};
	unsigned last = cfg_opt_size(opt);
	bool right = true;

	if (row && last)
		right = us_conf_row_set(row, &scratch,
		    cfg_opt_getnstr(opt, last - 1), &arena, &wrong);
	if (!right)
		cfg_error(cfg, "%s: %s", row->name, wrong.p);
	us_buf_free(&wrong);
	us_arena_free(&arena);
	return right ? 0 : -1;
}

/*
 * The rows that may stand there, as libconfuse wants them, and the section of
 * that name. Returns where to put the end, or another section.
 */
static cfg_opt_t *
fill_opts(cfg_opt_t *opts, unsigned scope)
{
	for (unsigned i = 0; i < us_conf_row_count; i++) {
		const struct us_conf_row *row = &us_conf_rows[i];
		const cfg_opt_t text = CFG_STR(row->name, NULL, CFGF_NODEFAULT);
		const cfg_opt_t list =
		    CFG_STR_LIST(row->name, NULL, CFGF_NODEFAULT);

		if (us_conf_row_stands(row, scope))
			*opts++ = row->kind == US_KIND_LIST ? list : text;
	}
	return opts;
}

static cfg_opt_t *
fill_section(cfg_opt_t *opts, const char *name, cfg_opt_t *section)
{
	const cfg_opt_t opt = CFG_SEC(
	    name, section, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);

	*opts = opt;
	return opts + 1;
}

static void
set_validate(cfg_t *cfg, const char *path, unsigned scope)
{
	char name[96];

	for (unsigned i = 0; i < us_conf_row_count; i++) {
		const struct us_conf_row *row = &us_conf_rows[i];

		snprintf(name, sizeof(name), "%s%s", path, row->name);
		if (us_conf_row_stands(row, scope))
			cfg_set_validate_func(cfg, name, validate);
	}
}

static cfg_t *
new_cfg(void)
{
	const cfg_opt_t end = CFG_END();
	cfg_opt_t provisioner[ROWS_MAX], notifier[ROWS_MAX];
	cfg_opt_t org[ROWS_MAX], opts[ROWS_MAX], *last;
	cfg_t *cfg;

	*fill_opts(provisioner, US_SCOPE_PROVISIONER) = end;
	*fill_opts(notifier, US_SCOPE_NOTIFIER) = end;
	last = fill_opts(org, US_SCOPE_ORG);
	last = fill_section(last, "provisioner", provisioner);
	*fill_section(last, "notifier", notifier) = end;
	last = fill_opts(opts, US_SCOPE_LINE);
	*fill_section(last, "organisation", org) = end;
	cfg = cfg_init(opts, CFGF_NONE);
	if (!cfg)
		us_out_of_memory();
	cfg_set_error_function(cfg, complain_line);
	set_validate(cfg, "", US_SCOPE_LINE);
	set_validate(cfg, "organisation|", US_SCOPE_ORG);
	set_validate(cfg, "organisation|provisioner|", US_SCOPE_PROVISIONER);
	set_validate(cfg, "organisation|notifier|", US_SCOPE_NOTIFIER);
	return cfg;
}

/* What the file is read into. */
struct file {
	struct us_conf_lines *lines;
	struct us_arena *arena;
};

/*
 * The values of cfg, which were validated, into base; those of organisations
 * outside of their sections into f->lines.
 */
static void
take_values(struct file *f, cfg_t *cfg, void *base)
{
	unsigned scope = scope_of(cfg);
	struct us_buf wrong = {0};

	for (unsigned i = 0; i < us_conf_row_count; i++) {
		const struct us_conf_row *row = &us_conf_rows[i];
		bool outside =
		    scope == US_SCOPE_LINE && (row->scope & US_SCOPE_OF_ORG);
		void *to = outside ? (void *)&f->lines->outside : base;

		if (!us_conf_row_stands(row, scope))
			continue;
		for (unsigned n = 0; n < cfg_size(cfg, row->name); n++)
			us_conf_row_set(row, to, cfg_getnstr(cfg, row->name, n),
			    f->arena, &wrong);
	}
	us_buf_free(&wrong);
}

static const char *
title_of(struct file *f, cfg_t *section)
{
	return us_arena_str(f->arena, us_str(cfg_title(section))).p;
}

static void
take_provisioners(struct file *f, cfg_t *cfg, struct us_conf_org *org)
{
	unsigned n = cfg_size(cfg, "provisioner");

	org->provisioners =
	    us_arena_alloc(f->arena, (n + 1) * sizeof(*org->provisioners));
	for (unsigned i = 0; i < n; i++) {
		cfg_t *section = cfg_getnsec(cfg, "provisioner", i);
		struct us_conf_provisioner *p = &org->provisioners[i];

		p->name = title_of(f, section);
		us_conf_defaults(US_SCOPE_PROVISIONER, p, f->arena);
		take_values(f, section, p);
	}
	org->provisioner_count = n;
}

static void
take_notifiers(struct file *f, cfg_t *cfg, struct us_conf_org *org)
{
	unsigned n = cfg_size(cfg, "notifier");

	org->notifiers =
	    us_arena_alloc(f->arena, (n + 1) * sizeof(*org->notifiers));
	for (unsigned i = 0; i < n; i++) {
		cfg_t *section = cfg_getnsec(cfg, "notifier", i);
		struct us_conf_notifier *p = &org->notifiers[i];

		p->name = title_of(f, section);
		us_conf_defaults(US_SCOPE_NOTIFIER, p, f->arena);
		take_values(f, section, p);
	}
	org->notifier_count = n;
}

static void
take_org(struct file *f, cfg_t *section)
{
	struct us_conf_org *org = us_list_add(f->arena, &f->lines->orgs);

	org->name = title_of(f, section);
	take_values(f, section, org);
	take_provisioners(f, section, org);
	take_notifiers(f, section, org);
}

/* --- The file ----------------------------------------------------------- */

static bool
parse_text(cfg_t *cfg, const char *path, char *text)
{
	unsigned open = prepare(text);
	FILE *stream = fmemopen(text, strlen(text), "r");
	bool right;

	if (!stream)
		us_out_of_memory();
	cfg->filename = strdup(path);
	right = cfg_parse_fp(cfg, stream) == CFG_SUCCESS;
	fclose(stream);
	if (right && open)
		right = us_conf_complain(
		    "%s:%u: the brace that opens here is not closed", path,
		    open);
	return right;
}

bool
us_conf_file_read(const char *path, struct us_conf *conf,
    struct us_conf_lines *lines, struct us_arena *a)
{
	struct file f = {lines, a};
	char *text = read_text(path);
	cfg_t *cfg = new_cfg();
	bool right = text && parse_text(cfg, path, text);

	if (right)
		take_values(&f, cfg, conf);
	for (unsigned i = 0; right && i < cfg_size(cfg, "organisation"); i++)
		take_org(&f, cfg_getnsec(cfg, "organisation", i));
	cfg_free(cfg);
	free(text);
	return right;
}
