#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In the long suite: systemd itself, as the first process of a clean root in namespaces of its own, starts the package's units. The
# station is ready when `systemctl start` returns, runs as nobody's user, comes back when it is killed, fades within 3 s of its stop,
# and begins with the first listener of its socket.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
source "$SOURCE_DIR/tests/tools/clean_root.bash"
[[ ${AURALIS_LONG:-0} != 0 ]] || skip "the long suite makes a clean root"
[[ -w /sys/fs/cgroup ]] && unshare --mount --pid --net --cgroup --fork true 2>/dev/null || skip "no namespaces, or no cgroups, for systemd"
make_packages
make_root --variant=apt --dpkgopt=force-unsafe-io --include=systemd-sysv,curl,procps
cp "$deb" "$root/tmp/auralis.deb"
in_root sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends /tmp/auralis.deb' >log 2>&1 || fail "apt-get install"

# A group of its own, in the hierarchy that has no controllers where the machine has the old ones beside it.
unified=/sys/fs/cgroup
[[ -e $unified/cgroup.procs ]] || unified=/sys/fs/cgroup/unified
[[ -e $unified/cgroup.procs ]] || skip "no unified cgroups"
group=$unified/auralis-boot-$$
mkdir "$group"
cat >boot <<'END'
set -e
echo 0 >"$2/cgroup.procs"
exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child sh -ec '
  ip link set lo up
  mount --bind "$1" "$1"
  cd "$1"
  mount -t proc proc proc
  mount -t sysfs -o ro sysfs sys
  mount -t tmpfs tmpfs run
  mount -t tmpfs -o mode=755 tmpfs dev
  for device in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"; done
  mknod -m 666 dev/tty c 5 0
  ln -s pts/ptmx dev/ptmx
  mkdir dev/pts dev/shm
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mkdir -p old
  pivot_root . old
  umount -l old
  exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=multi-user.target --log-target=console
' sh "$1" "$2"
END
sh boot "$root" "$group" >console 2>&1 &
helper=$!
trap 'kill -KILL "$helper" 2>/dev/null || true; wait "$helper" 2>/dev/null || true
  find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true; helper=""; cleanup' EXIT
first() { init=$(pgrep -P "$helper" 2>/dev/null | head -n 1) && [[ $(<"/proc/$init/comm") == systemd ]]; }
until_true 20 "systemd does not start: $(tail -n 20 console)" first
inside() { nsenter --target "$init" --all --wdns=/ env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
booted() { [[ $(inside systemctl is-system-running) =~ ^(running|degraded)$ ]]; }
until_true 60 "it does not boot: $(tail -n 20 console)" booted

status() { inside systemctl status --no-pager --full auralis.service 2>&1 | tail -n 20; }
healthy() { inside curl -fsS -o /dev/null http://127.0.0.1:8000/health; }
[[ $(inside systemctl is-enabled auralis.service || true) == disabled ]] || fail "it is enabled when it is installed"
inside systemctl start auralis.service || fail "it does not start: $(status)"
until_true 20 "no sound: $(status)" healthy
main() { inside systemctl show --property=MainPID --value auralis.service; }
before=$(main)
[[ $(inside ps -o user= -p "$before") != root ]] || fail "it runs as root"
inside systemctl kill --kill-who=main --signal=KILL auralis.service
again() { [[ $(main) != 0 && $(main) != "$before" ]] && healthy; }
until_true 20 "it does not come back: $(status)" again
began=$(date +%s%N)
inside systemctl stop auralis.service || fail "it does not stop"
took_ms=$((($(date +%s%N) - began) / 1000000))
((took_ms < 3500)) || fail "it took $took_ms ms to stop"
[[ $(inside systemctl show --property=Result --value auralis.service) == success ]] || fail "its end: $(status)"
[[ -d $root/var/lib/private/auralis || -d $root/var/lib/auralis ]] || fail "no folder for its state"

inside systemctl start auralis.socket || fail "the socket"
[[ $(inside systemctl is-active auralis.service || true) == inactive ]] || fail "it runs before anybody came"
until_true 20 "the socket starts nothing: $(status)" healthy
inside systemctl restart auralis.service || fail "it does not start again: $(status)"
until_true 20 "no sound behind the socket: $(status)" healthy
inside systemd-analyze security --threshold=20 auralis.service >out 2>&1 || fail "exposure: $(tail -n 1 out)"
echo "stopped after $took_ms ms; $(tail -n 1 out)"
inside systemctl stop auralis.socket auralis.service
