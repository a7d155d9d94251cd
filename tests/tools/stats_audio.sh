#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# auralis-stats audio measures what other programs measure, finds what was broken on purpose, and draws.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

sox -n -r 48000 -c 2 sine.wav synth 10 sine 440 gain -20
auralis-stats audio sine.wav --json >sine.json
jq -e '(.integrated_lufs + 20.7 | fabs) < 0.3 and (.sample_peak_dbfs + 20 | fabs) < 0.05 and .clicks == 0 and .stereo_correlation == 1
       and .rate == 48000 and .channels == 2 and .duration_s == 10 and (.bands.pad.rms_dbfs + 23 | fabs) < 0.1' sine.json >/dev/null ||
  fail "$(<sine.json)"
auralis-stats audio sine.wav >text
grep -qE '^integrated +-2[01]\.' text && grep -qE '^clicks +0$' text || fail "$(<text)"
# Two seconds from the middle, the rest after them: one break.
sox sine.wav broken.wav trim 0 3.0007 : newfile : trim 1.0003 && sox broken001.wav broken002.wav joined.wav
auralis-stats audio joined.wav --json | jq -e '.clicks == 1 and (.clicks_s[0] - 3.0007 | fabs) < 0.002' >/dev/null || fail "the click was not found"

for kind in flac ogg; do
  sox sine.wav sine.$kind
  auralis-stats audio sine.$kind --json | jq -e '(.integrated_lufs + 20.7 | fabs) < 0.3' >/dev/null || fail "$kind"
done
auralis-stats audio sine.wav --spectrogram sine.png >/dev/null
[[ $(ffprobe -v error -show_entries stream=codec_name,width,height -of csv=p=0 sine.png) == png,1600,720 ]] || fail "no picture"

declare -A wrong=([missing.wav]=1 [text.wav]=3)
echo 'no sound' >text.wav
for file in "${!wrong[@]}"; do
  got=$(status_of auralis-stats audio $file)
  [[ $got == "${wrong[$file]}" && ! -s out ]] && grep -q "$file" err || fail "$file: $got $(<err)"
done
[[ $(status_of auralis-stats audio) == 2 && $(status_of auralis-stats audio sine.wav --nonsense) == 2 ]] || fail "usage"
[[ $(status_of auralis-stats audio sine.wav --spectrogram no/x.png) == 1 ]] || fail "a picture that cannot be written"
