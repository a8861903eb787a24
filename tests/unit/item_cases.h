/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cases of item.c: an inventory; what is asked for, with its canonical
 * name and its attributes; what is refused, and with which words. Arguments
 * have a '|' between them.
 */
#ifndef US_TEST_ITEM_CASES_H
#define US_TEST_ITEM_CASES_H

static const char inventory_text[] =
    "{\"items\":["
    "{\"service\":\"ssh\",\"accessTypes\":[\"session\"],\"id\":\"web-1\","
    "\"aliases\":[\"w1\"],\"label\":\"Web 1\",\"group\":\"web\","
    "\"attributes\":{\"parent\":{\"id\":\"prod-web\"},\"provider\":{\"id\":"
    "\"self-hosted\"},\"region\":{\"id\":\"eu\"}},"
    "\"connect\":{\"hostname\":\"web-1.example.com\"}},"
    "{\"service\":\"ssh\",\"accessTypes\":[\"session\"],\"id\":\"bare\"},"
    "{\"service\":\"ssh\",\"accessTypes\":[\"session\"],\"id\":\"nosudo\","
    "\"attributes\":{\"sudo\":false}},"
    "{\"service\":\"ssh\",\"accessTypes\":[\"group\"],\"id\":\"web\","
    "\"attributes\":{\"provider\":{\"id\":\"aws\"}}},"
    "{\"service\":\"ssh\",\"accessTypes\":[\"group\"],\"id\":\"db\"},"
    "{\"service\":\"ssh\",\"accessTypes\":[\"parent\"],\"id\":\"p1\"},"
    "{\"service\":\"aws\",\"accessTypes\":[\"role\"],\"id\":"
    "\"arn:aws:iam::111122223333:role/Deploy\",\"aliases\":[\"deployer\"],"
    "\"attributes\":{\"tag\":{\"p0_grantable\":\"true\"}}},"
    "{\"service\":\"aws\",\"accessTypes\":[\"role\"],\"id\":\"Ops\","
    "\"attributes\":{\"account\":{\"id\":\"111122223333\"},\"role\":{"
    "\"arn\":\"arn:aws:iam::111122223333:role/x/Ops\"}}},"
    "{\"service\":\"gcloud\",\"accessTypes\":[\"role\"],\"id\":"
    "\"roles/viewer\",\"label\":\"Viewer\"},"
    "{\"service\":\"okta\",\"accessTypes\":[\"group\"],\"id\":\"00abc\","
    "\"aliases\":[\"Devs\"],\"attributes\":{\"group\":{\"id\":\"00abc\","
    "\"name\":\"Devs\"}}},"
    "{\"service\":\"k8s\",\"accessTypes\":[\"resource\"],\"id\":\"view\","
    "\"attributes\":{\"cluster\":{\"id\":\"c1\"}}},"
    "{\"service\":\"rdp\",\"accessTypes\":[\"session\"],\"id\":\"desk-1\"},"
    "{\"service\":\"file-transfer\",\"accessTypes\":[\"session\"],\"id\":"
    "\"files-1\"},"
    "{\"service\":\"azure\",\"accessTypes\":[\"resource\"],\"id\":"
    "\"/subscriptions/5F1C/resourceGroups/Pay\",\"aliases\":[\"pay\"],"
    "\"attributes\":{\"resource\":{\"name\":\"critical-pay\"}}},"
    "{\"service\":\"azure\",\"accessTypes\":[\"role\"],\"id\":"
    "\"Break GLASS\",\"attributes\":{\"role\":{\"id\":\"x\"}}},"
    "{\"service\":\"aws\",\"accessTypes\":[\"role\"],\"id\":"
    "\"arn:aws-cn:iam::222233334444:role/dev/Cn\"},"
    "{\"service\":\"aws\",\"accessTypes\":[\"role\"],\"id\":\"Anywhere\","
    "\"attributes\":{\"tag\":{\"a\":\"b\"}}},"
    "{\"service\":\"gcloud\",\"accessTypes\":[\"resource\"],\"id\":"
    "\"//storage.googleapis.com/projects/p/buckets/payroll\"},"
    "{\"service\":\"workspace\",\"accessTypes\":[\"group\"],\"id\":"
    "\"Pay@Example.com\",\"aliases\":[\"PAID@example.com\"]},"
    "{\"service\":\"entra-id\",\"accessTypes\":[\"group\"],\"id\":"
    "\"PAY \xc3\x84\"},"
    "{\"service\":\"snowflake\",\"accessTypes\":[\"role\"],\"id\":"
    "\"payer\"},"
    "{\"service\":\"billing-db\",\"accessTypes\":[\"read\"],\"id\":"
    "\"invoices\",\"attributes\":{\"table\":{\"name\":\"invoices\"}}}"
    "]}";

#define GUID "0000aaaa-0000-0000-0000-000000000001"

static const struct {
	const char *line, *item, *attributes;
} wanted[] = {
    /* gcloud */
    {"gcloud|role|editor", "roles/editor",
	"{\"role\":{\"id\":\"roles/editor\"}}"},
    {"gcloud|role|roles/editor", "roles/editor",
	"{\"role\":{\"id\":\"roles/editor\"}}"},
    {"gcloud|role|viewer", "roles/viewer",
	"{\"role\":{\"id\":\"roles/viewer\"}}"},
    {"gcloud|role|projects/p/roles/r", "projects/p/roles/r",
	"{\"role\":{\"id\":\"projects/p/roles/r\"}}"},
    {"gcloud|role|editor|--resource|//storage.googleapis.com/b",
	"roles/editor?resource=//storage.googleapis.com/b",
	"{\"resource\":{\"full-resource-name\":\"//storage.googleapis.com/b\","
	"\"type\":\"bucket\",\"name\":\"b\"},\"role\":{\"id\":"
	"\"roles/editor\"}}"},
    {"gcloud|permission|compute.instances.get", "compute.instances.get",
	"{\"permission\":{\"id\":\"compute.instances.get\"}}"},
    {"gcloud|resource|//bigquery.googleapis.com/projects/p/datasets/d/tables/t",
	"//bigquery.googleapis.com/projects/p/datasets/d/tables/t",
	"{\"resource\":{\"full-resource-name\":"
	"\"//bigquery.googleapis.com/projects/p/datasets/d/tables/t\","
	"\"type\":\"table\",\"name\":\"t\"}}"},
    {"gcloud|resource|//compute.googleapis.com/projects/p/zones/z/instances/i",
	"//compute.googleapis.com/projects/p/zones/z/instances/i",
	"{\"resource\":{\"full-resource-name\":"
	"\"//compute.googleapis.com/projects/p/zones/z/instances/i\","
	"\"type\":\"instance\",\"name\":\"i\"}}"},
    {"gcloud|resource|//iam.googleapis.com/projects/p/serviceAccounts/e@x",
	"//iam.googleapis.com/projects/p/serviceAccounts/e@x",
	"{\"resource\":{\"full-resource-name\":"
	"\"//iam.googleapis.com/projects/p/serviceAccounts/e@x\","
	"\"type\":\"serviceaccount\",\"name\":\"e@x\"}}"},
    {"gcloud|resource|//storage.googleapis.com/b/objects/a/b",
	"//storage.googleapis.com/b/objects/a/b",
	"{\"resource\":{\"full-resource-name\":"
	"\"//storage.googleapis.com/b/objects/a/b\",\"type\":\"object\","
	"\"name\":\"a/b\"}}"},
    /* aws: what an inventory has to say is not known without it */
    {"aws|role|Admin", "Admin",
	"{\"role\":{\"name\":\"Admin\",\"arn\":null},\"account\":{\"id\":null},"
	"\"tag\":null}"},
    {"aws|role|Admin|--account|111122223333", "Admin?account=111122223333",
	"{\"account\":{\"id\":\"111122223333\"},\"role\":{\"name\":\"Admin\","
	"\"arn\":null},\"tag\":null}"},
    {"aws|role|arn:aws:iam::111122223333:role/path/Admin",
	"arn:aws:iam::111122223333:role/path/Admin?account=111122223333",
	"{\"account\":{\"id\":\"111122223333\"},\"role\":{\"name\":\"Admin\","
	"\"arn\":\"arn:aws:iam::111122223333:role/path/Admin\"},\"tag\":null}"},
    {"aws|role|--account=111122223333|arn:aws:iam::111122223333:role/Admin",
	"Admin?account=111122223333",
	"{\"account\":{\"id\":\"111122223333\"},\"role\":{\"name\":\"Admin\","
	"\"arn\":\"arn:aws:iam::111122223333:role/Admin\"},\"tag\":null}"},
    {"aws|role|arn:aws-cn:iam::111122223333:role/Admin",
	"arn:aws-cn:iam::111122223333:role/Admin?account=111122223333",
	"{\"account\":{\"id\":\"111122223333\"},\"role\":{\"name\":\"Admin\","
	"\"arn\":\"arn:aws-cn:iam::111122223333:role/Admin\"},\"tag\":null}"},
    /* one of the inventory, by id, alias, name and account */
    {"aws|role|arn:aws:iam::111122223333:role/Deploy",
	"Deploy?account=111122223333",
	"{\"tag\":{\"p0_grantable\":\"true\"},\"account\":{\"id\":"
	"\"111122223333\"},\"role\":{\"name\":\"Deploy\",\"arn\":"
	"\"arn:aws:iam::111122223333:role/Deploy\"}}"},
    {"aws|role|deployer", "Deploy?account=111122223333",
	"{\"tag\":{\"p0_grantable\":\"true\"},\"account\":{\"id\":"
	"\"111122223333\"},\"role\":{\"name\":\"Deploy\",\"arn\":"
	"\"arn:aws:iam::111122223333:role/Deploy\"}}"},
    {"aws|role|Deploy|--account|111122223333", "Deploy?account=111122223333",
	"{\"tag\":{\"p0_grantable\":\"true\"},\"account\":{\"id\":"
	"\"111122223333\"},\"role\":{\"name\":\"Deploy\",\"arn\":"
	"\"arn:aws:iam::111122223333:role/Deploy\"}}"},
    {"aws|role|Ops", "Ops?account=111122223333",
	"{\"account\":{\"id\":\"111122223333\"},\"role\":{\"arn\":"
	"\"arn:aws:iam::111122223333:role/x/Ops\",\"name\":\"Ops\"}}"},
    {"aws|role|arn:aws:iam::111122223333:role/x/Ops",
	"Ops?account=111122223333",
	"{\"account\":{\"id\":\"111122223333\"},\"role\":{\"arn\":"
	"\"arn:aws:iam::111122223333:role/x/Ops\",\"name\":\"Ops\"}}"},
    {"aws|role|arn:aws:iam::999922223333:role/Ops", "Ops?account=999922223333",
	"{\"account\":{\"id\":\"999922223333\"},\"role\":{\"name\":\"Ops\","
	"\"arn\":\"arn:aws:iam::999922223333:role/Ops\"},\"tag\":null}"},
    {"aws|group|Devs|--account|111122223333", "Devs?account=111122223333",
	"{\"account\":{\"id\":\"111122223333\"},\"group\":{\"name\":\"Devs\"},"
	"\"tag\":null}"},
    {"aws|permission-set|ReadOnly", "ReadOnly",
	"{\"permission-set\":{\"name\":\"ReadOnly\",\"arn\":null},\"account\":"
	"{\"id\":null},\"tag\":null}"},
    {"aws|permission-set|arn:aws:sso:::permissionSet/ssoins-1/ps-1",
	"arn:aws:sso:::permissionSet/ssoins-1/ps-1",
	"{\"permission-set\":{\"arn\":"
	"\"arn:aws:sso:::permissionSet/ssoins-1/ps-1\",\"name\":null},"
	"\"account\":{\"id\":null},\"tag\":null}"},
    {"aws|policy|arn:aws:iam::aws:policy/ReadOnly",
	"arn:aws:iam::aws:policy/ReadOnly",
	"{\"policy\":{\"arn\":\"arn:aws:iam::aws:policy/ReadOnly\"},"
	"\"account\":{\"id\":null},\"tag\":null}"},
    {"aws|resource|arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket/key",
	"{\"resource\":{\"arn\":\"arn:aws:s3:::bucket/key\",\"service\":"
	"\"s3\",\"name\":\"key\"},\"account\":{\"id\":null},\"tag\":null}"},
    {"aws|resource|arn:aws:lambda:eu-west-1:111122223333:function:f",
	"arn:aws:lambda:eu-west-1:111122223333:function:f",
	"{\"account\":{\"id\":\"111122223333\"},\"resource\":{\"arn\":"
	"\"arn:aws:lambda:eu-west-1:111122223333:function:f\",\"service\":"
	"\"lambda\",\"name\":\"f\"},\"tag\":null}"},
    /* azure */
    {"azure|role|Reader", "Reader",
	"{\"role\":{\"name\":\"Reader\",\"id\":null},\"subscription\":{\"id\":"
	"null}}"},
    {"azure|role|Reader|--subscription|s1", "Reader?subscription=s1",
	"{\"subscription\":{\"id\":\"s1\"},\"role\":{\"name\":\"Reader\","
	"\"id\":null}}"},
    {"azure|role|Reader|--resource|/subscriptions/s1/resourceGroups/g",
	"Reader?subscription=s1&resource=/subscriptions/s1/resourceGroups/g",
	"{\"subscription\":{\"id\":\"s1\"},\"resource\":{\"id\":"
	"\"/subscriptions/s1/resourceGroups/g\",\"name\":\"g\"},\"role\":{"
	"\"name\":\"Reader\",\"id\":null}}"},
    {"azure|role|/subscriptions/s1/providers/microsoft.authorization/"
     "roleDefinitions/" GUID,
	GUID "?subscription=s1",
	"{\"subscription\":{\"id\":\"s1\"},\"role\":{\"id\":"
	"\"/providers/Microsoft.Authorization/roleDefinitions/" GUID
	"\",\"name\":null}}"},
    {"azure|resource|/subscriptions/s1/resourceGroups/G",
	"/subscriptions/s1/resourceGroups/g",
	"{\"subscription\":{\"id\":\"s1\"},\"resource\":{\"id\":"
	"\"/subscriptions/s1/resourceGroups/g\",\"name\":\"g\"}}"},
    {"azure|resource|/subscriptions/s1|--role|Reader",
	"/subscriptions/s1?role=Reader",
	"{\"role\":{\"name\":\"Reader\",\"id\":null},\"subscription\":{\"id\":"
	"\"s1\"},\"resource\":{\"id\":\"/subscriptions/s1\",\"name\":\"s1\"}}"},
    /* ssh: the inventory's attributes, and nothing else */
    {"ssh|session|web-1", "web-1",
	"{\"parent\":{\"id\":\"prod-web\"},\"provider\":{\"id\":"
	"\"self-hosted\"},\"region\":{\"id\":\"eu\"},\"destination\":{"
	"\"name\":\"web-1\"},\"sudo\":false}"},
    {"ssh|session|w1|--sudo|--provider|self-hosted|--parent|prod-web",
	"web-1?sudo=true",
	"{\"parent\":{\"id\":\"prod-web\"},\"provider\":{\"id\":"
	"\"self-hosted\"},\"region\":{\"id\":\"eu\"},\"destination\":{"
	"\"name\":\"web-1\"},\"sudo\":true}"},
    {"ssh|group|db", "db",
	"{\"group\":{\"name\":\"db\"},\"sudo\":false}"},
    {"ssh|group|db|--region|eu|--sudo", "db?region=eu&sudo=true",
	"{\"region\":{\"id\":\"eu\"},\"group\":{\"name\":\"db\"},"
	"\"sudo\":true}"},
    {"ssh|group|web", "web?provider=aws",
	"{\"provider\":{\"id\":\"aws\"},\"group\":{\"name\":\"web\"},"
	"\"sudo\":false}"},
    {"ssh|parent|p1|--provider|gcloud", "p1?provider=gcloud",
	"{\"provider\":{\"id\":\"gcloud\"},\"parent\":{\"id\":\"p1\"},"
	"\"sudo\":false}"},
    {"ssh|all", "all",
	"{\"provider\":null,\"destination\":null,\"group\":null,\"parent\":"
	"null,\"region\":null,\"sudo\":false}"},
    {"ssh|all|--sudo", "all?sudo=true",
	"{\"provider\":null,\"destination\":null,\"group\":null,\"parent\":"
	"null,\"region\":null,\"sudo\":true}"},
    /* k8s, databases */
    {"k8s|resource|edit|--cluster|c1|--locator|Pod/ns /n",
	"edit?cluster=c1&locator=Pod / ns / n",
	"{\"cluster\":{\"id\":\"c1\"},\"locator\":{\"name\":\"Pod / ns / n\"},"
	"\"namespace\":{\"name\":\"ns\"},\"role\":{\"name\":\"edit\"}}"},
    {"k8s|resource|view|--locator|Pod / ns / n",
	"view?cluster=c1&locator=Pod / ns / n",
	"{\"cluster\":{\"id\":\"c1\"},\"locator\":{\"name\":\"Pod / ns / n\"},"
	"\"namespace\":{\"name\":\"ns\"},\"role\":{\"name\":\"view\"}}"},
    {"pg|role|ro|--instance|i|--database|d", "ro?instance=i&database=d",
	"{\"instance\":{\"id\":\"i\"},\"database\":{\"name\":\"d\"},\"role\":{"
	"\"name\":\"ro\"}}"},
    {"mysql|sql|select 1?|--instance|i|--database|d|--role|ro",
	"select 1%3F?instance=i&database=d&role=ro",
	"{\"instance\":{\"id\":\"i\"},\"database\":{\"name\":\"d\"},\"role\":{"
	"\"name\":\"ro\"}}"},
    {"postgres|sql|select 1|--instance|i|--database|d",
	"select 1?instance=i&database=d",
	"{\"instance\":{\"id\":\"i\"},\"database\":{\"name\":\"d\"},\"role\":{"
	"\"name\":null}}"},
    {"snowflake|role|ANALYST", "ANALYST", "{\"role\":{\"name\":\"ANALYST\"}}"},
    {"snowflake|sql|select 1|--role|A", "select 1?role=A",
	"{\"role\":{\"name\":\"A\"}}"},
    /* groups of directories */
    {"okta|group|Sales", "Sales",
	"{\"group\":{\"name\":\"Sales\",\"id\":null}}"},
    {"okta|group|Devs", "00abc",
	"{\"group\":{\"id\":\"00abc\",\"name\":\"Devs\"}}"},
    {"workspace|group|Eng@Example.com", "eng@example.com",
	"{\"group\":{\"name\":\"eng@example.com\",\"id\":null}}"},
    {"entra-id|group|G", "G", "{\"group\":{\"name\":\"G\",\"id\":null}}"},
    {"azure-ad|role|R", "R", "{\"role\":{\"name\":\"R\"}}"},
    {"github|team|t", "t", "{\"team\":{\"name\":\"t\"}}"},
    /* desktops, files */
    {"rdp|session|desk-1", "desk-1",
	"{\"destination\":{\"name\":\"desk-1\"},\"admin\":false}"},
    {"rdp|session|desk-1|--admin", "desk-1?admin=true",
	"{\"destination\":{\"name\":\"desk-1\"},\"admin\":true}"},
    {"file-transfer|session|files-1", "files-1",
	"{\"destination\":{\"name\":\"files-1\"}}"},
    /* a company's own */
    {"billing-db|read|invoices", "invoices",
	"{\"table\":{\"name\":\"invoices\"}}"},
    {"billing-db|read|salaries", "salaries", "{\"table\":null,\"pii\":null}"},
};

static const struct {
	const char *line, *says;
} refused[] = {
    {"", "there is no service"},
    {"aws", "say what"},
    {"awz|role|x", "did you mean \"aws\""},
    {"aws|rol|x", "did you mean \"role\""},
    {"aws|role", "say which"},
    {"aws|role|x|--acount|1", "did you mean \"--account\""},
    {"aws|role|x|--sudo", "has no option --sudo"},
    {"aws|role|x|--public-key|k", "has no option --public-key"},
    {"aws|role|x|--length|2h", "has no option --length"},
    {"aws|role|x|--reason|a|--reason|b", "given twice"},
    {"aws|role|x|--duration|1h|--requested-duration|1h", "given twice"},
    {"aws|role|x|--reason", "--reason needs a value"},
    {"aws|role|x|--reason|--to", "--reason needs a value"},
    {"ssh|session|web-1|--sudo=no", "--sudo has no value"},
    {"aws|role|x|--duration|soon", "is no length"},
    {"aws|role|x|--duration|0h", "is no length"},
    {"aws|role|x|--principal-type|robot", "is no type"},
    {"aws|role| ", "an empty name"},
    {"aws|role|a\nb", "no line ends"},
    {"aws|role|a\x1b[1m", "control character"},
    /* aws */
    {"aws|role|x|--account|prod", "is no AWS account"},
    {"aws|role|path/x", "is no name in AWS"},
    {"aws|role|arn:aws:iam::111122223333", "is no ARN"},
    {"aws|role|arn:aws:iam::1:role/x", "expected 12 digits"},
    {"aws|role|arn:other:iam::111122223333:role/x", "partition \"other\""},
    {"aws|role|arn:aws:iam::111122223333:user/x", "names something else"},
    {"aws|role|arn:aws:iam::111122223333:role/", "is no ARN"},
    {"aws|policy|ReadOnly", "is no ARN"},
    {"aws|resource|bucket", "is no ARN"},
    {"aws|role|arn:aws:iam::111122223333:role/x|--account|444455556666",
	"have to be the same"},
    {"aws|role|deployer|--account|444455556666", "have to be the same"},
    {"aws|role|Ops|--account|444455556666",
	"and the inventory says \"111122223333\""},
    /* gcloud, azure */
    {"gcloud|resource|storage", "is no full resource name"},
    {"gcloud|resource|//storage.googleapis.com", "a collection and a name"},
    {"gcloud|resource|//compute.googleapis.com/projects/p/zones",
	"a collection and a name"},
    {"gcloud|resource|//compute.googleapis.com/projects//zones/z",
	"no empty part"},
    {"azure|resource|vm", "is no id of Azure"},
    {"azure|resource|/subscriptions/s1/resourceGroups", "is no id of Azure"},
    {"azure|resource|/subscriptions//resourceGroups/x", "is no id of Azure"},
    {"azure|role|Reader|--subscription|s1|--resource|/subscriptions/s2",
	"have to be the same"},
    {"azure|role|/subscriptions/s2/providers/Microsoft.Authorization/"
     "roleDefinitions/" GUID "|--subscription|s1",
	"have to be the same"},
    /* ssh: only what is listed, and only as it is listed */
    {"ssh|session|web-9", "in the inventory"},
    {"ssh|group|web-9", "in the inventory"},
    {"ssh|parent|web-9", "in the inventory"},
    {"ssh|session|web", "in the inventory"},
    {"ssh|session|web-1|--provider|aws",
	"and the inventory says \"self-hosted\""},
    {"ssh|session|web-1|--provider|ibm", "there is no provider"},
    {"ssh|session|web-1|--parent|dev", "and the inventory says \"prod-web\""},
    {"ssh|session|web-1|--region|us", "and the inventory says \"eu\""},
    {"ssh|session|bare|--provider|aws", "which the inventory does not say"},
    {"ssh|session|bare|--parent|dev", "which the inventory does not say"},
    {"ssh|session|bare|--region|eu", "which the inventory does not say"},
    {"ssh|session|bare|--group|web", "has no option --group"},
    {"ssh|session|nosudo|--sudo", "cannot be asked for with --sudo"},
    {"ssh|group|web|--provider|azure", "and the inventory says \"aws\""},
    {"ssh|all|web-1", "takes no name"},
    {"ssh|all|--region|eu", "has no option --region"},
    {"rdp|session|desk-9", "in the inventory"},
    {"rdp|session|web-1", "in the inventory"},
    {"file-transfer|session|web-1", "in the inventory"},
    /* k8s, databases */
    {"k8s|resource|edit|--cluster|c1", "--locator is missing"},
    {"k8s|resource|edit|--locator|A / b / c", "--cluster is missing"},
    {"k8s|resource|view|--cluster|c2|--locator|A/b/c",
	"and the inventory says \"c1\""},
    {"k8s|resource|edit|--cluster|c1|--locator|A/b", "is no locator"},
    {"k8s|resource|edit|--cluster|c1|--locator|A/b/c/d", "is no locator"},
    {"pg|role|ro|--instance|i", "--database is missing"},
    {"pg|role|ro|--database|d", "--instance is missing"},
    {"pg|sql|select|1|--instance|i|--database|d", "one TEXT at a time"},
    {"snowflake|sql|select 1", "--role is missing"},
    /* what would be a second name of a thing, or claims where it is */
    {"gcloud|resource|//storage.googleapis.com/pay%72oll", "none of % ?"},
    {"gcloud|resource|//storage.googleapis.com./payroll", "is no full"},
    {"gcloud|resource|//storage.example.com/payroll", "is no full"},
    {"gcloud|resource|//googleapis.com/payroll", "is no full"},
    {"gcloud|resource|//www.googleapis.com/storage/v1/b/x", "is no full"},
    {"gcloud|resource|//storage.googleapis.com/buckets/payroll",
	"BUCKET/objects/NAME"},
    {"gcloud|resource|//storage.googleapis.com/b/datasets/d",
	"BUCKET/objects/NAME"},
    {"gcloud|resource|//storage.googleapis.com/payroll/", "no empty part"},
    {"gcloud|resource|//compute.googleapis.com/projects/p/zones/../x/y",
	"is no full"},
    {"gcloud|resource|//compute.googleapis.com/projects/1234/zones/z",
	"name it by its id"},
    {"gcloud|role|viewer/", "is no role of"},
    {"gcloud|role|projects/1234/roles/r", "name it by its id"},
    {"aws|resource|arn:aws:S3:::payroll", "is no ARN"},
    {"aws|resource|arn:aws:s3:eu-west-1:111122223333:payroll", "is no ARN"},
    {"aws|role|arn:aws:iam::111122223333:role/a:Admin", "has a : in"},
    {"aws|role|arn:aws:iam::111122223333:role/dev/Deploy",
	"and the inventory says"},
    {"aws|role|arn:aws:iam::111122223333:role/Ops", "and the inventory says"},
    {"aws|role|arn:aws:iam::222233334444:role/Cn", "and the inventory says"},
    {"azure|resource|/subscriptions/s1/resourceGroups/p%61y",
	"is no id of Azure"},
    {"azure|resource|/subscriptions/s1/resourceGroups/../x/y",
	"is no id of Azure"},
    {"azure|resource|/subscriptions/s1/resourceGroups/\xc3\xa4",
	"outside of ASCII"},
    {"azure|role|Owner|--subscription|/subscriptions/s1", "is no subscription"},
    {"azure|role|providers/x", "is no name of a role"},
    {"azure|role|/providers/x/roleDefinitions/" GUID, "is no id of a role"},
    {"entra-id|group|\xc3\xa4", "outside of ASCII"},
    {"workspace|group|developers", "is no e-mail"},
    {"workspace|group|a@example.com.", "is no e-mail"},
    {"k8s|resource|edit|--cluster|c1|--locator|po / a / b", "is no locator"},
    {"snowflake|role|a\"b", "quotation mark"},
    /* what is not seen */
    {"aws|role|a\xe2\x80\xae", "U+202E"},
    {"aws|role|Admin\xe2\x80\x8b", "U+200B"},
    {"aws|role| Admin", "begins or ends with a blank"},
    {"azure|role|Owner ", "begins or ends with a blank"},
    {"azure|role|Owner|--subscription|s1 ", "begins or ends with a blank"},
    {"okta|group|Cafe\xcc\x81", "Unicode's form NFC"},
    {"aws|role|a\xc2\x9b", "control character U+009B"},
    {"aws|role|x|--reason|a\x1b[1m", "control character U+001B"},
    {"aws|role|x|--reason|a\xc2\x85", "control character U+0085"},
    {"pg|sql|select \xe2\x80\xae|--instance|i|--database|d", "U+202E"},
    {"pg|role|x|--instance|\xe2\x80\xaei|--database|d", "U+202E"},
    /* all that is wrong is named */
    {"ssh|session|web-1|web-8|web-9", "\"web-8\""},
    {"ssh|session|web-1|web-8|web-9", "\"web-9\""},
    {"billing-db|read|x|--table|y", "has no option --table"},
};

/* Two spellings of one thing: then all that is said of it is the same. */
static const struct {
	const char *one, *other;
} equal[] = {
#define AZ "/subscriptions/5F1C/resourceGroups/"
#define ROLE "/providers/Microsoft.Authorization/roleDefinitions/"
    {"azure|resource|" AZ "Pay", "azure|resource|pay"},
    {"azure|resource|" AZ "Pay",
	"azure|resource|/SUBSCRIPTIONS/5f1c/resourcegroups/PAY"},
    {"azure|resource|" AZ "prod", "azure|resource|"
				  "/Subscriptions/5f1C/resourcegroups/PROD"},
    {"azure|resource|" AZ "prod|--role|owner",
	"azure|resource|" AZ "PROD|--role|OWNER"},
    {"azure|role|owner", "azure|role|OWNER"},
    {"azure|role|user access administrator",
	"azure|role|User Access Administrator"},
    {"azure|role|break glass", "azure|role|Break GLASS"},
    {"azure|role|Break Glass|--subscription|A",
	"azure|role|break GLASS|--subscription|a"},
    {"azure|role|Owner|--subscription|5F1C",
	"azure|role|owner|--subscription|5f1c"},
    {"azure|role|Owner|--resource|" AZ "pay",
	"azure|role|owner|--resource|" AZ "PAY|--subscription|5F1c"},
    {"azure|role|" GUID, "azure|role|" ROLE GUID},
    {"azure|role|/subscriptions/s1" ROLE GUID,
	"azure|role|0000AAAA-0000-0000-0000-000000000001|--subscription|S1"},
    {"azure|resource|" AZ "x|--role|" GUID,
	"azure|resource|" AZ "x|--role|/subscriptions/5f1c" ROLE GUID},
    {"aws|role|arn:aws:iam::111122223333:role/Admin",
	"aws|role|arn:aws:iam::111122223333:role/Admin|--account|111122223333"},
    {"aws|role|arn:aws:iam::111122223333:role/Deploy",
	"aws|role|DEPLOY|--account|111122223333"},
    {"aws|role|deployer", "aws|role|Deployer|--account|111122223333"},
    {"aws|role|Ops", "aws|role|arn:aws:iam::111122223333:role/x/Ops"},
    {"aws|role|Cn|--account|222233334444",
	"aws|role|arn:aws-cn:iam::222233334444:role/dev/Cn"},
    {"aws|role|Anywhere|--account|111122223333",
	"aws|role|arn:aws:iam::111122223333:role/y/anywhere"},
    {"aws|group|arn:aws:iam::111122223333:group/Devs",
	"aws|group|Devs|--account|111122223333"},
    {"gcloud|role|viewer", "gcloud|role|roles/viewer"},
    {"gcloud|resource|//storage.googleapis.com/payroll",
	"gcloud|resource|//Storage.googleapis.com/projects/_/buckets/payroll"},
    {"gcloud|resource|//storage.googleapis.com/projects/p/buckets/payroll",
	"gcloud|resource|//storage.googleapis.com/payroll"},
    {"gcloud|resource|//storage.googleapis.com/b/objects/o",
	"gcloud|resource|"
	"//storage.googleapis.com/projects/p/buckets/b/objects/o"},
    {"gcloud|role|viewer|--resource|//COMPUTE.googleapis.com/projects/p/zones/"
     "z",
	"gcloud|role|roles/viewer|--resource|//compute.googleapis.com/"
	"projects/p/zones/z"},
    {"workspace|group|pay@example.com", "workspace|group|PAY@EXAMPLE.COM"},
    {"workspace|group|paid@example.com", "workspace|group|pay@example.com"},
    {"workspace|group|Eng@example.com", "workspace|group|eng@Example.com"},
    {"entra-id|group|Prod-Admins", "entra-id|group|prod-admins"},
    {"azure-ad|role|Global Administrator",
	"azure-ad|role|global administrator"},
    {"github|team|Platform", "github|team|platform"},
    {"snowflake|role|analyst", "snowflake|role|\"ANALYST\""},
    {"snowflake|role|PAYER", "snowflake|role|payer"},
    {"snowflake|sql|select 1|--role|analyst",
	"snowflake|sql|select 1|--role|ANALYST"},
    {"k8s|resource|edit|--cluster|c|--locator|Pod/a/b",
	"k8s|resource|edit|--cluster|c|--locator|pods /  a / b"},
    {"ssh|session|w1", "ssh|session|web-1|--provider|self-hosted"},
};

/* Different things, however alike they look. */
static const struct {
	const char *one, *other;
} different[] = {
    {"azure|resource|" AZ "a", "azure|resource|" AZ "b"},
    {"azure|role|" GUID, "azure|role|" GUID "|--subscription|s1"},
    {"azure|role|Owner|--subscription|a", "azure|role|Owner|--subscription|b"},
    {"aws|role|arn:aws:iam::111122223333:role/Admin",
	"aws|role|arn:aws:iam::111122223333:role/dev/Admin"},
    {"aws|role|arn:aws:iam::111122223333:role/Admin",
	"aws|role|arn:aws:iam::444455556666:role/Admin"},
    {"aws|role|arn:aws:iam::111122223333:role/Admin",
	"aws|role|arn:aws-cn:iam::111122223333:role/Admin"},
    {"aws|role|Ops|--account|111122223333",
	"aws|role|arn:aws:iam::999922223333:role/Ops"},
    {"gcloud|role|viewer", "gcloud|role|projects/p/roles/viewer"},
    {"gcloud|resource|//storage.googleapis.com/b",
	"gcloud|resource|//storage.googleapis.com/b/objects/b"},
    {"gcloud|resource|//storage.googleapis.com/b/objects/o",
	"gcloud|resource|//storage.googleapis.com/b/objects/O"},
    {"snowflake|role|analyst", "snowflake|role|\"analyst\""},
    {"snowflake|role|my-role", "snowflake|role|MY-ROLE"},
    {"k8s|resource|edit|--cluster|c|--locator|Pod/a/b",
	"k8s|resource|edit|--cluster|c|--locator|Secret/a/b"},
    {"pg|role|ro|--instance|i|--database|d",
	"pg|role|RO|--instance|i|--database|d"},
    {"ssh|session|web-1", "ssh|session|web-1|--sudo"},
    {"okta|group|Devs", "okta|group|devs"},
#undef AZ
#undef ROLE
};

#endif
