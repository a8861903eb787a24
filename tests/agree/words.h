/* SPDX-License-Identifier: Apache-2.0 */
/* The words of generated rules and requests. */
#ifndef US_TEST_WORDS_H
#define US_TEST_WORDS_H

#define WORDS_ACCESS_MAX 4
#define WORDS_FILTERS_MAX 4

struct words_filter {
	const char *name;
	const char *keys[2]; /* none: a boolean */
};

struct words_service {
	const char *name, *access[WORDS_ACCESS_MAX];
	struct words_filter filters[WORDS_FILTERS_MAX];
};

static const struct words_service words_services[] = {
    {"aws", {"role", "policy", "resource"},
	{{"tag", {"env", "owner"}}, {"account", {"id"}},
	    {"role", {"name", "arn"}}}},
    {"ssh", {"session", "group", "all", "all"},
	{{"sudo", {NULL}}, {"parent", {"id"}}, {"group", {"name"}},
	    {"destination", {"name", "arn"}}}},
    {"rdp", {"session"}, {{"destination", {"name"}}, {"admin", {NULL}}}},
    {"azure-ad", {"group", "role"},
	{{"group", {"name", "id"}}, {"role", {"name"}}}},
    {"entra-id", {"group", "role"},
	{{"group", {"name", "id"}}, {"role", {"name"}}}},
    {"billing-db", {"read", "any thing"},
	{{"table", {"name"}}, {"label", {"env", "a b"}}, {"pii", {NULL}}}},
};

static const char words_custom[] =
    "\"services\":[{\"name\":\"billing-db\",\"accessTypes\":[\"read\","
    "\"any thing\"],\"filters\":{\"table\":[\"name\"],\"label\":\"any\","
    "\"pii\":\"boolean\"}}]";

/* Equal ids in several directories; two names of one directory. */
static const char *const words_directories[] = {
    "okta", "azure-ad", "entra-id", "workspace"};
static const char *const words_group_ids[] = {"g1", "g2", "G1"};

/* Equal but for case, or nearly equal. */
static const char *const words_people[] = {"ana@example.com",
    "ANA@example.com", "bob@example.com", "bob@example.co", "Mia@Example.com",
    "mia@example.com", "\xc3\x84na@example.com", "\xc3\xa4na@example.com"};

static const char *const words_ids[] = {"one", "two", "One"};
static const char *const words_properties[] = {"manager", "Manager"};
static const char *const words_integrations[] = {"pagerduty", "incidentio"};

static const char *const words_values[] = {"", "dev", "dev", "prod",
    "prod-web", "devs", "PROD", "dev\n", "dev\nprod", "d.v", "x", "dhw",
    "\xc3\xbcnder", "aaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab!"};
#define WORDS_HARD "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab!"

/* What has short cuts, what almost has, and what cannot be decided. */
static const char *const words_patterns[] = {"", "^dev$", "^dev$", "prod",
    "^prod", "web$", "dev$", "^(dev|prod)$", "^(?:dev|prod-web)", "d.v",
    "d\\.v", "(?i)prod", "^$", "^", "$", "^dev|prod$", "^prod\\-web$",
    "^(?:prod)$", "(^dev$)", "^\\Qdev\\E$", "\\bprod\\b", "^(|dev)$", "prod|",
    "x*", "^de[v]$", "\\u0064ev", "^dev\\z", "^dev\\Z", "(?m)^dev$",
    "(?m)^prod$", "(?s)dev.prod", "dev.prod", "^.*$", "^.+$", "^[^-]+$",
    "(?x) ^ dev $", "^(?!prod)", "^\xc3\xbc", "^.nder$", "^\\w+$", "^a{3}$",
    "^(a+)+$", "^(a+)+$", "^(?:a|aa)+$", "^(a|b|ab)*c$", "v$|^x",
    "^(dev|(?:prod|x))$", "^(?i:DEV)$", "(?-i)^PROD$", "^dev(?#c)$",
    "^(?<n>dev)$", "x+", ".+", "^dev+",
    "^de$v", "^(de|pr)(v|od)$", "^dev?$", "^deva?$", "^de?+ev$", "^(?>d|de)v$",
    "^(?i)dev$", "^x?(?:dev)?$", "^prod+$", "^de*v", "(?:^|x)dev", "dev(?:$|x)",
    "^\\.nder$", "^d\\.v$", "^(a|b|c|d)(e|f|g|h)(v|w)$", "^prod.?$",
    "prod$^", "^^dev$$", "(?:dev|)$", "^(?:dev)(?:)$", "^de[\\E^v]$",
    "(?xx)^de[ ^v]$", "^\\o{00000000144}ev$", "^\\u{0000000064}ev$"};

#endif
