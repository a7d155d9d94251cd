#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What `cmake --install` puts somewhere works there, from any folder: the whole chain, page, presets, plugin, manuals. A
# server without its page serves no file at all.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
build=$(cd "$(dirname "$(command -v auralis-compose)")/.." && pwd)
prefix=$scratch/prefix
cmake --install "$build" --prefix "$prefix" >log || fail "cmake --install"
PATH=$prefix/bin:$PATH
for command in compose render serve stats play; do
  [[ $(command -v auralis-$command) == "$prefix/bin/auralis-$command" ]] || fail "auralis-$command is not installed"
done
mkdir empty
cd empty

# A piece, its measures.
[[ $(auralis-compose --list-presets | wc -l) == $(find "$SOURCE_DIR/presets" -maxdepth 1 -name '*.yaml' | wc -l) ]] || fail "presets"
auralis-compose -q --preset sleep --seed 7 --duration 10s | auralis-render -q -o ../piece.flac
[[ $(frames_of ../piece.flac) == 441000 ]] || fail "the piece is not 10 s long"
auralis-stats audio ../piece.flac --json | jq -e '.integrated_lufs < 0' >/dev/null || fail "auralis-stats audio"
auralis-compose -q --seed 7 --duration 60s | auralis-stats score - --json | jq -e '.notes > 0' >/dev/null || fail "auralis-stats score"
auralis-compose -q --seed 7 --duration 10s --format midi | auralis-render -q - --preset cathedral -o ../song.wav || fail "a MIDI file"

# What needs LibTorch: it works where it was built, and says what is missing where not.
if [[ -e $prefix/lib/auralis/libauralis_torch.so ]]; then
  auralis-compose -q --melody transformer --seed 7 --duration 10s | tail -n 1 | jq -e '.type == "end"' >/dev/null || fail "the plugin"
else
  refused 1 'libauralis_torch.so, which is not installed' auralis-compose --melody transformer --duration 10s
fi

for page in "$SOURCE_DIR"/man/*.[15]; do
  installed=$prefix/share/man/man${page##*.}/$(basename "$page")
  mandoc -T lint -W error "$installed" || fail "$(basename "$page")"
done
[[ -s $prefix/share/doc/auralis/LICENSE ]] || fail "no licence"

# The station: the page with all its files, the presets, sound. Stopped by its first part, a pipeline ends by itself.
port() { url=$(grep -o 'http://[0-9.:]*' ../log); }
serve() { # OPTION...
  { auralis-compose -q --live --session here & echo $! >../composer; wait; } | auralis-render -q --session here |
    auralis-serve --port 0 --session here "$@" 2>../log &
  helper=$!
  until_true 60 "the server did not start" port
}
stop() {
  kill -KILL "$(<../composer)"
  wait
  helper=''
}
: >../log
serve
plays() { curl -fsS -o /dev/null "$url/health"; }
until_true 60 "no sound" plays
curl -fsS "$url/" | cmp - "$SOURCE_DIR/client/index.html" || fail "the page"
while read -r file; do
  curl -fsS "$url/$file" | cmp - "$SOURCE_DIR/client/$file" || fail "the page's $file"
done < <(cd "$SOURCE_DIR/client" && find . -type f -printf '%P\n')
curl -fsS "$url/api/presets" | jq -e 'length > 1' >/dev/null || fail "/api/presets"
[[ $({ curl -fsS "$url/stream.wav" || true; } | head -c 4) == RIFF ]] || fail "no sound to listen to"
all_tell() { auralis-stats "$url" --json | jq -e '.missing == []' >/dev/null; }
until_true 20 "auralis-stats live" all_tell
stop

# Without its page: no file, from nowhere.
rm -r "$prefix/share/auralis/client"
echo secret >id_rsa
: >../log
serve
until_true 60 "no sound" plays
for path in / /index.html /id_rsa /./id_rsa /%2e/id_rsa /../piece.flac /main.js; do
  got=$(curl -s --path-as-is -o answer -w '%{http_code}' "$url$path")
  [[ $got == 4* ]] && ! grep -q secret answer || fail "without a page $path answers $got: $(head -c 200 answer)"
done
stop
