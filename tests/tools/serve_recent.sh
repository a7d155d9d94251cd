#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
exec /usr/bin/python3 "$SOURCE_DIR/tests/tools/serve_recent.py" "$@"
