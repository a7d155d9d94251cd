# SPDX-License-Identifier: MIT
# Who gets into auralis-serve and who does not: names, origins, proxies, tokens, addresses, floods. SECURITY.md names these
# tests beside what they hold.
import asyncio
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from serve_rig import RATE, Certificate, Composer, Server, closed, file_of, main, next_frame, next_text, noise, received, run, until
from serve_control import acknowledge, connected
from serve_limits import HANDSHAKE, frame, frames

TOKEN = 'kPz4mVt7WqXc2nLs'
SOUND = file_of(noise(RATE * 5))
LOOP = ('--on-end', 'loop', SOUND.name)


def said(server, *words):
    return [line for line in server.log if all(word in line for word in words)]


def from_address(server, address):
    connection = socket.create_connection((server.host, server.port), timeout=20, source_address=(address, 0))
    return connection


def answer_to(server, address, head=b'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'):
    """Its first line, or None where the connection was cut without a word."""
    try:
        with from_address(server, address) as connection:
            connection.sendall(head)
            return received(connection).partition(b'\r\n')[0].decode()
    except (ConnectionResetError, BrokenPipeError):
        return None


class Names(unittest.TestCase):
    PATHS = ('/', '/health', '/api/status', '/api/metrics', '/metrics', '/api/presets', '/listen.m3u', '/stream.wav', '/nothing')

    def test_on_loopback_a_strangers_name_is_421_everywhere_and_said_once(self):
        with Server(*LOOP, header=False) as server:
            until('sound flows', server.healthy)
            for path in self.PATHS:
                with self.subTest(path):
                    status, _, body = server.request('GET', path, headers={'Host': f'evil.example:{server.port}'})
                    self.assertEqual((status, json.loads(body)['code']), (421, 'misdirected'))
            self.assertEqual(server.request('POST', '/api/control', '{"bpm": 50}', {'Host': 'evil.example'})[0], 421)
            self.assertTrue(server.raw(HANDSHAKE.replace(b'Host: localhost', b'Host: evil.example')).startswith(b'HTTP/1.1 421'))
            self.assertTrue(server.raw(b'GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
                            .startswith(b'HTTP/1.1 421'))
            for name in (f'127.0.0.1:{server.port}', 'localhost', f'LOCALHOST:{server.port}', '[::1]:1', 'auralis.localhost'):
                self.assertEqual(server.request('GET', '/health', headers={'Host': name})[0], 200, name)
            until('it is said', lambda: said(server, 'evil.example:', '--public-url'))
            self.assertEqual(len(said(server, 'evil.example:', '--public-url')), 1)

    def test_a_public_address_is_a_name_of_ours_and_the_certificates_are(self):
        with Server('--public-url', 'https://Radio.Example/live', *LOOP, header=False) as server:
            until('sound flows', server.healthy)
            self.assertEqual(server.request('GET', '/health', headers={'Host': 'radio.example'})[0], 200)
            self.assertEqual(server.request('GET', '/health', headers={'Host': 'other.example'})[0], 421)
        with Certificate() as certificate, Server(*LOOP, certificate=certificate, header=False) as server:
            until('sound flows', server.healthy)
            self.assertEqual(server.request('GET', '/health', headers={'Host': 'auralis.example'})[0], 200)
            self.assertEqual(server.request('GET', '/health', headers={'Host': 'other.example'})[0], 421)

    def test_in_a_network_addresses_and_names_without_a_dot_are_ours(self):
        with Server('--host', '0.0.0.0', *LOOP, header=False) as server:
            server.host = '127.0.0.1'
            until('sound flows', server.healthy)
            for name in ('192.168.1.5:8000', '[fd00::7]', 'auralis', socket.gethostname()):
                self.assertEqual(server.request('GET', '/health', headers={'Host': name})[0], 200, name)
            self.assertEqual(server.request('GET', '/health', headers={'Host': 'evil.example'})[0], 421)


class Origins(unittest.TestCase):
    def test_a_refused_page_is_one_line_that_names_the_option(self):
        with Server('--public-url', 'https://radio.example/', *LOOP, header=False) as server:
            until('sound flows', server.healthy)
            handshake = HANDSHAKE.replace(b'Host: localhost', b'Host: localhost\r\nOrigin: https://other.example')
            for _ in range(5):
                self.assertTrue(server.raw(handshake).startswith(b'HTTP/1.1 403'))
            until('it is said', lambda: said(server, 'https://other.example', '--origin https://other.example'))
            self.assertEqual(len(said(server, 'https://other.example')), 1)
            # The page of a server behind a proxy that speaks TLS and says nothing of it.
            own = {'Host': 'localhost:9', 'Origin': 'https://localhost:9'}
            self.assertEqual(server.request('POST', '/api/control', '{"bpm": 50}', own)[0], 403)
            until('it is said', lambda: said(server, 'https://localhost:9', '--public-url https://localhost:9/'))

    def test_what_a_stranger_sends_does_not_fill_the_log(self):
        with Server() as server:
            for i in range(300):
                self.assertEqual(server.request('GET', '/health', headers={'Host': f'{i}.example' + 'x' * 200})[0], 421)
            self.assertLess(len(server.log), 80)
            self.assertLess(max(map(len, server.log)), 400)

    def test_an_option_that_would_mean_nothing_is_refused_with_what_to_write(self):
        for option, value, expected in (
                ('--origin', '*', 'https://example.org'), ('--origin', 'example.org', 'https://example.org'), ('--origin', 'null', 'https://example.org'),
                ('--origin', 'https://Example.org/radio', 'expected https://example.org,'), ('--origin', 'https://a:443', 'expected https://a,'),
                ('--public-url', 'radio.example', 'https://'), ('--public-url', 'ftp://a/', 'https://'), ('--public-url', 'https://a/?x', 'https://'),
                ('--trusted-proxy', 'localhost', '127.0.0.1/32'), ('--trusted-proxy', '10.0.0.0/33', '10.0.0.0/8'), ('--trusted-proxy', '300.0.0.1', '10.0.0.0/8')):
            with self.subTest(f'{option} {value}'):
                done = subprocess.run(['auralis-serve', '--port', '0', option, value], input=b'', capture_output=True, timeout=20)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(option, done.stderr.decode())
                self.assertIn(expected, done.stderr.decode())


class Proxied(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # What follows an option that may come again is the input, and no second value.
        cls.server = Server('--on-end', 'loop', '--public-url', 'https://radio.example/live/', '--trusted-proxy', '10.0.0.0/8',
                            '--trusted-proxy', '127.0.0.1/32', SOUND.name, header=False)
        until('sound flows', cls.server.healthy)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def control(self, **headers):
        return self.server.control({'bpm': 50}, {name.replace('_', '-'): value for name, value in headers.items()})

    def test_players_are_sent_to_the_public_address(self):
        for path, listed in (('/listen.m3u', 'https://radio.example/live/stream.opus'),
                             ('/s/default/listen.m3u', 'https://radio.example/live/s/default/stream.opus')):
            for headers in ({'Host': 'radio.example', 'X-Forwarded-Proto': 'https'}, {'X-Forwarded-For': '203.0.113.9'}):
                body = self.server.request('GET', path, headers=headers)[2]
                self.assertEqual(body.decode().splitlines()[-1], listed)
        body = self.server.request('GET', '/listen.m3u')[2]
        self.assertIn(f'http://127.0.0.1:{self.server.port}/stream.opus', body.decode().splitlines())

    def test_who_comes_through_it_does_not_control_without_a_token(self):
        for headers in ({'X_Forwarded_For': '203.0.113.9'}, {'Forwarded': 'for=203.0.113.9'}, {'X_Forwarded_For': '127.0.0.1'},
                        {'Host': 'radio.example'}, {'Via': '1.1 proxy'}):
            status, error = self.control(**headers)
            self.assertEqual((status, error['code']), (403, 'controls_off'), headers)
        self.assertEqual(self.control()[0], 503)  # straight from this machine
        status = self.server.request('GET', '/api/status', headers={'X-Forwarded-For': '203.0.113.9'})[2]
        self.assertEqual(json.loads(status)['control_access'], 'off')
        self.assertEqual(self.server.get_json('/api/status')['control_access'], 'open')

    def test_the_page_of_the_public_address_listens(self):
        handshake = HANDSHAKE.replace(b'Host: localhost', b'Host: radio.example\r\nX-Forwarded-For: 203.0.113.9\r\nOrigin: https://radio.example')
        with self.server.connect() as listener:
            listener.sendall(handshake)
            self.assertTrue(listener.recv(100).startswith(b'HTTP/1.1 101'))

    def test_headers_that_contradict_each_other_are_not_believed_and_said(self):
        status, _ = self.control(X_Forwarded_For='203.0.113.9', Forwarded='for=127.0.0.1')
        self.assertEqual(status, 403)
        until('it is said', lambda: said(self.server, 'X-Forwarded-For', 'Forwarded', 'neither'))

    def test_without_trust_nobody_speaks_for_another(self):
        with Server() as server:
            body = server.request('GET', '/listen.m3u', headers={'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https'})[2]
            self.assertNotIn(b'evil.example', body)
            # An unknown proxy on this machine does not make its clients this machine's.
            status, error = server.control({'bpm': 50}, {'X-Forwarded-For': '127.0.0.1'})
            self.assertEqual((status, error['code']), (403, 'controls_off'))
            until('it is said', lambda: said(server, '--trusted-proxy 127.0.0.1'))


class Tokens(unittest.TestCase):
    def test_wrong_tokens_do_not_lock_the_right_one_out(self):
        with Server('--token', TOKEN) as server, Composer(server.session, acknowledge(1.0)):
            server.pace(noise(RATE * 30))
            connected(server)
            statuses = [server.control({'bpm': 50}, {'Authorization': f'Bearer {i}'})[0] for i in range(120)]
            self.assertEqual(set(statuses), {403, 429})
            self.assertEqual(statuses[:20], [403] * 20)
            for scheme in ('Bearer', 'bearer', 'BEARER  '):
                self.assertEqual(server.control({'bpm': 50}, {'Authorization': f'{scheme} {TOKEN}'})[0], 200)

            async def over_the_socket():
                async with server.listen() as ws:
                    for token, answer in (('wrong', 'error'), (TOKEN, 'control_ack')):
                        await ws.send(json.dumps({'type': 'authorize', 'token': token}))
                        await ws.send('{"type":"control","id":"a","bpm":60}')
                        self.assertEqual((await next_text(ws, answer))['id'], 'a')
            run(over_the_socket())

    def test_the_token_comes_from_file_environment_or_credential_and_shows_nowhere(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix='auralis-token-'))
        self.addCleanup(shutil.rmtree, folder)
        (folder / 'token').write_text(TOKEN + '\n')
        (folder / 'token').chmod(0o600)
        for options, environment in (((), {'AURALIS_TOKEN': TOKEN}), ((), {'CREDENTIALS_DIRECTORY': str(folder)}),
                                     (('--token-file', str(folder / 'token')), {'AURALIS_TOKEN': 'another-' + TOKEN}),
                                     (('--token', TOKEN), {}), (('--token=' + TOKEN,), {})):
            with self.subTest(str(options) + str(environment)):
                os.environ.update(environment)
                try:
                    server = Server('-v', *options, *LOOP, header=False)
                finally:
                    for name in environment:
                        del os.environ[name]
                with server:
                    self.assertEqual(server.control({'bpm': 50})[0], 401)
                    for headers, query in (({'Authorization': f'Bearer {TOKEN}'}, ''), ({}, f'?token={TOKEN}')):
                        self.assertEqual(server.control({'bpm': 50}, headers, query)[0], 503)
                    self.assertEqual(server.request('GET', f'/%zz?token={TOKEN}')[0], 400)
                    self.assertEqual(server.request('GET', f'/health?token={TOKEN}', headers={'Host': 'evil.example'})[0], 421)
                    for shown in ('cmdline', 'environ'):
                        self.assertNotIn(TOKEN.encode(), pathlib.Path(f'/proc/{server.process.pid}/{shown}').read_bytes())
                self.assertFalse(said(server, TOKEN), server.log)

    def test_what_may_be_guessed_or_read_by_others_is_warned_of(self):
        with tempfile.NamedTemporaryFile('w') as file:
            file.write('s3cret\n')
            file.flush()
            os.chmod(file.name, 0o644)
            with Server('--token-file', file.name) as server:
                self.assertTrue(said(server, 'warning', 'short'), server.log)
                self.assertTrue(said(server, 'warning', 'chmod'), server.log)
        with Server('--token', TOKEN) as server:
            self.assertTrue(said(server, 'warning', 'list of processes', '--token-file'), server.log)


class Addresses(unittest.TestCase):
    def idle(self, server, address, count):
        with contextlib.ExitStack() as stack:
            for _ in range(count):
                stack.enter_context(from_address(server, address))
            return stack.pop_all()

    def test_idle_connections_of_one_address_shut_nobody_else_out(self):
        with Server(*LOOP, header=False) as server:
            until('sound flows', server.healthy)
            # As many as this process may have, far more than the server keeps of one address.
            with self.idle(server, '127.0.0.9', 1500):
                self.assertEqual(answer_to(server, '127.0.0.1'), 'HTTP/1.1 200 OK')
                self.assertIn(answer_to(server, '127.0.0.9'), ('HTTP/1.1 429 Too Many Requests', None))
                self.assertLess(server.held('fd'), 1200)
                until('it is said', lambda: said(server, '127.0.0.9', '--max-per-address'))
                self.assertEqual(len(said(server, '127.0.0.9')), 1)
            until('its place is free again', lambda: answer_to(server, '127.0.0.9') == 'HTTP/1.1 200 OK')

    def test_an_option_says_how_many_and_tls_that_never_begins_counts(self):
        with Certificate() as certificate:
            for tls in (None, certificate):
                with Server('--max-per-address', '20', *LOOP, certificate=tls, header=False) as server:
                    until('sound flows', server.healthy)
                    with self.idle(server, '127.0.0.9', 40):
                        # Beside them only what the server is made of is open.
                        until('the rest is turned away', lambda: server.held('fd') < 45)
                        self.assertTrue(server.healthy())

    def test_a_trusted_proxys_connections_are_its_clients(self):
        with Server('--trusted-proxy', '127.0.0.1', '--max-per-address', '3', *LOOP, header=False) as server, contextlib.ExitStack() as stack:
            until('sound flows', server.healthy)

            def listen(client):
                connection = stack.enter_context(server.connect())
                connection.sendall(f'GET /stream.wav HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n\r\n'.encode())
                return connection.recv(12)[9:]

            self.assertEqual([listen('2001:db8:0:1::%x' % i) for i in range(4)], [b'200'] * 3 + [b'429'])
            self.assertEqual([listen('203.0.113.9') for _ in range(4)], [b'200'] * 3 + [b'429'])
            self.assertEqual(listen('203.0.113.10'), b'200')
            # One connection for several clients, one after the other.
            with server.connect() as shared:
                for client in range(20):
                    shared.sendall(f'GET /health HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 198.51.100.{client}\r\n\r\n'.encode())
                    self.assertEqual(shared.recv(65536)[9:12], b'200')

    def test_sixty_listeners_behind_a_proxy_have_an_allowance_each(self):
        with Server('--trusted-proxy', '127.0.0.1', '--token', TOKEN) as server:
            for client in range(60):
                self.assertEqual(server.control({'bpm': 50}, {'Authorization': f'Bearer {TOKEN}', 'X-Forwarded-For': f'203.0.113.{client}'})[0], 503)


class Floods(unittest.TestCase):
    def test_pings_and_parts_of_messages_without_end_are_closed_with_1008(self):
        with Server('--chunk-ms', '20', *LOOP, header=False) as server:
            until('sound flows', server.healthy)
            floods = {'pings': frame(9, b'x') * 400, 'pongs': frame(10) * 400, 'parts': frame(1)[:0] + b'\x01\x80\0\0\0\0' + b'\0\x80\0\0\0\0' * 400}
            for name, flood in floods.items():
                with self.subTest(name), server.connect() as connection:
                    connection.sendall(HANDSHAKE)
                    stream = connection.makefile('rb')
                    while stream.readline() != b'\r\n':
                        pass
                    connection.sendall(flood)
                    closes = [payload for opcode, payload in frames(stream) if opcode == 8]
                    self.assertEqual(int.from_bytes(closes[-1][:2], 'big'), 1008)

    def test_requests_without_end_cost_no_listener_a_chunk(self):
        with Server(*LOOP, header=False) as server, contextlib.ExitStack() as stack:
            until('sound flows', server.healthy)
            flooders = [stack.enter_context(server.connect()) for _ in range(20)]
            request = b'GET /api/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n' * 50

            async def check():
                async with server.listen() as ws:
                    last = await next_frame(ws)
                    for _ in range(20):
                        for flooder in flooders:
                            flooder.setblocking(False)
                            with contextlib.suppress(BlockingIOError):
                                flooder.send(request)
                            with contextlib.suppress(BlockingIOError):
                                flooder.recv(1_000_000)
                        frame = await next_frame(ws)
                        self.assertEqual(frame.sequence, last.sequence + 1)
                        last = frame
            run(check())
            self.assertEqual(server.get_json('/api/metrics')['chunks_dropped_total'], 0)

    def test_a_ping_now_and_then_is_answered(self):
        with Server(*LOOP, header=False) as server:
            until('sound flows', server.healthy)

            async def check():
                async with server.listen() as ws:
                    for _ in range(50):
                        await asyncio.wait_for(await ws.ping(), 20)
                    await next_frame(ws)
            run(check())


if __name__ == '__main__':
    main()
