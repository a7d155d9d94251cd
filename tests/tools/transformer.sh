#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# auralis-compose --melody transformer: loaded only when asked for, the same notes on every kind of processor.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "FAILED: $1" >&2
  exit 1
}
compose() { auralis-compose --seed 11 --duration 10m "$@"; }
lead() { jq -c 'select(.type == "note" and .layer == "lead") | [.pitch, .dur]' "$1"; }

# The kernels of LibTorch and of OpenBLAS are chosen by the processor; these variables choose those of others.
compose --melody transformer >"$folder/here"
ATEN_CPU_CAPABILITY=default OPENBLAS_CORETYPE=Nehalem compose --melody transformer >"$folder/old"
OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2 compose --melody transformer >"$folder/threads"
cmp "$folder/here" "$folder/old"
cmp "$folder/here" "$folder/threads"

# It is the lead that differs from the other melodies, and with the seed.
compose >"$folder/constraint"
compose --melody none >"$folder/none"
auralis-compose --seed 12 --duration 10m --melody transformer >"$folder/other"
(($(lead "$folder/here" | wc -l) > 20)) || fail "hardly a note from the transformer"
[[ -z $(lead "$folder/none") ]] || fail "a lead with --melody none"
cmp -s <(lead "$folder/here") <(lead "$folder/constraint") && fail "the transformer plays what the constraints do"
cmp -s <(lead "$folder/here") <(lead "$folder/other") && fail "another seed plays the same"
(($(lead "$folder/here" | jq -c '.[1]' | sort -u | wc -l) >= 3)) || fail "all notes are of one length or two"

# Nothing of LibTorch is linked into the command; without the plug-in all else works and this is said.
bin=$(dirname "$(command -v auralis-compose)")
ldd "$bin/auralis-compose" | grep -q torch && fail "auralis-compose links LibTorch"
mkdir -p "$folder/alone/bin"
cp "$bin/auralis-compose" "$folder/alone/bin/"
cp -rL "$bin/../share" "$folder/alone/share"
export XDG_CONFIG_HOME=$folder
alone=$folder/alone/bin/auralis-compose
preset=$SOURCE_DIR/presets/focus.yaml
"$alone" --seed 1 --duration 1m --preset "$preset" >/dev/null || fail "without the plug-in nothing works"
status=0
"$alone" --seed 1 --duration 1m --preset "$preset" --melody transformer >"$folder/out" 2>"$folder/err" || status=$?
[[ $status == 1 && ! -s $folder/out ]] || fail "without the plug-in: status $status"
grep -q 'libauralis_transformer.so' "$folder/err" || fail "without the plug-in: says $(cat "$folder/err")"

# Damaged weights are refused before a note is written.
mkdir -p "$folder/alone/lib/auralis"
cp "$bin/../lib/auralis/libauralis_transformer.so" "$folder/alone/lib/auralis/"
"$alone" --seed 1 --duration 1m --preset "$preset" --melody transformer >/dev/null || fail "the plug-in is not found beside"
truncate -s -1 "$folder/alone/share/auralis/melody.weights"
status=0
"$alone" --seed 1 --duration 1m --preset "$preset" --melody transformer >"$folder/out" 2>"$folder/err" || status=$?
[[ $status == 3 && ! -s $folder/out ]] || fail "damaged weights: status $status"
grep -q 'melody.weights:2: the weights are damaged' "$folder/err" || fail "damaged weights: says $(cat "$folder/err")"
