/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that need no token: health, figures, and what clients begin with.
 */
#include "daemon/api.h"
#include "daemon/org.h"
#include "daemon/route.h"
#include "daemon/world.h"

#ifndef USHER_VERSION
#define USHER_VERSION "unknown"
#endif

static struct us_world *
world_of(const struct us_call *call)
{
	const struct us_loop *loop = call->loop;

	return loop->world;
}

void
api_healthz(struct us_call *call)
{
	us_call_reply(call, 200, NULL, US_STR("{\"status\":\"ok\"}"));
}

static const char *
readiness(const struct us_world *world)
{
	if (world->ready)
		return "ready";
	return world->stopping ? "stopping" : "starting";
}

/*
 * Ready: rules are loaded and the store is open. Files that broke since do not
 * make it unready, for the last good ones decide; but it says whose they are.
 * What is wrong with them is in the log, for this call asks nobody who he is.
 */
void
api_readyz(struct us_call *call)
{
	struct us_world *world = world_of(call);
	struct us_buf out = {0}, trouble = {0};
	const char *comma = "";

	us_buf_printf(
	    &out, "{\"status\":\"%s\",\"trouble\":[", readiness(world));
	for (unsigned i = 0; i < world->org_count; i++) {
		us_buf_reset(&trouble);
		us_org_trouble(world->orgs[i], &trouble);
		if (!trouble.n)
			continue;
		us_buf_puts(&out, comma);
		us_buf_json(&out, world->orgs[i]->name);
		comma = ",";
	}
	us_buf_puts(&out, "]}");
	us_call_reply(call, world->ready ? 200 : 503, NULL, us_buf_str(&out));
	us_buf_free(&trouble);
	us_buf_free(&out);
}

void
api_metrics(struct us_call *call)
{
	struct us_buf out = {0};

	us_metrics_write(world_of(call), &out);
	us_call_reply(call, 200, "text/plain; version=0.0.4; charset=utf-8",
	    us_buf_str(&out));
	us_buf_free(&out);
}

void
api_openapi(struct us_call *call)
{
	struct us_buf out = {0};

	us_route_openapi(&out);
	us_call_reply(call, 200, NULL, us_buf_str(&out));
	us_buf_free(&out);
}

void
api_jwks(struct us_call *call)
{
	struct us_buf out = {0};

	us_token_jwks(world_of(call)->key, &out);
	us_call_reply(call, 200, NULL, us_buf_str(&out));
	us_buf_free(&out);
}

void
api_version(struct us_call *call)
{
	us_call_reply(
	    call, 200, NULL, US_STR("{\"version\":\"" USHER_VERSION "\"}"));
}

/* "name":"value" and a comma. */
static void
member(struct us_buf *out, const char *name, const char *value)
{
	us_buf_printf(out, "\"%s\":", name);
	us_buf_json(out, us_str(value));
	us_buf_putc(out, ',');
}

static const char *
or_else(const char *value, const char *otherwise)
{
	return value ? value : otherwise;
}

/*
 * The discovery document in the shape that command-line clients expect
 * (SPEC 12): strings where they read strings, though nothing is behind `fs`.
 */
static void
put_discovery(
    const struct us_conf_org *org, const char *url, struct us_buf *out)
{
	us_buf_putc(out, '{');
	member(out, "tenantId", org->name);
	us_buf_puts(out, "\"auth\":{\"type\":\"sso\",\"provider\":{");
	member(out, "ssoProvider", or_else(org->sso_provider, "oidc-pkce"));
	member(out, "providerType", or_else(org->provider_type, ""));
	member(out, "providerId", or_else(org->provider_id, ""));
	member(out, "providerDomain", or_else(org->provider_domain, ""));
	member(out, "clientId", or_else(org->client_id, ""));
	out->n--;
	us_buf_puts(out, "}},\"useProviderToken\":true,\"config\":{"
			 "\"fs\":{\"apiKey\":\"\",\"authDomain\":\"\","
			 "\"projectId\":\"\",\"storageBucket\":\"\","
			 "\"messagingSenderId\":\"\",\"appId\":\"\"},");
	member(out, "appUrl", or_else(org->app_url, url));
	member(out, "environment", "production");
	member(out, "contactMessage",
	    or_else(org->contact, "Ask whoever runs usher for you."));
	member(out, "helpMessage",
	    or_else(org->help, "'p0 --help' lists the commands."));
	member(out, "skipVersionCheck", "true");
	out->n--;
	us_buf_puts(out, "}}");
}

void
api_discovery(struct us_call *call)
{
	const struct us_world *world = world_of(call);
	const struct us_org *org = us_world_org(world, call->params[0]);
	struct us_buf out = {0};
	const char *url;

	if (!org) {
		us_call_error(call, 404, "Not found");
		return;
	}
	url = us_arena_printf(&call->arena, "%s://%s",
	    world->conf->tls_cert ? "https" : "http",
	    us_http_address(world->http, 0));
	put_discovery(&world->conf->orgs[org->index], url, &out);
	us_call_reply(call, 200, NULL, us_buf_str(&out));
	us_buf_free(&out);
}
