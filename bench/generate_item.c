/* SPDX-License-Identifier: Apache-2.0 */
/* What people ask for: items of eight services, and their attributes. */
#include <string.h>

#include "bench/generate.h"

static const char *const teams[] = {"atlas", "billing", "checkout", "core",
    "data", "delivery", "fraud", "growth", "identity", "infra", "ledger",
    "mobile", "network", "observability", "payments", "platform", "pricing",
    "search", "storefront", "warehouse"};
static const char *const envs[] = {
    "dev", "prod", "qa", "sandbox", "staging", "test"};
static const char *const regions[] = {"ap-south-1", "ap-southeast-2",
    "eu-central-1", "eu-west-1", "us-east-1", "us-west-2"};
static const char *const products[] = {"bigquery", "cloudsql", "compute",
    "container", "dataflow", "pubsub", "run", "secretmanager", "storage"};
static const char *const roles[] = {
    "admin", "audit", "deploy", "editor", "operator", "owner", "viewer"};
static const char *const verbs[] = {
    "create", "delete", "get", "list", "setIamPolicy", "update"};
static const char *const things[] = {
    "bucket", "database", "dataset", "function", "instance", "queue", "topic"};

/* In a text: t team, e environment, r region, p product, o role, v verb, k
 * kind of thing, n number, a account, s subscription. */
static const struct attr attrs[] = {
    {"gcloud", "role", "role", "id", "roles/%p.%o", false},
    {"gcloud", "permission", "permission", "id", "%p.%ks.%v", false},
    {"gcloud", "resource", "resource", "name", "%e-%t-%k-%n", false},
    {"gcloud", "resource", "resource", "type", "%k", false},
    {"gcloud", "resource", "resource", "full-resource-name",
	"//%p.googleapis.com/projects/%t-%e/%ks/%e-%t-%k-%n", false},
    {"aws", "*", "tag", "env", "%e", true},
    {"aws", "*", "tag", "team", "%t", true},
    {"aws", "*", "account", "id", "%a", false},
    {"aws", "role", "role", "name", "%t-%o", false},
    {"aws", "role", "role", "arn", "arn:aws:iam::%a:role/%t/%o-%e", false},
    {"aws", "permission-set", "permission-set", "name", "%t-%e-%o", false},
    {"aws", "permission-set", "permission-set", "arn",
	"arn:aws:sso:::permissionSet/ssoins-%a/ps-%t-%n", false},
    {"aws", "policy", "policy", "arn", "arn:aws:iam::%a:policy/%t-%o-%e",
	false},
    {"aws", "group", "group", "name", "%t-%o-%n", false},
    {"aws", "resource", "resource", "name", "%e-%t-%k-%n", false},
    {"aws", "resource", "resource", "service", "%k", false},
    {"aws", "resource", "resource", "arn", "arn:aws:%k:%r:%a:%e-%t-%k-%n",
	false},
    {"azure", "*", "subscription", "id", "%s", false},
    {"azure", "*", "resource", "name", "%e-%t-vnet-%n", true},
    {"azure", "*", "resource", "id",
	"/subscriptions/%s/resourceGroups/rg-%t-%e/providers/"
	"Microsoft.Network/virtualNetworks/%e-%t-vnet-%n",
	true},
    {"azure", "*", "role", "name", "%t %o", false},
    {"azure", "*", "role", "id",
	"/subscriptions/%s/providers/Microsoft.Authorization/"
	"roleDefinitions/%o-%n",
	false},
    {"ssh", "*", "region", "id", "%r", true},
    {"ssh", "session", "destination", "name", "%t-%k-%n.%e.corp.example.com",
	false},
    {"ssh", "session", "destination", "arn", "arn:aws:ec2:%r:%a:instance/i-%n",
	false},
    {"ssh", "session", "group", "name", "%t-%e", false},
    {"ssh", "session", "sudo", NULL, NULL, false},
    {"ssh", "group", "group", "name", "%t-%e", false},
    {"ssh", "parent", "parent", "id", "%e-%t-%n", false},
    {"k8s", "*", "cluster", "id", "%e-k8s-%n", false},
    {"k8s", "*", "role", "name", "ClusterRole / %o", false},
    {"k8s", "*", "namespace", "name", "%t-%p", false},
    {"k8s", "*", "locator", "name", "Pod / %t-%p / %k-%n", true},
    {"okta", "*", "group", "name", "%t-%o", false},
    {"okta", "*", "group", "id", "00g%a", false},
    {"github", "*", "team", "name", "%t-%e", false},
    {"snowflake", "*", "role", "name", "%t_%o_%e", false},
};

/* As often as they stand here. */
static const struct {
	const char *service, *access;
} offers[] = {{"gcloud", "role"}, {"gcloud", "permission"},
    {"gcloud", "resource"}, {"gcloud", "resource"}, {"aws", "role"},
    {"aws", "role"}, {"aws", "permission-set"}, {"aws", "policy"},
    {"aws", "group"}, {"aws", "resource"}, {"azure", "role"},
    {"azure", "resource"}, {"ssh", "session"}, {"ssh", "session"},
    {"ssh", "group"}, {"ssh", "parent"}, {"k8s", "resource"},
    {"k8s", "resource"}, {"okta", "group"}, {"github", "team"},
    {"snowflake", "role"}, {"snowflake", "sql"}};

const char *
generate_env(uint64_t *state)
{
	return PICK(state, envs);
}

void
generate_item(const struct generate *g, uint32_t number, struct item *item)
{
	uint64_t state = generate_begin(g, SERIES_ITEM, number);
	uint32_t offer = random_below(&state, sizeof(offers) / sizeof(*offers));

	*item = (struct item){
	    .number = number,
	    .service = offers[offer].service,
	    .access = offers[offer].access,
	    .team = PICK(&state, teams),
	    .env = PICK(&state, envs),
	    .region = PICK(&state, regions),
	    .product = PICK(&state, products),
	    .role = PICK(&state, roles),
	    .verb = PICK(&state, verbs),
	    .thing = PICK(&state, things),
	    .count = random_below(&state, 40),
	    .account = random_below(&state, 400),
	    .sudo = generate_chance(&state, 30),
	    .bare = generate_chance(&state, 20),
	};
}

unsigned
generate_attrs(const struct item *item, const struct attr **out)
{
	const struct attr *end = attrs + sizeof(attrs) / sizeof(*attrs);
	unsigned n = 0;

	for (const struct attr *a = attrs; a != end; a++) {
		if (strcmp(a->service, item->service) == 0 &&
		    (*a->access == '*' ||
			strcmp(a->access, item->access) == 0) &&
		    !(a->optional && item->bare))
			out[n++] = a;
	}
	return n;
}

static void
put_part(struct us_buf *out, const struct item *item, char what)
{
	switch (what) {
	case 't':
		us_buf_puts(out, item->team);
		break;
	case 'e':
		us_buf_puts(out, item->env);
		break;
	case 'r':
		us_buf_puts(out, item->region);
		break;
	case 'p':
		us_buf_puts(out, item->product);
		break;
	case 'o':
		us_buf_puts(out, item->role);
		break;
	case 'v':
		us_buf_puts(out, item->verb);
		break;
	case 'k':
		us_buf_puts(out, item->thing);
		break;
	case 'n':
		us_buf_printf(out, "%u", item->count);
		break;
	case 'a':
		us_buf_printf(out, "1%011u", item->account * 7919);
		break;
	case 's':
		us_buf_printf(out, "%08x-0000-4000-8000-%012x", item->account,
		    item->account);
		break;
	}
}

void
generate_put_value(
    struct us_buf *out, const struct item *item, const struct attr *attr)
{
	for (const char *p = attr->text; *p; p++) {
		if (*p == '%')
			put_part(out, item, *++p);
		else
			us_buf_putc(out, *p);
	}
}
