#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The engine compiled for aarch64 (NEON) and run by QEMU makes what the commands make here, to the bit: two presets, 20 s
# each, one as a stream of events that is rendered, one composed there.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v "$tool" >/dev/null || {
    echo "skipped: $tool is missing, expected the packages g++-aarch64-linux-gnu and qemu-user"
    exit 77
  }
done

launcher=()
command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
cmake -G Ninja -S "$SOURCE_DIR/lib/engine/alone" -B "${BUILD_DIR:-$scratch}/engine-aarch64" \
  -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_EXE_LINKER_FLAGS=-static "${launcher[@]}" >log
cmake --build "${BUILD_DIR:-$scratch}/engine-aarch64" >>log || fail "it does not build"
there=("qemu-aarch64" "${BUILD_DIR:-$scratch}/engine-aarch64/engine_render")

make_here() {
  auralis-compose -q --preset "$SOURCE_DIR/presets/$1.yaml" --seed 3 --duration 20s -o piece.jsonl
  auralis-render -q --raw --bits f32 piece.jsonl >here.pcm
  (($(wc -c <here.pcm) == 20 * 44100 * 8)) || fail "$1: $(wc -c <here.pcm) bytes of PCM, expected 20 s"
}
make_here bright
"${there[@]}" <piece.jsonl >there.pcm
cmp here.pcm there.pcm || fail "bright: the PCM of aarch64 differs from this processor's"
make_here focus
auralis-compose --show-preset "$SOURCE_DIR/presets/focus.yaml" --json | jq -c '. + {seed: "3", duration_s: 20}' >piece.json
"${there[@]}" --compose <piece.json >there.pcm
cmp here.pcm there.pcm || fail "focus: what aarch64 composes differs from what is composed here"
