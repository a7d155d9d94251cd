#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --check says all that is wrong with presets at once; what another version wrote is warned of, once.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

auralis-compose --check focus sleep >out 2>err || fail "the presets: $(<err)"
[[ $(<out) == $'focus: nothing is wrong\nsleep: nothing is wrong' && ! -s err ]] || fail "what is right: $(<out) $(<err)"
auralis-compose --check "$SOURCE_DIR"/presets/*.yaml >out || fail "an installed preset"

cat >bad.yaml <<'END'
key: H
bpm: 500
tempo: 60
layers:
  pad:
    voices: 900
    sound: {cutoff_hz: -1, attack_s: 1}
  trumpet:
    gain_db: 0
master:
  reverb_time_s: long
END
got=$(status_of auralis-compose --check bad.yaml focus)
[[ $got == 3 && $(<out) == 'focus: nothing is wrong' ]] || fail "bad.yaml: status $got, $(<out)"
for fault in ':2: bpm is "500"' ':3: tempo is not known' ':7: layers.pad.sound.cutoff_hz is "-1"' ':8: layers.trumpet is not known' \
  ':11: master.reverb_time_s is "long", expected a number'; do
  grep -qF "bad.yaml$fault" err || fail "not said: $fault in $(<err)"
done
[[ $(grep -c 'bad.yaml:' err) -ge 5 ]] || fail "too little: $(<err)"
# The first of them is what composing stumbles over.
refused 3 'bad.yaml:2: bpm is "500"' auralis-compose --preset ./bad.yaml --duration 1s
printf 'key: [\n' >broken.yaml
refused 3 'broken.yaml:' auralis-compose --check broken.yaml
refused 2 'did you mean focus' auralis-compose --check focsu

# Versions: a preset, a control log.
version=$(auralis-compose --version | cut -d' ' -f2)
auralis-compose --show-preset focus >mine.yaml
head -n 1 mine.yaml | grep -qF "as of auralis $version;" || fail "a shown preset says no version: $(head -n 1 mine.yaml)"
auralis-compose --preset ./mine.yaml --seed 7 --duration 5s >a.jsonl 2>err
[[ ! -s err ]] || fail "today's preset is warned of: $(<err)"
sed -i "1s/auralis $version/auralis 0.0.9/" mine.yaml
auralis-compose --preset ./mine.yaml --seed 7 --duration 5s 2>err | cmp - a.jsonl || fail "another piece"
[[ $(grep -c 'warning: ./mine.yaml was written by version 0.0.9, this is '"$version" err) == 1 ]] || fail "an old preset: $(<err)"
printf '{"type":"options","version":"0.0.9","seed":"7","preset":"focus","duration_s":5}\n' >log.jsonl
auralis-compose --control-log log.jsonl >/dev/null 2>err
[[ $(grep -c 'log.jsonl was recorded by version 0.0.9' err) == 1 ]] || fail "an old control log: $(<err)"

# And a stream of events: the sound is the same, and one warning says who composed it.
auralis-render a.jsonl -o a.wav -q 2>err
[[ ! -s err ]] || fail "today's events are warned of: $(<err)"
sed "1s/\"version\":\"$version\"/\"version\":\"0.0.9\"/" a.jsonl >old.jsonl
auralis-render old.jsonl -o b.wav 2>err
[[ $(grep -c 'warning: old.jsonl was composed by version 0.0.9, this is '"$version" err) == 1 ]] || fail "old events: $(<err)"
cmp <(sox a.wav -t raw -) <(sox b.wav -t raw -) || fail "other sound"
sed '1s/,"version":"[^"]*"//' a.jsonl >none.jsonl
auralis-render none.jsonl -o c.wav 2>err && ! grep -q warning err || fail "events without a version: $(<err)"
