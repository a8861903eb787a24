/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usherd: the order of the world.
 *
 * Sockets, certificate and key may need privileges, nothing after them does:
 * they come first, then privileges are dropped, and only then are store and
 * keys opened, whose files so belong to whom usherd has become. It never
 * forks. Threads begin after that, each with all signals blocked; the main
 * thread waits for signals and looks at files once a second.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/cmd.h"
#include "daemon/derive.h"
#include "daemon/log.h"
#include "daemon/orphan.h"
#include "daemon/privs.h"
#include "daemon/route.h"
#include "daemon/supervisor.h"
#include "daemon/world.h"
#include "engine/check.h"
#include "engine/err.h"

#define HEADER_MAX (16u * 1024)
#define BODY_MAX (1024u * 1024)
#define LOOPS_MAX 1024

/* Descriptors beside those of connections. */
#define DESCRIPTORS_MORE 1024

static void
block_signals(sigset_t *waited)
{
	sigemptyset(waited);
	sigaddset(waited, SIGHUP);
	sigaddset(waited, SIGINT);
	sigaddset(waited, SIGTERM);
	pthread_sigmask(SIG_BLOCK, waited, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Who started us may ignore it, and then programs could not be waited
	 * for. */
	signal(SIGCHLD, SIG_DFL);
}

static unsigned
count_loops(const struct us_conf *conf)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (conf->loops)
		return conf->loops;
	if (cores < 1)
		return 1;
	return cores > LOOPS_MAX ? LOOPS_MAX : (unsigned)cores;
}

/* Sockets that were passed are held to the same rule as those of our own. */
static bool
may_listen(const struct us_world *world, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const char *address = us_http_address(world->http, i);

		if (us_conf_may_listen(world->conf, address))
			continue;
		us_log(US_LOG_ERROR,
		    "%s is not of this machine alone, and plain HTTP is for "
		    "it: give tls-cert and tls-key, or plain-http-anywhere",
		    address);
		return false;
	}
	return true;
}

static bool
open_sockets(struct us_world *world, unsigned *listeners)
{
	const struct us_conf *conf = world->conf;
	int *sockets;
	unsigned passed = us_supervisor_sockets(&sockets);
	const struct us_http_conf http = {
	    .listen = conf->listen,
	    .listen_count = passed ? 0 : conf->listen_count,
	    .sockets = sockets,
	    .socket_count = passed,
	    .loops = count_loops(conf),
	    .tls_cert = conf->tls_cert,
	    .tls_key = conf->tls_key,
	    .max_connections = conf->max_connections,
	    .header_ms = conf->header_seconds * 1000,
	    .body_ms = conf->body_seconds * 1000,
	    .idle_ms = conf->idle_seconds * 1000,
	    .max_header = HEADER_MAX,
	    .max_body = BODY_MAX,
	    .max_workflow = US_WORKFLOW_MAX,
	};

	us_privs_descriptors(conf->max_connections + DESCRIPTORS_MORE);
	world->http = us_http_bind(&http);
	free(sockets);
	*listeners = passed ? passed : conf->listen_count;
	return world->http && may_listen(world, *listeners);
}

static bool
open_store(struct us_world *world)
{
	const struct us_conf *conf = world->conf;
	enum us_store_error e = us_store_open(conf->data, conf->store_size,
	    conf->store_reserve, us_derive, &world->store);

	if (e) {
		/* Of anything else the store has said more than we know. */
		if (e != US_STORE_IO)
			us_log(US_LOG_ERROR, "cannot open the store in %s: %s",
			    conf->data, us_store_error_text(e));
		world->store = NULL;
		return false;
	}
	if (!us_due_open(world))
		return false;
	world->writer = us_writer_start(world->store);
	world->key = us_token_key_open(conf->data);
	return world->writer && world->key;
}

static bool
open_orgs(struct us_world *world)
{
	const struct us_conf *conf = world->conf;
	struct us_buf error = {0};
	bool right = true;

	world->orgs = us_calloc(conf->org_count, sizeof(struct us_org *));
	for (unsigned i = 0; right && i < conf->org_count; i++) {
		const struct us_conf_org *org = &conf->orgs[i];

		world->orgs[i] = us_org_open(world, us_str(org->name), i,
		    org, &error);
		right = world->orgs[i] != NULL;
		world->org_count += right;
		if (!right)
			us_log(US_LOG_ERROR, "organisation \"%s\": %.*s",
			    org->name, US_ARG(us_buf_str(&error)));
	}
	us_buf_free(&error);
	return right;
}

/*
 * What goes on by itself. The threads find all of it in the world: they begin
 * when they are woken.
 */
static bool
start_life(struct us_world *world)
{
	world->programs = us_orphans_end(world->conf->data);
	if (world->programs < 0)
		return false;
	world->watches = us_watches_start(world);
	world->keeper = us_keeper_start(world);
	world->couriers = us_couriers_start(world);
	if (!world->watches || !world->keeper || !world->couriers)
		return false;
	us_world_tell_left(world);
	us_keeper_wake(world->keeper);
	us_couriers_wake(world->couriers);
	return true;
}

static void *
make_loop(void *world, unsigned index)
{
	return us_loop_new(world, index);
}

static void
free_loop(void *loop)
{
	us_loop_free(loop);
}

static bool
tell_ready(struct us_world *world, unsigned listeners)
{
	/* Before anybody is told: who reads the line may ask at once. */
	world->ready = true;
	for (unsigned i = 0; i < listeners; i++)
		printf(
		    "usherd: ready on %s\n", us_http_address(world->http, i));
	if (fflush(stdout) != 0)
		us_log(US_LOG_WARNING, "cannot write to standard output: %s",
		    strerror(errno));
	us_supervisor_tell("READY=1");
	return true;
}

static bool
start(struct us_world *world)
{
	const struct us_conf *conf = world->conf;
	unsigned listeners;

	world->metrics = us_metrics_new(count_loops(conf), conf->org_count);
	return open_sockets(world, &listeners) &&
	       us_privs_drop(conf->data, conf->user) && open_store(world) &&
	       open_orgs(world) && start_life(world) &&
	       us_http_start(
		   world->http, make_loop, free_loop, us_route_call, world) &&
	       tell_ready(world, listeners);
}

static void
refresh(struct us_world *world, bool now)
{
	for (unsigned i = 0; i < world->org_count; i++)
		us_org_refresh(world->orgs[i], now);
	us_supervisor_tell("WATCHDOG=1");
}

static void
run(struct us_world *world, const sigset_t *waited)
{
	const struct timespec second = {.tv_sec = 1};

	for (;;) {
		switch (sigtimedwait(waited, NULL, &second)) {
		case SIGTERM:
		case SIGINT:
			return;
		case SIGHUP:
			us_log(US_LOG_INFO, "SIGHUP: reading rules and "
					    "directories again");
			refresh(world, true);
			break;
		default:
			refresh(world, false);
		}
	}
}

/* Nothing happens by itself any more; but all of it may still be told. */
static void
stop_life(struct us_world *world)
{
	if (world->keeper)
		us_keeper_stop(world->keeper);
	if (world->couriers)
		us_couriers_stop(
		    world->couriers, world->conf->drain_seconds * 1000);
}

static void
free_life(struct us_world *world)
{
	if (world->keeper)
		us_keeper_free(world->keeper);
	if (world->couriers)
		us_couriers_free(world->couriers);
	if (world->programs >= 0)
		close(world->programs);
	if (world->watches)
		us_watches_free(world->watches);
}

/*
 * Against the order of the start. Answers under way need workers and writer,
 * work under way needs the writer, which needs the store.
 */
static void
stop(struct us_world *world)
{
	world->stopping = true;
	world->ready = false;
	us_supervisor_tell("STOPPING=1");
	/* First: clients that wait would hold up the drain. */
	if (world->watches)
		us_watches_stop(world->watches);
	if (world->http)
		us_http_stop(world->http, world->conf->drain_seconds * 1000);
	stop_life(world);
	for (unsigned i = 0; i < world->org_count; i++)
		us_org_close(world->orgs[i]);
	free(world->orgs);
	if (world->writer)
		us_writer_stop(world->writer);
	free_life(world);
	if (world->key)
		us_token_key_free(world->key);
	if (world->store)
		us_store_close(world->store);
	us_metrics_free(world->metrics);
}

static int
serve(const struct us_conf *conf)
{
	struct us_world world = {.conf = conf, .programs = -1};
	sigset_t waited;
	bool started;

	us_log_open(conf->log_level, conf->log_json);
	if (conf->clock_file)
		us_clock_follow(conf->clock_file);
	block_signals(&waited);
	started = start(&world);
	if (started) {
		run(&world, &waited);
		us_log(US_LOG_INFO, "stopping");
	}
	stop(&world);
	return started ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct us_conf conf;
	int status;

	if (argc > 1 && strcmp(argv[1], "token") == 0)
		return us_cmd_token(argc - 1, argv + 1);
	status = us_conf_parse(argc, argv, &conf);
	if (status)
		return status < 0 ? 0 : status;
	status = conf.check_only ? us_cmd_check(&conf) : serve(&conf);
	us_conf_free(&conf);
	return status;
}
