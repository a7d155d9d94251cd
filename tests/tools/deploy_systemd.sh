#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Under systemd, as far as it goes without one that runs: the units are valid and exposed little, supervisors are told what is so
# (deploy_systemd.py), and a socket that is handed over outlives the server. That systemd starts the units is deploy_boot.sh's.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"

mkdir units
for unit in auralis.service auralis@.service auralis.socket; do
  sed "s|^ExecStart=[^ ]*|ExecStart=$(command -v auralis-play)|" "$BUILD_DIR/systemd/$unit" >units/$unit
done
cp units/auralis@.service units/auralis@evening.service
systemd-analyze verify --man=no units/auralis.service units/auralis@evening.service units/auralis.socket 2>err || fail "the units: $(<err)"
[[ ! -s err ]] || fail "the units: $(<err)"
for unit in auralis.service auralis@.service; do
  systemd-analyze security --offline=true --threshold=20 units/$unit >out 2>&1 || fail "$unit: $(tail -n 1 out)"
done
# Their options are auralis-play's.
for unit in "$BUILD_DIR"/systemd/*.service; do
  for option in $(sed -n 's/^ExecStart=[^ ]*//p' "$unit" | grep -o -- '--[a-z-]*'); do
    auralis-play --help | grep -qw -- "$option" || fail "$(basename "$unit"): auralis-play has no $option"
  done
done

piece 3 >piece.jsonl
auralis-render -q piece.jsonl -o tone.wav
/usr/bin/python3 "$SOURCE_DIR/tests/tools/deploy_systemd.py" tone.wav || fail "a supervisor"
