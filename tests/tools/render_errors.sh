#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever is wrong, auralis-render says what, ends with the right status, and leaves no half file.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
piece 2 >piece.jsonl

# Usage: 2.
refused 2 'x.mp3 ends in ".mp3", expected .wav, .flac, .ogg or .opus' auralis-render piece.jsonl -o x.mp3
refused 2 'x ends in "", expected' auralis-render piece.jsonl -o x
refused 2 'cannot hold f32, expected s16 or s24' auralis-render piece.jsonl -o x.flac --bits f32
refused 2 'expected one of s16, s24, f32; the nearest is s16' auralis-render piece.jsonl -o x.wav --bits s17
refused 2 '--rate' auralis-render piece.jsonl -o x.wav --rate 22049
refused 2 '--rate' auralis-render piece.jsonl -o x.wav --rate 192001
refused 2 '--threads' auralis-render piece.jsonl -o x.wav --threads 0
refused 2 '--raw is for standard output' auralis-render piece.jsonl -o x.wav --raw
refused 2 'both go to standard output' auralis-render piece.jsonl --report -
refused 2 'device' auralis-render piece.jsonl -o x.wav --device gpu
refused 2 'session is "a/b"' auralis-render piece.jsonl -o x.wav --session a/b
refused 2 '--nonsense' auralis-render --nonsense

# The environment: 1.
refused 1 'cannot open missing.jsonl: No such file' auralis-render missing.jsonl -o x.wav
refused 1 'no/x.wav: No such file' auralis-render piece.jsonl -o no/x.wav
mkdir folder.wav
refused 1 'folder.wav: it is a folder' auralis-render piece.jsonl --raw --report folder.wav
got=0
auralis-render piece.jsonl >/dev/full 2>err || got=$?
[[ $got == 1 ]] && grep -q 'cannot write <stdout>: No space left on device' err || fail "a full device: $got $(<err)"

# A disk that fills, here by a limit on the size of files: what was made is kept under a name that says so.
for kind in wav flac ogg opus; do
  got=0
  (ulimit -f 16 && exec auralis-render piece.jsonl -o full.$kind) 2>err || got=$?
  [[ $got == 1 ]] && grep -q "cannot write full.$kind: File too large; the sound until there is in full.partial.$kind" err ||
    fail "full disk, $kind: $got $(<err)"
  [[ ! -e full.$kind && -s full.partial.$kind ]] || fail "full disk, $kind: $(ls)"
done
got=0
(ulimit -f 16 && exec auralis-render piece.jsonl -o full.wav --stems full) 2>err || got=$?
[[ $got == 1 && -z $(find full -type f ! -name '*.partial.wav') && -s full/pad.partial.wav && ! -e full.wav ]] ||
  fail "stems on a full disk: $got $(<err)"
# What was there before stays.
echo precious >full.wav
(ulimit -f 16 && exec auralis-render piece.jsonl -o full.wav) 2>err || true
[[ $(<full.wav) == precious ]] || fail "a failed render has replaced a file"

# Bad input: 3, with file and line, before any sound nothing else.
refused 3 '<stdin>:1: no events, expected a "start" line first' auralis-render
bad() { # TEXT LINE: that line in the place of the piece's third
  sed "3c\\$2" piece.jsonl >bad.jsonl
  refused 3 "bad.jsonl:3: $1" auralis-render bad.jsonl -o bad.wav
}
bad 'not JSON' 'what?'
bad 'not JSON' '{"type":"note","t":0.1'
bad 'a array, expected a JSON object' '[1]'
bad 'no "type"' '{"t":0.1}'
bad 'a second "start"' "$(head -n 1 piece.jsonl)"
bad 'no "pitch"' '{"type":"note","t":0.5,"id":1,"layer":"pad","vel":0.5,"dur":1}'
bad 'pitch is 128, expected 0 to 127' '{"type":"note","t":0.5,"id":1,"layer":"pad","pitch":128,"vel":0.5,"dur":1}'
sed 's/"t":1.0/"t":0.1/' piece.jsonl >bad.jsonl
refused 3 'bad.jsonl:4: t is 0.1' auralis-render bad.jsonl -o bad.wav
(cat piece.jsonl && notes 1 | tail -n 1) >bad.jsonl
refused 3 'after "end"' auralis-render bad.jsonl -o bad.wav
tail -n +2 piece.jsonl >bad.jsonl
refused 3 'bad.jsonl:1: "note" before "start"' auralis-render bad.jsonl -o other.wav
[[ ! -e bad.wav && ! -e other.wav && ! -e other.partial.wav ]] || fail "bad input has left a file under the final name"
head -c 3000 /dev/urandom >noise.jsonl
refused 3 'noise.jsonl:1: ' auralis-render noise.jsonl -o noise.wav
printf 'MThd\0\0\0' >broken.mid
refused 3 'broken.mid: byte' auralis-render broken.mid -o noise.wav
[[ ! -e noise.wav ]] || fail "noise has made a file"

# After some sound, the good part is kept beside the target, in whole, fading out.
piece 4 >whole.jsonl
(head -n 7 whole.jsonl && echo 'what?') >bad.jsonl
refused 3 'bad.jsonl:8: not JSON' auralis-render bad.jsonl -o kept.wav
grep -q 'the sound until there is in kept.partial.wav' err || fail "it is not said where the good part is: $(<err)"
[[ ! -e kept.wav && $(frames_of kept.partial.wav) -gt 110250 ]] || fail "the good part was lost"
sox kept.partial.wav -n trim -0.01 stat 2>&1 | awk '/Maximum amplitude/ { top = $3 } END { exit !(top < 0.001) }' || fail "the good part ends in a click"
got=$(status_of auralis-render --raw bad.jsonl)
[[ $got == 3 && $(stat -c %s out) -gt 441000 ]] || fail "a pipe loses the good part: $got"

# Unknown types and fields are nothing to complain of.
sed '2i{"type":"novelty","what":1}' piece.jsonl | sed 's/"pan"/"news":[1],"pan"/' >new.jsonl
auralis-render -q new.jsonl --raw | cmp - <(auralis-render -q piece.jsonl --raw) || fail "unknown types change the sound"

# A terminal gets no PCM, and is not waited for.
got=0
script -qec 'auralis-render piece.jsonl' /dev/null >terminal </dev/null || got=$?
[[ $got == 2 ]] && grep -q 'stdout is a terminal' terminal || fail "PCM to a terminal: $got"
[[ $(stat -c %s terminal) -lt 1000 ]] || fail "PCM went to a terminal"
no_leftovers
