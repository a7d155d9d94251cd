#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# scripts/play serves music, brings a killed part back without losing the server, and leaves nothing behind on Ctrl-C.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
end_helper_by=INT

session=play-$$
# A background job of a script ignores SIGINT unless it is told otherwise.
player=("$SOURCE_DIR/scripts/play" --no-setup)
[[ -z ${SANITIZE:-} ]] || player=(auralis-play) # the script plays what is built without sanitizers
env --default-signal=INT "${player[@]}" --port 0 --session "$session" --preset focus --seed 7 --chunk-ms 20 2>log &
helper=$!
listens() { url=$(grep -o 'http://localhost:[0-9]*' log); }
until_true 60 "no address within a minute" listens
healthy() { curl -fsS -o /dev/null "$url/health"; }
until_true 60 "no sound within a minute" healthy
grep -qi '<!doctype html>' <<<"$(curl -fsS "$url/")" || fail "no page at /"
named() { [[ $(curl -fsS "$url/api/status" | jq -r .preset) == focus ]]; }
until_true 20 "the status does not name the preset" named

parts() { pgrep -f "^[^ ]*build[^ /]*/bin/auralis-$1 .*--session=$session" || true; }
server=$(parts serve) renderer=$(parts render) composer=$(parts compose)
[[ -n $server && -n $renderer && -n $composer ]] || fail "not all three run"
grep -qz -- '^--lookahead=20$' "/proc/$composer/cmdline" || fail "short chunks, and a composer that writes far ahead"

# Every figure is one, once somebody listens and asks for something: of all three commands, through the session's folder.
/usr/bin/python3 - "${url/http/ws}/ws/stream" <<'END' &
import asyncio, json, sys, websockets
async def listen():
    async with websockets.connect(sys.argv[1], subprotocols=['auralis.v1'], max_size=None) as ws:
        for report in range(1000):
            await ws.send(json.dumps({'type': 'client_metrics', 'buffer_ms': 150, 'underruns': 0, 'rate': 1, 'jitter_ms': 2}))
            if report % 5 == 0:
                await ws.send(json.dumps({'type': 'control', 'id': str(report), 'intensity': report % 10 / 10}))
            for _ in range(10):
                await ws.recv()
asyncio.run(listen())
END
listener=$!
names='synthesis_latency_ms.p50 realtime_factor voices voices_stolen voices_shed_total events_total late_events_total pacer_slips_total
  buffer_depth_ms underruns_total clients clients_total chunks_sent_total chunks_dropped_total send_lateness_ms.p99
  control_latency_ms.p95 end_to_end_latency_ms.p95 client_buffer_ms.p50 client_underruns_total bytes_sent_total encode_ms.p99
  memory_mb cpu_percent uptime_s device version'
figures() { curl -fsS "$url/api/metrics"; }
missing() {
  local name
  for name in $names; do figures | jq -e ".$name != null" >/dev/null || echo "$name"; done
}
all_there() { [[ -z $(missing) ]]; }
until_true 40 "figures that are never there: $(missing)" all_there
figures | jq -e '.parts | has("compose") and has("render") and has("serve")' >/dev/null || fail "a command tells nothing"
sent_some() { figures | jq -e '.chunks_sent_total > 10 and .bytes_sent_total > 10000' >/dev/null; }
until_true 20 "hardly anything is sent: $(figures)" sent_some
figures | jq -e '.realtime_factor > 1 and .voices > 0 and .chunks_sent_total > 10 and .bytes_sent_total > 10000
  and .client_buffer_ms.p50 == 150 and .control_latency_ms.p95 > 0' >/dev/null || fail "figures that cannot be: $(figures)"
curl -fsS "$url/metrics" >metrics
promtool check metrics <metrics || fail "promtool finds fault"
grep -q '^auralis_voices ' metrics || fail "the renderer's figures are not in the text"
# Each tells its figures in a line each 10 s: short, with units, and nothing that nobody knows.
tells() { [[ $(grep -c ' uptime=[0-9.]*s' log) -ge 3 ]]; }
until_true 30 "no lines of figures in the log" tells
until_true 30 "the server's figures are not among them" grep -q '^auralis-serve: buffer_depth=[0-9.]*ms .*clients=1 ' log
! grep uptime= log | grep -E 'null|[0-9]\.[0-9]{4}' || fail "figures that nobody reads"
kill "$listener"
wait "$listener" || true

kill -KILL "$renderer"
restarted() { [[ -n $(parts render) && $(parts render) != "$renderer" ]]; }
until_true 30 "the renderer did not come back" restarted
until_true 30 "no sound after the renderer came back" healthy
[[ $(parts serve) == "$server" ]] || fail "the server was restarted with the renderer"
composes() { hears_signals "$(parts compose)"; } # else it would die of a signal, and not end its piece
until_true 30 "the composer did not come back" composes

kill -INT "$helper"
wait "$helper" || fail "Ctrl-C ended with status $?"
helper=''
grep -q 'no "end"' log && fail "the piece was cut off, not ended"
[[ -z $(parts serve)$(parts render)$(parts compose) ]] || fail "something is left running"
echo "play: served, recovered, ended"
