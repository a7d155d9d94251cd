#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Dashboard and alerts: every metric in them is one that a running station has, and Prometheus loads and evaluates the rules.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
deploy=$SOURCE_DIR/deploy
end_helper_by=INT

promtool check config "$deploy/prometheus/prometheus.yml" >out || fail "prometheus.yml: $(<out)"
promtool test rules "$deploy/prometheus/alerts_test.yml" >out || fail "alerts.yml: $(<out)"
# Each alert is tried, in sickness and in health.
sed -n 's/^ *- alert: //p' "$deploy/prometheus/alerts.yml" | while read -r alert; do
  [[ $(grep -c "alertname[:=] *\"\?$alert\"\?[},]" "$deploy/prometheus/alerts_test.yml") == 2 ]] || fail "$alert is not tested"
done

# The sound goes somewhere else, too, where this build can: to a port that nobody has.
elsewhere=() without='^$'
if [[ $WITH_AV == ON ]]; then elsewhere=(--rtp 127.0.0.1:9); else without='^auralis_sink'; fi
env --default-signal=INT auralis-play --port 0 --seed 7 "${elsewhere[@]}" 2>log &
helper=$!
listens() { url=$(grep -o 'http://localhost:[0-9]*' log); }
until_true 60 "no address" listens
plays() { curl -fsS -o /dev/null "$url/health"; }
until_true 60 "no sound" plays
# A listener, and a control, since some are there only then.
curl -fsS -o /dev/null --max-time 60 "$url/stream.opus" 2>/dev/null &
listener=$!
controlled() { [[ $(curl -fsS "$url/api/status" | jq -r .composer) == connected ]]; }
until_true 20 "no composer" controlled
curl -fsS -d '{"intensity":0.8}' "$url/api/control" >/dev/null || fail "a control"

used() { grep -ohE '\bauralis_[a-z0-9_]+' "$deploy/grafana/auralis.json" "$deploy/prometheus/alerts.yml" | grep -v "$without" | sort -u; }
[[ $(used | wc -l) -gt 20 ]] || fail "nothing is used: $(used)"
missing() {
  curl -fsS "$url/metrics" >metrics
  used | while read -r name; do grep -qE "^$name[ {]" metrics || echo "$name"; done
}
all_there() { [[ -z $(missing) ]]; }
# What listeners report is only there with such a listener.
/usr/bin/python3 - "${url/http/ws}/ws/stream" <<'END' &
import asyncio, json, sys, websockets
async def listen():
    async with websockets.connect(sys.argv[1], subprotocols=['auralis.v1'], max_size=None) as ws:
        while True:
            await ws.send(json.dumps({'type': 'client_metrics', 'buffer_ms': 150, 'underruns': 0, 'rate': 1, 'jitter_ms': 2}))
            for _ in range(5):
                await ws.recv()
asyncio.run(listen())
END
reporter=$!
until_true 40 "metrics that are never there: $(missing)" all_there
promtool check metrics <metrics >out || fail "promtool finds fault: $(<out)"
# By the conventions, and none of them is a percentile that cannot be added up.
! grep -E 'stat="|_ms[ {]|_mb[ {]' metrics || fail "names against the conventions"
grep -q '^# TYPE auralis_synthesis_latency_seconds histogram$' metrics || fail "no histogram"
! grep -q histograms <(curl -fsS "$url/api/metrics") || fail "histograms in the JSON, which has percentiles"
kill "$listener" "$reporter" 2>/dev/null || true
stop_helper TERM
