#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Files that are mounts of their own, read-only folders, and full disks, each made in a namespace of this test's own: what
# was made is kept, as far as it went, and says so.
set -euo pipefail
if [[ -z ${IN_NAMESPACE:-} ]]; then
  unshare -rm true 2>/dev/null || { echo "Skipped: it needs namespaces of users and mounts (unshare -rm)" && exit 77; }
  IN_NAMESPACE=yes exec unshare -rm bash "$0"
fi
source "$SOURCE_DIR/tests/tools/rig.bash"
mounted=()
mount_at() { # PLACE OPTIONS...
  mount "${@:2}" "$1"
  mounted+=("$PWD/$1")
}
trap 'umount -l "${mounted[@]}" 2>/dev/null || true; cleanup' EXIT
piece 1 >piece.jsonl
auralis-render -q piece.jsonl -o right.wav

# A file that is a mount, as with docker -v $PWD/out.wav:/out.wav: nothing can be renamed onto it.
touch outside.wav inside.wav
mount_at inside.wav --bind outside.wav
auralis-render -q piece.jsonl -o inside.wav || fail "a file that is a mount: status $?"
cmp outside.wav right.wav || fail "a file that is a mount has not the sound"
auralis-compose -q --seed 1 --duration 30s -o inside.wav.jsonl
# Shorter than what was there: nothing of that is left behind it.
auralis-compose -q --seed 1 --duration 3s >right.jsonl
cp inside.wav.jsonl outside.jsonl
touch inside.jsonl
mount_at inside.jsonl --bind outside.jsonl
auralis-compose -q --seed 1 --duration 3s -o inside.jsonl || fail "a longer file that is a mount: status $?"
cmp outside.jsonl right.jsonl || fail "a longer file that is a mount keeps its end"
# The same in a folder that takes no other file: a container with a read-only root.
mkdir sealed
mount_at sealed -t tmpfs none
touch sealed/out.wav outside2.wav
mount_at sealed/out.wav --bind outside2.wav
mount -o remount,ro,bind sealed
auralis-render -q piece.jsonl -o sealed/out.wav || fail "a mount in a read-only folder: status $?"
cmp outside2.wav right.wav || fail "a mount in a read-only folder has not the sound"
refused 1 'cannot create sealed/new.wav: Read-only file system' auralis-render piece.jsonl -o sealed/new.wav
refused 1 'cannot make the folder sealed/new: Read-only file system' auralis-render piece.jsonl -o x.wav --stems sealed/new
renders_without_figures "a read-only runtime folder" "$PWD/sealed"
no_leftovers

# A disk of 256 KiB, emptied before each.
mkdir small
mount_at small -t tmpfs -o size=256k,mode=755 none
piece 40 >long.jsonl
auralis-render -q long.jsonl -o long.wav
starts_as() { # FILE KIND [BYTES]: it decodes without complaint, and is the beginning of the piece, at least so long
  ffmpeg -v error -i "$1" -f s16le -ar 44100 -ac 2 - >decoded.pcm 2>complaint || fail "$1 does not decode: $(<complaint)"
  [[ ! -s complaint ]] || fail "$1 decodes with complaints: $(<complaint)"
  (($(stat -c %s decoded.pcm) >= ${3:-100000})) || fail "$1 has only $(stat -c %s decoded.pcm) bytes of sound"
  [[ $2 == lossy ]] || cmp -n "$(stat -c %s decoded.pcm)" decoded.pcm <(tail -c +81 long.wav) || fail "$1 is other sound"
}
for kind in wav flac ogg opus; do
  rm -f small/*
  echo precious >small/x.$kind
  got=$(status_of auralis-render long.jsonl -o small/x.$kind)
  [[ $got == 1 ]] && grep -q "cannot write small/x.$kind: No space left on device; the sound until there is in small/x.partial.$kind" err ||
    fail "a full disk, $kind: $got $(<err)"
  [[ $(<small/x.$kind) == precious ]] || fail "what was there before is lost"
  starts_as small/x.partial.$kind "$([[ $kind == wav || $kind == flac ]] && echo lossless || echo lossy)"
  [[ $(find small -name '.*' -type f | wc -l) == 0 ]] || fail "hidden files are left: $(ls -A small)"
done
rm -r small/*
auralis-render long.jsonl -o small/x.flac 2>/dev/null || true
cmp <(soxi -s small/x.partial.flac) <(ffmpeg -v error -i small/x.partial.flac -f s16le - | wc -c | awk '{ print $1 / 4 }') ||
  fail "a FLAC that was cut short does not say how long it is"

# Stems there, the mix on a disk with room: both are kept as far as they go together.
rm -r small/*
got=$(status_of auralis-render long.jsonl -o mix.wav --stems small)
[[ $got == 1 ]] && grep -q 'cannot write small/.*No space left on device; the sound until there is in mix.partial.wav' err || fail "stems: $got $(<err)"
starts_as mix.partial.wav lossless 50000
for stem in pad lead; do
  ffmpeg -v error -i small/$stem.partial.wav -f s16le - 2>complaint | wc -c >size
  [[ ! -s complaint && $(<size) -gt 30000 ]] || fail "stem $stem: $(<complaint)"
done
# The report: the sound is whole and has its name.
rm -r small/*
head -c 300k /dev/zero >small/full 2>/dev/null || true
got=$(status_of auralis-render piece.jsonl -o x.wav --report small/x.json)
[[ $got == 1 ]] && grep -q 'small/x.json: No space left on device; the sound is in x.wav' err || fail "report: $got $(<err)"
cmp x.wav right.wav || fail "a report without room costs the sound"
# The session: figures and socket are missed, the sound is not.
renders_without_figures "a full disk under the session" "$PWD/small" '.*No space left on device'
XDG_RUNTIME_DIR=$PWD/small auralis-compose --live --duration 1s >out 2>err || fail "a composer's session: status $?"
[[ $(tail -n 1 out | jq -r .type) == end ]] || fail "a composer's session: $(<err)"

# Events: whole lines.
rm -r small/*
got=$(status_of auralis-compose --seed 1 --duration 3h -o small/x.jsonl)
[[ $got == 1 ]] && grep -q 'cannot write small/x.jsonl: No space left on device; the events until there are in small/x.partial.jsonl' err || fail "events: $got $(<err)"
jq -e . small/x.partial.jsonl >/dev/null || fail "events: not whole lines"
(($(wc -l <small/x.partial.jsonl) > 500)) || fail "events: few are kept"
# A report of many pieces: whole lines, too.
rm -r small/*
head -c 248k /dev/zero >small/full
mkdir pieces
for i in $(seq 16); do cp piece.jsonl pieces/$i.jsonl; done
got=$(status_of auralis-render pieces/*.jsonl -o many/ --report small/many.json)
[[ $got == 1 ]] || fail "a report of many: status $got, $(<err)"
report=$(ls small/many*.json)
jq -e .frames "$report" >/dev/null && (($(wc -l <"$report") > 0)) || fail "a report of many: not whole lines in $report"

# A control log ends with a warning, in a whole line, and the music goes on.
rm -r small/*
auralis-compose --live --session log --control-log small/log.jsonl >live.jsonl 2>err &
helper=$!
socket=$XDG_RUNTIME_DIR/auralis/log/control.sock
until_true 20 "no socket" is_heard_at "$socket"
until_true 20 "no log" test -s small/log.jsonl
head -c 300k /dev/zero >small/full 2>/dev/null || true
python3 - "$socket" <<'PYTHON' || fail "no answer with a full disk under the log"
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
lines = s.makefile("rw")
for i in range(100):
    lines.write(json.dumps({"id": "x" * 100, "intensity": i / 100}) + "\n")
lines.flush()
acks = 0
while acks < 100:
    acks += json.loads(lines.readline())["type"] == "control_ack"
PYTHON
stop_helper TERM
[[ $got == 0 && $(tail -n 1 live.jsonl | jq -r .type) == end ]] || fail "a full disk under the log: status $got"
grep -q 'warning: the control log small/log.jsonl ends here: No space left on device; the music goes on' err || fail "not said: $(<err)"
[[ $(grep -c 'the control log' err) == 1 ]] || fail "said more than once: $(<err)"
jq -e . small/log.jsonl >/dev/null || fail "the log is not whole lines: $(tail -n 1 small/log.jsonl)"
