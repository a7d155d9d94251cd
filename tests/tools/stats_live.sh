#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# auralis-stats live: a table, JSON and Prometheus text, from a server and from a session's folder; what is missing is named.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

sox -n -r 44100 -c 2 -b 16 tone.wav synth 1 sine 220 vol 0.3
auralis-serve --port 0 --on-end loop tone.wav 2>log &
helper=$!
serves() { url=$(grep -o 'http://[0-9.:]*' log) && curl -fsS -o /dev/null "$url/health"; }
until_true 60 "the server did not start" serves

auralis-stats "$url" >table
for words in "$url" "listeners now" "of them over WebRTC           0" "control to sound" "not running in this session: auralis-compose, auralis-render"; do
  grep -qF "$words" table || fail "the table lacks \"$words\""
done
auralis-stats live "$url" --json | jq -e '.underruns_total == 0 and .voices == null and .missing == ["auralis-compose", "auralis-render"]' >/dev/null ||
  fail "the JSON is not right"
auralis-stats "$url" --prometheus | promtool check metrics || fail "promtool finds fault"
[[ $(auralis-stats "$url" --json --watch 0.1 | head -n 3 | jq -s 'length') == 3 ]] || fail "--watch --json does not go on"
for order in "live --watch $url" "live $url --watch" "--watch $url" "live --watch 0.1 $url" "$url --watch 0.1"; do
  # shellcheck disable=SC2086
  [[ $(auralis-stats $order --json | head -n 2 | jq -s 'map(select(.uptime_s >= 0)) | length') == 2 ]] || fail "\"$order\" does not go on"
done
for wrong in "--watch 0 $url" "$url --watch x" "--watch $url --session default"; do
  status=0
  # shellcheck disable=SC2086
  timeout 20 auralis-stats $wrong >/dev/null 2>&1 || status=$?
  [[ $status == 2 ]] || fail "\"$wrong\" gave $status"
done

# On a terminal: one screen, drawn over itself, never wider or higher than it is, with a line of what was.
/usr/bin/python3 - "$url" <<'END' || fail "the dashboard"
import fcntl, os, pty, re, select, signal, struct, sys, termios, time
rows, columns = 24, 100
pid, terminal = pty.fork()
if pid == 0:
    os.execvp('auralis-stats', ['auralis-stats', 'live', '--watch', '0.1', sys.argv[1]])
resize = lambda rows, columns: fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
resize(rows, columns)
said = b''
def read_until(what, condition):
    global said
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, f'not in time: {what}: {said[-2000:]!r}'
        if select.select([terminal], [], [], 0.2)[0]:
            said += os.read(terminal, 65536)
screens = lambda: said.decode(errors='replace').split('\x1b[?7l\x1b[H')[1:-1]  # whole ones
read_until('sparklines', lambda: any(re.search('[▁▂▃▄▅▆▇█]{5}', screen) for screen in screens()))
assert screens()[-1].count('\n') < rows, screens()[-1]
assert 'listeners now' in screens()[-1]
resize(10, 60)
read_until('a low screen', lambda: screens()[-1].count('\n') < 10)
assert 'Auralis, http' in screens()[-1]
os.kill(pid, signal.SIGINT)
while True:
    try:
        if not os.read(terminal, 65536):
            break
    except OSError:
        break
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
END

# The session's folder tells the same without the server.
in_folder() { auralis-stats --json | jq -e '.parts.serve.version'; }
until_true 60 "the session folder tells nothing" in_folder >/dev/null
kill -KILL "$helper"
wait "$helper" || true
helper=''
refused 1 'cannot reach' auralis-stats "$url"
[[ $(status_of auralis-stats --session nobody) == 1 ]] && grep -q 'auralis-compose, auralis-render, auralis-serve' out || fail "an empty session"
refused 2 'excludes' auralis-stats --json --prometheus

# A runtime folder where somebody else could put figures, or a FIFO that would hold us up, is not read.
mkdir -p open/auralis/default
chmod 0777 open
mkfifo open/auralis/default/serve.metrics.json
XDG_RUNTIME_DIR=$PWD/open refused 1 'mode 0777' auralis-stats
chmod 0700 open
[[ $(XDG_RUNTIME_DIR=$PWD/open status_of timeout 10 auralis-stats) == 1 ]] && grep -q 'auralis-serve' out || fail "a FIFO in place of figures"
refused 2 'did you mean score?' auralis-stats scor x
refused 2 'session is "../x"' auralis-stats --session ../x

# libcurl is loaded for a server alone.
! ldd "$(command -v auralis-stats)" | grep -q libcurl || fail "auralis-stats links libcurl"
