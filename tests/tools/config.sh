#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Options from files: what they say holds, the user's wins over nothing typed, what is typed wins over all, mistakes are named with
# file and line. The example of auralis.conf(5) is one.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
mkdir -p config/auralis
conf=$scratch/config/auralis/auralis.conf
first() { auralis-compose --seed 7 --duration 1s "$@" | head -n 1 | jq -r "$query"; }

# What the user's file says is as if it had been typed; what is typed, by whatever name, wins.
printf '# mine\npreset = sleep\n bpm=50\nkey = "eb"\n\n[render]\nthreads = 2\n[auralis-compose]\nmode = minor\n' >"$conf"
query='"\(.preset) \(.bpm) \(.key) \(.mode)"'
[[ $(first) == 'sleep 50 Eb aeolian' ]] || fail "the file says nothing: $(first)"
[[ $(first --preset focus --tempo 70 --mode dorian) == 'focus 70 Eb dorian' ]] || fail "what is typed does not win"
auralis-compose --seed 7 --duration 1s -o piece.jsonl
auralis-render -q piece.jsonl -o x.wav --report r.json || fail "a preset for the composer is one for the renderer's MIDI"
[[ $(jq .threads r.json) == 2 || $(nproc) == 1 ]] || fail "a section's option is not taken"
# Another file in its place.
printf 'bpm = 40\n' >other.conf
[[ $(first --config other.conf) == *' 40 '* && $(first --config=other.conf) == *' 40 '* ]] || fail "--config"
query=.preset
[[ $(first --config /dev/null) == focus ]] || fail "--config /dev/null reads the user's file"

# Flags, options that come again, and those that do not go with what is typed.
printf 'live = yes\n' >"$conf"
refused 2 'excludes' auralis-compose --format jsonl --live
[[ $(auralis-compose --seed 7 --duration 1s --format jsonl | tail -n 1 | jq -r .type) == end ]] || fail "a setting stands in the way of what is typed"
printf 'quiet = no\nlookahead = 50\n' >"$conf"
[[ $(first) == focus ]] || fail "what needs another option is in the way"
printf 'quiet = yes\n' >"$conf"
auralis-render piece.jsonl -o x.wav 2>err
[[ ! -s err ]] || fail "quiet = yes: $(<err)"
auralis-render -v piece.jsonl -o x.wav 2>err
[[ -s err ]] || fail "-v does not win over quiet = yes"
printf 'origin = https://a.example\norigin = nonsense\n' >"$conf"
refused 2 'nonsense' auralis-serve --port 0 x.wav

# Mistakes: file, line, what was expected. They are no obstacle to help.
bad() { # LINE TEXT
  printf '# a file\n%s\n' "$1" >"$conf"
  refused 3 "auralis.conf:2: $2" auralis-compose --duration 1s
}
bad 'presett = sleep' 'presett is unknown, expected preset'
bad 'zzzzzzzzzz = 1' 'zzzzzzzzzz is unknown, expected the name of an option of a command'
bad 'bpm = 500' 'bpm is 500, expected a number from 30 to 120'
bad 'port = 80000' 'port is "80000", expected a whole number from 0 to 65535'
bad 'duration = 90' 'duration is "90", expected a unit'
bad 'live = perhaps' 'live is "perhaps", expected yes or no'
bad 'preset sleep' '"preset sleep" has no "=", expected NAME = VALUE'
bad 'output = x.jsonl' 'output is for the command line alone'
bad '[auralis-rendr]' '[auralis-rendr] is unknown, expected auralis-render'
printf '[render]\n\nport = 8080\n' >"$conf"
refused 3 'auralis.conf:3: port is none of auralis-render, it belongs to auralis-serve' auralis-compose --duration 1s
auralis-compose --help >/dev/null || fail "a broken file is in the way of --help"
refused 1 'missing.conf: No such file' auralis-compose --config missing.conf
auralis-stats --version >/dev/null || fail "auralis-stats reads it"

# auralis-play hands on what is said to it and to those it starts.
printf 'preset = sleep\n[auralis-play]\nport = 0\n[auralis-compose]\nkey = A\n[serve]\nchunk-ms = 20\n' >"$conf"
env --default-signal=INT auralis-play --seed 7 --session config-$$ 2>log &
helper=$!
end_helper_by=INT
listens() { url=$(grep -o 'http://localhost:[0-9]*' log); }
until_true 60 "no address" listens
plays() { curl -fsS "$url/api/status" | jq -e '.preset == "sleep" and .key == "A"' >/dev/null; }
until_true 60 "the station plays something else" plays
grep -qz -- '^--chunk-ms=20$' /proc/$(pgrep -f "^[^ ]*auralis-serve .*config-$$")/cmdline || fail "the server's setting"
stop_helper TERM

# The manual's example is one.
awk '/^\.Bd -literal$/ { on = 1; next } /^\.Ed/ { exit } on' "$SOURCE_DIR/man/auralis.conf.5" >"$conf"
auralis-compose -q --duration 1s | head -n 1 | jq -e '.preset == "sleep"' >/dev/null || fail "the example of auralis.conf(5)"
