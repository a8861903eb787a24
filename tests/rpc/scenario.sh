# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Scenarios of the daemon are programs in Python that tell their results as
# TAP. A test script sources tap.sh and this, and runs one.

USHERD=${USHERD:-$top/build/usherd}
case $USHERD in /*) ;; *) USHERD=$PWD/$USHERD ;; esac
TMPDIR=${tmp:?}
PYTHONDONTWRITEBYTECODE=1
export USHERD TMPDIR PYTHONDONTWRITEBYTECODE

# scenario FILE: runs it, and ends as it does.
scenario()
{
	command -v python3 >/dev/null || skip_all "python3 is not installed"
	[ -x "$USHERD" ] || skip_all "$USHERD is not there"
	python3 "$top/tests/rpc/$1"
	exit
}
