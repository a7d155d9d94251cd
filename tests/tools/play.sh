#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scripts/play serves music, brings a killed part back without losing the server, and leaves nothing behind on Ctrl-C.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
end_helper_by=INT

session=play-$$
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# A background job of a script ignores SIGINT unless it is told otherwise.
env --default-signal=INT "$SOURCE_DIR/scripts/play" --no-setup --port "$port" --session "$session" --preset focus --seed 7 --chunk-ms 20 2>log &
helper=$!
url=http://127.0.0.1:$port
healthy() { curl -fsS -o /dev/null "$url/health"; }
until_true 60 "no sound within a minute" healthy
grep -qi '<!doctype html>' <<<"$(curl -fsS "$url/")" || fail "no page at /"
[[ $(curl -fsS "$url/api/status" | jq -r .preset) == focus ]] || fail "the status does not name the preset"

parts() { pgrep -f "^build/bin/auralis-$1 .*--session $session" || true; }
server=$(parts serve) renderer=$(parts render) composer=$(parts compose)
[[ -n $server && -n $renderer && -n $composer ]] || fail "not all three run"
grep -qz -- '^--lookahead$' "/proc/$composer/cmdline" || fail "short chunks, and a composer that writes far ahead"

kill -KILL "$renderer"
restarted() { [[ -n $(parts render) && $(parts render) != "$renderer" ]]; }
until_true 30 "the renderer did not come back" restarted
until_true 30 "no sound after the renderer came back" healthy
[[ $(parts serve) == "$server" ]] || fail "the server was restarted with the renderer"

kill -INT "$helper"
wait "$helper" || fail "Ctrl-C ended with status $?"
helper=''
grep -q 'no "end"' log && fail "the piece was cut off, not ended"
[[ -z $(parts serve)$(parts render)$(parts compose) ]] || fail "something is left running"
echo "play: served, recovered, ended"
