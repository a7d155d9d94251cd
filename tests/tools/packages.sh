#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The Debian packages: lintian finds no error, and what is in them is what there should be. The long suite installs, uses, upgrades,
# removes and purges them in a clean root.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
source "$SOURCE_DIR/tests/tools/clean_root.bash"
make_packages

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
if [[ $WITH_WEBRTC == ON ]]; then
  radio=$(echo made/auralis-radio_*.deb)
  grep -qF ./usr/lib/auralis/libauralis_webrtc.so <(dpkg-deb -c "$radio" | cat) || fail "auralis-radio has not the plugin for WebRTC"
  # What it is linked to, and what GStreamer loads by itself.
  for needed in libgstreamer1.0-0 libgstreamer-plugins-bad1.0-0; do
    grep -q "$needed" <(dpkg-deb -f "$radio" Depends) || fail "auralis-radio does not need $needed"
  done
  for loaded in plugins-bad plugins-good plugins-base nice; do
    grep -q "gstreamer1.0-$loaded" <(dpkg-deb -f "$radio" Recommends) || fail "auralis-radio does not recommend gstreamer1.0-$loaded"
  done
  ! grep -q gstreamer <(dpkg-deb -f "$deb" Depends) || fail "the package needs GStreamer"
fi
dpkg-deb -x "$deb" root
grep -q '^ExecStart=/usr/bin/auralis-play$' root/usr/lib/systemd/system/auralis.service || fail "the unit starts another command"
# What they need is named with its licence; a library's version is Debian's.
without_version() { sed -E 's/(t64)?$//; s/[-.0-9]+$//'; }
tr -cs 'a-z0-9.+-' '\n' <"$SOURCE_DIR/NOTICE" | sed 's/\.$//' | without_version | sort -u >named
for package in made/*.deb; do
  for field in Depends Recommends; do dpkg-deb -f "$package" "$field"; done
done | tr ',' '\n' | sed -E 's/ *([^ ]*).*/\1/' | grep -v '^auralis' | without_version | sort -u >needed
[[ $(wc -l <needed) -ge 10 ]] || fail "what the packages need: $(<needed)"
unnamed=$(comm -13 named needed | xargs)
[[ -z $unnamed ]] || fail "NOTICE does not name $unnamed"
if command -v lintian >/dev/null; then
  lintian --fail-on error --allow-root made/*.deb >lint 2>&1 || fail "lintian: $(<lint)"
fi
[[ ${AURALIS_LONG:-0} != 0 ]] || exit 0

# A clean root: from the package to sound, an upgrade with options that were changed, removed, purged.
make_root --variant=apt --include=ca-certificates
cp made/*.deb rootfs/tmp/
in_root apt-get update -qq >log 2>&1 || fail "apt-get update"
began=$SECONDS
in_root apt-get install -y -qq --no-install-recommends /tmp/"$(basename "$deb")" >log 2>&1 || fail "apt-get install"
in_root sh -c 'auralis-compose -q --seed 7 --duration 10s | auralis-render -q -o /tmp/piece.flac' || fail "no sound"
echo "from the package to ten seconds of sound: $((SECONDS - began)) s"
[[ $(frames_of rootfs/tmp/piece.flac) == 441000 ]] || fail "the piece is not 10 s long"
in_root auralis-stats audio /tmp/piece.flac >/dev/null || fail "auralis-stats"
[[ ! -e rootfs/etc/systemd/system/multi-user.target.wants/auralis.service ]] || fail "it is enabled when it is installed"
# A station, as the unit starts it.
plays() { curl -fsS -o /dev/null http://127.0.0.1:8765/health; }
station_begins() {
  : >station
  # shellcheck disable=SC2016
  in_root sh -c 'mkdir -p /run/auralis && XDG_CONFIG_HOME=/etc XDG_RUNTIME_DIR=/run/auralis exec auralis-play --port 8765 "$@"' sh "$@" 2>station &
  helper=$!
  end_helper_by=INT
  until_true 60 "the station does not play: $(<station)" plays
}
station_ends() {
  kill -INT "$(pgrep -f '^auralis-play --port 8765')" # its number is another than that of the shell before it
  wait "$helper" || true
  helper=''
}
station_begins
curl -fsS http://127.0.0.1:8765/ | cmp - "$SOURCE_DIR/client/index.html" || fail "the page"
station_ends
# With the package for the radio and what it recommends, listeners over WebRTC are answered.
if [[ $WITH_WEBRTC == ON ]]; then
  in_root apt-get install -y -qq /tmp/"$(basename "$radio")" >log 2>&1 || fail "apt-get install auralis-radio"
  station_begins --webrtc
  answer=$(curl -sS -o answer -w '%{http_code}' -H 'Content-Type: application/sdp' -d 'v=0' http://127.0.0.1:8765/whep)
  [[ $answer == 400 ]] && grep -q bad_offer answer || fail "an offer that is none got $answer: $(<answer)"
  station_ends
  in_root dpkg -P auralis-radio >log 2>&1 || fail "purge auralis-radio"
fi
# An upgrade keeps what was changed.
echo 'preset = sleep' >>rootfs/etc/auralis/auralis.conf
in_root dpkg -i --force-confold /tmp/"$(basename "$deb")" >log 2>&1 || fail "an upgrade"
in_root sh -c 'auralis-compose -q --duration 1s | head -n 1' | grep -q '"preset":"sleep"' || fail "the options were lost by the upgrade"
# The other packages, beside it: a melody by LibTorch, sound as HLS.
for package in radio torch; do
  other=$(echo made/auralis-${package}_*.deb)
  [[ -e $other ]] || continue
  began=$SECONDS
  in_root apt-get install -y -qq --no-install-recommends /tmp/"$(basename "$other")" >log 2>&1 || fail "apt-get install auralis-$package"
  echo "auralis-$package: $((SECONDS - began)) s"
done
if [[ -e rootfs/usr/lib/auralis/libauralis_torch.so ]]; then
  in_root auralis-compose -q --melody transformer --seed 7 --duration 10s | tail -n 1 | grep -q '"type":"end"' || fail "no melody by LibTorch"
fi
if [[ -e rootfs/usr/lib/auralis/libauralis_av.so ]]; then # what it wrote goes with it
  in_root sh -c 'auralis-compose -q --seed 7 --duration 5s | auralis-render -q | auralis-serve -q --port 0 --hls /tmp/hls' 2>log || fail "HLS"
fi
in_root dpkg -P auralis-radio auralis-torch >log 2>&1 || fail "purge of the others"
in_root dpkg -r auralis >log 2>&1 || fail "remove"
[[ ! -e rootfs/usr/bin/auralis-play && -e rootfs/etc/auralis/auralis.conf ]] || fail "removed: too little, or too much"
in_root dpkg -P auralis >log 2>&1 || fail "purge"
left=$(find rootfs -iname '*auralis*' -not -path 'rootfs/tmp/*' -not -path 'rootfs/proc/*' -not -path 'rootfs/var/lib/dpkg/*' -not -path 'rootfs/var/log/*' -not -path 'rootfs/run/*')
[[ -z $left ]] || fail "left after purge: $left"
