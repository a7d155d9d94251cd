#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whoever types one of the likeliest mistakes (mistakes.txt) is told what is wrong and what to type; what has one meaning is
# taken for it.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
piece 1 >piece.jsonl
auralis-render -q piece.jsonl -o tone.wav
auralis-compose -q --seed 7 --duration 5s -o piece.mid
auralis-compose --show-preset focus >mine.yaml
mkdir pages

count=0 wrong=0
while IFS= read -r line; do
  [[ -n $line && $line != '#'* ]] || continue
  status=${line%% :: *} rest=${line#* :: }
  typed=${rest%% :: *} said=${rest#* :: }
  got=0
  (eval "exec $typed") >out 2>err </dev/null || got=$?
  count=$((count + 1))
  place=err
  [[ $status != 0 ]] || place=out
  if [[ $got != "$status" ]] || ! grep -qF -- "$said" $place; then
    echo "$typed: status $got, expected $status and \"$said\" in: $(head -c 500 $place)" >&2
    wrong=$((wrong + 1))
  fi
done <"$SOURCE_DIR/tests/tools/mistakes.txt"
((wrong == 0 && count >= 40)) || fail "$wrong of $count mistakes"

# Nothing is announced before it is so.
refused 3 'type: auralis-render' auralis-serve --port 0 piece.jsonl
! grep -q listening err || fail "it listened to nothing: $(<err)"
echo "$count mistakes"
