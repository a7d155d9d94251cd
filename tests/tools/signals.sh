#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Signals: a closed terminal ends a command as SIGTERM does, unless it was told before its birth not to hear of it; the
# first request is heard even where whoever reads stands still; and what was begun is finalised.
set -euo pipefail
if [[ -z ${HANGUPS_HEARD:-} ]]; then # also where this test was started by nohup
  HANGUPS_HEARD=yes exec env --default-signal=HUP bash "$0"
fi
source "$SOURCE_DIR/tests/tools/rig.bash"
mkfifo events
begin() { # a render into x.wav with two seconds of sound made; its events stay open
  "$@" auralis-render -o x.wav <events 2>err &
  helper=$!
  exec 3>events
  notes 2 >&3
  until_true 20 "nothing written" eval '(( $(stat -c %s .x.auralis-*.wav) > 100000 ))'
}
finalised() { # the sound until there, and two seconds in which it fades
  [[ $got == 0 && $(frames_of x.wav) -gt $((44100 * 2)) ]] || fail "$1: status $got, $(<err)"
  rm x.wav
}

# SIGHUP is as SIGTERM. Several of them are still one: a terminal that closes sends more than one.
begin
for _ in 1 2 3; do kill -HUP "$helper" 2>/dev/null || true; done
stop_helper HUP 2>/dev/null || true
exec 3>&-
finalised "SIGHUP"
# nohup, which is SIGHUP ignored from birth, goes on being ignored.
begin nohup
kill -HUP "$helper"
notes 4 | tail -n 2 >&3
until_true 20 "it has ended" eval '(( $(stat -c %s .x.auralis-*.wav) > 600000 ))'
stop_helper TERM
exec 3>&-
finalised "nohup"

# A composer ends its stream, a file of its own, and a live piece: quickly on SIGTERM and SIGHUP, musically on SIGINT.
for signal in INT TERM HUP; do
  auralis-compose --live --seed 3 --control-log $signal.jsonl >$signal.live 2>err &
  helper=$!
  until_true 20 "no music" grep -q '"type":"note"' $signal.live
  stop_helper $signal
  [[ $got == 0 && $(tail -n 1 $signal.live | jq -r .type) == end ]] || fail "SIG$signal: $got $(<err)"
  grep -q 'ending at .*once more ends at once' err || fail "SIG$signal: nothing is said: $(<err)"
  took=$(jq -s 'last.t' $signal.live | awk -v from="$(jq -s 'last.t' $signal.jsonl)" '{ print $1 - from }')
  most=$([[ $signal == INT ]] && echo 10 || echo 2.1)
  awk -v took="$took" -v most="$most" 'BEGIN { exit !(took > 0 && took <= most) }' || fail "SIG$signal: the end takes $took s"
  auralis-compose -q --control-log $signal.jsonl | cmp - <(grep -v '"type":"advance"' $signal.live) || fail "SIG$signal: it does not replay"
done

# Whoever is asked to stop does not wait for a reader that stands still: none of these pipes is read.
mkfifo stalled
piece 60 >long.jsonl
for signal in TERM INT; do
  for command in "auralis-render long.jsonl" "auralis-compose --seed 1" "auralis-compose --live --seed 1 --lookahead 5000"; do
    $command >stalled 2>err &
    helper=$!
    exec 4<stalled
    # The pipe is full, or for a live one will not become so.
    until_true 20 "nothing in the pipe: $command" python3 -c 'import array, fcntl, os, select, sys, termios
there = array.array("i", [0])
fcntl.ioctl(4, termios.FIONREAD, there)
takes_more = select.select([], [os.open("stalled", os.O_WRONLY | os.O_NONBLOCK)], [], 0)[1]
sys.exit(not there[0] > 100 if sys.argv[1] == "live" else bool(takes_more))' "$([[ $command != *live* ]] || echo live)"
    kill -$signal "$helper"
    until_true 60 "deaf to SIG$signal: $command" eval '! kill -0 "$helper" || grep -q "State:.Z" "/proc/$helper/status"'
    got=0
    wait "$helper" || got=$?
    helper=''
    exec 4<&-
    if [[ $command == *live* ]]; then
      [[ $got == 0 || $got == 130 ]] || fail "SIG$signal to $command: status $got"
    else
      [[ $got == 130 ]] && grep -q 'whoever reads <stdout> takes nothing any more' err || fail "SIG$signal to $command: $got $(<err)"
    fi
  done
done
# The files beside such a stream are finalised all the same.
auralis-render long.jsonl --stems stems >stalled 2>err &
helper=$!
exec 4<stalled
until_true 20 "nothing in the pipe" test -e stems
until_true 20 "no stems" eval '(( $(find stems -name ".pad.auralis-*" -size +50k | wc -l) == 1 ))'
stop_helper TERM
exec 4<&-
[[ $got == 130 && $(frames_of stems/pad.wav) -gt 8000 ]] || fail "stems of a stream that stands still: $got $(<err)"

# A stream is measured as far as it was read, a file whole or not at all.
for input in - events; do
  auralis-stats score $input --json <events >measures 2>err &
  helper=$!
  exec 3>events
  notes 2 >&3
  until_true 20 "not read" python3 -c 'import array, fcntl, sys, termios
waiting = array.array("i", [0])
fcntl.ioctl(3, termios.FIONREAD, waiting)
sys.exit(waiting[0] != 0)'
  stop_helper INT
  exec 3>&-
  if [[ $input == - ]]; then
    [[ $got == 0 && $(jq .notes measures) == 4 ]] || fail "a stream that is broken off: $got $(<err)"
  else
    [[ $got == 130 && ! -s measures ]] || fail "a file that is broken off: $got $(<measures)"
  fi
done

# A first Ctrl-C says that the end has begun, a second ends at once.
begin
kill -INT "$helper"
until_true 20 "nothing said" grep -q 'ending with a fade; once more ends at once' err
wait "$helper" || fail "SIGINT: status $?"
helper=''
exec 3>&-
got=0
finalised "SIGINT"
no_leftovers
