#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The engine in WebAssembly, run by Node, composes and renders what the commands do here, to the bit: two presets, 20 s
# each; and is one module of at most 500 KB compressed without a loader.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

for tool in em++ node; do
  command -v "$tool" >/dev/null || {
    echo "skipped: $tool is missing, expected the packages emscripten and nodejs"
    exit 77
  }
done

"$SOURCE_DIR/scripts/build-wasm" "${BUILD_DIR:-$scratch}/engine-wasm" 2>log || fail "it does not build"
module=${BUILD_DIR:-$scratch}/engine-wasm/auralis.wasm
compressed=$(gzip -9c "$module" | wc -c)
((compressed <= 500000)) || fail "the module has $compressed bytes compressed, expected at most 500,000"

# What emscripten adds is named with its licence. Linked once more, with a list of what is taken, and quickly.
link=$(ninja -C "$(dirname "$module")" -t commands auralis.wasm | tail -n 1)
(cd "$(dirname "$module")" && sh -c "${link/-o auralis.wasm/-o $scratch/traced.wasm -O1 -Wl,--trace}") >traced 2>>log || fail "it does not link"
grep -oE '[^/ ]+\.a\b' traced | sed -E 's/(-[a-z-]+)?\.a$//' | grep -vx libengine | sort -u >linked
[[ -s linked ]] || fail "nothing of emscripten's is linked"
while read -r archive; do
  grep -qw -- "$archive" "$SOURCE_DIR/NOTICE" || fail "NOTICE does not name $archive, which is in the module"
done <linked

for preset in focus bright; do
  auralis-compose -q --preset "$SOURCE_DIR/presets/$preset.yaml" --seed 3 --duration 20s -o piece.jsonl
  auralis-render -q --raw --bits f32 piece.jsonl >here.pcm
  (($(wc -c <here.pcm) == 20 * 44100 * 8)) || fail "$preset: $(wc -c <here.pcm) bytes of PCM, expected 20 s"
  node "$SOURCE_DIR/tests/engine/wasm.mjs" "$module" follow <piece.jsonl >there.pcm 2>>log || fail "$preset: it does not follow"
  cmp here.pcm there.pcm || fail "$preset: the PCM of WebAssembly differs from this processor's"
  auralis-compose --show-preset "$SOURCE_DIR/presets/$preset.yaml" --json | jq -c '. + {seed: "3", duration_s: 20}' >piece.json
  node "$SOURCE_DIR/tests/engine/wasm.mjs" "$module" compose <piece.json >there.pcm 2>>log || fail "$preset: it does not compose"
  cmp here.pcm there.pcm || fail "$preset: what WebAssembly composes differs from what is composed here"
done
cat log
