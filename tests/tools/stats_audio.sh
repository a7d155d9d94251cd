#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# auralis-stats audio measures what other programs measure and what sox was asked to make, finds what was broken on purpose,
# and draws.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

sox -n -r 48000 -c 2 sine.wav synth 10 sine 440 gain -20
auralis-stats audio sine.wav --json >sine.json
jq -e '(.integrated_lufs + 20.7 | fabs) < 0.3 and (.sample_peak_dbfs + 20 | fabs) < 0.05 and .clicks == 0 and .stereo_correlation == 1
       and .rate == 48000 and .channels == 2 and .duration_s == 10 and (.bands.pad.rms_dbfs + 23 | fabs) < 0.1' sine.json >/dev/null ||
  fail "$(<sine.json)"
auralis-stats audio sine.wav >text
grep -qE '^integrated +-2[01]\.' text && grep -qE '^clicks +0$' text || fail "$(<text)"
# A tremolo of half the level, 2 Hz, in 500 Hz to 1 kHz, and a bass that a phone does not have.
sox -n -r 44100 -c 2 tremolo.wav synth 90 sine 700 tremolo 2 50 gain -20
sox -n -r 44100 -c 2 bass.wav synth 90 sine 40 gain -20
sox -m tremolo.wav bass.wav low.wav
auralis-stats audio low.wav --json >low.json
jq -e '(.envelopes | length) == 10 and (.envelopes[4] | .low_hz == 500 and (.largest_am_hz - 2 | fabs) < 0.03 and .largest_am_percent > 25)
       and .envelopes[0].am_percent < 1 and .below_50_hz_percent > 40 and .below_50_hz_percent < 65 and .spectral_movement_db < 1
       and (.third_octaves | length == 31) and (.third_octaves[3] | .mid_hz == 39.81 and .db > -4) and .third_octaves[10].db < -60
       and .stereo_bands.bass.correlation == 1 and .stereo_bands.middle.mono_loss_db == 0 and .presence_db < -60 and .air_db < -60
       and .phone_loss_lu > 0 and .phone_loss_lu < 2 and (.mfcc_mean | length) == 20 and (.mfcc_spread | length) == 20' low.json >/dev/null ||
  fail "$(<low.json)"
auralis-stats audio low.wav >text
grep -qE '^below 50 Hz +[456][0-9]\.' text && grep -qE '^  500 to 1k Hz .* 2\.0[0-9][0-9] ' text || fail "$(<text)"
# Two files are their sum, which a mix may be softer than.
sox tremolo.wav t.wav gain 6 && sox bass.wav b.wav gain 6 && sox -m -v 0.8 t.wav -v 0.8 b.wav mix.wav
auralis-stats audio tremolo.wav bass.wav --mix mix.wav --json |
  jq -e --slurpfile low low.json '.files == ["tremolo.wav", "bass.wav"] and (.integrated_lufs - $low[0].integrated_lufs - 6.02 | fabs) < 0.1
    and (.below_50_hz_percent - $low[0].below_50_hz_percent | fabs) < 0.1 and (.reduction | (.mean_db + 4.06 | fabs) < 0.05)' >/dev/null ||
  fail "two files"
auralis-stats audio tremolo.wav bass.wav --mix mix.wav | grep -qE '^reduction +-4\.' || fail "no reduction"
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
[[ $(status_of auralis-stats audio sine.wav sine.wav --spectrogram x.png) == 2 ]] || fail "a picture of two files"
[[ $(status_of auralis-stats audio sine.wav bass.wav) == 3 ]] && grep -q 'bass.wav: has 44100 Hz' err || fail "two rates: $(<err)"
[[ $(status_of auralis-stats audio sine.wav --mix bass.wav) == 3 ]] && grep -q 'bass.wav' err || fail "a mix of another rate: $(<err)"
[[ $(status_of auralis-stats audio sine.wav --spectrogram no/x.png) == 1 ]] || fail "a picture that cannot be written"
