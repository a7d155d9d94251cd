#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What intensity does is heard: up and down, pad and drone alone grow brighter and darker in every stretch of four seconds,
# and the loudness of the whole hardly moves.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

python3 - >log.jsonl <<'PYTHON'
import json
print(json.dumps({"type": "options", "version": "", "seed": "7", "preset": "focus", "duration_s": 320.0}))
others = ("lead", "bells", "texture", "low", "swell", "brush")
print(json.dumps({"type": "control", "t": 3.0, "layers": {name: {"on": False} for name in others}}))
for i in range(24):
    print(json.dumps({"type": "control", "t": 30.0 + 12 * i, "intensity": 0.95 if i % 2 else 0.05}))
PYTHON
auralis-compose -q --control-log log.jsonl | auralis-render -q --bits s16 --raw >pcm
python3 - <<'PYTHON' || fail "the treble does not follow intensity"
import array, math
pcm = array.array("h", open("pcm", "rb").read())[::2]
# Power of the second difference, which rises by 12 dB an octave, against the power: how much treble there is.
def brightness_db(from_s):
    x = pcm[int(from_s * 44100):int((from_s + 4) * 44100)]
    treble = sum((a - 2 * b + c) ** 2 for a, b, c in zip(x, x[1:], x[2:]))
    return 10 * math.log10(treble / sum(a * a for a in x))
course = [brightness_db(30 + 12 * i + 7.5) for i in range(24)]
steps = [(b - a) * (1 if i % 2 == 0 else -1) for i, (a, b) in enumerate(zip(course, course[1:]))]
print("brightness", " ".join(f"{db:.1f}" for db in course), "dB")
assert min(steps) > 6, steps
PYTHON

# Of each preset the mean over its seeds: which layers play in a short piece is chance.
presets=(focus night-train) seeds=(1 2) duration=4m
if [[ -n ${AURALIS_LONG:-} ]]; then
  mapfile -t presets < <(auralis-compose --list-presets | awk '{ print $1 }')
  seeds=(1 2 3) duration=8m
fi
difference() { # PRESET
  local seed intensity
  for seed in "${seeds[@]}"; do
    for intensity in 0 1; do
      auralis-compose -q --preset "$1" --seed "$seed" --duration $duration --intensity $intensity |
        auralis-render -q --raw --report "report-$intensity-$seed.json" >pcm
    done
  done
  jq -s 'map(.integrated_lufs) | add / length' report-1-*.json >loud
  jq -s 'map(.integrated_lufs) | add / length' report-0-*.json >soft
}
for preset in "${presets[@]}"; do
  difference "$preset"
  same_number "$(<soft)" "$(<loud)" 2 || fail "$preset has $(<soft) LUFS at intensity 0 and $(<loud) at 1"
  echo "$preset: $(<soft) LUFS at intensity 0, $(<loud) at 1"
done
