#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The report is true by the word of other programs; the stems are what the mix is made of; MIDI files play.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

auralis-compose --seed 7 --duration 40s --volume -3 >piece.jsonl
auralis-render piece.jsonl --bits f32 -o mix.wav --stems stems --report report.json 2>err
grep -q 'mix.wav: 0:40, seed 7, -[0-9.]* LUFS, made in .* times real time' err || fail "no summary: $(<err)"
field() { jq -r ".$1" report.json; }
[[ $(field seed) == 7 && $(field preset) == focus && $(field key) == D && $(field mode) == dorian ]] || fail "what was played"
[[ $(field duration_s) == 40 && $(field frames) == 1764000 && $(field complete) == true && $(field bits) == f32 ]] || fail "how long"
[[ $(field events_sha256) == "$(sha256sum <piece.jsonl | cut -d' ' -f1)" ]] || fail "the events' SHA-256"
[[ $(field pcm_sha256) == "$(ffmpeg -nostdin -v error -i mix.wav -f f32le - | sha256sum | cut -d' ' -f1)" ]] || fail "the SHA-256 of the PCM in a file"
[[ $(field events) == "$(wc -l <piece.jsonl)" ]] || fail "$(field events) events"
jq -e '.peak_voices >= 1 and .voices_stolen == 0 and .late_events == 0 and .device == "cpu" and .wall_s > 0 and .cpu_s > 0' report.json >/dev/null ||
  fail "figures: $(<report.json)"
same_number "$(field realtime_factor)" "$(jq '.duration_s / .wall_s' report.json)" 1 || fail "real-time factor"
ffmpeg -nostats -i mix.wav -af ebur128=peak=true -f null - 2>&1 | tail -n 16 >ebur128
heard() { awk -v name="$1" '$1 == name { print $2; exit }' ebur128; }
same_number "$(field integrated_lufs)" "$(heard I:)" 0.1 || fail "integrated loudness $(field integrated_lufs), ffmpeg $(heard I:)"
# ffmpeg's own range counts windows that reach back before the beginning, so it is worked out from ffmpeg's loudness of
# three seconds, once a second, by EBU Tech 3342: those within 20 LU of their mean, from the 10th to the 95th percentile.
range=$(ffmpeg -nostats -i mix.wav -af ebur128=framelog=info -f null - 2>&1 | /usr/bin/python3 -c '
import math, re, sys
short = {round(float(t), 1): float(s) for t, s in re.findall(r"t: ([0-9.]+).*?S: *(-[0-9.]+)", sys.stdin.read())}
heard = [s for t, s in short.items() if t >= 3 and abs(t - round(t)) < 0.05 and s > -70]
mean = 10 * math.log10(sum(10 ** (s / 10) for s in heard) / len(heard))
kept = sorted(s for s in heard if s > mean - 20)
at = lambda share: kept[int((len(kept) - 1) * share + 0.5)]
print(at(0.95) - at(0.10))')
same_number "$(field loudness_range_lu)" "$range" 0.2 || fail "loudness range $(field loudness_range_lu), worked out $range"
same_number "$(field true_peak_dbtp)" "$(heard Peak:)" 0.2 || fail "true peak $(field true_peak_dbtp), ffmpeg $(heard Peak:)"
auralis-stats audio mix.wav --json >stats.json
for name in integrated_lufs loudness_range_lu true_peak_dbtp; do
  same_number "$(field $name)" "$(jq ".$name" stats.json)" 0.01 || fail "auralis-stats has another $name"
done
# Progress goes to a terminal's stderr and nowhere else.
! grep -q $'\r' err || fail "progress into a file: $(<err)"
script -qec 'auralis-render piece.jsonl -o bar.wav' /dev/null >terminal </dev/null
grep -qE '\[=* *\] 0:[0-9]{2} of [0-9]:[0-9]{2}, .* left, [0-9]+ times real time' terminal || fail "no progress on a terminal: $(<terminal)"
script -qec 'auralis-render -q piece.jsonl -o bar.wav' /dev/null </dev/null | grep -q . && fail "-q is not quiet" || true
# The report of a stream, and the report on stdout beside a file.
auralis-render piece.jsonl --report piped.json >piped.wav
[[ $(jq -r .pcm_sha256 piped.json) == "$(sox piped.wav -t raw - | sha256sum | cut -d' ' -f1)" ]] || fail "the SHA-256 of the PCM in a pipe"
diff <(jq 'del(.output, .wall_s, .cpu_s, .realtime_factor, .bits, .stems, .pcm_sha256)' piped.json) \
  <(jq 'del(.output, .wall_s, .cpu_s, .realtime_factor, .bits, .stems, .pcm_sha256)' report.json) || fail "the report depends on where the sound goes"
auralis-render -q piece.jsonl -o again.flac --report - | jq -e '.output == "again.flac"' >/dev/null || fail "--report -"
auralis-render piece.jsonl --report cut.json --stems cut | head -c 100000 >/dev/null
jq -e '.complete == false and .frames > 0' cut.json >/dev/null || fail "no report where the reader has gone"
[[ -s cut/pad.wav ]] || fail "no stems where the reader has gone"
# A reader that goes while what came before bad input is being saved: the input is as bad, the rest as worth having.
(notes 15 && echo 'what?') >bad.jsonl
{ auralis-render bad.jsonl --report bad.json --stems bad 2>err && echo 0 >status || echo $? >status; } | head -c 1000 >/dev/null
[[ $(<status) == 3 ]] && grep -q 'bad.jsonl:32: not JSON' err || fail "bad input for a reader that goes: $(<status) $(<err)"
jq -e '.complete == false and .frames > 0' bad.json >/dev/null || fail "no report of bad input where the reader has gone"
[[ -s bad/pad.partial.wav && ! -e bad/pad.wav ]] || fail "stems of bad input where the reader has gone: $(ls bad)"

# One file a layer, each as long as the mix; their sum is the mix, as the limiter had nothing to do.
auralis-render -q piece.jsonl --bits f32 -o alone.wav
cmp alone.wav mix.wav || fail "--stems changes the mix"
[[ $(find stems -name '*.wav' | wc -l) == $(field 'stems | length') ]] || fail "stems: $(ls stems)"
(($(field 'stems | length') > 2)) || fail "too few layers to tell"
for stem in stems/*.wav; do
  [[ $(frames_of "$stem") == 1764000 && $(soxi -e "$stem") == 'Floating Point PCM' ]] || fail "$stem"
done
awk -v peak="$(field true_peak_dbtp)" 'BEGIN { exit !(peak < -3) }' || fail "the piece is too loud for this test"
/usr/bin/python3 - mix.wav stems/*.wav <<'PYTHON'
import array, subprocess, sys
def samples(path):
    return array.array("f", subprocess.run(["sox", path, "-t", "f32", "-"], check=True, capture_output=True).stdout)
mix, total = samples(sys.argv[1]), None
for path in sys.argv[2:]:
    stem = samples(path)
    total = stem if total is None else array.array("f", map(float.__add__, total, stem))
worst = max(abs(a - b) for a, b in zip(mix, total))
loudest = max(map(abs, mix))
assert loudest > 0.01, loudest
assert worst < 1e-5 * loudest, (worst, loudest)
PYTHON

# A MIDI file, told by its content, with a preset's sounds.
auralis-compose --seed 7 --duration 40s --format midi -o piece.mid
auralis-render -q - --preset sleep -o midi.flac --report midi.json <piece.mid
jq -e '.duration_s >= 40 and .preset == "sleep" and .peak_voices > 0 and .integrated_lufs > -60' midi.json >/dev/null || fail "MIDI: $(<midi.json)"
[[ $(jq -r .events_sha256 midi.json) == "$(sha256sum <piece.mid | cut -d' ' -f1)" ]] || fail "the MIDI file's SHA-256"
refused 2 'nobody' auralis-render piece.mid --preset nobody -o x.wav

[[ $(auralis-render --list-devices | tail -n 1) == cpu ]] || fail "--list-devices"
no_leftovers
