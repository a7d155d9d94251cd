#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Hundreds of listeners at once each get every chunk, in every encoding, over TLS too, and leave nothing behind; of as many
# followers none loses anything; with AURALIS_LONG thousands. How late the chunks come is for scripts/load to measure: it is no
# matter of right and wrong.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

listeners=300 seconds=3
[[ -z ${AURALIS_LONG:-} ]] || listeners=3000 seconds=30
ulimit -n "$(ulimit -Hn)"
sox -n -r 44100 -c 2 -b 16 noise.wav synth 10 pinknoise vol 0.3
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem 2>/dev/null

for case in "pcm" "opus" "pcm tls"; do
  read -r codec tls <<<"$case"
  options=(${tls:+--tls-cert cert.pem --tls-key key.pem})
  rm -f log  # of the server before, which names another port
  auralis-serve --port 0 --max-clients $((listeners + 1)) --on-end loop "${options[@]}" noise.wav 2>log &
  helper=$!
  listens() { url=$(grep -o 'https*://[0-9.:]*' log 2>/dev/null); }
  until_true 60 "the server did not start" listens
  # shellcheck disable=SC2086
  load "${url##*:}" "$codec" "$listeners" "$seconds" $tls >result 2>>log || fail "$case: the listeners did not come"
  jq -e --argjson n "$listeners" --argjson s "$seconds" \
    '.missing == 0 and .flagged == 0 and .closed == 0 and .chunks > 0.9 * $n * $s * 10' result >/dev/null || fail "$case: $(<result)"
  figures() { curl -fsSk "$url/api/metrics"; }
  all_left() { figures | jq -e '.clients == 0' >/dev/null; }
  until_true 20 "$case: some are still counted" all_left
  figures | jq -e --argjson n "$listeners" '.clients_total >= $n and .chunks_dropped_total == 0 and .underruns_total == 0
    and .send_lateness_ms.p99 > 0 and .encode_ms.p99 > 0 and .chunks_sent_total > 0 and .bytes_sent_total > 0' >/dev/null || fail "$case: $(figures)"
  stop_helper TERM
  [[ $got == 0 ]] || fail "$case: the server ended with $got"
  echo "load: $listeners listeners, $case: $(jq -c '{chunks, late_ms}' result)"
done

# Followers of a live station: each is told how far its events go, nobody all anew, and who comes late is told what it needs.
rm -f log
mkfifo events pcm
auralis-compose --live -q --seed 7 >events &
auralis-render -q <events >pcm &
auralis-serve --port 0 --max-clients $((listeners + seconds + 1)) <pcm 2>log &
helper=$!
until_true 60 "the server did not start" listens
knows_the_piece() { curl -fsS "$url/api/status" | jq -e '.seed == "7"' >/dev/null; }
until_true 60 "the piece is not known" knows_the_piece
load "${url##*:}" events "$listeners" "$seconds" >result 2>>log || fail "the followers did not come"
jq -e --argjson n "$listeners" --argjson s "$seconds" '.flagged == 0 and .closed == 0 and .chunks > 0.9 * $n * $s * 2
  and .joined_late == ([1, $s - 3] | max) and .mb_an_hour > 0' result >/dev/null || fail "followers: $(<result)"
stop_helper TERM
[[ $got == 0 ]] || fail "followers: the server ended with $got"
echo "load: $listeners followers: $(jq -c '{chunks, late_ms, mb_an_hour, joined_ms}' result)"
