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

# It plays the motifs of the scene: figures return more often than by chance, with their rhythm, and phrases come to rest.
auralis-compose --preset focus --seed 101 --duration 2h --melody transformer -o long.jsonl
auralis-stats score long.jsonl --json >score.json
jq -e '.lead_figures_ratio >= 1.4 and .lead_figures_with_rhythm >= 0.05 and .lead_ends_ratio >= 2
       and .lead_interval_mean_st <= 2.6 and .lead_turns_share <= 0.5' score.json >/dev/null ||
  fail "the lead's measures: $(jq -c 'with_entries(select(.key | startswith("lead_")))' score.json)"

# It leads the inner voices of the harmony, too: the same chords as otherwise, at the same times, other voicings here and
# there.
chords() { jq -c "select(.type == \"chord\") | $2" "$1"; }
auralis-compose --preset focus --seed 101 --duration 2h -o own.jsonl
cmp <(chords long.jsonl '[.t, .name]') <(chords own.jsonl '[.t, .name]')
cmp -s <(chords long.jsonl .pitches) <(chords own.jsonl .pitches) && fail "no voicing differs"

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
cp "$bin/../share/auralis/melody.weights" alone/share/auralis/
truncate -s -1 alone/share/auralis/voices.weights
refused 3 'voices.weights:2: the weights are damaged' "$alone" "${with_transformer[@]}"
rm alone/share/auralis/voices.weights
refused 1 'needs voices.weights, which is not installed' "$alone" "${with_transformer[@]}"
