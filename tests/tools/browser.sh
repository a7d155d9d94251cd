#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The web client plays without a gap, a repeat or a click, and every control acts: see tests/browser/run.
set -euo pipefail
exec "$SOURCE_DIR/tests/browser/run"
