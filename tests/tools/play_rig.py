# SPDX-License-Identifier: MIT
# What the checks of auralis-play share: a station in a runtime folder of its own, its three parts, and listeners that come
# back by themselves and remember what they heard.
import array
import asyncio
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import websockets

from serve_rig import Frame, until

LONG = os.environ.get('AURALIS_LONG', '') not in ('', '0')
PARTS = ('compose', 'render', 'serve')



def state_of(pid):
    """As in ps: R, S, T, Z …; None where there is none."""
    try:
        with open(f'/proc/{pid}/stat') as stat:
            return stat.read().rsplit(')', 1)[1].split()[0]
    except OSError:
        return None


def is_alive(pid):
    return state_of(pid) not in (None, 'Z')


class Station:
    """auralis-play; what it starts carries its runtime folder in the environment, by which it is found again."""

    def __init__(self, *options, program='auralis-play', wrapper=(), environment=None, start=True, host='127.0.0.1'):
        self.host = host
        self.folder = tempfile.mkdtemp(prefix='auralis-play-')
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder, XDG_CONFIG_HOME=self.folder + '/config', **(environment or {}))
        self.command = [*wrapper, program, '--host', host, '--port', '0', '--seed', '7', *options]
        self.log, self.process = [], None
        if start:
            self.start()

    def start(self, **options):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self.environment,
                                        start_new_session=True, **options)
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(line.decode(errors='replace').rstrip())

    def said(self, text):
        return any(text in line for line in self.log)

    @property
    def port(self):
        for line in self.log:
            if found := re.search(r'auralis-play: listen at https?://[^/]*:(\d+)/', line):
                return int(found[1])
        return None

    def ready(self):
        until('the station says where to listen', lambda: self.port or self.process.poll() is not None, 30)
        assert self.port, self.log
        until('sound flows', self.healthy, 30)
        return self

    def get(self, path):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        try:
            connection.request('GET', path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def figures(self):
        return json.loads(self.get('/api/metrics')[1])

    def healthy(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get('/health')[0] == 200
        return False

    def processes(self):
        """{pid: command line} of all that belongs to this station."""
        mark = f'XDG_RUNTIME_DIR={self.folder}\0'.encode()
        found = {}
        for pid in filter(str.isdigit, os.listdir('/proc')):
            with contextlib.suppress(OSError):
                with open(f'/proc/{pid}/environ', 'rb') as environ, open(f'/proc/{pid}/cmdline', 'rb') as line:
                    if mark in b'\0' + environ.read() and is_alive(pid):
                        found[int(pid)] = line.read().split(b'\0')
        return found

    def part(self, name):
        """The pid of compose, render or serve; None where it does not run now."""
        for pid, line in self.processes().items():
            if os.path.basename(line[0]) == f'auralis-{name}'.encode():
                return pid
        return None

    def kill(self, name):
        while True:  # another may have ended it between the two
            pid = until(f'{name} runs', lambda: self.part(name))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return pid

    def wait(self, patience_s=30):
        status = self.process.wait(patience_s)
        self.reader.join(5)
        return status

    def stop(self, number=signal.SIGTERM):
        """Ends it and answers the seconds that took; nothing may be left of it."""
        began = time.monotonic()
        self.process.send_signal(number)
        status = self.wait()
        took = time.monotonic() - began
        assert status == 0, (status, self.log)
        self.assert_nothing_left()
        return took

    def unfinished(self):
        """What processes left that were killed while they wrote."""
        return [name for _, _, names in os.walk(self.folder) for name in names if name.startswith('.')]

    def assert_nothing_left(self):
        left = self.processes()
        assert not left, f'left: {left}'
        files = [os.path.join(folder, name) for folder, _, names in os.walk(self.folder) for name in names
                 if '.metrics.' not in name and name != 'control.sock']
        assert not files, f'left: {files}'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in self.processes():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def is_silent(payload):
    return not any(array.array('h', payload))


def is_noise(payload):
    """What samples are that were read half a sample late: each leaps as far as the sound is wide."""
    left = array.array('h', payload)[:2000:2]
    return sum(abs(b - a) for a, b in zip(left, left[1:])) > 0.5 * sum(map(abs, left)) and max(map(abs, left)) > 8000


class Heard:
    """One chunk, as it came."""
    __slots__ = ('at', 'silent', 'noise', 'flagged', 'position', 'sequence', 'frames', 'connection')

    def __init__(self, message, connection):
        frame = Frame(message)
        self.at = time.monotonic()
        self.silent, self.noise = is_silent(frame.payload), is_noise(frame.payload)
        self.flagged = bool(frame.flags & 1)
        self.position, self.sequence, self.frames = frame.position, frame.sequence, frame.frames
        self.connection = connection


class Listeners:
    """Listeners of PCM on a thread of their own, who come back 0.2 s after they lost the station, as the page does."""

    def __init__(self, station, count=1):
        self.station = station
        self.heard = [[] for _ in range(count)]
        self.connections = [0] * count
        self.ends = [0] * count  # connections that are over, and all that came over them kept
        self.texts = []
        self.ending = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)
        self.thread.start()

    async def _all(self):
        tasks = [asyncio.create_task(self._one(i)) for i in range(len(self.heard))]
        while not self.ending.is_set():
            await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, i):
        url = f'ws://{self.station.host}:{self.station.port}/ws/stream'
        while True:
            with contextlib.suppress(OSError, websockets.WebSocketException, asyncio.TimeoutError):
                async with websockets.connect(url, subprotocols=['auralis.v1'], max_size=None, compression=None,
                                              open_timeout=5, close_timeout=1) as ws:
                    self.connections[i] += 1
                    try:
                        async for message in ws:
                            if isinstance(message, bytes):
                                self.heard[i].append(Heard(message, self.connections[i]))
                            else:
                                self.texts.append(json.loads(message))
                    finally:
                        self.ends[i] += 1
            await asyncio.sleep(0.2)

    def back_after(self, moment, steady_s=1.0, patience_s=30):
        """How long after a moment every listener hears sound that goes on; 0 where it never stopped."""
        def one(heard):
            later = [chunk for chunk in heard if chunk.at > moment]
            if not later or later[-1].at < moment + steady_s:
                return None
            # A hole between chunks, or another connection, as where the server was away, counts as much as silence.
            times = [moment, *(chunk.at for chunk in later)]
            on = [chunk.connection for chunk in heard[-len(later) - 1:]]
            holes = [i for i in range(len(later)) if times[i + 1] - times[i] > 0.4 or on[i + len(on) - len(later)] != on[i]]
            silent = [i + 1 for i, chunk in enumerate(later) if chunk.silent]
            # Where it never stopped, a flag is where the new sound joins the old; later ones are latency being skipped.
            joins = [i for i, chunk in enumerate(later) if chunk.flagged]
            first = max(holes + silent, default=joins[0] if joins else None)
            if first is None:
                return 0.0
            if first >= len(later) or later[-1].at - later[first].at < steady_s or time.monotonic() - later[-1].at > 0.5:
                return None
            return later[first].at - moment

        def all_of_them():
            seconds = [one(list(heard)) for heard in self.heard]
            return None if None in seconds else seconds
        return max(until('all hear sound again', all_of_them, patience_s))

    def have_heard_the_end(self):
        until('they have heard all to its end', lambda: self.ends == self.connections)

    def __enter__(self):
        until('the listeners hear sound', lambda: all(len(heard) > 5 for heard in self.heard))
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(10)
