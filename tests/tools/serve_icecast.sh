#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a network of its own, where the kernel holds 16 KiB for who does not read, as on a slow line, and not megabytes.
set -euo pipefail
[[ $WITH_ICECAST == ON ]] || { echo "Skipped: this build is without --icecast" && exit 77; }
if [[ ${IN_NAMESPACE:-} != yes ]]; then
  own=(unshare -n)
  [[ $(id -u) == 0 ]] || own+=(--map-current-user --keep-caps)
  "${own[@]}" true 2>/dev/null || { echo "Skipped: it needs a namespace of its own (${own[*]})" && exit 77; }
  IN_NAMESPACE=yes exec "${own[@]}" bash "$0" "$@"
fi
ip link set lo up
echo 4096 8192 16384 >/proc/sys/net/ipv4/tcp_wmem
# What libshout 2.4.6 had still to send, up to 4 KiB, is lost when a connection is.
echo leak:shout_queue_data >lost-by-libshout
export LSAN_OPTIONS=suppressions=$PWD/lost-by-libshout:print_suppressions=0
exec /usr/bin/python3 "$SOURCE_DIR/tests/tools/serve_icecast.py" "$@"
