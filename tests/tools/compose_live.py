# SPDX-License-Identifier: MIT
# Drives auralis-compose --live as a server would; see compose_live.sh.
import atexit
import errno
import fcntl
import json
import os
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time

scratch = tempfile.TemporaryDirectory()
os.environ["XDG_RUNTIME_DIR"] = scratch.name
os.chdir(scratch.name)
patience_s = 60


def compose_live(*arguments):
    process = subprocess.Popen(["auralis-compose", "--live", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    atexit.register(process.kill)
    return process


def read_figures(folder):
    """The figures in a session's folder; none before the first second is over."""
    try:
        return json.load(open(f"{folder}/compose.metrics.json"))
    except FileNotFoundError:
        return {}


class Live:
    """A running composer; its lines with the time at which each came."""

    def __init__(self, *arguments, session="test"):
        self.lines = []
        self.folder = f"{scratch.name}/auralis/{session}"
        self.socket_path = f"{self.folder}/control.sock"
        self.started = time.monotonic()
        self.process = compose_live("--session", session, *arguments)
        self.reader = threading.Thread(target=self.read, daemon=True)
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

    def figures(self):
        return read_figures(self.folder)

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
        deadline = time.monotonic() + patience_s
        while self.socket.connect_ex(path) == errno.ECONNREFUSED:  # it has its name before it listens
            assert time.monotonic() < deadline, f"{path} is not listened to"
            time.sleep(0.02)
        self.file = self.socket.makefile()  # for reading alone: one that also writes drops what it has read ahead

    def receive(self, kind):
        while True:
            message = json.loads(self.file.readline())
            if message["type"] == kind:
                return message

    def send(self, message, kind):
        self.socket.sendall((message if isinstance(message, str) else json.dumps(message)).encode() + b"\n")
        return self.receive(kind)


# Time: no event is written more than the lookahead before it is due, and promises come at least every 20 ms of music.
live = Live("--seed", "5", "--preset", "focus", "--control-log", "log.jsonl")
live.until(lambda: live.position() > 3.0, "three seconds of music")
first_at = live.lines[0][0]
times = [(at, json.loads(line).get("t", 0.0)) for at, line in list(live.lines)]
origin = min(at - t for at, t in times)  # the earliest that music time 0 can have been, plus the lookahead
assert origin >= live.started - 0.040, "an event came more than the lookahead early"
promised = [t for _, t in times]
assert promised == sorted(promised)
# A step is longer than 20 ms only by as much as the machine woke the composer late, which is in its figures; and past
# 140 ms not even so, since the clock is shifted instead.
live.until(lambda: live.figures().get("position_s", 0.0) >= promised[-1], "figures of what was heard")
late_s = live.figures()["step_lateness_ms"]["max"] / 1000
promised = [e["t"] for e in live.events()[:len(times)] if e["type"] == "advance"]
steps = [b - a for a, b in zip(promised, promised[1:])]
assert max(steps) <= min(0.140, 0.020 + late_s) + 2e-6, (max(steps), late_s)
usual = statistics.median(step for step in steps if step > 0)  # a wake-up may come before the clock has moved on
assert usual <= 0.020, f"promises come every {usual} s"

# A reader that takes its time to start gets the beginning, not what it would have missed in one burst.
late = compose_live("--seed", "8", "--session", "late")
deadline = time.monotonic() + patience_s
while read_figures(f"{scratch.name}/auralis/late").get("uptime_s", 0.0) < 2.0:
    assert time.monotonic() < deadline, "no figures"
    time.sleep(0.05)
at_once = os.read(late.stdout.fileno(), 1 << 20).splitlines(keepends=True)
written = max(json.loads(line).get("t", 0.0) for line in at_once if line.endswith(b"\n"))
assert written < 0.5, f"{written} s of music waited for the reader"
while json.loads(late.stdout.readline()).get("t", 0.0) < 1.0:
    pass
late.send_signal(signal.SIGKILL)

# The socket: state on connecting, acknowledgements with the time of effect, refusals with the field.
client = Client(live.socket_path)
state = client.receive("state")
assert {"t", "key", "mode", "bpm", "intensity", "preset", "chord", "next_chord", "seed", "layers", "presets"} <= set(state)
assert state["seed"] == "5" and state["preset"] == "focus" and state["key"] == "D" and state["mode"] == "dorian"
assert any(p["name"] == "focus" for p in state["presets"]) and state["layers"]["pad"] == {"on": True, "gain_db": 0.0}
before = live.position()
ack = client.send({"type": "control", "id": "a1", "intensity": 0.95}, "control_ack")
assert ack["id"] == "a1" and ack["applied"] == {"intensity": 0.95} and before <= ack["t"], ack
assert client.receive("state")["intensity"] == 0.95
live.until(lambda: any(e["type"] == "control" and e["id"] == "a1" for e in live.events()), "the control's annotation")
place, control = next((i, e) for i, e in enumerate(live.events()) if e["type"] == "control")
assert control["t"] == ack["t"] and control["intensity"] == 0.95
assert live.events()[place - 1]["t"] == ack["t"], "it takes effect later than at the end of what was written"

for message, code, field in [
    ({"id": "b", "bpm": 300}, "bad_control", "bpm"),
    ({"id": "c", "layers": {"pad": {"gain_db": 20}}}, "bad_control", "layers.pad.gain_db"),
    ({"id": "d", "preset": "nobody"}, "bad_control", "preset"),
    ({"id": "e", "layers": {"tuba": {"on": True}}}, "bad_control", "layers.tuba"),
    ({"id": "f", "volume": 1}, "bad_control", "volume"),
    ({"type": "ping", "id": "g"}, "bad_control", "type"),
    ("not json", "bad_json", ""),
    ("[1]", "bad_json", ""),
    ("x" * 1_000_000, "line_too_long", ""),
]:
    error = client.send(message, "error")
    assert (error["code"], error["field"]) == (code, field), error
    assert error["id"] == (message["id"] if isinstance(message, dict) else ""), error
    assert error["message"]

# A subscriber is told ten times a second how far the events go, and controls, which it hears of at once, put that off for nobody.
subscriber = Client(live.socket_path)
subscriber.send({"type": "subscribe"}, "start")
told = [subscriber.receive("advance")["t"]]
for i in range(30):
    ack = client.send({"id": f"s{i}", "intensity": 0.5 + i / 100}, "control_ack")
    live.until(lambda: live.position() > ack["t"], "a step after the control")
while told[-1] < ack["t"] + 1.0:
    told.append(subscriber.receive("advance")["t"])
assert told == sorted(told)
after = [b - a for a, b in zip(told, told[1:]) if b > ack["t"]]
assert max(after) < 0.5, f"no advance for {max(after)} s of music after many controls"
assert statistics.median(after[1:]) < 0.15, f"an advance only each {statistics.median(after[1:])} s"

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
assert {"events_total", "pacer_slips_total", "memory_mb", "cpu_percent", "uptime_s", "version"} <= set(live.figures())

# A second composer in the same session is refused; one at another socket is not.
second = subprocess.run(["auralis-compose", "--live", "--session", "test"], capture_output=True, text=True)
assert second.returncode == 1 and "already running" in second.stderr and second.stdout == "", second

# SIGINT: a musical end within 10 s of music, and nothing is left behind.
live.until(lambda: live.position() > 6.0, "six seconds of music")
assert live.stop(signal.SIGINT) == 0, live.stderr
last = live.events()[-1]
asked = [json.loads(line) for line in open("log.jsonl")][-1]
assert asked["type"] == "stop" and last["type"] == "end" and asked["t"] < last["t"] < asked["t"] + 10.0, (asked, last)
assert os.listdir(live.folder) == [], "something is left in the session's folder"

# The log replays to the same bytes.
replay = subprocess.run(["auralis-compose", "--control-log", "log.jsonl"], capture_output=True, check=True).stdout
assert replay == live.music(), "the replay differs from what was played"
assert replay.count(b'"type":"control"') == 4 + 30
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

# A preset of one's own that was edited plays as it is saved now once it is chosen again.
os.environ["XDG_CONFIG_HOME"] = f"{scratch.name}/config"
os.makedirs(f"{scratch.name}/config/auralis/presets")
own = f"{scratch.name}/config/auralis/presets/mine.yaml"
subprocess.run(f"auralis-compose --show-preset focus >{own}", shell=True, check=True)
live = Live("--seed", "5", "--preset", "mine", session="own")
live.until(lambda: live.lines, "music of one's own preset")
client = Client(live.socket_path)
assert client.receive("state")["mode"] == "dorian"
text = open(own).read()
assert text.count('mode: "dorian"') == 1
open(own, "w").write(text.replace('mode: "dorian"', 'mode: "lydian"'))
client.send({"id": "again", "preset": "mine"}, "control_ack")
assert client.receive("state")["mode"] == "lydian", "the preset as it was before it was saved"
live.stop()

# A reader that has gone is a quiet, successful end.
live = compose_live("--seed", "1", "--control", "here.sock")
live.stdout.readline()
assert os.path.exists("here.sock")
live.stdout.close()
assert live.wait(patience_s) == 0 and live.stderr.read() == b""
assert not os.path.exists("here.sock")

# A writer that is held up shifts its clock rather than bursting, counts it, and still takes controls.
live = compose_live("--seed", "1", "--session", "slow")
fcntl.fcntl(live.stdout, 1031, 4096)  # F_SETPIPE_SZ
folder = f"{scratch.name}/auralis/slow"
while json.loads(live.stdout.readline()).get("t", 0.0) < 0.2:  # the clock runs
    pass
client = Client(folder + "/control.sock")
position = None
deadline = time.monotonic() + patience_s
while True:  # until the pipe is full and the music stands still, to the microsecond
    acks = [client.send({"id": "m", "intensity": 1.0}, "control_ack")["t"] for _ in range(2)]
    time.sleep(0.5)  # how long the reader is away, at least
    if client.send({"id": "m", "intensity": 1.0}, "control_ack")["t"] == acks[0] == acks[1]:
        position = acks[0]
        break
    assert time.monotonic() < deadline
resumed = time.monotonic()
last_t = 0.0
while time.monotonic() < resumed + 1.0 or last_t < position + 0.5:
    line = live.stdout.readline()
    last_t = json.loads(line).get("t", 0.0)
    assert last_t - position <= time.monotonic() - resumed + 0.145, "a burst after a hold-up"
    assert time.monotonic() < resumed + patience_s
deadline = time.monotonic() + patience_s
while read_figures(folder).get("pacer_slips_total", 0) < 1:
    live.stdout.readline()
    assert time.monotonic() < deadline
print("ok")
