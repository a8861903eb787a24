/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration: usherd.conf and the flags, which win over it. Every flag
 * is a line of the file under the same name.
 */
#ifndef US_CONF_H
#define US_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum us_log_level { US_LOG_ERROR, US_LOG_WARNING, US_LOG_INFO, US_LOG_DEBUG };

/* A section "provisioner" of an organisation. */
struct us_conf_provisioner {
	const char *name, *type;  /* type: a row of provisioner.def */
	const char **services;    /* whose effects it makes; "*": all others */
	unsigned service_count;
	const char *command;      /* exec: program, absolute path */
	const char *url;          /* webhook */
	unsigned timeout_seconds; /* of one call; default 30 */
	unsigned parallel;        /* calls at a time; default 4 */
};

/* A section "notifier". The log is always told, under the name "log". */
struct us_conf_notifier {
	const char *name, *type;  /* "webhook" */
	const char *url;
	unsigned timeout_seconds;
};

struct us_conf_org {
	const char *name;
	const char *rules, *directory, *inventory, *oncall; /* paths or NULL */
	bool rules_follow;
	/* What clients are told of it: GET /orgs/NAME. NULL: not said. */
	const char *app_url, *contact, *help;
	const char *sso_provider, *provider_type, *provider_id,
	    *provider_domain, *client_id;
	struct us_conf_provisioner *provisioners;
	unsigned provisioner_count;
	struct us_conf_notifier *notifiers;
	unsigned notifier_count;
};

struct us_conf {
	const char *data;            /* folder of store and keys */
	const char **listen;         /* default: 127.0.0.1:8470 */
	unsigned listen_count;
	struct us_conf_org *orgs;    /* at least one */
	unsigned org_count;
	const char *tls_cert, *tls_key;
	bool plain_http_anywhere;    /* plain HTTP beyond loopback */
	const char *user;            /* to drop privileges to, or NULL */
	enum us_log_level log_level;
	bool log_json, foreground, check_only;
	unsigned loops;              /* 0: one per core */
	size_t store_size, store_reserve; /* bytes */
	unsigned max_connections, header_seconds, body_seconds, idle_seconds;
	unsigned drain_seconds;      /* for answers under way at the end */
	const char *clock_file;      /* tests only: the time, in ms */
	void *private_;              /* owns the strings */
};

/*
 * Reads flags and file. 0: go on; 2: bad usage or configuration (exit 2); -1:
 * --help or --version was asked for and answered (exit 0). Messages on stderr.
 */
int us_conf_parse(int argc, char **argv, struct us_conf *conf);
void us_conf_free(struct us_conf *conf);

/*
 * Plain HTTP is for this machine alone, unless told otherwise: may a listener
 * at this address ("127.0.0.1:8470") be started?
 */
bool us_conf_may_listen(const struct us_conf *conf, const char *address);

#endif
