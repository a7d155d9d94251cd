#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scripts/play serves music, brings a killed part back without losing the server, and leaves nothing behind on Ctrl-C.
set -euo pipefail

scratch=$(mktemp -d)
export XDG_RUNTIME_DIR=$scratch
player=''
cleanup() {
  [[ -z $player ]] || kill -INT "$player" 2>/dev/null || true
  [[ -z $player ]] || wait "$player" 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT
fail() {
  echo "FAILED: $1" >&2
  cat "$scratch/log" >&2
  exit 1
}
# until_true SECONDS WHAT COMMAND...: a condition with a bound, not a fixed wait.
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" 2>/dev/null; do
    ((SECONDS < deadline)) || fail "$what"
    sleep 0.1
  done
}

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# A background job of a script ignores SIGINT unless it is told otherwise.
env --default-signal=INT "$SOURCE_DIR/scripts/play" --no-setup --port "$port" --session play-test --preset focus --seed 7 2>"$scratch/log" &
player=$!
url=http://127.0.0.1:$port
healthy() { curl -fsS -o /dev/null "$url/health"; }
until_true 60 "no sound within a minute" healthy
grep -qi '<!doctype html>' <<<"$(curl -fsS "$url/")" || fail "no page at /"
[[ $(curl -fsS "$url/api/status" | jq -r .preset) == focus ]] || fail "the status does not name the preset"

parts() { pgrep -f "^build/bin/auralis-$1 .*--session play-test" || true; }
server=$(parts serve) renderer=$(parts render) composer=$(parts compose)
[[ -n $server && -n $renderer && -n $composer ]] || fail "not all three run"

kill -KILL "$renderer"
restarted() { [[ -n $(parts render) && $(parts render) != "$renderer" ]]; }
until_true 30 "the renderer did not come back" restarted
until_true 30 "no sound after the renderer came back" healthy
[[ $(parts serve) == "$server" ]] || fail "the server was restarted with the renderer"

kill -INT "$player"
wait "$player" || fail "Ctrl-C ended with status $?"
player=''
grep -q 'no "end"' "$scratch/log" && fail "the piece was cut off, not ended"
[[ -z $(parts serve)$(parts render)$(parts compose) ]] || fail "something is left running"
echo "play: served, recovered, ended"
