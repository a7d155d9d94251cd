#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# auralis-stats wave finds the partials that sox was asked for, and a preset with them sounds at its note.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

# A cycle of 600 frames: partials 1 and 3 at 1 and 0.5, then, as a second cycle, partial 2 alone.
for hz in 80 160 240; do sox -n -r 48000 -c 1 -b 32 -e float $hz.wav synth 600s sine $hz vol 0.4; done
sox -m -v 1 80.wav -v 0.5 240.wav first.wav
sox first.wav 160.wav both.wav
auralis-stats wave first.wav | jq -e 'length == 1 and .[0][0] == 1 and .[0][1] < 0.001 and (.[0][2] - 0.5 | fabs) < 0.001' >/dev/null ||
  fail "one cycle: $(auralis-stats wave first.wav | cut -c 1-200)"
auralis-stats wave both.wav --cycle 600 >wave
jq -e 'length == 2 and (.[1][1] - 1 | fabs) < 0.001 and .[1][0] < 0.001' wave >/dev/null || fail "two cycles: $(cut -c 1-200 wave)"
[[ $(status_of auralis-stats wave first.wav --cycle 601) == 3 ]] && grep -q 'has 600 frames' err || fail "a cycle too long: $(<err)"
sox -n -r 48000 -c 1 silent.wav trim 0 600s
[[ $(status_of auralis-stats wave silent.wav) == 3 ]] && grep -q silent err || fail "silence: $(<err)"

# Through a preset into the stream, and back: the patch carries it, and what sounds is partial 2.
cat >own.yaml <<YAML
layers:
  pad:
    wave: $(<wave)
    sound: {osc1_level: 0, osc2_level: 0, sub_level: 0, noise_level: 0, wave_level: 1, wave_table: 4, wave_position: 1, wave_cents: 0, vibrato_cents: 0}
YAML
auralis-compose --preset ./own.yaml --seed 1 --duration 10s | grep '"patch"' | grep '"pad"' >patch
jq -e '.wave | length == 2 and (.[1][1] - 1 | fabs) < 0.001' patch >/dev/null || fail "the patch: $(cut -c 1-300 patch)"
{
  echo '{"type":"start","auralis":1}'
  jq -c '.t = 0 | .params.reverb_send = 0 | .params.delay_send = 0 | .params.chorus_send = 0 | del(.modulation)' patch
  echo '{"type":"note","t":0,"layer":"pad","pitch":57,"dur":8}'
  echo '{"type":"end","t":6}'
} | auralis-render -q -o own.wav
sox own.wav -n remix 1 trim 3 2 stat 2>&1 | awk '/Rough/ { exit !($3 > 420 && $3 < 460) }' || fail "what sounds is not an octave above 220 Hz"
(echo '{"type":"start","auralis":1}' && echo '{"type":"patch","t":0,"layer":"pad","params":{},"wave":[[2]]}') >wrong.jsonl
[[ $(status_of auralis-render wrong.jsonl -o x.wav) == 3 ]] && grep -qF 'wave[0][0] is 2, expected 0 to 1' err || fail "a wrong wave: $(<err)"
