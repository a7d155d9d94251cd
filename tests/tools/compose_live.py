# SPDX-License-Identifier: MIT
# Drives auralis-compose --live as a server would; see compose_live.sh.
import fcntl
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time

scratch = tempfile.TemporaryDirectory()
os.environ["XDG_RUNTIME_DIR"] = scratch.name
os.chdir(scratch.name)
patience_s = 60


class Live:
    """A running composer; its lines with the time at which each came."""

    def __init__(self, *arguments, session="test"):
        self.lines = []
        self.socket_path = f"{scratch.name}/auralis/{session}/control.sock"
        self.process = subprocess.Popen(
            ["auralis-compose", "--live", "--session", session, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.started = time.monotonic()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line))

    def events(self):
        return [json.loads(line) for _, line in list(self.lines)]

    def music(self):
        return b"".join(line for _, line in self.lines if b'"type":"advance"' not in line)

    def until(self, condition, what):
        deadline = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < deadline, f"not within {patience_s} s: {what}"
            time.sleep(0.02)

    def position(self):
        return self.events()[-1].get("t", 0.0) if self.lines else 0.0

    def stop(self, which=signal.SIGTERM):
        self.process.send_signal(which)
        status = self.process.wait(patience_s)
        self.reader.join()
        self.stderr = self.process.stderr.read().decode()
        return status


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience_s)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw")

    def receive(self, kind):
        while True:
            message = json.loads(self.file.readline())
            if message["type"] == kind:
                return message

    def send(self, message, kind):
        self.file.write((message if isinstance(message, str) else json.dumps(message)) + "\n")
        self.file.flush()
        return self.receive(kind)


# Time: no event is written more than the lookahead before it is due, and promises come at least every 20 ms of music.
live = Live("--seed", "5", "--preset", "focus", "--control-log", "log.jsonl")
live.until(lambda: live.position() > 3.0, "three seconds of music")
first_at = live.lines[0][0]
times = [(at, json.loads(line).get("t", 0.0)) for at, line in list(live.lines)]
origin = min(at - t for at, t in times)  # the earliest that music time 0 can have been, plus the lookahead
assert origin >= live.started - 0.040, "an event came more than the lookahead early"
promised = [t for _, t in times]
assert max(b - a for a, b in zip(promised, promised[1:])) <= 0.145, "a gap without a promise"
assert promised == sorted(promised)
steps = sorted(b - a for a, b in zip(promised, promised[1:]) if b > a)
assert steps[len(steps) // 2] <= 0.020, "the usual step is over 20 ms"

# The socket: state on connecting, acknowledgements with the time of effect, refusals with the field.
client = Client(live.socket_path)
state = client.receive("state")
assert {"t", "key", "mode", "bpm", "intensity", "preset", "chord", "next_chord", "seed", "layers", "presets"} <= set(state)
assert state["seed"] == "5" and state["preset"] == "focus" and state["key"] == "D" and state["mode"] == "dorian"
assert any(p["name"] == "focus" for p in state["presets"]) and state["layers"]["pad"] == {"on": True, "gain_db": 0.0}
before = live.position()
ack = client.send({"type": "control", "id": "a1", "intensity": 0.95}, "control_ack")
assert ack["id"] == "a1" and ack["applied"] == {"intensity": 0.95} and before <= ack["t"] <= before + 10, ack
assert client.receive("state")["intensity"] == 0.95
live.until(lambda: any(e["type"] == "control" and e["id"] == "a1" for e in live.events()), "the control's annotation")
control = next(e for e in live.events() if e["type"] == "control")
assert control["t"] == ack["t"] and control["intensity"] == 0.95

for message, code, field in [
    ({"id": "b", "bpm": 300}, "bad_control", "bpm"),
    ({"id": "c", "layers": {"pad": {"gain_db": 20}}}, "bad_control", "layers.pad.gain_db"),
    ({"id": "d", "preset": "nobody"}, "bad_control", "preset"),
    ({"id": "e", "layers": {"tuba": {"on": True}}}, "bad_control", "layers.tuba"),
    ({"id": "f", "volume": 1}, "bad_control", "volume"),
    ({"type": "ping", "id": "g"}, "bad_control", "type"),
    ("not json", "bad_json", ""),
    ("[1]", "bad_json", ""),
]:
    error = client.send(message, "error")
    assert (error["code"], error["field"]) == (code, field), error
    assert error["id"] == (message["id"] if isinstance(message, dict) else ""), error
    assert error["message"]

# Two clients: what one changes the other is told.
other = Client(live.socket_path)
other.receive("state")
ack = client.send({"id": "h", "key": "F", "mode": "lydian", "layers": {"pad": {"gain_db": -6}}}, "control_ack")
deadline = time.monotonic() + patience_s
while True:
    state = other.receive("state")
    if state["key"] == "F" and state["mode"] == "lydian" and state["layers"]["pad"]["gain_db"] == -6.0:
        break
    assert time.monotonic() < deadline
live.until(lambda: any(e["type"] == "chord" and e["t"] > ack["t"] for e in live.events()), "a chord in the new key")
chord = next(e for e in live.events() if e["type"] == "chord" and e["t"] > ack["t"])
assert chord["t"] <= ack["t"] + 2.0, "the next chord came later than 2 s after a change of key"
client.send({"id": "i", "preset": "sleep"}, "control_ack")
client.send({"id": "j", "bpm": 44}, "control_ack")

# A client that never reads delays nobody and is dropped, or kept while its buffer lasts.
deaf = Client(live.socket_path)
for _ in range(50):
    deaf.socket.send(b'{"id":"' + b"x" * 100 + b'","bpm":1000}\n' * 20)
here = live.position()
live.until(lambda: live.position() > here + 1.0, "music beside a client that does not read")

# Figures in the session's folder.
metrics_path = os.path.dirname(live.socket_path) + "/compose.metrics.json"
live.until(lambda: os.path.exists(metrics_path), "figures")
figures = json.load(open(metrics_path))
assert {"events_total", "pacer_slips_total", "memory_mb", "cpu_percent", "uptime_s", "version"} <= set(figures), figures

# A second composer in the same session is refused; one at another socket is not.
second = subprocess.run(["auralis-compose", "--live", "--session", "test"], capture_output=True, text=True)
assert second.returncode == 1 and "already running" in second.stderr and second.stdout == "", second

# SIGTERM: a musical end within 20 s of music, and nothing is left behind.
live.until(lambda: live.position() > 6.0, "six seconds of music")
asked = live.position()
assert live.stop() == 0, live.stderr
last = live.events()[-1]
assert last["type"] == "end" and asked < last["t"] < asked + 20.0, last
assert not os.path.exists(live.socket_path) and not os.path.exists(metrics_path)

# The log replays to the same bytes.
replay = subprocess.run(["auralis-compose", "--control-log", "log.jsonl"], capture_output=True, check=True).stdout
assert replay == live.music(), "the replay differs from what was played"
assert replay.count(b'"type":"control"') == 4
without = subprocess.run(["auralis-compose", "--seed", "5", "--preset", "focus", "--duration", "60s"],
                         capture_output=True, check=True).stdout
assert without[: len(replay)] != replay

# A killed composer leaves a stale socket, which the next replaces, and a log that replays.
live = Live("--seed", "6", "--control-log", "killed.jsonl")
live.until(lambda: os.path.exists(live.socket_path), "a socket")
client = Client(live.socket_path)
client.send({"id": "k", "intensity": 0.1}, "control_ack")
live.stop(signal.SIGKILL)
assert os.path.exists(live.socket_path)
assert [json.loads(line)["type"] for line in open("killed.jsonl")] == ["options", "control"]
live = Live("--seed", "6")
live.until(lambda: live.lines, "music after a stale socket")
Client(live.socket_path).receive("state")

# A second signal ends at once.
live.process.send_signal(signal.SIGINT)
while b"ending" not in live.process.stderr.readline():
    assert live.process.poll() is None
live.process.send_signal(signal.SIGINT)
assert live.process.wait(patience_s) == 130
live.reader.join()

# A reader that has gone is a quiet, successful end.
live = subprocess.Popen(["auralis-compose", "--live", "--seed", "1", "--control", "here.sock"],
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
live.stdout.readline()
assert os.path.exists("here.sock")
live.stdout.close()
assert live.wait(patience_s) == 0 and live.stderr.read() == b""
assert not os.path.exists("here.sock")

# A writer that is held up shifts its clock rather than bursting, counts it, and still takes controls.
live = subprocess.Popen(["auralis-compose", "--live", "--seed", "1", "--session", "slow"],
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
fcntl.fcntl(live.stdout, 1031, 4096)  # F_SETPIPE_SZ
folder = f"{scratch.name}/auralis/slow"
def slow_figures():
    try:
        return json.load(open(folder + "/compose.metrics.json"))
    except FileNotFoundError:
        return {"position_s": 0.0}
deadline = time.monotonic() + patience_s
while True:  # until the pipe is full and the music stands still
    position = slow_figures()["position_s"]
    time.sleep(1.5)
    if position > 0.0 and slow_figures()["position_s"] == position:
        break
    assert time.monotonic() < deadline
ack = Client(folder + "/control.sock").send({"id": "m", "intensity": 1.0}, "control_ack")
assert abs(ack["t"] - position) < 0.1
resumed = time.monotonic()
last_t = 0.0
while time.monotonic() < resumed + 1.0 or last_t < position + 0.5:
    line = live.stdout.readline()
    last_t = json.loads(line).get("t", 0.0)
    assert last_t - position <= time.monotonic() - resumed + 0.145, "a burst after a hold-up"
    assert time.monotonic() < resumed + patience_s
deadline = time.monotonic() + patience_s
while slow_figures().get("pacer_slips_total", 0) < 1:
    live.stdout.readline()
    assert time.monotonic() < deadline
live.kill()
live.wait()
print("ok")
