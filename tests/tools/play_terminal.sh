#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What auralis-play shows on a terminal: where to listen, one line of what is on, and what happens (play_terminal.py); what it
# writes where there is none.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
/usr/bin/python3 "$SOURCE_DIR/tests/tools/play_terminal.py" || fail "on a terminal"

# Nothing is announced that is not so: refused options, and a port that is taken.
refused 2 'did you mean sleep' auralis-play --preset slep --port 0
! grep -q 'listen at' err || fail "announced, and then refused: $(<err)"
refused 1 'No such file' auralis-play --port 0 --token-file nowhere
! grep -q 'listen at' err || fail "announced, and then refused: $(<err)"

# Under journald each line has its priority. It is told by the descriptor that the environment names, and by no other.
: >journal
JOURNAL_STREAM=$(stat -Lc %d:%i journal) auralis-compose --preset nobody 2>journal && fail "a preset that is not there"
grep -q '^<3>auralis-compose: error: no preset' journal || fail "an error's priority: $(<journal)"
JOURNAL_STREAM=$(stat -Lc %d:%i journal) auralis-compose --preset nobody 2>plain && fail "a preset that is not there"
grep -q '^auralis-compose: error:' plain || fail "a priority where no journal reads: $(<plain)"
piece 1 | sed 's/"end"/"ende"/' >endless.jsonl
JOURNAL_STREAM=$(stat -Lc %d:%i journal) auralis-render endless.jsonl -o x.wav 2>journal
grep -q '^<4>auralis-render: warning: ' journal && grep -q '^<6>auralis-render: x.wav: ' journal || fail "priorities: $(<journal)"
! grep -v '^<[3467]>' journal || fail "lines without a priority"
