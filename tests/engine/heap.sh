#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# However long the page's engine plays, it holds a piece and three copies of it, and JavaScript no more than at the beginning: by its
# copies, which take the memory, ten hours, in the long suite sixty.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

engine=$BUILD_DIR/share/auralis/engine
[[ -e $engine/auralis.bin ]] || skip "this build has no engine for the page"
minutes=20
[[ ${AURALIS_LONG:-0} == 0 ]] || minutes=120
node --expose-gc "$SOURCE_DIR/tests/engine/heap.mjs" "$engine" "$minutes" >figures || fail "it does not play"
cat figures
# Four of them, and what lies free between them.
jq -se '.[1].engine_mb <= 4.2 * .[0].engine_mb' figures >/dev/null || fail "the module holds more than four pieces: $(<figures)"
jq -se '.[1].heap_mb - .[0].heap_mb <= 2' figures >/dev/null || fail "JavaScript holds more than at the beginning: $(<figures)"
