#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In the long suite: the image of deploy/Containerfile, by its own steps in a clean root where no container engine is at hand. It is at
# most 150 MB, plays as the user it names, answers its health check, and ends within 3 s.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
source "$SOURCE_DIR/tests/tools/clean_root.bash"
[[ ${AURALIS_LONG:-0} != 0 ]] || skip "the long suite makes a clean root"
make_packages
file=$SOURCE_DIR/deploy/Containerfile
# As debian:12-slim is made: without Perl, which usrmerge would bring.
make_root --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include=usr-is-merged --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*'
second=$(sed -n '/^FROM debian:12-slim$/,$p' "$file")
steps=$(sed -n '/^RUN --mount/,/[^\\]$/p' <<<"$second" | sed 1d)
[[ $steps == *auralis_* ]] || fail "no steps in $file"
mkdir rootfs/packages
cp "$deb" rootfs/packages/
in_root sh -euc "$steps" >log 2>&1 || fail "the steps"
rm -r rootfs/packages
# As an engine counts: the bytes of its files.
megabytes=$(du -sx --apparent-size --block-size=1000000 rootfs | cut -f1)
echo "the image has $megabytes MB"
((megabytes <= 150)) || du -x --apparent-size --block-size=1000000 --max-depth=4 rootfs | sort -rn | head -n 30 >>log
((megabytes <= 150)) || fail "the image has $megabytes MB"

instruction() { sed -n "s/^$1 //p" <<<"$second"; }
entry=$(instruction ENTRYPOINT | jq -r '[.[], "--port", "8766"] | @sh')
health=$(instruction HEALTHCHECK | sed 's/.*CMD //; s/:8000/:8766/')
: >station
user=$(instruction USER) in_root sh -c "cd $(instruction WORKDIR) && $(instruction ENV) HOME=$(instruction WORKDIR) exec $entry" 2>station &
helper=$!
healthy() { in_root sh -c "$health"; }
until_true 60 "the station does not play: $(<station)" healthy
pid=$(pgrep -f '^auralis-play --host 0.0.0.0 --port 8766')
[[ $(ps -o user= -p "$pid") != root ]] || fail "it runs as root"
began=$(date +%s%N)
kill -TERM "$pid"
wait "$helper" || fail "it ends with $?"
helper=''
(($(date +%s%N) - began < 3000000000)) || fail "it took longer than 3 s to end"
