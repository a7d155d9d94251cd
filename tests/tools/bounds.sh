#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A few bytes must not ask for hours of work, gigabytes of memory or all of the stack: each bound is met with status 3, a
# line and a field, before anything is made. Each command has two seconds of processor time and little memory here; under
# sanitizers, which are slow and reserve terabytes of addresses, a minute, and memory is not limited.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
bounded() { # COMMAND...: in bounded time and memory
  if [[ -n ${SANITIZE:-} ]]; then
    (ulimit -t 60 && exec "$@")
  else
    (ulimit -t 2 -v "${most_kb:-400000}" && exec "$@")
  fi
}
start=$(notes 0)
note() { printf '{"type":"note","t":%s,"id":1,"layer":"%s","pitch":60,"vel":0.5,"dur":0.5}\n' "$1" "$2"; }

# Brackets in brackets: the stack of whoever walks them is no deeper than the file is long.
deep() { python3 -c 'import sys; n = int(sys.argv[3]); print(sys.argv[1] + "[" * n + "]" * n + sys.argv[2])' "$@"; }
for levels in 65 400000; do
  (echo "$start" && deep '{"type":' '}' $levels) >deep.jsonl
  (echo '{"type":"options","seed":"1"}' && deep '{"type":"control","t":1,"bpm":' '}' $levels) >deep.log
  refused 3 'deep.jsonl:2: nested deeper than 64 brackets' bounded auralis-render deep.jsonl -o x.wav
  refused 3 'deep.jsonl:2: nested deeper than 64 brackets' bounded auralis-stats score deep.jsonl
  refused 3 'deep.log:2: nested deeper than 64 brackets' bounded auralis-compose --control-log deep.log --duration 5s
  (notes 2 && deep '{"type":' '}' $levels) >deep.jsonl
  refused 3 'deep.jsonl:6: nested deeper than 64 brackets, expected one JSON object a line; the sound until there is in x.partial.wav' \
    bounded auralis-render deep.jsonl -o x.wav
  (($(frames_of x.partial.wav) > 44100)) || fail "the sound before it was lost"
  rm x.partial.wav
done
(echo "$start" && deep '{"type":"novelty","what":' '}' 63 && note 0.1 pad) >deep.jsonl
bounded auralis-render -q deep.jsonl -o x.wav || fail "63 brackets in an unknown field are refused"
deep 'key: ' '' 400000 >deep.yaml
refused 3 'deep.yaml:' bounded auralis-compose --preset ./deep.yaml --duration 5s
# Over the socket of a live composer.
auralis-compose --live --session deep >/dev/null 2>err &
helper=$!
until_true 20 "no socket" is_heard_at "$XDG_RUNTIME_DIR/auralis/deep/control.sock"
python3 - "$XDG_RUNTIME_DIR/auralis/deep/control.sock" <<'PYTHON' || fail "deep brackets over the socket"
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
lines = s.makefile("rw")
lines.write('{"bpm":' + "[" * 8000 + "]" * 8000 + "}\n")
lines.flush()
while (answer := json.loads(lines.readline()))["type"] != "error":
    pass
assert answer["code"] == "bad_json" and "nested deeper" in answer["message"], answer
PYTHON
stop_helper TERM
[[ $got == 0 ]] || fail "a composer after deep brackets: status $got"

# Time: 10^8 seconds in a line, or a year between two.
(echo "$start" && note 0.1 pad && echo '{"type":"end","t":1e8}') >long.jsonl
refused 3 'long.jsonl:3: t is 100000000.000000, expected at most 24 hours after the line before' bounded auralis-render long.jsonl -o y.wav
[[ -e y.partial.wav ]] || fail "the sound before it was lost"
(echo "$start" && echo '{"type":"advance","t":86400.000001}') >long.jsonl
refused 3 'long.jsonl:2: t is 86400.000001' bounded auralis-render long.jsonl -o z.wav
(echo "$start" && echo '{"type":"advance","t":86400.000000}' && echo '{"type":"advance","t":172800.000000}' && echo '{"type":"end","t":172801.000000}') >long.jsonl
bounded auralis-stats score long.jsonl >/dev/null || fail "a day between two lines is refused"
# Layers, with stems and without.
(echo "$start" && for i in $(seq 64); do note 0.1 "layer$i"; done && echo '{"type":"end","t":0.5}') >layers.jsonl
auralis-render -q layers.jsonl -o layers.wav || fail "64 layers are refused"
(echo "$start" && for i in $(seq 65); do note 0.1 "layer$i"; done && echo '{"type":"end","t":0.5}') >layers.jsonl
refused 3 'layers.jsonl:66: layer is "layer65", one more than 64' bounded auralis-render layers.jsonl -o z.wav --stems stems
refused 3 'layers.jsonl:66: layer is "layer65", one more than 64' bounded auralis-stats score layers.jsonl
# A line, a log, a preset, a chart that do not end.
most_kb=100000 refused 3 '<stdin>:1: line longer than 1 MiB' bounded bash -c 'auralis-render -o z.wav < <(tr "\0" x </dev/zero)'
most_kb=400000 refused 3 '/dev/zero: larger than' bounded auralis-compose --control-log /dev/zero --duration 5s
refused 3 'zero.yaml: larger than' bounded bash -c 'ln -sf /dev/zero zero.yaml; auralis-compose --preset zero.yaml --duration 5s'
refused 3 '/dev/zero: larger than' bounded auralis-compose --harmony /dev/zero --duration 5s
refused 3 '/dev/zero: larger than 8192 bytes, expected the token alone' bounded auralis-serve --port 0 --token-file /dev/zero
refused 3 '/dev/zero:1: line longer than 1 MiB' bounded auralis-stats score /dev/zero
most_kb=200000 refused 3 '<stdin>: more than 32 MiB, expected a shorter MIDI file' bounded bash -c \
  '(printf "MThd\0\0\0\6\0\0\0\1\0\1MTrk" && cat /dev/zero) | auralis-stats score -'

# Sound: a head that asks for more than sound needs.
head_of() { python3 -c 'import struct, sys
rate = int(sys.argv[1])
sys.stdout.buffer.write(struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 436, b"WAVE", b"fmt ", 16, 1, 2, rate, min(4 * rate, 2**32 - 1), 4, 16, b"data", 400) + bytes(400))' "$1"; }
for rate in 1 19 50000000 2147483647; do
  head_of $rate >rate.wav
  refused 3 "rate.wav: a rate of $rate Hz, expected 4000 to 384000" bounded auralis-stats audio rate.wav
  refused 3 "rate.wav: a rate of $rate Hz, expected 4000 to" bounded auralis-serve --port 0 rate.wav
  got=0
  bounded auralis-serve --port 0 <rate.wav >out 2>err || got=$?
  [[ $got == 3 ]] && grep -q "a rate of $rate Hz, expected 4000 to 192000" err || fail "serve of $rate Hz on stdin: $got $(<err)"
done

# Too few descriptors, too little memory: said, and what was made is kept.
piece 2 >piece.jsonl
if [[ -z ${SANITIZE:-} ]]; then # which asks the kernel through a pipe what is memory, and has much of it
  got=$(status_of bash -c 'ulimit -n 8; exec auralis-render piece.jsonl -o few.wav --stems few')
  [[ $got == 1 ]] && grep -q 'Too many open files' err || fail "few descriptors: $got $(<err)"
  got=$(status_of bash -c 'ulimit -v 40000; exec auralis-render piece.jsonl -o little.wav')
  [[ $got == 1 ]] && grep -qi 'memory' err || fail "little memory: $got $(<err)"
fi

# Texts from outside are no commands to a terminal.
escape=$(printf '\033]0;owned\007\033[31m\302\233')
printf '%s\n' "$escape" >escape.txt
refused 3 'escape.txt:1: "\x1b]0;owned\x07\x1b[31m\x9b" is no chord' auralis-compose --harmony escape.txt --duration 5s
printf 'title: x\n"%s": 1\n' '\e[31m' >escape.yaml
refused 3 'escape.yaml:2: \x1b[31m is not known' auralis-compose --preset ./escape.yaml --duration 5s
(echo "$start" && printf '{"type":"note","t":0,"id":1,"layer":"\\u001b[31m","pitch":60,"vel":0.5,"dur":1}\n') >escape.jsonl
refused 3 'escape.jsonl:2: layer is' auralis-render escape.jsonl -o x.wav
(echo "${start/\"D\"/\"\\u009b31m\"}") >escape.jsonl
refused 3 'escape.jsonl:1: key is "\x9b31m"' auralis-render escape.jsonl -o x.wav
refused 1 'cannot open \x1b[31m' auralis-render "$(printf '\033[31m')" -o x.wav
for file in err; do ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' $file || fail "control characters in $file"; done
mkdir -p config/auralis/presets
auralis-compose --show-preset focus | sed 's/^title: .*/title: "\\e]0;owned\\a"/' >config/auralis/presets/evil.yaml
auralis-compose --list-presets >presets
! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' presets || fail "control characters in the list of presets"
grep '^evil  ' presets | grep -qF '\x1b]0;owned\x07' || fail "the list of presets: $(grep evil presets)"
