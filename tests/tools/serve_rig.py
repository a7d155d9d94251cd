# SPDX-License-Identifier: MIT
# What the checks of auralis-serve share: a server on a free port, something that feeds it, a composer to talk to, and
# clients that owe the server's own code nothing. Everything waits for conditions, with a bound.
import asyncio
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import websockets

RATE = 44100
FRAME_BYTES = 4
PATIENCE_S = 20


def wav_header(rate=RATE, channels=2, bits=16):
    block = channels * bits // 8
    return struct.pack('<4sI4s4sIHHIIHH4sI', b'RIFF', 0xFFFFFFFF, b'WAVE', b'fmt ', 16, 1, channels, rate, rate * block,
                       block, bits, b'data', 0xFFFFFFFF)


def noise(frames, seed=7):
    return random.Random(seed).randbytes(frames * FRAME_BYTES)


def received(connection):
    """All that comes until the other end closes, cleanly: a reset is a failure."""
    answer = b''
    while piece := connection.recv(65536):
        answer += piece
    return answer


def until(what, condition, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError('not in time: ' + what)
        time.sleep(0.02)


class Certificate:
    """A key for 127.0.0.1, as options of the server, and whom that makes a client trust."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='auralis-certificate-')
        cert, key = os.path.join(self.folder, 'cert.pem'), os.path.join(self.folder, 'key.pem')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                        '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:auralis.example', '-keyout', key, '-out', cert],
                       check=True, capture_output=True)
        self.options = ('--tls-cert', cert, '--tls-key', key)
        self.trust = ssl.create_default_context(cafile=cert)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


class Server:
    """auralis-serve in a session of its own, its stdin fed by feed() or pace()."""

    def __init__(self, *options, header=True, stdin=subprocess.PIPE, runtime=None, largest_file=None, certificate=None,
                 program='auralis-serve', directory=None):
        self.trust = certificate.trust if certificate else None
        if certificate:
            options = (*certificate.options, *options)
        self.folder = tempfile.mkdtemp(prefix='auralis-serve-')
        self.runtime = runtime or self.folder
        self.session = os.path.join(self.runtime, 'auralis', 'default')
        environment = dict(os.environ, XDG_RUNTIME_DIR=self.runtime)
        command = [program, '--port', '0', *options]
        if largest_file:  # what a full disk is like
            command = ['prlimit', f'--fsize={largest_file}', *command]
        self.process = subprocess.Popen(command, stdin=stdin, stderr=subprocess.PIPE, env=environment, cwd=directory)
        self.log = []
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()
        self.feeder = None
        self.feeding = threading.Event()
        try:
            until('the server says where it listens', lambda: self.url or self.process.poll() is not None)
            if not self.url:
                raise AssertionError('the server did not start: ' + ' '.join(self.log))
        except AssertionError:  # nobody has it yet who would end it
            self.process.kill()
            self.process.wait()
            raise
        self.host, self.port = re.match(r'https?://(.*):(\d+)/', self.url).groups()
        self.host = self.host.strip('[]')
        self.port = int(self.port)
        if header and stdin == subprocess.PIPE:
            self.feed(wav_header())

    @property
    def url(self):
        for line in self.log:
            found = re.search(r'listening on (\S+)', line)
            if found:
                return found.group(1)
        return None

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(line.decode(errors='replace').rstrip())

    def feed(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def pace(self, data, piece_ms=20, ahead_s=0):
        """Feeds in real time from a thread; with ahead_s=inf as fast as it is taken, so that the sound runs dry on no machine."""
        self.feeding.set()

        def run():
            piece = RATE * piece_ms // 1000 * FRAME_BYTES
            begun = time.monotonic() - ahead_s
            for i, at in enumerate(range(0, len(data), piece)):
                if not self.feeding.is_set():
                    return
                wait = begun + i * piece_ms / 1000 - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
                try:
                    self.feed(data[at:at + piece])
                except (BrokenPipeError, ValueError):
                    return

        self.feeder = threading.Thread(target=run, daemon=True)
        self.feeder.start()

    def stop_pacing(self):
        self.feeding.clear()
        if self.feeder:
            self.feeder.join()

    def end_input(self):
        self.stop_pacing()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def wait(self, patience_s=PATIENCE_S):
        return self.process.wait(patience_s)

    def stop(self):
        """Ends the server as an operator would, which it must do well, whatever was connected."""
        self.feeding.clear()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            if self.process.stdin:
                with contextlib.suppress(BrokenPipeError):
                    self.process.stdin.close()
            self.reader.join(5)
            self.process.stderr.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        assert status == 0, f'the server ended with {status}: ' + '\n'.join(self.log)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # HTTP

    def request(self, method, path, body=None, headers=None):
        if self.trust:
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE_S, context=self.trust)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def get_json(self, path):
        status, headers, body = self.request('GET', path)
        assert headers['Content-Type'] == 'application/json', headers
        return json.loads(body)

    def control(self, fields, headers=None, query=''):
        status, _, body = self.request('POST', '/api/control' + query, json.dumps(fields), headers)
        return status, json.loads(body)

    def healthy(self):
        return self.request('GET', '/health')[0] == 200

    def connect(self, patience_s=PATIENCE_S):
        connection = socket.create_connection((self.host, self.port), timeout=patience_s)
        return self.trust.wrap_socket(connection, server_hostname=self.host) if self.trust else connection

    def raw(self, *pieces, patience_s=PATIENCE_S):
        """Sends bytes, one piece a while after the other, and answers all that comes back until the server closes."""
        with self.connect(patience_s) as connection:
            for piece in pieces[:-1]:
                connection.sendall(piece)
                time.sleep(0.05)  # on its way alone, whatever becomes of it
            connection.sendall(pieces[-1])
            return received(connection)

    def held(self, kind):  # how many, as /proc lists them: fd, task
        return len(os.listdir(f'/proc/{self.process.pid}/{kind}'))

    def maps(self):
        return pathlib.Path(f'/proc/{self.process.pid}/maps').read_text()

    def cpu_s(self):
        fields = pathlib.Path(f'/proc/{self.process.pid}/stat').read_text().rsplit(')', 1)[1].split()
        return sum(int(field) for field in fields[11:13]) / os.sysconf('SC_CLK_TCK')

    # WebSocket

    def socket_url(self, query='', path='/ws/stream'):
        return f'{"wss" if self.trust else "ws"}://{self.host}:{self.port}{path}{query}'

    def listen(self, query='', path='/ws/stream', **options):
        options.setdefault('subprotocols', ['auralis.v1'])
        if self.trust:
            options.setdefault('ssl', self.trust)
        return websockets.connect(self.socket_url(query, path), max_size=None, open_timeout=PATIENCE_S, **options)


class Frame:
    def __init__(self, message):
        (self.version, self.codec, self.channels, self.flags, self.sequence, self.position, self.rate,
         self.frames) = struct.unpack_from('<BBBBIQII', message)
        self.payload = message[24:]


async def next_message(ws, patience_s=PATIENCE_S):
    # Not wait_for(), which in Python 3.11 forgets that it was cancelled where a message comes at the same moment.
    async with asyncio.timeout(patience_s):
        return await ws.recv()


async def next_frame(ws, texts=None):
    while True:
        message = await next_message(ws)
        if isinstance(message, bytes):
            return Frame(message)
        if texts is not None:
            texts.append(json.loads(message))


async def next_text(ws, kind):
    while True:
        message = await next_message(ws)
        if isinstance(message, str):
            message = json.loads(message)
            if message['type'] == kind:
                return message


async def closed(ws, texts=None):
    """Waits for the server's close and answers its code."""
    with contextlib.suppress(websockets.ConnectionClosed):
        while True:
            message = await next_message(ws)
            if isinstance(message, str) and texts is not None:
                texts.append(json.loads(message))
    return ws.close_code


class Listening:
    """A listening socket, played by the test. Each connection is kept, and handed to meet() in a thread of its own."""

    def __init__(self, listening):
        self.connections = []
        self.listening = listening
        self.listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._meet, args=(connection,), daemon=True).start()

    def _meet(self, connection):
        with contextlib.suppress(OSError):
            self.meet(connection)

    def stop(self):
        self.listening.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Composer(Listening):
    """The composer's end of the control socket. `answer` maps a control to a list of messages."""

    def __init__(self, session, answer=None, t=0.0):
        os.makedirs(session, mode=0o700, exist_ok=True)
        self.path = os.path.join(session, 'control.sock')
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.answer = answer or (lambda control: [])
        self.heard = []
        self.state = {'type': 'state', 't': t, 'key': 'D', 'mode': 'dorian', 'bpm': 60, 'intensity': 0.5,
                      'preset': 'focus', 'chord': 'Dm9', 'next_chord': 30.0, 'seed': '7'}
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(self.path)
        super().__init__(listening)

    def meet(self, connection):
        self.tell(self.state, connection)
        for line in connection.makefile('r'):
            control = json.loads(line)
            for message in self.answer(control):
                self.tell(message, connection)
            self.heard.append(control)  # and answered: what is told from now on comes after that

    def tell(self, message, connection=None):
        for one in [connection] if connection else self.connections:
            with contextlib.suppress(OSError):
                one.sendall(json.dumps(message).encode() + b'\n')

    def stop(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        super().stop()


class Deaf(Listening):
    """An Icecast server that says yes to a source and never reads what it sends."""

    def __init__(self):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listening.bind(('127.0.0.1', 0))
        self.port = listening.getsockname()[1]
        super().__init__(listening)

    def meet(self, connection):
        head = b''
        while b'\r\n\r\n' not in head and (piece := connection.recv(1024)):
            head += piece
        connection.sendall(b'HTTP/1.1 200 OK\r\n\r\n')


def file_of(sound):
    file = tempfile.NamedTemporaryFile(suffix='.wav')
    file.write(wav_header() + sound)
    file.flush()
    return file


def decoded(url_or_file, seconds, *options):
    """What an independent decoder makes of it, as s16 stereo."""
    done = subprocess.run(['ffmpeg', '-v', 'error', *options, '-i', url_or_file, '-t', str(seconds), '-f', 's16le', '-ac', '2', '-'],
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 120))


def main():
    unittest.main(verbosity=2, argv=[sys.argv[0], *sys.argv[1:]])
