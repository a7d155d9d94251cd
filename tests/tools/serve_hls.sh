#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
[[ $WITH_AV == ON ]] || { echo "Skipped: this build is without --hls" && exit 77; }
exec /usr/bin/python3 "$SOURCE_DIR/tests/tools/serve_hls.py" "$@"
