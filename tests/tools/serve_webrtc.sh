#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a network of its own, with an address that is no loopback, since GStreamer's ICE offers no other; and with a name of its
# own, which answers must not have.
set -euo pipefail
[[ $WITH_WEBRTC == ON ]] || { echo "Skipped: this build is without --webrtc" && exit 77; }
if [[ ${IN_NAMESPACE:-} != yes ]]; then
  own=(unshare --net --uts)
  [[ $(id -u) == 0 ]] || own+=(--map-root-user)
  "${own[@]}" true 2>/dev/null || { echo "Skipped: it needs a namespace of its own (${own[*]})" && exit 77; }
  IN_NAMESPACE=yes exec "${own[@]}" bash "$0" "$@"
fi
/usr/bin/python3 -c 'import gi; gi.require_version("GstWebRTC", "1.0")' 2>/dev/null ||
  { echo "Skipped: it needs python3-gi and gir1.2-gst-plugins-bad-1.0" && exit 77; }
export PYTHONPATH="$SOURCE_DIR/tests/net_emulator"
# Under the address sanitizer: what GLib keeps once it is loaded.
echo leak:_dl_init >kept-by-glib
export LSAN_OPTIONS=suppressions=$PWD/kept-by-glib:print_suppressions=0
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}fast_unwind_on_malloc=0
# Under the thread sanitizer: what GLib, GStreamer and OpenSSL do among themselves. They are built without it, so that it sees
# their memory but not their locks, which are futexes of their own. Nor does it see, then, that what the plugin hands from
# thread to thread goes through their queues (g_source_attach, promises, signals). Below them, NSPR
# makes locks, NSS and GnuTLS free at the end, and the loader a thread's memory after it. The server's side is watched as ever.
for library in glib-2.0 gobject-2.0 gio-2.0 nice srtp2 ssl crypto gst{reamer,base,net,app,rtp,sdp,sctp,pbutils,webrtc,webrtcnice}-1.0 \
  gst{app,coreelements,dtls,nice,rtp,rtpmanager,srtp,webrtc}; do
  echo "called_from_lib:lib$library.so"
done >not-watched
printf 'race:%s\n' lib{auralis_webrtc,nspr4,freeblpriv3,gnutls}.so _dl_deallocate_tls >>not-watched
export TSAN_OPTIONS=${TSAN_OPTIONS:+$TSAN_OPTIONS:}suppressions=$PWD/not-watched:print_suppressions=0
exec /usr/bin/python3 "$SOURCE_DIR/tests/tools/serve_webrtc.py" "$@"
