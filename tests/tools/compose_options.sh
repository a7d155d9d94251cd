#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every option of auralis-compose does what its manual says, and every bad value is refused by name with status 2 or 3.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
first() { head -n 1 "$1" | jq -r ".$2"; }
compose() { auralis-compose --seed 7 --duration 60s "$@"; }

# The same seed, preset and options give the same bytes; another seed others.
compose >a.jsonl
compose -o b.jsonl
cmp a.jsonl b.jsonl || fail "two processes differ"
auralis-compose --seed 8 --duration 60s >c.jsonl
! cmp -s a.jsonl c.jsonl || fail "another seed gives the same piece"
[[ $(tail -n 1 a.jsonl | jq -c .) == '{"type":"end","t":60.000000}' ]] ||
  [[ $(tail -n 1 a.jsonl | jq .t) == 60 ]] || fail "the piece is not 60 s long"
jq -e . a.jsonl >/dev/null || fail "a line is not JSON"

# Without a seed one is drawn, told, and gives the same piece again.
auralis-compose --duration 30s >drawn.jsonl
auralis-compose --duration 30s --seed "$(first drawn.jsonl seed)" | cmp - drawn.jsonl || fail "the drawn seed is not the piece's"
auralis-compose --duration 30s >other.jsonl
[[ $(first drawn.jsonl seed) != "$(first other.jsonl seed)" ]] || fail "the same seed was drawn twice"

# What is set is told in the first line and changes the piece.
for setting in key=F# mode=phrygian bpm=90 intensity=0.9; do
  name=${setting%=*} value=${setting#*=}
  compose --"$name" "$value" >set.jsonl
  [[ $(first set.jsonl "$name") == "$value" ]] || fail "--$name $value is not told"
  ! cmp -s <(tail -n +2 set.jsonl) <(tail -n +2 a.jsonl) || fail "--$name $value changes nothing"
done
auralis-compose --seed 7 --duration 10m --melody constraint | grep -q '"layer":"lead"' || fail "no lead in ten minutes"
auralis-compose --seed 7 --duration 10m --melody none >none.jsonl
! grep '"type":"note"' none.jsonl | grep -q '"layer":"lead"' || fail "--melody none has a lead"

# Presets: listed, shown whole, read back from the file to the same piece, found in the user's folder.
auralis-compose --list-presets >presets
[[ $(wc -l <presets) -ge 2 ]] || fail "no presets"
while read -r name _; do
  auralis-compose --preset "$name" --seed 1 --duration 5s | head -n 1 | jq -e --arg n "$name" '.preset == $n' >/dev/null ||
    fail "preset $name does not play"
done <presets
auralis-compose --show-preset focus >focus.yaml
auralis-compose --preset ./focus.yaml --seed 7 --duration 60s | cmp - a.jsonl || fail "a shown preset is another piece"
mkdir -p config/auralis/presets
cp focus.yaml config/auralis/presets/mine.yaml
auralis-compose --preset mine --seed 7 --duration 5s | head -n 1 | jq -e '.preset == "mine"' >/dev/null ||
  fail "the user's folder is not looked in"

# Harmony from a chart.
printf 'bar 20s\n| Dm9 | G7sus4 Am7 |\n' >chart.txt
compose --harmony chart.txt | jq -r 'select(.type == "chord") | "\(.t) \(.name)"' >chords
head -n 1 chords | grep -q ' Dm9$' || fail "the chart's first chord is not played: $(<chords)"
grep -q ' G7sus4$' chords || fail "the chart's second chord is not played"

# Durations in every form.
for duration in 90s 1.5m 0h1m30s; do
  auralis-compose --seed 1 --duration "$duration" | tail -n 1 | jq -e '.t == 90' >/dev/null || fail "--duration $duration"
done

# A closed pipe is a quiet success; an endless piece ends with it.
auralis-compose --seed 7 2>err | head -c 1000 >/dev/null || fail "a closed pipe is an error"
[[ ! -s err ]] || fail "a closed pipe is not quiet: $(<err)"

# Files appear whole or not at all, and a stop request ends an endless piece musically.
auralis-compose --seed 7 -o endless.jsonl 2>err &
composer=$!
until_true 60 "nothing begun" compgen -G '.endless.*.jsonl' >begun
[[ ! -e endless.jsonl ]] || fail "the file is there before it is whole"
kill -INT "$composer"
wait "$composer" || fail "a stop request ended with status $?"
[[ $(tail -n 1 endless.jsonl | jq -r .type) == end ]] || fail "no end after a stop request"
[[ -z $(compgen -G '.endless.*' || true) ]] || fail "a temporary file is left"
refused 1 "none/x.jsonl" auralis-compose --seed 1 --duration 5s -o none/x.jsonl
if [[ -c /dev/full ]]; then
  ! auralis-compose --seed 1 --duration 60s >/dev/full 2>err || fail "a full disk is no error"
  grep -qi "no space" err || fail "a full disk is not named: $(<err)"
fi

# The name of the file chooses the format.
compose -o named.mid
[[ $(head -c 4 named.mid) == MThd ]] || fail "named.mid is no MIDI file"
cmp named.mid <(compose --format midi) || fail "named.mid is another than --format midi makes"
compose -o named.jsonl
cmp named.jsonl a.jsonl || fail "named.jsonl is another than standard output"

# MIDI to a terminal is refused, text is not.
python3 - <<'PYTHON' || fail "a terminal is not treated as one"
import os, pty, subprocess
def run(*arguments):
    outer, inner = pty.openpty()
    done = subprocess.run(["auralis-compose", "--seed", "1", "--duration", "2s", *arguments], stdout=inner,
                          stderr=subprocess.PIPE, text=True)
    os.close(inner), os.close(outer)
    return done
midi = run("--format", "midi")
assert midi.returncode == 2 and "terminal" in midi.stderr, midi
assert run().returncode == 0
PYTHON

# Bad values: the option, the value, what was expected.
refused 2 'the nearest is dorian' auralis-compose --mode dorain
refused 2 'expected a number from 30 to 120' auralis-compose --bpm 200
refused 2 'expected a number from 30 to 120' auralis-compose --bpm fast
refused 2 'expected a number from 0 to 1' auralis-compose --intensity 1.01
refused 2 'expected C to B with # or b' auralis-compose --key H
refused 2 'expected a whole number' auralis-compose --seed -1
refused 2 'expected a whole number' auralis-compose --seed 18446744073709551616
refused 2 'expected a time such as 90s' auralis-compose --duration 0
refused 2 'expected a unit: 90s for seconds' auralis-compose --duration 90
refused 2 'expected a time such as 90s' auralis-compose --duration 5x
refused 2 'the nearest is transformer' auralis-compose --melody tranformer
refused 2 'the nearest is midi' auralis-compose --format midy
refused 2 'needs --duration' auralis-compose --format midi
refused 2 'needs --duration' auralis-compose -o x.mid
for kind in flac wav opus ogg mp3; do
  refused 2 "type: auralis-compose ... | auralis-render -o x.${kind/mp3/flac}" auralis-compose --duration 5s -o x.$kind
  [[ ! -e x.$kind ]] || fail "events under the name x.$kind"
done
refused 2 'x.jsonl is a name for an event stream, expected one that ends in .mid' auralis-compose --duration 5s --format midi -o x.jsonl
refused 2 'x.mid is a name for a MIDI file, expected one that ends in .jsonl' auralis-compose --duration 5s --format jsonl -o x.mid
refused 2 'x.MID is a name for a MIDI file, expected one that ends in .jsonl with --live' auralis-compose --live -o x.MID
refused 2 'requires --live' auralis-compose --lookahead 50
refused 2 'expected a whole number from 20 to 5000' auralis-compose --live --lookahead 5
refused 2 'requires --live' auralis-compose --control x.sock
refused 2 'excludes' auralis-compose --live --format midi
refused 2 'session is' auralis-compose --session ../x
refused 2 'did you mean focus' auralis-compose --preset focsu
refused 2 '--presett is unknown, expected --preset' auralis-compose --presett focus
refused 2 '--zzzzzzzz' auralis-compose --zzzzzzzz
refused 1 'missing.yaml' auralis-compose --preset ./missing.yaml
printf 'titel: x\n' >bad.yaml
refused 3 'bad.yaml:1:' auralis-compose --preset ./bad.yaml
refused 1 'missing.txt' auralis-compose --harmony missing.txt
printf 'Dm9\nXyz\n' >bad.txt
refused 3 'bad.txt:2: "Xyz" is no chord' auralis-compose --harmony bad.txt --duration 5s
printf 'MThd\0\0\0\6\0\2\0\1\1\340' >bad.mid
refused 3 'bad.mid: byte 14: no track' auralis-compose --harmony bad.mid --duration 5s
refused 1 'missing.jsonl' auralis-compose --control-log missing.jsonl
printf '{"type":"options"}\n{"type":"control","t":1,"bpm":600}\n' >bad.jsonl
refused 3 'bad.jsonl:2: bpm is 600' auralis-compose --control-log bad.jsonl --duration 5s
printf '{"type":"control","t":1,"preset":"nobody"}\n' >bad.jsonl
refused 3 'bad.jsonl:1: no preset "nobody"' auralis-compose --control-log bad.jsonl --duration 5s

# It starts without LibTorch.
! ldd "$(command -v auralis-compose)" | grep -qi torch || fail "auralis-compose links LibTorch"
auralis-compose --version | grep -q '^auralis-compose [0-9]' || fail "--version"
[[ $(auralis-compose --help | head -n 1) == Example:* ]] || fail "--help does not start with an example"
