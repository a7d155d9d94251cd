# SPDX-License-Identifier: MIT
# How long auralis-serve waits, and for whom. Everything is begun at once, and each waits for its own end.
import contextlib
import json
import os
import shutil
import socket
import tempfile
import threading
import time
import unittest

from serve_rig import RATE, Certificate, Server, main, noise, received, until, wav_header

HANDSHAKE = (b'GET /ws/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
             b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')
BIG = 4_000_000


def frame(opcode, payload=b''):
    return bytes([0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0]) + payload


def frames(stream):
    """(opcode, payload) of a server's frames until it closes."""
    while head := stream.read(2):
        length = head[1]
        if length >= 126:
            length = int.from_bytes(stream.read(2 if length == 126 else 8), 'big')
        yield head[0] & 15, stream.read(length)


class Patience(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix='auralis-client-')
        with open(os.path.join(cls.folder, 'index.html'), 'w') as page:
            page.write('<title>Auralis</title>')
        with open(os.path.join(cls.folder, 'big.js'), 'w') as script:
            script.write('x' * BIG)
        cls.sound = os.path.join(cls.folder, 'sound.wav')
        with open(cls.sound, 'wb') as sound:
            sound.write(wav_header() + noise(RATE * 5))
        options = ('--client', cls.folder, '--on-end', 'loop', '--chunk-ms', '20', cls.sound)
        cls.server = Server(*options, header=False)
        with Certificate() as certificate:
            cls.tls_server = Server(*options, header=False, certificate=certificate)
        cls.held = Server('--on-end', 'hold', cls.sound, header=False)
        for server in (cls.server, cls.tls_server, cls.held):
            until('sound flows', server.healthy)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.tls_server.stop()
        cls.held.stop()
        shutil.rmtree(cls.folder)

    def plain(self, server=None, window=None):
        server = server or self.server
        connection = socket.socket()
        if window:  # what is on its way should be little
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.settimeout(90)
        connection.connect((server.host, server.port))
        return connection

    def asking(self, path, **options):
        connection = self.plain(**options)
        connection.sendall(f'GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
        return connection

    def listener(self, **options):
        connection = self.plain(**options)
        connection.sendall(HANDSHAKE)
        stream = connection.makefile('rb')
        while stream.readline() != b'\r\n':
            pass
        return connection, stream

    # Each answers how long it was until the server had enough.

    def a_connection_that_asks_nothing(self):
        with self.plain() as connection:
            began = time.monotonic()
            self.assertEqual(received(connection), b'')
            return time.monotonic() - began

    def a_connection_between_two_requests(self):
        with self.asking('/health') as connection:
            began = time.monotonic()
            self.assertEqual(received(connection).count(b'HTTP/1.1'), 1)
            return time.monotonic() - began

    def a_handshake_of_tls_that_does_not_come(self):
        with self.plain(self.tls_server) as connection:
            connection.sendall(b'\x16\x03\x01')
            began = time.monotonic()
            self.assertEqual(received(connection), b'')
            return time.monotonic() - began

    def a_request_that_does_not_come_after_the_handshake_of_tls(self):
        with self.tls_server.connect(90) as connection:
            began = time.monotonic()
            self.assertEqual(received(connection), b'')
            return time.monotonic() - began

    def an_answer_that_is_not_taken(self):
        with self.asking('/big.js', window=4096) as connection:
            began = time.monotonic()
            self.wait_for_the_end_of(connection)
            ended = time.monotonic()
            self.assertLess(len(received(connection)), BIG)
            return ended - began

    def who_does_not_close_after_a_refusal(self):
        with self.plain() as connection:
            connection.sendall(b'nonsense\r\n\r\n')
            began = time.monotonic()
            self.assertIn(b'HTTP/1.1 400', received(connection))
            until('the server closes its socket', lambda: self.sockets_of(connection) == 0, 90)
            return time.monotonic() - began

    def a_listener_that_does_not_answer_pings(self):
        connection, stream = self.listener()
        with connection, stream:
            began, pings, pinged = time.monotonic(), 0, 0
            for opcode, _ in frames(stream):
                if opcode == 9:
                    pings += 1
                    pinged = pinged or time.monotonic() - began
            self.assertGreater(pinged, 19)
            self.assertLess(pinged, 25)
            self.assertLessEqual(pings, 2)
            return time.monotonic() - began

    def a_listener_that_does_not_answer_a_close(self):
        connection, stream = self.listener()
        with connection, stream:
            connection.sendall(frame(2, b'binary'))
            began = time.monotonic()
            self.assertEqual(list(frames(stream))[-1][0], 8)
            return time.monotonic() - began

    def half_a_request(self, server, before=b''):
        # An unfinished request is told so, and not as an answer to the one before.
        with server.connect(90) as connection:
            connection.sendall(before + b'GET / HTTP/1.1\r\nHost: localhost\r\n')
            began = time.monotonic()
            answer = received(connection)
            head, _, body = answer[answer.rindex(b'HTTP/1.1'):].partition(b'\r\n\r\n')
            self.assertTrue(head.startswith(b'HTTP/1.1 408'), answer)
            self.assertIn(b'Content-Length: %d\r\n' % len(body), head)
            self.assertEqual(json.loads(body)['code'], 'request_timeout')
            return time.monotonic() - began

    def half_a_first_request(self):
        return self.half_a_request(self.server)

    def half_a_first_request_over_tls(self):
        return self.half_a_request(self.tls_server)

    def half_a_later_request(self):
        return self.half_a_request(self.server, b'HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n')

    def half_a_later_request_over_tls(self):
        return self.half_a_request(self.tls_server, b'HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n')

    def a_listener_that_closes_and_takes_nothing(self):
        # Through its window a packet leaves whole or not at all.
        return self.until_a_full_one_that_closes_is_given_up(window=65536)

    def a_listener_that_closes_and_takes_nothing_of_half_a_packet(self):
        # Where a packet left in part, nothing is read before the rest of it: not even that the other end closes.
        return self.until_a_full_one_that_closes_is_given_up(window=4096)

    def until_a_full_one_that_closes_is_given_up(self, window):
        connection, stream = self.listener(window=window)
        with connection, stream:
            until('its socket is full', lambda: self.server.get_json('/api/metrics')['chunks_dropped_total'] > 0)
            connection.sendall(frame(8, b'\x03\xe8'))
            began = time.monotonic()
            until('the server gives up', lambda: self.sockets_of(connection) == 0, 90)
            return time.monotonic() - began

    def players_that_pause_before_the_end_that_is_held(self):
        with contextlib.ExitStack() as stack:
            began = time.monotonic()
            for _ in range(8):
                stack.enter_context(self.asking('/stream.wav', server=self.held, window=4096))
            until('it has ended', lambda: 'ended' in self.held.get_json('/health').get('reason', ''))
            until('they are gone', lambda: self.held.get_json('/api/status')['clients'] == 0, 150)
            return time.monotonic() - began

    def a_player_that_takes_nothing(self):
        with self.asking('/stream.wav', window=4096) as connection:
            began = time.monotonic()
            self.wait_for_the_end_of(connection)
            return time.monotonic() - began

    def wait_for_the_end_of(self, connection):
        until('it is accepted', lambda: self.sockets_of(connection) == 1)
        until('the server gives up', lambda: self.sockets_of(connection) == 0, 90)

    def sockets_of(self, connection):
        """How many the server has for it; one that is closed and not yet empty counts no more."""
        port = f':{connection.getsockname()[1]:04X}'
        with open('/proc/net/tcp') as table:
            rows = [line.split() for line in table.readlines()[1:]]
        return sum(row[2].endswith(port) and row[9] != '0' for row in rows)

    def test_nobody_is_waited_for_without_end(self):
        limits = {self.a_connection_that_asks_nothing: 15, self.a_connection_between_two_requests: 15,
                  self.a_handshake_of_tls_that_does_not_come: 10,
                  self.a_request_that_does_not_come_after_the_handshake_of_tls: 10,
                  self.an_answer_that_is_not_taken: 30, self.who_does_not_close_after_a_refusal: 5,
                  self.a_listener_that_does_not_answer_pings: 45, self.a_listener_that_does_not_answer_a_close: 5,
                  self.half_a_first_request: 15, self.half_a_first_request_over_tls: 15,
                  self.half_a_later_request: 15, self.half_a_later_request_over_tls: 15,
                  self.a_listener_that_closes_and_takes_nothing: 5,
                  self.a_listener_that_closes_and_takes_nothing_of_half_a_packet: (5, 45),
                  self.a_player_that_takes_nothing: 60, self.players_that_pause_before_the_end_that_is_held: 60}
        took = {}

        def wait(ends):
            try:
                took[ends] = ends()
            except Exception as error:
                took[ends] = error

        threads = [threading.Thread(target=wait, args=(ends,)) for ends in limits]
        for thread in threads:
            thread.start()
        # Who answers is waited for: this one does, and goes on listening through all of it.
        connection, stream = self.listener()
        with connection, stream:
            heard = 0
            for opcode, _ in frames(stream):
                heard += opcode == 2
                if opcode == 9:
                    connection.sendall(frame(10))
                if not any(thread.is_alive() for thread in threads):
                    break
        for ends, limit in limits.items():
            with self.subTest(ends.__name__):
                self.assertIsInstance(took[ends], float, took[ends])
                least, most = limit if isinstance(limit, tuple) else (limit, limit)
                self.assertGreater(took[ends], least - 1)
                self.assertLess(took[ends], most + 10)  # a busy machine
        self.assertGreater(heard, 59 * 50)
        until('nobody is left', lambda: self.server.get_json('/api/status')['clients'] == 0)


class Amounts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sound = tempfile.NamedTemporaryFile(suffix='.wav')
        cls.sound.write(wav_header() + noise(RATE * 5))
        cls.sound.flush()
        cls.server = Server('--on-end', 'loop', cls.sound.name, header=False)
        until('sound flows', cls.server.healthy)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.sound.close()

    def sent_until_reset(self, head, piece):
        with self.server.connect() as connection:
            connection.sendall(head)
            connection.setblocking(False)
            sent, began = 0, time.monotonic()
            try:
                while sent < 50_000_000 and time.monotonic() - began < 20:
                    with contextlib.suppress(BlockingIOError):
                        sent += connection.send(piece)
                    with contextlib.suppress(BlockingIOError):
                        connection.recv(1_000_000)
            except (ConnectionResetError, BrokenPipeError):
                pass
            return sent

    def test_what_nobody_wants_is_read_to_16_mebibytes(self):
        for head in (b'nonsense\r\n\r\n', b'GET /stream.wav HTTP/1.1\r\nHost: localhost\r\n\r\n'):
            with self.subTest(head[:20]):
                sent = self.sent_until_reset(head, b'x' * 10_000)
                self.assertGreater(sent, 16_000_000)
                self.assertLess(sent, 40_000_000)  # what was on its way counts, too
        self.assertTrue(self.server.healthy())

    def test_pings_behind_a_close_are_not_kept(self):
        before = self.server.get_json('/api/metrics')['memory_mb']
        self.assertLess(self.sent_until_reset(HANDSHAKE + frame(2, b'binary'), frame(9) * 1000), 40_000_000)
        self.assertLess(self.server.get_json('/api/metrics')['memory_mb'] - before, 50)

    def test_pings_without_end_are_not_answered_and_hold_nothing_up(self):
        with self.server.connect() as other:
            other.sendall(HANDSHAKE)
            before = self.server.get_json('/api/metrics')['memory_mb']
            self.assertLess(self.sent_until_reset(HANDSHAKE, frame(9, b'x' * 100) * 100), 40_000_000)
            heard = 0
            other.settimeout(0.2)
            began = time.monotonic()
            while time.monotonic() - began < 1:
                heard += len(other.recv(1_000_000))
            self.assertGreater(heard, RATE * 4 * 0.7)
            self.assertLess(self.server.get_json('/api/metrics')['memory_mb'] - before, 20)


if __name__ == '__main__':
    main()
