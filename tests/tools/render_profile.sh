#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --profile says where the time went: every stage is there, they add up to what the render took, and the picture shows them; the
# sound is the same with it.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
auralis-compose -q --seed 7 --duration 2m -o piece.jsonl
auralis-render -q piece.jsonl -o a.wav --profile profile.json
auralis-render -q piece.jsonl -o b.wav
cmp <(sox a.wav -t raw -) <(sox b.wav -t raw -) || fail "the sound is another with --profile"

names=$(jq -r '[.stages | .. | objects | select(.name) | .name] | join(" ")' profile.json)
for stage in waiting reading events control voices mix chorus delay cloud resonator spectral reverb inserts finishes limiter writing; do
  [[ " $names " == *" $stage "* ]] || fail "no stage $stage: $names"
done
# A thread does one thing at a time: the stages fill the time, and no more than that. Starting up is no stage.
jq -e '.threads == 1 and .sound_s == 120 and .stages.seconds <= .wall_s and .stages.seconds > 0.5 * .wall_s' profile.json >/dev/null ||
  fail "they do not add up: $(jq -c '[.wall_s, .stages.seconds]' profile.json)"
jq -e '[.stages | .. | objects | select(.parts) | .seconds - ([.parts[].seconds] | add) | fabs] | max < 1e-4' profile.json >/dev/null ||
  fail "a part is more, or less, than what it is made of"
jq -e '.stages | .. | objects | select(.name == "voices") | .seconds > 0' profile.json >/dev/null || fail "voices cost nothing"
/usr/bin/python3 - <<'END' || fail "the picture"
import xml.etree.ElementTree as tree
picture = tree.parse('profile.svg').getroot()
titles = [title.text for title in picture.iter('{http://www.w3.org/2000/svg}title')]
bars = [rect for rect in picture.iter('{http://www.w3.org/2000/svg}rect')]
assert any(title.startswith('voices: ') for title in titles) and len(bars) > 6, titles
assert max(float(bar.get('x')) + float(bar.get('width')) for bar in bars[1:]) < 1011
END
refused 2 'is two files' auralis-render piece.jsonl -o a.wav --profile -
refused 2 'is the picture' auralis-render piece.jsonl -o a.wav --profile x.svg
refused 1 'no/p.json' auralis-render piece.jsonl -o a.wav --profile no/p.json
no_leftovers

# A live renderer tells them as figures.
auralis-compose -q --seed 7 --live > >(exec auralis-render -q --live >/dev/null) &
helper=$!
told() { jq -e '.render_stage_s_total.voices > 0 and .render_stage_s_total.limiter > 0' "$XDG_RUNTIME_DIR/auralis/default/render.metrics.json"; }
until_true 30 "a live renderer tells no stages" told >/dev/null
