#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# auralis-stats live: a table, JSON and Prometheus text, from a server and from a session's folder; what is missing is named.
set -euo pipefail

scratch=$(mktemp -d)
export XDG_RUNTIME_DIR=$scratch
server=''
cleanup() {
  [[ -z $server ]] || kill -TERM "$server" 2>/dev/null || true
  [[ -z $server ]] || wait "$server" 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT
fail() { echo "FAILED: $1" >&2 && exit 1; }

sox -n -r 44100 -c 2 -b 16 "$scratch/tone.wav" synth 1 sine 220 vol 0.3
auralis-serve --port 0 --on-end loop "$scratch/tone.wav" 2>"$scratch/log" &
server=$!
deadline=$((SECONDS + 20))
until url=$(grep -o 'http://[0-9.:]*' "$scratch/log") && curl -fsS -o /dev/null "$url/health" 2>/dev/null; do
  ((SECONDS < deadline)) || fail "the server did not start"
  sleep 0.1
done

auralis-stats "$url" >"$scratch/table"
for words in "$url" "listeners now" "control to sound" "not running in this session: auralis-compose, auralis-render"; do
  grep -qF "$words" "$scratch/table" || fail "the table lacks \"$words\""
done
auralis-stats live "$url" --json | jq -e '.underruns_total == 0 and .voices == null and .missing == ["auralis-compose", "auralis-render"]' >/dev/null ||
  fail "the JSON is not right"
auralis-stats "$url" --prometheus | promtool check metrics || fail "promtool finds fault"
[[ $(auralis-stats "$url" --json --watch 0.1 | head -n 3 | jq -s 'length') == 3 ]] || fail "--watch --json does not go on"

# The session's folder tells the same without the server.
until auralis-stats --json | jq -e '.parts.serve.version' >/dev/null; do
  ((SECONDS < deadline)) || fail "the session folder tells nothing"
  sleep 0.1
done
kill -KILL "$server"
wait "$server" || true
server=''
status=0
auralis-stats "$url" 2>"$scratch/message" || status=$?
[[ $status == 1 ]] && grep -q "cannot reach" "$scratch/message" || fail "a server that is gone gave $status"
status=0
auralis-stats --session nobody >"$scratch/table" 2>"$scratch/message" || status=$?
[[ $status == 1 ]] && grep -q "auralis-compose, auralis-render, auralis-serve" "$scratch/table" || fail "an empty session gave $status"
status=0
auralis-stats --json --prometheus 2>/dev/null || status=$?
[[ $status == 2 ]] || fail "two forms at once gave $status"
echo "stats_live: told what there was to tell"
