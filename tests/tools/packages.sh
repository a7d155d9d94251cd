#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The Debian packages: lintian finds no error, and what is in them is what there should be. The long suite installs, uses, upgrades,
# removes and purges them in a clean root.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
command -v cpack >/dev/null && command -v dpkg-shlibdeps >/dev/null || skip "no cpack, or no dpkg-dev, here"
cpack --config "$BUILD_DIR/CPackConfig.cmake" -B "$scratch/made" >log 2>&1 || fail "cpack"
deb=$(echo made/auralis_*.deb)
[[ -s $deb ]] || fail "no package: $(ls made)"

dpkg-deb -c "$deb" | awk '{ print $6 }' >contents
for file in ./usr/bin/auralis-{compose,render,serve,stats,play} ./usr/share/auralis/presets/focus.yaml \
  ./usr/share/auralis/client/index.html ./usr/share/man/man1/auralis-play.1.gz ./usr/share/man/man5/auralis.conf.5.gz \
  ./usr/lib/systemd/system/auralis{,@}.service ./usr/lib/systemd/system/auralis.socket ./etc/auralis/auralis.conf \
  ./usr/share/bash-completion/completions/auralis-play ./usr/share/zsh/vendor-completions/_auralis-play \
  ./usr/share/fish/vendor_completions.d/auralis-play.fish ./usr/share/doc/auralis/{copyright,changelog.Debian.gz}; do
  grep -qxF -- "$file" contents || fail "the package has no $file: $(<contents)"
done
! grep -q torch contents || fail "LibTorch's part is in the package without it"
! grep -qiE 'test|build' <(grep -v /doc/ contents) || fail "what belongs to the build is in the package"
[[ $(dpkg-deb -I "$deb" conffiles) == /etc/auralis/auralis.conf ]] || fail "the file of options is none of its owner's"
! dpkg-deb -f "$deb" Depends | grep -q torch || fail "the package needs LibTorch"
! dpkg-deb -f "$deb" Depends | grep -qE 'libav|libshout' || fail "the package needs what the radio's plugins need"
if [[ $WITH_AV == ON ]]; then
  grep -qF ./usr/lib/auralis/libauralis_av.so <(dpkg-deb -c made/auralis-radio_*.deb | cat) || fail "auralis-radio has not the plugin for HLS"
  grep -q libavformat <(dpkg-deb -f made/auralis-radio_*.deb Depends) || fail "auralis-radio does not need libavformat"
fi
dpkg-deb -x "$deb" root
grep -q '^ExecStart=/usr/bin/auralis-play$' root/usr/lib/systemd/system/auralis.service || fail "the unit starts another command"
if command -v lintian >/dev/null; then
  lintian --fail-on error --allow-root made/*.deb >lint 2>&1 || fail "lintian: $(<lint)"
fi
[[ ${AURALIS_LONG:-0} != 0 ]] || exit 0

# A clean root: from the package to sound, an upgrade with options that were changed, removed, purged.
command -v mmdebstrap >/dev/null && [[ $(id -u) == 0 ]] && unshare --mount true || skip "no mmdebstrap, or not root, for a clean root"
mmdebstrap --quiet --variant=apt --include=ca-certificates bookworm rootfs 2>log || fail "mmdebstrap"
cp made/*.deb rootfs/tmp/
# Its processes see the machine's, in a view of their own that ends with them.
in_root() {
  # shellcheck disable=SC2016
  unshare --mount sh -c 'mount --bind /proc rootfs/proc && exec chroot rootfs env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"' sh "$@"
}
in_root apt-get update -qq >log 2>&1 || fail "apt-get update"
began=$SECONDS
in_root apt-get install -y -qq --no-install-recommends /tmp/"$(basename "$deb")" >log 2>&1 || fail "apt-get install"
in_root sh -c 'auralis-compose -q --seed 7 --duration 10s | auralis-render -q -o /tmp/piece.flac' || fail "no sound"
echo "from the package to ten seconds of sound: $((SECONDS - began)) s"
[[ $(frames_of rootfs/tmp/piece.flac) == 441000 ]] || fail "the piece is not 10 s long"
in_root auralis-stats audio /tmp/piece.flac >/dev/null || fail "auralis-stats"
[[ ! -e rootfs/etc/systemd/system/multi-user.target.wants/auralis.service ]] || fail "it is enabled when it is installed"
# A station, as the unit starts it.
in_root sh -c 'mkdir -p /run/auralis && XDG_CONFIG_HOME=/etc XDG_RUNTIME_DIR=/run/auralis exec auralis-play --port 8765' 2>station &
helper=$!
end_helper_by=INT
plays() { curl -fsS -o /dev/null http://127.0.0.1:8765/health; }
until_true 60 "the station does not play: $(<station)" plays
curl -fsS http://127.0.0.1:8765/ | cmp - "$SOURCE_DIR/client/index.html" || fail "the page"
kill -INT "$(pgrep -f '^auralis-play --port 8765')" # its number is another than that of the shell before it
wait "$helper" || true
helper=''
# An upgrade keeps what was changed.
echo 'preset = sleep' >>rootfs/etc/auralis/auralis.conf
in_root dpkg -i --force-confold /tmp/"$(basename "$deb")" >log 2>&1 || fail "an upgrade"
in_root sh -c 'auralis-compose -q --duration 1s | head -n 1' | grep -q '"preset":"sleep"' || fail "the options were lost by the upgrade"
in_root dpkg -r auralis >log 2>&1 || fail "remove"
[[ ! -e rootfs/usr/bin/auralis-play && -e rootfs/etc/auralis/auralis.conf ]] || fail "removed: too little, or too much"
in_root dpkg -P auralis >log 2>&1 || fail "purge"
left=$(find rootfs -iname '*auralis*' -not -path 'rootfs/tmp/*' -not -path 'rootfs/proc/*' -not -path 'rootfs/var/lib/dpkg/*' -not -path 'rootfs/var/log/*' -not -path 'rootfs/run/*')
[[ -z $left ]] || fail "left after purge: $left"
