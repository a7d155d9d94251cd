# SPDX-License-Identifier: MIT
# Every way in which a request can be wrong.
import contextlib
import json
import socket
import struct
import tempfile
import time
import unittest

from serve_rig import FRAME_BYTES, RATE, Certificate, Server, main, noise, received, until, wav_header


class Malformed:
    """What is no request that can be answered, and what comes where nothing is expected. The same is true of a
    connection's first request and of later ones, with TLS and without."""
    before = b''

    @classmethod
    def setUpClass(cls):
        cls.file = tempfile.NamedTemporaryFile(suffix='.wav')
        cls.file.write(wav_header() + noise(RATE * 2))
        cls.file.flush()
        with contextlib.ExitStack() as stack:  # a certificate is read at the start
            certificate = stack.enter_context(Certificate()) if cls.tls else None
            cls.server = Server('--on-end', 'loop', cls.file.name, header=False, certificate=certificate)
        until('sound flows', cls.server.healthy)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.file.close()

    def tearDown(self):
        self.assertTrue(self.server.healthy())

    def answers(self, *pieces):
        """Status, headers and error of each answer to what comes last, until the server closes, which it must do cleanly."""
        rest = self.server.raw(self.before + pieces[0], *pieces[1:])
        answers = []
        while rest:
            head, _, rest = rest.partition(b'\r\n\r\n')
            headers = dict(line.split(': ', 1) for line in head.decode('latin-1').split('\r\n')[1:])
            size = int(headers['Content-Length'])
            self.assertEqual(headers['Content-Type'], 'application/json', head)
            answers.append((int(head.split()[1]), headers, json.loads(rest[:size])))
            rest = rest[size:]
        if self.before:
            self.assertEqual(answers[0][0], 200)
            answers = answers[1:]
        return answers

    def assert_refused(self, status, *pieces, field=None):
        answers = self.answers(*pieces)
        self.assertEqual(len(answers), 1, answers)
        found, headers, error = answers[0]
        self.assertEqual((found, headers['Connection'].split(', ')[-1], error['type']), (status, 'close', 'error'), error)
        self.assertTrue(error['code'] and error['message'])
        self.assertIn('recoverable', error)
        if field:
            self.assertEqual(error['field'], field)
        return error

    def test_what_is_no_request_is_400(self):
        for data in (b'\0' * 100, b'\0', b'GET\r\n\r\n', b'BREW / HTCPCP/1.0\r\n\r\n', b'nonsense\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00',
                     b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'CONNECT a:80 HTTP/1.1\r\nHost: localhost\r\n\r\n', b'GET / HTTP/1.1\n\n',
                     b'GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n', b'GET / HTTP/1.1\r\nHost: localhost\r\nX Y: z\r\n\r\n'):
            with self.subTest(data[:40]):
                self.assertEqual(self.assert_refused(400, data)['code'], 'bad_request')

    def test_an_address_that_cannot_be_read_is_400_and_a_head_that_is_too_long_431(self):
        for target, said in (('/%zz', '%zz'), ('/%4', '%4'), ('/a%', '%'), ('/%00', '%00'), ('health', 'health'), ('*', '*'),
                             ('http:///health', 'http:///health'), ('ftp://a/b', 'ftp://a/b')):
            with self.subTest(target):
                error = self.assert_refused(400, f'GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
                self.assertEqual(error['code'], 'bad_request')
                self.assertIn(said, error['message'])
        for size in (17_000, 100_000, 600_000):
            for begun in (b'GET /health HTTP/1.1\r\nHost: localhost\r\nCookie: ', b'GET /'):
                with self.subTest(begun[:12], size=size):
                    self.assertIn('cookies', self.assert_refused(431, begun + b'y' * size)['message'])
        self.assertEqual(self.server.request('GET', '/health?%C3%A9=%20+%25&a;b')[0], 200)
        self.assertEqual(self.server.request('GET', 'http://localhost/health')[0], 200)  # RFC 9112, section 3.2.2
        self.assertEqual(self.server.request('GET', '/health', headers={'Cookie': 'y' * 15_000})[0], 200)

    def test_a_request_has_one_host_and_a_length_that_is_one(self):
        for fields, field in (('', 'Host'), ('Host: localhost\r\nHost: b\r\n', 'Host'), ('Host: localhost\r\nContent-Length: -5\r\n', 'Content-Length'),
                              ('Host: localhost\r\nContent-Length: 99999999999999999999999\r\n', 'Content-Length'),
                              ('Host: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n', 'Content-Length')):
            with self.subTest(fields):
                self.assert_refused(400, f'POST /api/control HTTP/1.1\r\n{fields}\r\n{{}}'.encode(), field=field)

    def test_a_body_is_measured_before_it_is_read(self):
        post = b'POST /api/control HTTP/1.1\r\nHost: localhost\r\n'
        self.assert_refused(413, post + b'Content-Length: 16385\r\n\r\n')
        (status, _, error), = self.answers(post + b'Connection: close\r\nContent-Length: 16384\r\n\r\n' + b'x' * 16384)
        self.assertEqual((status, error['code']), (400, 'bad_json'))
        self.assert_refused(411, post + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n')
        self.assert_refused(411, post + b'\r\n')

    def test_an_answer_survives_a_body_that_was_not_waited_for(self):
        # The whole body is on its way before the answer is read.
        body = b'x' * 600_000
        for head, status in ((b'POST /api/control', 413), (b'PUT /health', 405), (b'POST /nowhere', 405)):
            with self.subTest(head):
                self.assert_refused(status, head + b' HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
        self.assert_refused(404, b'GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n' + body)

    def test_who_asks_before_sending_a_body_is_told_to_go_on(self):
        head = b'POST /api/control HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n'
        with self.server.connect() as connection:
            connection.sendall(head)
            self.assertEqual(connection.recv(1000), b'HTTP/1.1 100 Continue\r\n\r\n')
            connection.sendall(b'{}')
            self.assertTrue(received(connection).startswith(b'HTTP/1.1 400'))

    def test_a_head_that_asks_for_no_body_gets_none_with_its_refusal(self):
        for head in (b'HEAD /health HTTP/1.1\r\n\r\n', b'\r\nHEAD /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n'):
            answer = self.server.raw(head)
            self.assertTrue(answer.startswith(b'HTTP/1.1 400'), answer)
            self.assertTrue(answer.endswith(b'\r\n\r\n'), answer)

    def test_a_handshake_names_the_header_at_fault(self):
        whole = {'Host': 'localhost', 'Upgrade': 'websocket', 'Connection': 'keep-alive, Upgrade',
                 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13'}
        for name, value, status in (('Host', None, 400), ('Connection', 'close', 400), ('Sec-WebSocket-Key', None, 400),
                                    ('Sec-WebSocket-Key', 'short', 400), ('Sec-WebSocket-Key', '!' * 24, 400), ('Sec-WebSocket-Version', '8', 426),
                                    ('Content-Length', '2', 400), ('Sec-WebSocket-Protocol', 'AURALIS.V1, xauralis.v1', 400),
                                    ('Origin', 'http://evil.example', 403)):
            with self.subTest(f'{name}: {value}'):
                headers = {**whole, name: value}
                request = ''.join(f'{key}: {text}\r\n' for key, text in headers.items() if text is not None)
                self.assert_refused(status, f'GET /ws/stream HTTP/1.1\r\n{request}\r\n'.encode(), field=name)

    def test_an_offer_to_upgrade_to_something_else_is_passed_over(self):
        # RFC 9110, section 7.8; curl --http2 asks so.
        for upgrade in ('foo', 'h2c', 'H2C', 'websockets'):
            with self.subTest(upgrade):
                offer = f'Host: localhost\r\nUpgrade: {upgrade}\r\nConnection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n'
                (status, _, body), = self.answers(f'GET /health HTTP/1.1\r\n{offer}'.encode())
                self.assertEqual((status, body['status']), (200, 'ok'))
                self.assert_refused(426, f'GET /ws/stream HTTP/1.1\r\n{offer}'.encode())

    def test_an_offer_without_its_connection_header_is_none(self):
        (status, _, _), = self.answers(b'GET /health HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n')
        self.assertEqual(status, 200)
        self.assert_refused(426, b'GET /ws/stream HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')

    def test_requests_may_come_in_any_pieces_and_many_at_once(self):
        one = b'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'
        last = b'POST /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
        self.assertEqual([status for status, _, _ in self.answers(one * 200 + last)], [200] * 200 + [405])
        self.assertEqual([status for status, _, _ in self.answers(one + one[:3], one[3:20], one[20:-1], one[-1:] + last)], [200] * 2 + [405])

    def test_a_stream_takes_no_body_and_what_comes_behind_it_is_passed_over(self):
        for more in (b'Content-Length: 1000000000000\r\n\r\n' + b'x' * 1000, b'Content-Length: 2\r\n\r\n{}',
                     b'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'):
            with self.subTest(more[:40]):
                self.assert_refused(400, b'GET /stream.wav HTTP/1.1\r\nHost: localhost\r\n' + more)
        head = b'GET /stream.wav HTTP/1.1\r\nHost: localhost\r\n\r\n'
        with self.server.connect() as player:
            player.sendall(self.before + head + b'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
            got = b''
            while len(got) < RATE * FRAME_BYTES:  # about a second is sent at once
                got += player.recv(65536)
            self.assertIn(b'RIFF', got)
            player.sendall(b'x')
            began, used = time.monotonic(), self.server.cpu_s()
            while time.monotonic() - began < 2 or len(got) <= 2.5 * RATE * FRAME_BYTES:  # it goes on
                got += player.recv(65536)
            # What nobody wants does not keep the server awake.
            self.assertLess(self.server.cpu_s() - used, 0.5)
            self.assertEqual(got.count(b'HTTP/1.1 200'), 2 if self.before else 1)
        if not self.tls:
            with self.server.connect() as player:
                player.sendall(self.before + head)
                player.recv(100)
                player.shutdown(socket.SHUT_WR)
                received(player)
        until('no player is left', lambda: self.server.get_json('/api/status')['clients'] == 0)

    def test_who_goes_away_in_the_middle_costs_nobody_anything(self):
        for data in (b'GE', b'GET / HTTP/1.1\r\nHost: localhost\r\n', b'POST /api/control HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{',
                     b'GET /api/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n' * 500, b'GET /stream.opus HTTP/1.1\r\nHost: localhost\r\n\r\n'):
            with self.subTest(data[:40]):
                connection = self.server.connect()
                connection.sendall(self.before + data)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))  # with a reset
                connection.close()
                self.assertTrue(self.server.healthy())
        until('no player is left', lambda: self.server.get_json('/api/status')['clients'] == 0)


class FirstRequest(Malformed, unittest.TestCase):
    tls = False


class LaterRequest(Malformed, unittest.TestCase):
    tls = False
    before = b'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'


class FirstRequestOverTls(Malformed, unittest.TestCase):
    tls = True


class LaterRequestOverTls(Malformed, unittest.TestCase):
    tls = True
    before = LaterRequest.before


if __name__ == '__main__':
    main()
