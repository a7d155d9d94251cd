#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# deploy/nginx.conf in front of auralis-serve, by the real nginx: see serve_nginx.py.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
command -v nginx >/dev/null || PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || skip "there is no nginx (scripts/setup --test)"
trap - EXIT
rm -rf "$scratch"
exec env -u XDG_RUNTIME_DIR -u XDG_CONFIG_HOME -C / /usr/bin/python3 "$SOURCE_DIR/tests/tools/serve_nginx.py" "$@"
