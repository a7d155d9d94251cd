#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# auralis-compose --melody transformer: loaded only when asked for, the same notes on every kind of processor.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
needs_torch
compose() { auralis-compose --seed 7 --duration 10m "$@"; }
lead() { jq -c 'select(.type == "note" and .layer == "lead") | [.pitch, .dur]' "$1"; }

# The kernels of LibTorch and of OpenBLAS are chosen by the processor; these variables choose those of others.
compose --melody transformer >here
ATEN_CPU_CAPABILITY=default OPENBLAS_CORETYPE=Nehalem compose --melody transformer >old
OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2 compose --melody transformer >threads
cmp here old
cmp here threads

# It is the lead that differs from the other melodies, and with the seed.
compose >constraint
compose --melody none >none
auralis-compose --seed 12 --duration 10m --melody transformer >other
(($(lead here | wc -l) > 20)) || fail "hardly a note from the transformer"
[[ -z $(lead none) ]] || fail "a lead with --melody none"
cmp -s <(lead here) <(lead constraint) && fail "the transformer plays what the constraints do"
cmp -s <(lead here) <(lead other) && fail "another seed plays the same"
(($(lead here | jq -c '.[1]' | sort -u | wc -l) >= 3)) || fail "all notes are of one length or two"

# The plugin and the weights are found beside the command, and damaged weights are refused before a note is written.
bin=$(dirname "$(command -v auralis-compose)")
mkdir -p alone/bin alone/lib/auralis
cp "$bin/auralis-compose" alone/bin/
cp -rL "$bin/../share" alone/share
cp "$bin/../lib/auralis/libauralis_torch.so" alone/lib/auralis/
alone=alone/bin/auralis-compose
with_transformer=(--seed 1 --duration 1m --preset "$SOURCE_DIR/presets/focus.yaml" --melody transformer)
"$alone" "${with_transformer[@]}" >/dev/null || fail "the plugin is not found beside"
truncate -s -1 alone/share/auralis/melody.weights
refused 3 'melody.weights:2: the weights are damaged' "$alone" "${with_transformer[@]}"
rm alone/share/auralis/melody.weights
refused 1 'needs melody.weights, which is not installed' "$alone" "${with_transformer[@]}"
