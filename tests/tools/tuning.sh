#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tunings by option, preset, control log and MIDI file; what is not one is refused with what there is.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
compose() { auralis-compose -q --seed 7 --duration 60s "$@"; }
pitches() { jq -c 'select(.type == "note") | [.id, .key // .pitch, .pitch]' "$1"; }
# near A B: two numbers within a thousandth of a cent of each other, in semitones.
near() { awk -v a="$1" -v b="$2" 'BEGIN { exit !((a - b) ^ 2 < 1e-10) }'; }

compose >plain.jsonl
compose --tuning equal --reference 440 | cmp - plain.jsonl || fail "equal temperament at 440 Hz is not the default"
compose --reference 432 >low.jsonl
[[ $(head -n 1 low.jsonl | jq -r '"\(.tuning) \(.reference)"') == "equal 432" ]] || fail "the first line does not tell tuning and reference"
near "$(pitches low.jsonl | jq -s '.[0][2] - .[0][1]')" -0.317667 || fail "432 Hz is not 31.77 cents below 440"
cmp <(jq -c 'del(.pitch, .key, .pitches, .tuning, .reference)' low.jsonl) <(jq -c 'del(.pitch, .key, .pitches)' plain.jsonl) || fail "the reference changes more than pitches"

# A scale of Scala's with a mapping: each key where the two files say, to a thousandth of a cent.
printf '! x.scl\nPythagorean, by hand\n 12\n 256/243\n 9/8\n 32/27 third\n 407.820\n 4/3\n 1024/729\n 3/2\n 128/81\n 27/16\n 16/9\n 243/128\n 2/1\n' >own.scl
printf '12\n0\n127\n60\n69\n432.0\n12\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n' >own.kbm
compose --tuning ./own.scl --keyboard own.kbm >own.jsonl
[[ $(head -n 1 own.jsonl | jq -r .tuning) == own ]] || fail "a scale is not named after its file"
pitches own.jsonl | while IFS=, read -r _ key pitch; do
  wanted=$(awk -v key="$key" 'BEGIN {
    split("0 90.224996 203.910002 294.134997 407.820003 498.044999 588.269995 701.955001 792.179997 905.865003 996.089998 1109.775004", cents)
    octave = int(key / 12) - 5
    print 69 + 12 * log(432 / 440) / log(2) + (cents[key % 12 + 1] + 1200 * octave - 905.865003) / 100 }')
  near "$wanted" "${pitch%]}" || awk -v a="$wanted" -v b="${pitch%]}" 'BEGIN { exit !((a - b) ^ 2 < 1e-6) }' || fail "key $key sounds at ${pitch%]}, expected $wanted"
done
# By name, from the user's folder; beside a preset.
mkdir -p config/auralis/tunings
cp own.scl config/auralis/tunings/mine.scl
compose --tuning mine | head -n 1 | jq -e '.tuning == "mine"' >/dev/null || fail "a scale in the user's folder has no name"
mkdir presets
cp own.scl own.kbm presets/
printf 'tuning: own.scl\nkeyboard: own.kbm\nreference: 415\n' >presets/mine.yaml
compose --preset presets/mine.yaml | head -n 1 | jq -e '.tuning == "own" and .reference == 415' >/dev/null || fail "a preset has no tuning"
auralis-compose --show-preset presets/mine.yaml >shown.yaml
cmp <(compose --preset ./shown.yaml | tail -n +2) <(compose --preset presets/mine.yaml | tail -n +2) || fail "a shown preset has another tuning"

# What is not there, or no scale.
refused 2 'no tuning "jsut", did you mean just? There are equal, just, pythagorean' compose --tuning jsut
refused 2 'expected a number from 415 to 466' compose --reference 500
refused 1 'nowhere.scl' compose --tuning nowhere.scl
printf 'x\n2\n3/2\n' >short.scl
refused 3 'short.scl:4: the file ends after 1 tones, expected 2' compose --tuning short.scl
printf 'title: x\ntuning: jsut\n' >bad.yaml
refused 3 'bad.yaml:2: tuning: no tuning "jsut"' compose --preset ./bad.yaml

# A MIDI file carries them: the same notes come back where they were, within a hundredth of a cent.
compose --tuning slendro --reference 432 >there.jsonl
compose --tuning slendro --reference 432 -o there.mid
/usr/bin/python3 - there.mid there.jsonl <<'END' || fail "the pitches of the MIDI file are others"
import json, sys, mido
keys, played = {}, []
for message in mido.merge_tracks(mido.MidiFile(sys.argv[1]).tracks):
    if message.type == 'sysex' and message.data[:1] == (0x7f,) and message.data[2:4] == (8, 2):  # MTS: single keys, at once
        for i in range(message.data[5]):
            key, semitone, high, low = message.data[6 + 4 * i:10 + 4 * i]
            keys[key] = semitone + (high << 7 | low) / 16384
    elif message.type == 'note_on' and message.velocity and message.channel != 9:
        played.append(keys[message.note])
notes = [event for event in map(json.loads, open(sys.argv[2])) if event['type'] == 'note' and event['layer'] != 'percussion']
composed = sorted(note['pitch'] for note in notes)
assert len(played) == len(composed) > 20, (len(played), len(composed))
worst = max(abs(a - b) for a, b in zip(sorted(played), composed))
assert worst < 1e-4, worst  # a hundredth of a cent
assert any(abs(pitch - round(pitch)) > 0.05 for pitch in composed)  # slendro is no equal temperament
END

# A note of a stream, of a MIDI file: tuned by option, sounding where it is to within a tenth of a cent.
printf '%s\n' '{"type":"start","auralis":1}' '{"type":"patch","t":0,"layer":"lead","params":{"osc1_shape":0,"osc2_level":0,"attack_s":0.01,"sustain":1,"vibrato_cents":0,"detune_cents":0,"reverb_send":0,"delay_send":0,"drift_cents":0}}' \
  '{"type":"note","t":0,"layer":"lead","pitch":69,"vel":0.8,"dur":12}' '{"type":"end","t":12}' >a.jsonl
crossings() { # of zero, upwards, from 1 s to 11 s: their number a second, ends found between frames
  sox "$1" -t f64 -c 1 - remix 1 trim 1 10 | od -An -v -tf8 -w8 |
    awk '{ if (NR > 1 && last < 0 && $1 >= 0) { at = NR - 1 - $1 / ($1 - last); if (!n++) first = at; end = at } last = $1 } END { printf "%.6f\n", (n - 1) * 44100 / (end - first) }'
}
for reference in 415 432 466; do
  auralis-render -q a.jsonl --reference $reference --bits f32 -o a.wav
  heard=$(crossings a.wav)
  awk -v a="$heard" -v b="$reference" 'BEGIN { c = 1200 * log(a / b) / log(2); exit !(c ^ 2 < 0.01) }' || fail "A at $reference Hz is heard at $heard Hz"
done

# As it was played, a log plays it again.
printf '%s\n' '{"type":"options","seed":"7","preset":"focus","duration_s":60,"tuning":"just","reference":432}' '{"type":"control","t":20,"id":"1","tuning":"meantone"}' >log.jsonl
auralis-compose -q --control-log log.jsonl >replayed.jsonl
[[ $(head -n 1 replayed.jsonl | jq -r .tuning) == just ]] || fail "a log's tuning is not played"
grep -q '"type":"bend","t":20.000000' replayed.jsonl || fail "a control of tuning bends nothing that sounds"
