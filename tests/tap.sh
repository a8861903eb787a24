# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Tests in shell, told as TAP; the counterpart of tap.h. A test script begins
# with `. "${0%/*}/../tap.sh"` and ends with `plan_done`. It finds here:
#
#	top	the source tree
#	USHER	the program under test
#	SHARED	the folder of shared conformance data; may not exist
#	tmp	a folder of its own, removed at the end
#
# By hand, `USHER=build/usher sh tests/cli/x.test` runs one script.

set -u
LC_ALL=C
export LC_ALL

tap_run=0
tap_failed=0

top=$(cd "${0%/*}" && pwd)
while [ ! -f "$top/tests/tap.sh" ]; do
	top=${top%/*}
	[ -n "$top" ] || { echo "Bail out! no source tree around $0"; exit 99; }
done
USHER=${USHER:-$top/build/usher}
case $USHER in /*) ;; *) USHER=$PWD/$USHER ;; esac
SHARED=${USHER_SHARED:-$top/../shared}
export USHER SHARED

tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM

# result STATUS NAME: one line of TAP; returns STATUS.
result()
{
	tap_run=$((tap_run + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$tap_run" "$2"
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d - %s\n' "$tap_run" "$2"
	fi
	return "$1"
}

# note: standard input as diagnostics.
note()
{
	sed 's/^/# /'
}

# ok NAME COMMAND...: passes when the command exits 0; shows its output if not.
ok()
{
	ok_name=$1
	shift
	"$@" >"$tmp/ok.out" 2>&1
	result $? "$ok_name" || { note <"$tmp/ok.out"; return 1; }
}

# is GOT WANT NAME: passes when the two texts are equal.
is()
{
	[ "$1" = "$2" ]
	result $? "$3" && return
	printf 'got:  %s\nwant: %s\n' "$1" "$2" | note
	return 1
}

# same GOT-FILE WANT-FILE NAME: passes when the two files are equal.
same()
{
	ok "$3" diff -u "$2" "$1"
}

# golden GOT-FILE WANT-FILE NAME: the same, but with US_UPDATE set, what there is
# becomes what is wanted.
golden()
{
	[ -z "${US_UPDATE-}" ] || cp "$1" "$2"
	same "$@"
}

# status WANT NAME COMMAND...: passes when the command exits so. What it said
# is left in $tmp/out and $tmp/err.
status()
{
	status_want=$1
	status_name=$2
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err"
	is $? "$status_want" "$status_name" && return
	cat "$tmp/out" "$tmp/err" | note
	return 1
}

# skip NAME WHY: neither passed nor failed.
skip()
{
	tap_run=$((tap_run + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_run" "$1" "$2"
}

# skip_all WHY: nothing of this script can run here.
skip_all()
{
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

plan_done()
{
	printf '1..%d\n' "$tap_run"
	[ "$tap_failed" -eq 0 ]
	exit
}
