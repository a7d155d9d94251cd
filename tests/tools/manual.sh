#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The manual pages are well-formed, know every option the commands have, and the example of a stream plays.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

for page in "$SOURCE_DIR"/man/*.[15]; do
  mandoc -T lint -W warning "$page" || fail "$page"
done
# Every option of the tables is there as it is, and no other.
list-options >options.json
/usr/bin/python3 "$SOURCE_DIR/tests/tools/manual_options.py" "$SOURCE_DIR/man" <options.json || fail "the options"

# So is --help, which starts with an example.
for command in compose render serve stats play; do
  auralis-$command --help >help
  [[ $(head -n 1 help) == "Example: "* ]] || fail "auralis-$command --help does not start with an example"
  jq -r --arg name "auralis-$command" '.[] | select(.name == $name) | .options[].names | split(",")[-1]' options.json |
    while read -r option; do grep -qwF -- "$option" help || fail "auralis-$command --help does not know $option"; done
done

# Every figure is explained where they are read, and nothing else is.
diff <(auralis-stats live --json 2>/dev/null | jq -r 'del(.parts, .missing) | keys[]') \
  <(sed -n '/^\.Sh FIGURES/,/^\.El/s/^\.It Va //p' "$SOURCE_DIR/man/auralis-stats.1" | LC_ALL=C sort) ||
  fail "auralis-stats.1 does not list the figures"

# literal N: what the page shows as the Nth text to be saved.
literal() { awk -v n="$1" '/^\.Bd -literal$/ { ++at; next } /^\.Ed/ { if (at >= n) exit } at == n' "$SOURCE_DIR/man/auralis-events.5"; }
literal 1 >tune.jsonl
[[ $(wc -l <tune.jsonl) == 5 ]] || fail "the tune of auralis-events.5 has not five lines"
auralis-render tune.jsonl -o tune.wav 2>err || fail "the tune of auralis-events.5: $(<err)"
[[ $(frames_of tune.wav) == $((6 * 44100)) ]] || fail "the tune of auralis-events.5 is not 6 s long"
! grep -q warning err || fail "the tune is warned of: $(<err)"
sox tune.wav -n stat 2>&1 | awk '/RMS.*amplitude/ { rms = $3 } END { exit !(rms > 0.005) }' || fail "the tune is not heard"
literal 2 >example.jsonl
[[ $(jq -r .type example.jsonl | sort -u | wc -l) == 10 ]] || fail "auralis-events.5 does not show every type"
auralis-render -q example.jsonl -o example.wav
[[ $(frames_of example.wav) == $((8 * 44100)) ]] || fail "the example of auralis-events.5 is not 8 s long"
