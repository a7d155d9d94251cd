#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Live: sound as soon as the events allow it, a quiet end where the reader goes, a musical one on a signal.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
piece 20 >piece.jsonl

# A reader that has enough is no error.
auralis-render piece.jsonl | head -c 1000 >/dev/null || fail "closed pipe: ${PIPESTATUS[*]}"
auralis-compose --seed 7 | auralis-render --raw | head -c 400000 >/dev/null || fail "endless music into head: ${PIPESTATUS[*]}"
(auralis-render piece.jsonl 2>err && echo 0 >status || echo $? >status) | head -c 1000 >/dev/null
[[ $(<status) == 0 && ! -s err ]] || fail "closed pipe: $(<status) $(<err)"

# As soon as the first `advance` allows: the pipe stays open, and yet the sound up to it comes, all but the look-ahead.
mkfifo events sound
auralis-render --raw --session live <events >sound &
helper=$!
exec 3>events 4<sound
notes 1 >&3
echo '{"type":"advance","t":1.5}' >&3
# 1.45 s of it have to come without anything more being written; a read that waits for ever is caught by timeout.
timeout 60 head -c $((4 * 63945)) <&4 >first.pcm || fail "no sound before the next event"
[[ $(stat -c %s first.pcm) == $((4 * 63945)) ]] || fail "no sound before the next event"
metrics=$XDG_RUNTIME_DIR/auralis/live/render.metrics.json
until_true 20 "no figures" jq -e '.events_total >= 4 and .synthesis_latency_ms.max > 0' "$metrics" >figures
jq -e '.voices >= 0 and .voices_stolen == 0 and .late_events_total == 0 and .realtime_factor > 0 and .device == "cpu"
       and .memory_mb > 1 and .cpu_percent >= 0 and .uptime_s >= 0 and (.version | length) > 0' "$metrics" >/dev/null ||
  fail "figures: $(<"$metrics")"
# A signal ends it with a fade of two seconds.
kill -INT "$helper"
cat <&4 >rest.pcm
wait "$helper" || fail "SIGINT: status $?"
helper=''
exec 3>&- 4<&-
frames=$((($(stat -c %s first.pcm) + $(stat -c %s rest.pcm)) / 4))
((frames >= 63945 + 88200 && frames <= 66150 + 88200)) || fail "$frames frames, expected two seconds after the signal"
sox -t raw -r 44100 -e signed -b 16 -c 2 rest.pcm -n trim -0.01 stat 2>&1 | awk '/Maximum amplitude/ { top = $3 } END { exit !(top < 0.001) }' ||
  fail "the end on a signal clicks"
[[ ! -e $metrics ]] || fail "the figures of a process that has gone are left"

# The same into a file, which is finalised under its name; SIGTERM likewise.
for signal in INT TERM; do
  auralis-render -o stopped.wav --report stopped.json <events 2>err &
  helper=$!
  exec 3>events
  notes 2 >&3
  until_true 20 "no temporary file" compgen -G '.stopped.*.wav' >/dev/null
  until_true 20 "nothing written" eval '(( $(stat -c %s .stopped.*.wav) > 100000 ))'
  kill -$signal "$helper"
  wait "$helper" || fail "SIG$signal: status $?: $(<err)"
  helper=''
  exec 3>&-
  (($(frames_of stopped.wav) > 88200)) || fail "stopped.wav has $(frames_of stopped.wav) frames"
  jq -e '.complete == false' stopped.json >/dev/null || fail "the report says the piece is complete"
  rm stopped.wav
done
# Before there is anything to finalise: 130. With two signals: at once.
auralis-render -o none.wav <events 2>err &
helper=$!
exec 3>events
until_true 20 "not started" hears_signals "$helper"
stop_helper INT
exec 3>&-
[[ $got == 130 && ! -e none.wav ]] || fail "interrupted before any sound: $got"

# The least that a stream may say, and what this version does not know of: one warning for each unknown type.
{
  echo '{"type":"start","auralis":1}'
  for t in 1 2 3; do printf '{"type":"sparkle","t":%d}\n{"type":"mood \\u001b[31m","t":%d}\n' $t $t; done
  echo '{"type":"note","t":3,"pitch":60,"dur":1}'
  echo '{"type":"note","t":3,"pitch":64,"dur":1}'
  echo '{"type":"end","t":5}'
} >least.jsonl
auralis-render least.jsonl -o least.wav --report least.json 2>err
[[ $(grep -c 'least.jsonl:2: "sparkle" is a type that this version does not know' err) == 1 ]] || fail "sparkle: $(<err)"
[[ $(grep -c 'does not know' err) == 2 ]] || fail "warnings of unknown types: $(<err)"
[[ $(jq -c '[.seed, .preset, .key, .peak_voices, .frames]' least.json) == '[null,null,null,2,220500]' ]] || fail "the report of it: $(<least.json)"

# Input that ends without `end`: what sounds is let ring, with a warning.
notes 2 >open.jsonl
auralis-render open.jsonl -o open.wav 2>err
grep -q 'warning: open.jsonl: no "end"' err || fail "no warning: $(<err)"
(($(frames_of open.wav) > 3 * 44100)) || fail "what sounded was cut off"
sox open.wav -n trim -0.05 stat 2>&1 | awk '/Maximum amplitude/ { top = $3 } END { exit !(top < 0.002) }' || fail "the tail is cut off"
no_leftovers
