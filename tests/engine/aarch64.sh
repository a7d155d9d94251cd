# SPDX-License-Identifier: MIT
# The engine compiled for aarch64 (NEON) and run by QEMU makes the PCM that auralis-render makes here, to the bit: two
# presets, 20 s each.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v "$tool" >/dev/null || {
    echo "skipped: $tool is missing, expected the packages g++-aarch64-linux-gnu and qemu-user"
    exit 77
  }
done

mapfile -t sources < <(find "$SOURCE_DIR"/lib/{base,model,synth} -name '*.cpp' | grep -vE '(_avx(2|512)|/plugin)\.cpp$')
sources+=("$SOURCE_DIR/tests/engine/engine_render.cpp")
compiler=(aarch64-linux-gnu-g++)
command -v ccache >/dev/null && compiler=(ccache "${compiler[@]}")
# nlohmann-json is headers alone: this machine's serve, after the cross compiler's own.
compile() {
  "${compiler[@]}" -std=c++20 -O2 -ffp-contract=off -DAURALIS_VERSION='"test"' -I"$SOURCE_DIR/lib" -I. -c "$1" -o "$2"
}
ln -s /usr/include/nlohmann nlohmann
objects=()
for source in "${sources[@]}"; do
  objects+=("${#objects[@]}.o")
  compile "$source" "${objects[-1]}" &
  (($(jobs -rp | wc -l) < $(nproc))) || wait -n
done
while [[ -n $(jobs -rp) ]]; do wait -n; done
aarch64-linux-gnu-g++ -static -pthread "${objects[@]}" -o engine_render

for preset in focus bright; do
  auralis-compose -q --preset "$SOURCE_DIR/presets/$preset.yaml" --seed 3 --duration 20s -o piece.jsonl
  auralis-render -q --raw --bits f32 piece.jsonl >here.pcm
  qemu-aarch64 ./engine_render <piece.jsonl >there.pcm
  (($(wc -c <here.pcm) == 20 * 44100 * 8)) || fail "$preset: $(wc -c <here.pcm) bytes of PCM, expected 20 s"
  cmp here.pcm there.pcm || fail "$preset: the PCM of aarch64 differs from this processor's"
done
