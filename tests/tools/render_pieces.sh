#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Many pieces go into a folder, each the same as if it were made alone; one that is bad keeps no other.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
for seed in 1 2 3 4 5; do auralis-compose -q --seed "$seed" --duration 4s >"piece-$seed.jsonl"; done
auralis-compose -q --seed 6 --duration 4s --format midi -o song.mid
cp song.mid song-2.mid

# The same bytes as alone, side by side or not, whatever the kind.
for format in flac wav opus; do
  auralis-render -q piece-*.jsonl song.mid -o "many/$format/" --format "$format" --threads 3
  [[ $(ls -A "many/$format" | tr '\n' ' ') == "piece-1.$format piece-2.$format piece-3.$format piece-4.$format piece-5.$format song.$format " ]] ||
    fail "$format: $(ls -A "many/$format")"
done
for name in piece-2 song; do
  auralis-render -q "$name".[jm]* -o alone.flac
  cmp alone.flac "many/flac/$name.flac" || fail "$name is another piece beside others"
done
auralis-render -q piece-1.jsonl -o many/wav/ --format wav
auralis-render -q piece-1.jsonl -o alone.wav
cmp alone.wav many/wav/piece-1.wav || fail "one piece into a folder"
mkdir there
auralis-render -q piece-1.jsonl -o there
[[ -s there/piece-1.flac ]] || fail "a folder that is there"

# So on a CUDA device, where there is one: each beside the others, and the same samples as on the processor.
if auralis-render --list-devices | grep -q cuda; then
  auralis-render -q piece-*.jsonl song.mid -o many/cuda/ --device cuda --threads 6
  diff -r many/flac many/cuda || fail "pieces side by side on a CUDA device"
fi

# A report for each, a line as it is done; stems in folders of their own.
auralis-render -q piece-*.jsonl -o reported --report - --stems stems >reports
[[ $(jq -r .output reports | sort | tr '\n' ' ') == 'reported/piece-1.flac reported/piece-2.flac reported/piece-3.flac reported/piece-4.flac reported/piece-5.flac ' ]] ||
  fail "reports: $(<reports)"
auralis-render -q piece-*.jsonl -o reported --report reports.jsonl
auralis-render -q piece-3.jsonl -o alone.flac --report alone.json
same() { jq -S 'del(.output, .wall_s, .cpu_s, .realtime_factor, .stems)' "$@"; }
[[ $(same alone.json) == "$(jq 'select(.input == "piece-3.jsonl")' reports.jsonl | same)" ]] || fail "the report of one beside others"
auralis-render -q piece-3.jsonl -o alone.flac --stems alone-stems
diff -r alone-stems stems/piece-3 || fail "stems beside others"

# Into a pipe that closes: a quiet end.
set +o pipefail
auralis-render -q piece-*.jsonl -o piped --report - --threads 1 2>err | head -n 1 >/dev/null
[[ ${PIPESTATUS[0]} == 0 && ! -s err ]] || fail "the reader of the reports has gone: $(<err)"
set -o pipefail

# One that is bad is named and kept as far as it goes; the others are made.
{ head -n -1 piece-1.jsonl && echo '{"type":"note"}'; } >bad.jsonl
[[ $(status_of auralis-render bad.jsonl piece-1.jsonl piece-2.jsonl -o some --threads 1) == 3 ]] || fail "a bad piece: $(<err)"
grep -q 'bad.jsonl:[0-9]*: ' err && grep -q '2 of 3 pieces were made' err || fail "a bad piece is not named: $(<err)"
[[ $(ls -A some | tr '\n' ' ') == 'bad.partial.flac piece-1.flac piece-2.flac ' ]] || fail "beside a bad piece: $(ls -A some)"

# Before anything is made: what cannot be.
refused 2 '2 pieces for one output, "x.flac"; expected a folder such as -o music/' auralis-render piece-1.jsonl piece-2.jsonl -o x.flac
refused 2 '2 pieces for one output, "-"; expected a folder' auralis-render piece-1.jsonl piece-2.jsonl
refused 2 'would both be x/piece-1.flac' auralis-render piece-1.jsonl many/../piece-1.jsonl -o x
refused 2 'there is a folder' auralis-render piece-1.jsonl there -o x
refused 2 'standard input is one piece' auralis-render piece-1.jsonl - -o x
refused 2 '--raw is for standard output' auralis-render piece-1.jsonl piece-2.jsonl -o x --raw
refused 2 'preset' auralis-render song.mid song-2.mid -o unknown --preset nobody
refused 2 '--session shows one piece' auralis-render piece-1.jsonl piece-2.jsonl -o x --session s
refused 2 '--format is for a folder' auralis-render piece-1.jsonl -o x.wav --format flac
refused 2 'the nearest is flac' auralis-render piece-1.jsonl piece-2.jsonl -o x --format flak
refused 2 'cannot hold f32' auralis-render piece-1.jsonl piece-2.jsonl -o x --bits f32
refused 1 'cannot open missing.jsonl: No such file' auralis-render piece-1.jsonl missing.jsonl -o x
[[ ! -e x ]] || fail "something was made: $(ls x)"

# A full disk ends it, and leaves nothing half under its name.
(ulimit -f 64 && status_of auralis-render -q piece-*.jsonl -o full --format wav --threads 2 >status)
[[ $(<status) == 1 && -z $(ls -A full | grep -v '^piece-.\.partial\.wav$') && -s full/piece-1.partial.wav ]] && grep -q '0 of 5 pieces were made' err || fail "a full disk: $(<status) $(ls -A full) $(<err)"

# Stopped: what was in hand fades, is kept as what it is, and nothing more is begun. A FIFO may be awaited meanwhile.
mkfifo later.jsonl
auralis-render -q later.jsonl piece-1.jsonl -o stopped --threads 2 2>err &
helper=$!
until_true 60 "no piece is made beside one that is awaited" test -s stopped/piece-1.flac
stop_helper INT
[[ $got == 130 && $(ls -A stopped) == piece-1.flac ]] && grep -q 'interrupted: 1 of 2 pieces were made' err || fail "stopped: $got $(ls -A stopped) $(<err)"
auralis-compose -q --seed 1 --duration 3h >long.jsonl
auralis-render -q long.jsonl piece-1.jsonl -o stopped-long --threads 1 2>err &
helper=$!
until_true 60 "nothing begun" compgen -G 'stopped-long/.long.*' >begun
stop_helper INT
[[ $got == 130 && $(ls -A stopped-long) == long.partial.flac ]] || fail "stopped in a piece: $got $(ls -A stopped-long) $(<err)"
no_leftovers
