#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Schedules, offline and live, from a file and from a preset; what they did replays from the control log. And --cut.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
compose() { auralis-compose -q --seed 7 "$@"; }
controls() { jq -c 'select(.type == "control")' "$1"; }

cat >day.yaml <<'YAML'
day:
  - {name: wind-down, at: 22:30, intensity: 0.2, volume: -12, over: 10m}
  - {name: night, at: 22:45, preset: sleep, key: D}
  - {name: wake-up, at: 7:00, preset: bright, intensity: [0.1, 0.6], volume: 0, over: 20m}
YAML
# Offline it is the same every time, and begins where it is told to.
compose --schedule day.yaml --start-at 22:28 --duration 20m >a.jsonl
compose --schedule day.yaml --start-at 22:28 --duration 20m | cmp - a.jsonl || fail "a schedule is not the same twice"
[[ $(head -n 1 a.jsonl | jq -r .preset) == bright ]] || fail "it does not begin as the morning has left it"
[[ $(controls a.jsonl | head -n 1 | jq .t) == 120 ]] || fail "22:30 is not two minutes after 22:28"
[[ $(controls a.jsonl | jq -s 'map(select(.intensity)) | last | [.t, .intensity]' | jq -c .) == '[720,0.2]' ]] || fail "the wind-down does not arrive after ten minutes"
[[ $(controls a.jsonl | jq -s -c 'map(select(.preset)) | map([.t, .preset, .key])') == '[[1020,"sleep","D"]]' ]] || fail "the night does not come at 22:45"
# Past midnight, and without a start with the first time it names.
[[ $(compose --schedule day.yaml --start-at 23:50 --duration 1m | head -n 1 | jq -r .preset) == sleep ]] || fail "at midnight it is not night"
[[ $(compose --schedule day.yaml --duration 1m | jq -c 'select(.type == "control")' | head -n 1 | jq .t) == 0 ]] || fail "without --start-at it does not begin with its first time"

# What it did is in the control log, which alone gives the same piece.
{ printf '{"type":"options","seed":"7","preset":"bright","duration_s":1200,"key":"D","intensity":%s}\n' "$(head -n 1 a.jsonl | jq .intensity)"; controls a.jsonl; } >log.jsonl
auralis-compose -q --control-log log.jsonl >replayed.jsonl
cmp replayed.jsonl a.jsonl || fail "a log of what a schedule did gives another piece"
refused 2 'expected one of them' auralis-compose --control-log log.jsonl --schedule day.yaml

# A preset has a day of its own.
auralis-compose --show-preset focus >focus.yaml
printf 'day:\n  - {after: 30s, intensity: 0.9}\n' >>focus.yaml
[[ $(compose --preset ./focus.yaml --duration 1m | jq -c 'select(.type == "control") | [.t, .intensity]') == '[30,0.9]' ]] || fail "a preset's day is not followed"
auralis-compose --show-preset ./focus.yaml >shown.yaml
cmp <(compose --preset ./shown.yaml --duration 1m | tail -n +2) <(compose --preset ./focus.yaml --duration 1m | tail -n +2) || fail "a shown preset has lost its day"

# Mistakes name file, line and field.
printf 'day:\n  - {at: 22:30, intensity: 0.2}\n  - {at: 23:00, preset: slep}\n' >bad.yaml
refused 3 'bad.yaml:3: day[1]: preset: no preset "slep", did you mean sleep?' compose --schedule bad.yaml
refused 2 '--start-at is "25:00", expected a time of the day' compose --schedule day.yaml --start-at 25:00
refused 1 'nowhere.yaml' compose --schedule nowhere.yaml

# Live: what is due comes, is told in the state, and is recorded; the log replays to the same events.
printf 'day:\n  - {name: first, after: 1s, intensity: 0.9, over: 1s}\n  - {name: second, after: 3s, volume: -20}\n' >soon.yaml
auralis-compose -q --seed 7 --live --duration 6s --schedule soon.yaml --control "$scratch/c.sock" --control-log live.log >live.jsonl &
helper=$!
until_true 20 "no socket" is_heard_at "$scratch/c.sock"
/usr/bin/python3 - "$scratch/c.sock" >state <<'PYTHON' || fail "no state tells the second control"
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
print(next(line for line in s.makefile() if json.loads(line).get("volume") == -20))
PYTHON
wait "$helper" || fail "the live piece ended with $?"
helper=''
grep -q '"volume":-20' live.log || fail "no control came"
jq -e '.day.now == "second" and .volume == -20' state >/dev/null || fail "the state does not tell the schedule: $(<state)"
auralis-compose -q --control-log live.log | cmp - <(grep -v '"advance"' live.jsonl) || fail "the log of a live schedule gives another piece"
before_2_s() { jq -c 'select(.type != "end" and .type != "advance" and (.t // 0) < 2)'; }
cmp <(auralis-compose -q --control-log live.log --cut 5s | before_2_s) <(before_2_s <live.jsonl) || fail "a log that is cut is not what was heard until the fade"

# The endless piece's beginning, to the bit, and silence at its end.
compose --cut 60s >cut.jsonl
# shellcheck disable=SC2094
cmp <(jq -c 'select(.type != "end" and (.t // 0) < 57)' cut.jsonl) <(compose 2>/dev/null | head -n "$(jq -c 'select(.type != "end" and (.t // 0) < 57)' cut.jsonl | wc -l)" | jq -c .) || fail "a cut piece is not the endless one's beginning"
auralis-render -q cut.jsonl -o cut.wav
before_the_fade=$((56 * 44100 * 8)) # and what the limiter looks ahead
compose | auralis-render -q --bits f32 --raw 2>/dev/null | head -c $before_the_fade >endless.raw || true
cmp -n $before_the_fade <(auralis-render -q cut.jsonl --bits f32 --raw) endless.raw || fail "the cut sound is not the endless one's beginning"
[[ $(frames_of cut.wav) == $((60 * 44100)) ]] || fail "the cut sound is not 60 s long"
sox cut.wav -n trim 59.96 stat 2>&1 | awk '/Maximum amplitude/ { exit !($3 < 0.001) }' || fail "a cut piece does not end in silence"
refused 2 'duration' compose --cut 60s --duration 60s
