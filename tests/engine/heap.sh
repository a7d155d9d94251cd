#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The page's engine holds as much memory after hours of music as before: by its copies, which take it, five hours, in the long suite
# sixty. It is never more than that of a piece and three copies.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

engine=$BUILD_DIR/share/auralis/engine
[[ -e $engine/auralis.bin ]] || skip "this build has no engine for the page"
minutes=10
[[ ${AURALIS_LONG:-0} == 0 ]] || minutes=120
node --expose-gc "$SOURCE_DIR/tests/engine/heap.mjs" "$engine" "$minutes" >figures || fail "it does not play"
cat figures
jq -se '.[2].heap_mb - .[1].heap_mb <= 2 and .[2].engine_mb - .[1].engine_mb <= 1' figures >/dev/null || fail "its memory grows: $(<figures)"
jq -se '.[2].engine_mb <= 4.2 * .[0].engine_mb' figures >/dev/null || fail "it holds more than a piece and three copies: $(<figures)"
