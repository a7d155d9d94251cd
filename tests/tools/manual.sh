#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The manual pages are well-formed, know every option the commands have, and the example of a stream plays.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

for page in "$SOURCE_DIR"/man/*.[15]; do
  mandoc -T lint -W warning "$page" || fail "$page"
done
for command in compose render serve stats; do
  page=$SOURCE_DIR/man/auralis-$command.1
  [[ -e $page ]] || continue
  mandoc -T ascii "$page" | sed 's/.\x08//g' >page.txt
  grep -oE '(^|[^[:alnum:]-])--[a-z][a-z-]+' page.txt | grep -oE -- '--[a-z-]+' | sort -u >in_page
  {
    auralis-$command --help
    # The subcommands of auralis-stats have options of their own.
    auralis-$command --help | sed -n '/^Subcommands:/,$p' | awk '/^  [a-z]/ { print $1 }' | while read -r sub; do auralis-$command "$sub" --help; done
  } >help.txt
  grep -oE -- '(^|[ ,])--[a-z][a-z-]+' help.txt | grep -oE -- '--[a-z-]+' | sort -u >in_help
  missing=$(comm -23 in_help in_page | grep -vxE -- '--(help|verbose|quiet|version|output)' || true)
  [[ -z $missing ]] || fail "auralis-$command.1 does not say: $missing"
done

# Every figure is explained where they are read, and nothing else is.
diff <(auralis-stats live --json 2>/dev/null | jq -r 'del(.parts, .missing) | keys[]') \
  <(sed -n '/^\.Sh FIGURES/,/^\.El/s/^\.It Va //p' "$SOURCE_DIR/man/auralis-stats.1" | LC_ALL=C sort) ||
  fail "auralis-stats.1 does not list the figures"

awk '/^\.Bd -literal$/ { on = 1; next } /^\.Ed/ { exit } on' "$SOURCE_DIR/man/auralis-events.5" >example.jsonl
[[ $(jq -r .type example.jsonl | sort -u | wc -l) == 9 ]] || fail "auralis-events.5 does not show every type"
auralis-render -q example.jsonl -o example.wav
[[ $(frames_of example.wav) == $((8 * 44100)) ]] || fail "the example of auralis-events.5 is not 8 s long"
