#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What was made reaches its place, whatever the place is: links, pipes, folders that go, names in any bytes. Mounts and full
# disks are in files_mounts.sh.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
piece 1 >piece.jsonl
is_wav() { [[ $(head -c 4 "$1") == RIFF ]]; }
hidden() { find "${1:-.}" -maxdepth 1 -name '.*.auralis-*' | wc -l; }

# A symbolic link goes on pointing, to another disk too, and to what is not there yet.
elsewhere=$(mktemp -d /dev/shm/auralis-test-XXXXXX)
trap 'rm -rf "$elsewhere"; cleanup' EXIT
mkdir real
echo old >real/near.wav
echo old >"$elsewhere/far.wav"
ln -s real/near.wav near.wav
ln -s "$elsewhere/far.wav" far.wav
ln -s real/new.wav new.wav
ln -s new.wav twice.wav
for name in near far twice; do
  auralis-render -q piece.jsonl -o $name.wav || fail "$name.wav: status $?"
  [[ -L $name.wav ]] && is_wav "$(readlink -f $name.wav)" || fail "$name.wav: the link or the sound is lost"
done
[[ $(stat -c %s real/new.wav) -gt 176400 && $(readlink twice.wav) == new.wav ]] || fail "a link to a link"
ln -s real/near.jsonl near.jsonl
echo old >real/near.jsonl
auralis-compose -q --seed 1 --duration 3s -o near.jsonl
[[ -L near.jsonl && $(head -c 7 real/near.jsonl) == '{"type"' ]] || fail "compose replaces a link"
[[ $(hidden)$(hidden real)$(hidden "$elsewhere") == 000 ]] || fail "hidden files are left"
# What is broken off lies beside the file that a link points to.
(head -n 3 piece.jsonl && echo 'what?') >broken.jsonl
refused 3 'real/near.partial.wav' auralis-render broken.jsonl -o near.wav
refused 3 'real/near.partial-2.wav' auralis-render broken.jsonl -o near.wav # the first is kept, too
ln -s loop.wav loop.wav
refused 1 'loop.wav: Too many levels' auralis-render piece.jsonl -o loop.wav

# A file that is replaced keeps its mode; a new one has that of any other.
echo old >kept.wav
chmod 604 kept.wav
auralis-render -q piece.jsonl -o kept.wav
[[ $(stat -c %a kept.wav) == 604 ]] || fail "the mode became $(stat -c %a kept.wav)"
(umask 027 && auralis-render -q piece.jsonl -o mine.wav)
[[ $(stat -c %a mine.wav) == 640 ]] || fail "a new file has mode $(stat -c %a mine.wav)"

# A FIFO takes a stream: sizes that say "until it ends", and nothing behind the sound.
mkfifo pipe.wav
cat pipe.wav >got.wav &
helper=$!
timeout 60 auralis-render -q piece.jsonl -o pipe.wav || fail "into a FIFO: status $?"
wait "$helper"
helper=''
[[ -p pipe.wav ]] || fail "the FIFO was replaced"
cmp got.wav <(auralis-render -q piece.jsonl) || fail "a FIFO gets another stream than standard output"
# One whose reader goes, and one that nobody reads.
head -c 1000 pipe.wav >/dev/null &
auralis-render -q piece.jsonl -o pipe.wav || fail "a reader that goes: status $?"
wait $!
auralis-render piece.jsonl -o pipe.wav 2>err &
helper=$!
until_true 20 "not started" hears_signals "$helper"
stop_helper TERM
[[ $got == 130 ]] && grep -qE 'interrupted before (anybody read pipe.wav|there was any sound)' err || fail "a FIFO without a reader: $got $(<err)"

# Closed standard streams are errors at once, not somebody else's file.
got=0
timeout 20 auralis-render -o x.wav <&- 2>err || got=$?
[[ $got == 1 ]] && grep -q 'cannot read <stdin>: Bad file descriptor' err || fail "closed stdin: $got $(<err)"
got=0
timeout 20 auralis-compose --seed 1 --duration 3s >&- 2>err || got=$?
[[ $got == 1 ]] && grep -q 'cannot write <stdout>: Bad file descriptor' err || fail "closed stdout: $got $(<err)"
timeout 20 auralis-render piece.jsonl -o quiet.wav 2>&- || fail "closed stderr: status $?"
is_wav quiet.wav || fail "closed stderr: no sound"
got=0
timeout 20 auralis-serve --port 0 <&- 2>err || got=$?
[[ $got == 1 ]] && grep -q 'cannot read <stdin>' err || fail "closed stdin of serve: $got $(<err)"

# Names in any bytes.
name=$(printf 'fl\366te')
cp piece.jsonl "$name.jsonl"
auralis-render -q "$name.jsonl" -o "$name.wav" --report report.json || fail "a name that is no UTF-8: status $?"
is_wav "$name.wav" && jq -e '.input == "fl\ufffdte.jsonl" and .output == "fl\ufffdte.wav"' report.json >/dev/null || fail "its report: $(<report.json)"
auralis-stats audio "$name.wav" --json | jq -e '.file == "fl\ufffdte.wav"' >/dev/null || fail "its figures"
auralis-compose --show-preset focus >"$name.yaml"
auralis-compose --preset "./$name.yaml" --seed 1 --duration 3s | head -n 1 | jq -e '.preset == "fl\ufffdte"' >/dev/null || fail "a preset of that name"

# A session that cannot be used costs a warning, never the sound, nor the music.
mkdir -m 0777 open
chmod 0777 open
renders_without_figures "an unusable runtime folder" "$PWD/open"
XDG_RUNTIME_DIR=$PWD/open auralis-compose --live --duration 1s >out 2>err || fail "a live composer there: status $?"
[[ $(tail -n 1 out | jq -r .type) == end ]] && grep -q 'warning: no controls are taken: ' err || fail "a live composer there: $(<err)"
XDG_RUNTIME_DIR=$PWD/open auralis-serve --port 0 <got.wav >out 2>err || fail "a server there: status $?"
grep -q 'warning: no composer is sought' err || fail "a server there: $(<err)"

# A folder that is removed is made again, with its socket.
auralis-compose --live --session gone >/dev/null 2>err &
helper=$!
folder=$XDG_RUNTIME_DIR/auralis/gone
until_true 20 "no socket" is_heard_at "$folder/control.sock"
until_true 20 "it cannot be removed" rm -rf "$XDG_RUNTIME_DIR/auralis" # where something is written to it meanwhile
until_true 20 "no second socket" is_heard_at "$folder/control.sock"
until_true 20 "no figures again" test -s "$folder/compose.metrics.json"
python3 -c 'import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); sys.exit("state" not in s.makefile().readline())' \
  "$folder/control.sock" || fail "nobody at the second socket"
stop_helper TERM
[[ $got == 0 && -z $(ls "$folder") ]] || fail "after its folder was removed: status $got, left: $(ls "$folder")"

# A killed run leaves a hidden file, which the next to write there removes; one that is being written stays.
mkfifo events
auralis-render -o killed.wav <events 2>err &
helper=$!
exec 3>events
notes 2 >&3
until_true 20 "nothing begun" eval '[[ $(hidden) == 1 ]]'
cp piece.jsonl .mine.auralis-notes.txt # of a name that is not ours
auralis-render -q piece.jsonl -o other.wav
[[ $(hidden) == 2 ]] || fail "the file of a living run was removed"
kill -KILL "$helper"
wait "$helper" 2>/dev/null || true
helper=''
exec 3>&-
[[ $(hidden) == 2 && ! -e killed.wav ]] || fail "a killed run left $(ls -A)"
auralis-compose --seed 1 --duration 3s -o other.jsonl 2>err
[[ $(hidden) == 1 && -e .mine.auralis-notes.txt ]] || fail "swept: $(ls -A)"
grep -q 'removed .killed.auralis-......\.wav, which a run that was killed had left unfinished' err || fail "not said: $(<err)"

# A stem never takes the mix's name.
mkdir stems
auralis-render piece.jsonl -o stems/pad.wav --stems stems 2>err
grep -q 'stems/pad.wav is the mix: the stem of its name is stems/pad.stem.wav' err || fail "not said: $(<err)"
cmp stems/pad.wav mine.wav || fail "the mix was overwritten by a stem"
[[ $(frames_of stems/pad.stem.wav) == 44100 && ! -e stems/lead.stem.wav ]] || fail "its stem: $(ls stems)"

# What is made takes the place of nothing that is read, nor of what else is made: not of itself either, by another name.
cp piece.jsonl both.jsonl
ln -s both.jsonl alias.jsonl
same() { refused 2 "are both $1, expected files that differ" "${@:2}"; }
same ./x.wav auralis-render piece.jsonl -o ./x.wav --report x.wav
same both.jsonl auralis-render alias.jsonl -o x.wav --report both.jsonl
auralis-compose --show-preset focus >both.yaml
same both.yaml auralis-compose --preset both.yaml --duration 3s -o both.yaml
same new.jsonl auralis-compose --live --control-log new.jsonl -o new.jsonl
same kept.wav auralis-serve --port 0 kept.wav --record kept.wav
cmp both.jsonl piece.jsonl && is_wav kept.wav && [[ ! -e x.wav && ! -e new.jsonl ]] || fail "files that are named twice are lost"
auralis-compose --preset focus --seed 1 --duration 3s -o focus || fail "a file named as a preset is: $?"
auralis-render -q piece.jsonl -o x.wav --report /dev/null || fail "a report into nothing: $?"
for option in -o --report --stems --preset; do
  refused 2 'is "", expected a name' auralis-render piece.jsonl $option ''
done

# The folder may go while a file is made in it: one that was moved takes it along, one that was removed is made again.
for what in moved removed; do
  mkdir place
  auralis-render -o place/x.wav <events 2>err &
  helper=$!
  exec 3>events
  notes 2 >&3
  until_true 20 "no sound" eval '[[ -n $(find place -name ".*.auralis-*" -size +100k) ]]' # some, before the fade of two seconds
  [[ $what == moved ]] && mv place moved || rm -r place
  stop_helper TERM
  exec 3>&-
  place=$([[ $what == moved ]] && echo moved || echo place)
  [[ $got == 0 && $(frames_of $place/x.wav) -gt 88200 ]] || fail "a folder that was $what: status $got, $(<err)"
  rm -r "$place"
done

# So it is with stems that begin later.
auralis-render -o x.wav --stems later <events 2>err &
helper=$!
exec 3>events
notes 1 | sed 's/"lead"/"pad"/' >&3
until_true 20 "no stem" eval '[[ $(hidden later) == 1 ]]'
rm -r later
piece 2 | tail -n 2 | sed 's/"pad"/"lead"/' >&3
exec 3>&-
got=0
wait "$helper" || got=$?
helper=''
[[ $got == 0 && $(frames_of later/pad.wav) == 88200 && $(frames_of later/lead.wav) == 88200 ]] || fail "stems whose folder was removed: status $got, $(<err)"

# What only another user may look into, write to or read.
as_nobody() {
  if [[ $(id -u) == 0 ]]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}
chmod 755 "$scratch"
if as_nobody test -x "$(command -v auralis-compose)"; then
  mkdir -m 0700 home
  [[ $(id -u) == 0 ]] || chmod 000 home
  as_nobody env -u XDG_CONFIG_HOME HOME="$PWD/home" auralis-compose --seed 1 --duration 3s >out 2>err || fail "an unreadable home: status $?"
  grep -q 'warning: presets are not looked for in .*/home/.config/auralis/presets: Permission denied' err || fail "an unreadable home: $(<err)"
  [[ $(grep -c 'not looked for' err) == 1 ]] || fail "said more than once: $(<err)"
  # A file of one's own in a folder that is not: the sound is copied in.
  mkdir closed
  echo old >closed/own.wav
  [[ $(id -u) != 0 ]] || chown 65534 closed/own.wav
  chmod 555 closed
  as_nobody auralis-render -q piece.jsonl -o closed/own.wav || fail "a file in a folder that takes no other: status $?"
  cmp closed/own.wav mine.wav || fail "a file in a folder that takes no other"
  got=0
  as_nobody auralis-render -q piece.jsonl -o closed/new.wav 2>err || got=$?
  [[ $got == 1 ]] && grep -q 'cannot create closed/new.wav: Permission denied' err || fail "a folder that takes no file: $got $(<err)"
  chmod 755 closed
fi
rm .mine.auralis-notes.txt
no_leftovers
