#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: ./autogen.sh [--build DIR [CONFIGURE-OPTION...]]
# Makes configure from configure.ac, needed once in a fresh clone. With
# --build, also configures and builds in DIR; does only what is not done yet.
set -eu
top=$(cd "${0%/*}" && pwd)

if [ $# -eq 0 ]; then
	cd "$top"
	exec autoreconf --force --install
fi
if [ "$1" != --build ] || [ $# -lt 2 ]; then
	sed -n 3p "$0" >&2
	exit 2
fi
build=$2
shift 2

if [ ! -x "$top/configure" ]; then
	if ! command -v autoreconf >/dev/null; then
		echo "autoreconf is missing; ./quickstart installs it" >&2
		exit 2
	fi
	(cd "$top" && autoreconf --install)
fi
mkdir -p "$build"
cd "$build"
[ -f Makefile ] || "$top/configure" --quiet "$@"
exec make --no-print-directory -j "$(nproc)"
