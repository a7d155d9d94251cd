#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The station in one network namespace, its listeners in another, and a bad link between the two.
set -euo pipefail
exec "$SOURCE_DIR/tests/net_emulator/lossy_link.py" --loss 2 --delay 20 --jitter 60 --seed 7 -- \
  /usr/bin/python3 "$SOURCE_DIR/tests/tools/play_network.py" "$@"
