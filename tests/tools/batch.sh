#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scripts/batch makes the whole grid, tells what it made, goes on where it was stopped, and makes nothing twice.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
# The commands may be built anywhere: the script takes those of its own tree, or else those on PATH.
batch() { "$SOURCE_DIR/scripts/batch" "$@" 2>err; }
grid=(--presets focus,sleep --seeds 3-4 --durations 4s --out music --jobs 2)

batch "${grid[@]}" --dry-run | sort >dry
[[ $(<dry) == $'focus-3-4s.flac\nfocus-4-4s.flac\nsleep-3-4s.flac\nsleep-4-4s.flac' && $(<err) == 'batch: 4 to make, 0 made before' ]] ||
  fail "dry run: $(<dry) $(<err)"
batch "${grid[@]}" || fail "$(<err)"
[[ $(jq -r .file music/manifest.jsonl | sort) == "$(<dry)" ]] || fail "manifest: $(<music/manifest.jsonl)"
while IFS=$'\t' read -r file sha bytes preset seed; do
  [[ $(sha256sum <"music/$file") == "$sha  -" && $(stat -c %s "music/$file") == "$bytes" ]] || fail "$file is not what the manifest says"
  [[ $(frames_of "music/$file") == 176400 && $file == "$preset-$seed-4s.flac" ]] || fail "$file"
  [[ $(auralis-compose --preset "$preset" --seed "$seed" --duration 4s | sha256sum | cut -d' ' -f1) == \
    "$(jq -r --arg file "$file" 'select(.file == $file).report.events_sha256' music/manifest.jsonl)" ]] || fail "the events of $file"
done < <(jq -r '[.file, .sha256, .bytes, .preset, .seed] | @tsv' music/manifest.jsonl)

# Nothing is made twice; what is gone, half-listed or new is made.
stat -c '%n %Y %i' music/*.flac >before
batch "${grid[@]}" || fail "$(<err)"
[[ $(<err) == 'batch: 0 to make, 4 made before' && $(stat -c '%n %Y %i' music/*.flac) == "$(<before)" ]] || fail "made twice: $(<err)"
rm music/focus-3-4s.flac
sed -i '/sleep-4/d' music/manifest.jsonl
printf '{"file":"sleep-3-4s.fl' >>music/manifest.jsonl
batch "${grid[@]}" --seeds 3-5 || fail "$(<err)"
[[ $(<err) == 'batch: 4 to make, 2 made before' && $(wc -l <music/manifest.jsonl) == 6 && $(find music -name '*.flac' | wc -l) == 6 ]] || fail "resumed: $(<err)"
jq -e . music/manifest.jsonl >/dev/null || fail "a torn line is left in the manifest"
[[ $(jq -r .file music/manifest.jsonl | sort -u | wc -l) == 6 ]] || fail "the manifest misses a piece"

# One that fails does not keep the others.
got=0
batch --presets nobody,focus --durations 4s --out some || got=$?
[[ $got == 1 && -e some/focus-1-4s.flac && ! -e some/nobody-1-4s.flac ]] || fail "one that fails: $got $(<err)"
grep -q 'nobody-1-4s.flac was not made' err || fail "it is not said what failed: $(<err)"
[[ $(wc -l <some/manifest.jsonl) == 1 ]] || fail "a piece that failed is listed"

# Events that break off make no piece, though what came of them can be played.
mkdir -p tree/scripts tree/build/bin
cp "$SOURCE_DIR/scripts/batch" tree/scripts
printf '#!/bin/sh\n%q "$@" | head -n 9\nexit 1\n' "$(command -v auralis-compose)" >tree/build/bin/auralis-compose
chmod +x tree/build/bin/auralis-compose
got=0
tree/scripts/batch --presets focus --durations 4s --out broken 2>err || got=$?
[[ $got == 1 && ! -e broken/focus-1-4s.flac && ! -s broken/manifest.jsonl ]] || fail "events that broke off: $got $(<err)"

# Stopped in the middle, nothing that is not whole stays.
"$SOURCE_DIR/scripts/batch" --presets focus --durations 3h --out long --jobs 1 2>err &
helper=$!
until_true 60 "nothing begun" compgen -G 'long/.focus-1-3h.*' >begun
stop_helper TERM
[[ $got == 130 ]] || fail "stopped: $got"
[[ $(ls -A long) == manifest.jsonl && ! -s long/manifest.jsonl ]] || fail "half a piece is left: $(ls -A long)"

for wrong in '--format mp3' '--seeds x' '--jobs 0' '--nonsense 1' '--presets'; do
  got=0
  # shellcheck disable=SC2086
  batch $wrong || got=$?
  [[ $got == 2 ]] || fail "$wrong: $got"
done
