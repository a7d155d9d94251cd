#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# auralis-compose --live keeps time, takes controls, replays from its log, and ends musically.
set -euo pipefail
exec /usr/bin/python3 "$SOURCE_DIR/tests/tools/compose_live.py"
