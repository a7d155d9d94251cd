# SPDX-License-Identifier: MIT
"""Private stations beside each other, each with a listener: `scripts/load --stations`.

Server, composers and renderers share one core; the listeners have the other. Lateness is that of a chunk against its station's
own clock, position / rate, less the least such difference of that station."""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import selectors
import signal
import socket
import struct
import subprocess
import time

audio_header = 24
presets = ("focus", "sleep", "aurora", "night-train", "meditation", "bright", "deep-sea", "dunes")
settling_s = 5  # until all play and their figures are of this


class Listener:
    """Reads all that comes, and notes when each chunk was there."""

    def __init__(self, port, address, codec):
        self.asked = time.monotonic()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {address}ws/stream?codec={codec} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
                             f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self.socket.setblocking(False)
        self.bytes, self.upgraded = b"", False
        self.first_s = None
        self.chunks = []  # (sequence, flags, arrival less its place on the stream's clock)

    def read(self):
        with contextlib.suppress(BlockingIOError):
            piece = self.socket.recv(1 << 18)
            if not piece:
                raise SystemExit("load: the server closed a listener's connection")
            self.bytes += piece
        now = time.monotonic()
        if not self.upgraded:
            head, end, rest = self.bytes.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise SystemExit(f"load: {head.decode(errors='replace')}")
            self.upgraded, self.bytes = True, rest
        while frame := self.take_frame():
            opcode, payload = frame
            if opcode != 2:
                continue
            if self.first_s is None:
                self.first_s = now
            _, _, _, flags, sequence, position, rate, _ = struct.unpack_from("<BBBBIQII", payload)
            self.chunks.append((sequence, flags, now - position / rate))

    def take_frame(self):
        data = self.bytes
        if len(data) < 2:
            return None
        length, at = data[1] & 0x7F, 2
        if length >= 126:
            at = 4 if length == 126 else 10
            if len(data) < at:
                return None
            length = int.from_bytes(data[2:at], "big")
        if len(data) < at + length:
            return None
        self.bytes = data[at + length:]
        return data[0] & 0x0F, data[at:at + length]


def listen(listeners, seconds):
    with selectors.DefaultSelector() as selector:
        for listener in listeners:
            selector.register(listener.socket, selectors.EVENT_READ, listener)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                key.data.read()


def request(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        answer = response.read()
        if response.status >= 400:
            raise SystemExit(f"load: {method} {path}: {response.status} {answer.decode(errors='replace')}")
        return json.loads(answer) if answer else None
    finally:
        connection.close()


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def cpu_s(pids):
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def program(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0].rsplit("-", 1)[-1]


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(process, port, count, seconds, codec):
    listeners, first_ms = [], []
    for number in range(count):
        asked = time.monotonic()
        wish = {"preset": presets[number % len(presets)], "seed": str(number)}
        address = "/" + request(port, "POST", "/api/stations", json.dumps(wish))["address"]
        listeners.append(Listener(port, address, codec))
        while listeners[-1].first_s is None:  # those before it are read, too
            listen(listeners, 0.01)
            if time.monotonic() - asked > 20:
                raise SystemExit("load: a station does not play within 20 s")
        first_ms.append(1000 * (listeners[-1].first_s - asked))
    listen(listeners, settling_s)
    for listener in listeners:
        listener.chunks.clear()
    pids = [process.pid, *children(process.pid)]
    before, begun = cpu_s(pids), time.monotonic()
    listen(listeners, seconds)
    passed = time.monotonic() - begun
    share = (cpu_s(pids) - before) / passed
    late, missing, flagged, chunks = [], 0, 0, 0
    for listener in listeners:
        least = min(delay for _, _, delay in listener.chunks)
        late += [1000 * (delay - least) for _, _, delay in listener.chunks]
        chunks += len(listener.chunks)
        missing += listener.chunks[-1][0] - listener.chunks[0][0] + 1 - len(listener.chunks)
        flagged += sum(flags & 1 for _, flags, _ in listener.chunks)
    resident = {}
    for pid in children(process.pid):
        resident.setdefault(program(pid), []).append(resident_mb(pid))
    stations = request(port, "GET", "/api/metrics")["stations"].values()
    return {"stations": count, "seconds": round(passed, 1), "codec": codec, "chunks": chunks, "missing": missing, "flagged": flagged,
            "late_ms": {"p50": round(quantile(late, 0.5), 1), "p99": round(quantile(late, 0.99), 1), "max": round(max(late), 1)},
            "first_sound_ms": {"p50": round(quantile(first_ms, 0.5)), "max": round(max(first_ms))},
            "cpu_percent": round(100 * share, 1),
            "pair_mb": round(sum(max(of) for of in resident.values()), 1), "server_mb": round(resident_mb(process.pid), 1),
            "voices_shed": sum(s["voices_shed_total"] or 0 for s in stations),
            "underruns": sum(s["underruns_total"] or 0 for s in stations)}


def held(result):
    due = result["stations"] * result["seconds"] * 10
    whole = result["chunks"] > 0.95 * due and not result["missing"] and not result["flagged"] and not result["voices_shed"]
    return whole and result["late_ms"]["p99"] < 100 and result["pair_mb"] <= 40 and result["first_sound_ms"]["max"] <= 600


@contextlib.contextmanager
def serving(command, folder, count, until):
    """A server whose own station is silent, and that has so many private ones."""
    listed = folder / "stations.yaml"
    listed.write_text("stations: [{name: common, preset: sleep, seed: 7}]\n")
    log = folder / "log"
    with open(log, "wb") as stderr:
        process = subprocess.Popen([*command, "--port", "0", "--stations", listed, "--private-stations", str(count)],
                                   stdin=subprocess.DEVNULL, stderr=stderr, env=dict(os.environ, XDG_RUNTIME_DIR=str(folder)))
        try:
            yield process, until(log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)
