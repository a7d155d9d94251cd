#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Seed, preset and options decide every byte: the SHA-256 of events and PCM (float32, before any rounding) of every
# built-in preset, of MIDI there and back, and of stems are those of same_bytes.txt.
#   same_bytes.sh            compares
#   same_bytes.sh --write    writes the list anew: only with a commit that says which bytes change and why
set -euo pipefail
: "${SOURCE_DIR:=$(cd "$(dirname "$0")/../.." && pwd)}"
list=$SOURCE_DIR/tests/tools/same_bytes.txt
write=${1:-}
source "$SOURCE_DIR/tests/tools/rig.bash"

sum() { sha256sum | cut -c1-64; }
# The version is part of the first line, and of a MIDI file's text, and no part of the music.
events_sum() { sed '1s/,"version":"[^"]*"//' "$1" | sum; }
pcm_sum() { auralis-render -q "$@" --bits f32 --raw | sum; }

{
  for preset in "$SOURCE_DIR"/presets/*.yaml; do
    name=$(basename "$preset" .yaml)
    for seed in 1 2; do
      auralis-compose -q --preset "$preset" --seed $seed --duration 120s -o piece.jsonl
      echo "$name $seed events $(events_sum piece.jsonl)"
      echo "$name $seed pcm $(pcm_sum piece.jsonl)"
    done
  done
  auralis-compose -q --preset "$SOURCE_DIR/presets/focus.yaml" --seed 1 --duration 60s -o piece.jsonl
  auralis-compose -q --preset "$SOURCE_DIR/presets/focus.yaml" --seed 1 --duration 60s --format midi -o piece.mid
  echo "focus 1 midi $(LC_ALL=C sed 's/Auralis [0-9.]*,/Auralis,/' piece.mid | sum)"
  echo "focus 1 midi-pcm $(pcm_sum --preset "$SOURCE_DIR/presets/focus.yaml" piece.mid)"
  echo "focus 1 pcm-48000 $(pcm_sum --rate 48000 piece.jsonl)"
  auralis-compose -q --preset "$SOURCE_DIR/presets/bright.yaml" --seed 1 --duration 120s --intensity 0.8 -o piece.jsonl
  auralis-render -q piece.jsonl --stems stems -o mix.wav --bits f32
  for stem in stems/*.wav; do echo "bright 1 stem-$(basename "$stem" .wav) $(sox "$stem" -t raw - | sum)"; done
} >found.txt

if [[ $write == --write ]]; then
  cp found.txt "$list"
  exit 0
fi
diff "$list" found.txt >differences || fail "these bytes are not what they were (< then, > now):
$(<differences)"
