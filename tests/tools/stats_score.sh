#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# auralis-stats score measures any stream and MIDI file, draws it, and refuses what is none.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

auralis-compose --preset focus --seed 7 --duration 20m >piece.jsonl
auralis-stats score piece.jsonl --json >file.json
auralis-stats score - --json <piece.jsonl | cmp - file.json || fail "stdin is measured otherwise than a file"

# Counted here by other means.
notes=$(grep -c '"type":"note"' piece.jsonl)
[[ $(jq .notes file.json) == "$notes" ]] || fail "notes"
jq -e '.duration_s == 1200' file.json >/dev/null || fail "duration"
[[ $(jq .chords file.json) == $(jq -r 'select(.type == "chord") | .name' piece.jsonl | uniq | wc -l) ]] || fail "chords"
lead=$(grep -c '"layer":"lead","pitch"' piece.jsonl)
jq -e --argjson n "$lead" '(.notes_per_minute_by_layer.lead - $n / 20) | fabs < 0.001' file.json >/dev/null || fail "lead"
shares='.melody_chord_tone_share + .melody_scale_tone_share + .melody_colour_tone_share'
jq -e "($shares - 1) | fabs < 0.001" file.json >/dev/null || fail "the shares of the melody do not add up"

# The table and the manual have every measure of the JSON.
auralis-stats score piece.jsonl >table
while read -r name; do
  grep -q "^$name  *[^ ]" table || fail "no $name in the table"
  grep -qw "$name" "$SOURCE_DIR/man/auralis-stats.1" || fail "auralis-stats(1) does not explain $name"
done < <(jq -r 'keys[]' file.json)

# A MIDI file of the piece measures alike, but for what it does not hold.
auralis-compose --preset focus --seed 7 --duration 20m --format midi -o piece.mid
auralis-stats score piece.mid --json >midi.json
for measure in notes pitch_class_entropy_bits lead_interval_mean_st; do
  jq -e --slurpfile stream file.json "(.$measure - \$stream[0].$measure) | fabs < 0.01" midi.json >/dev/null ||
    fail "$measure of the MIDI file"
done

# The picture.
auralis-stats score piece.jsonl --plot piece.svg >/dev/null
python3 - <<'PYTHON' || fail "the picture is no SVG with a title and chords"
import json, xml.etree.ElementTree as tree
root = tree.parse("piece.svg").getroot()
assert root.tag == "{http://www.w3.org/2000/svg}svg"
texts = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
assert any("focus" in t and "seed 7" in t for t in texts), texts[:3]
chords = {json.loads(l)["name"] for l in open("piece.jsonl") if '"type":"chord"' in l}
assert len(chords & set(texts)) > len(chords) // 2
PYTHON

# What a live reader has so far is measured too, with a warning; other things are refused.
head -n 100 piece.jsonl | auralis-stats score - >/dev/null 2>err || fail "a stream without end"
grep -q 'no "end"' err || fail "no warning of a missing end"
refused 1 missing.jsonl auralis-stats score missing.jsonl
refused 2 'ends in .svg' auralis-stats score piece.jsonl --plot piece.gif
refused 3 '<stdin>:1: no events' auralis-stats score -
echo '{"type":"note"}' >bad.jsonl
refused 3 'bad.jsonl:1:' auralis-stats score bad.jsonl
printf 'MThd\0\0\0\6\0\2\0\1\1\340' >bad.mid
refused 3 'bad.mid: byte 14: no track, expected "MTrk"' auralis-stats score bad.mid
auralis-stats score piece.jsonl | head -c 10 >/dev/null || fail "a closed pipe is an error"
