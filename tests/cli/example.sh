# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Rules and requests that the tests of the commands share, in $tmp.

# shellcheck disable=SC2154 # of tap.sh
cd "$tmp" || exit 99

cat >rules.usher <<'EOF'
# Shells.
group sre       = okta "00sre" "SRE";
group sre-leads = okta "00lead" "SRE leads";

rule prod-ssh {
	from group sre;
	to ssh access session {
		keep parent id ~ "^prod-";
	}
	approve group sre-leads require reason;
}

rule no-vault {
	from any;
	to ssh {
		keep group name ~ "^vault-";
	}
	deny;
}
EOF

cat >request.json <<'EOF'
{
  "requestor": {"uid": "ana@example.com",
    "groups": [{"directory": "okta", "id": "00sre"}]},
  "resource": {"service": "ssh", "accessType": "session",
    "attributes": {"parent": {"id": "prod-web"}}}
}
EOF
tr -d '\n' <request.json >line
echo >>line

# What is answered to it.
cat >answer <<'EOF'
{"outcome":"incomplete","by":null,"rules":["prod-ssh"],"deniedBy":[],"missing":["reason"],"alternatives":[{"rule":"prod-ssh","index":0,"type":"group","available":false,"missing":["reason"]}]}
EOF

cat >rules.test <<'EOF'
rules "rules.usher";

user "ana@example.com" {
	groups sre;
}

user "lea@example.com" {
	groups sre-leads;
}

test "leads decide" {
	request from "ana@example.com" to ssh access session {
		parent id = "prod-web";
	}
	reason "INC-42";
	expect pending by prod-ssh;
	expect approver "lea@example.com";
	expect not approver "ana@example.com";
}

test "a reason is needed" {
	request from "ana@example.com" to ssh access session {
		parent id = "prod-web";
	}
	expect incomplete missing reason by prod-ssh;
}

test "nobody gets at the vault" {
	request from "ana@example.com" to ssh access session {
		parent id = "prod-web";
		group name = "vault-1";
	}
	reason "INC-42";
	expect denied by no-vault;
}

test "whoever else may" {
	request from "ana@example.com" to ssh access session {
		parent id = "prod-web";
		group name = "vault-1";
	}
	expect denied by no-vault, prod-ssh;
}
EOF

# has FILE REGEX NAME: passes when a line of the file matches.
has()
{
	grep -qE -- "$2" "$1"
	result $? "$3" || note <"$1"
}

# empty FILE NAME
empty()
{
	[ ! -s "$1" ]
	result $? "$2" || note <"$1"
}
