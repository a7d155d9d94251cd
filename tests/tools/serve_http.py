# SPDX-License-Identifier: MIT
# Every HTTP endpoint of auralis-serve, and every way a request can be wrong.
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from serve_rig import RATE, Server, main, noise, until, wav_header


class Endpoints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = tempfile.mkdtemp(prefix='auralis-client-')
        with open(os.path.join(cls.client, 'index.html'), 'w') as page:
            page.write('<!doctype html><title>Auralis</title>')
        with open(os.path.join(cls.client, 'big.js'), 'w') as script:
            script.write('// ' + 'x' * 1_000_000)
        with open(os.path.join(cls.client, '.secret'), 'w') as secret:
            secret.write('secret')
        os.mkdir(os.path.join(cls.client, 'sub'))
        cls.sound = os.path.join(cls.client, 'sound.wav')
        with open(cls.sound, 'wb') as sound:
            sound.write(wav_header() + noise(RATE * 2))
        cls.server = Server('--client', cls.client, '--on-end', 'loop', cls.sound, header=False)
        until('sound flows', cls.server.healthy)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0
        shutil.rmtree(cls.client)

    def get(self, path, headers=None):
        return self.server.request('GET', path, headers=headers)

    def assert_error(self, answer, status, code):
        self.assertEqual(answer[0], status)
        self.assertEqual(answer[1]['Content-Type'], 'application/json')
        error = json.loads(answer[2])
        self.assertEqual(error['type'], 'error')
        self.assertEqual(error['code'], code)
        self.assertTrue(error['message'])
        self.assertIn('recoverable', error)
        return error

    def test_the_page_is_at_the_root_isolated_and_confined(self):
        status, headers, body = self.get('/')
        self.assertEqual(status, 200)
        self.assertEqual(headers['Content-Type'], 'text/html; charset=utf-8')
        self.assertIn(b'<!doctype html>', body)
        self.assertEqual(headers['Cross-Origin-Opener-Policy'], 'same-origin')
        self.assertEqual(headers['Cross-Origin-Embedder-Policy'], 'require-corp')
        self.assertIn("default-src 'self'", headers['Content-Security-Policy'])

    def test_an_unchanged_file_is_not_sent_again(self):
        tag = self.get('/')[1]['ETag']
        status, headers, body = self.get('/', {'If-None-Match': tag})
        self.assertEqual((status, body), (304, b''))
        self.assertNotIn('Content-Length', headers)  # the file's, or none

    def test_a_large_file_arrives_whole(self):
        status, headers, body = self.get('/big.js')
        self.assertEqual((status, len(body)), (200, 1_000_003))
        self.assertEqual(headers['Content-Type'], 'text/javascript; charset=utf-8')

    def test_nothing_outside_the_folder_can_be_had(self):
        for path in ('/nothing', '/sub', '/.secret', '/../etc/passwd', '/%2e%2e/etc/passwd', '/sub/../.secret',
                     '/..%2f..%2fetc/passwd', '/a%5c..%5cb', '//etc/passwd'):
            with self.subTest(path):
                self.assert_error(self.get(path), 404, 'not_found')

    def test_head_is_get_without_the_body(self):
        for path in ('/', '/health', '/api/status', '/metrics', '/stream.wav', '/stream.opus', '/listen.m3u'):
            with self.subTest(path):
                status, headers, body = self.server.request('HEAD', path)
                self.assertEqual((status, body), (200, b''))

    def test_status_tells_what_plays_and_the_limits(self):
        status = self.server.get_json('/api/status')
        for name in ('key', 'mode', 'bpm', 'intensity', 'preset', 'chord', 'seed', 'uptime_s', 'clients', 'limits'):
            self.assertIn(name, status)
        self.assertEqual(status['sample_rate'], RATE)
        self.assertEqual(status['composer'], 'away')

    def test_presets_are_listed(self):
        presets = self.server.get_json('/api/presets')
        self.assertIn('focus', [preset['name'] for preset in presets])
        for preset in presets:
            self.assertTrue(preset['title'] and preset['description'])

    def test_every_figure_is_there(self):
        figures = self.server.get_json('/api/metrics')
        for name in ('synthesis_latency_ms realtime_factor voices voices_stolen events_total late_events_total '
                     'pacer_slips_total buffer_depth_ms underruns_total clients clients_total chunks_sent_total '
                     'chunks_dropped_total send_lateness_ms control_latency_ms end_to_end_latency_ms client_buffer_ms client_underruns_total '
                     'bytes_sent_total encode_ms memory_mb cpu_percent uptime_s device version').split():
            self.assertIn(name, figures)
        self.assertEqual(figures['underruns_total'], 0)
        self.assertGreater(figures['memory_mb'], 1)

    def test_the_figures_of_the_other_commands_are_merged(self):
        with open(os.path.join(self.server.session, 'render.metrics.json'), 'w') as file:
            json.dump({'voices': 17, 'memory_mb': 1000, 'device': 'cpu'}, file)
        figures = self.server.get_json('/api/metrics')
        self.assertEqual((figures['voices'], figures['device']), (17, 'cpu'))
        self.assertGreater(figures['memory_mb'], 1001)
        self.assertIn('auralis_voices 17', self.get('/metrics')[2].decode())
        os.utime(file.name, (time.time() - 60,) * 2)  # its command was killed a minute ago
        self.assertIsNone(self.server.get_json('/api/metrics')['voices'])

    def test_prometheus_finds_nothing_wrong(self):
        status, headers, body = self.get('/metrics')
        self.assertEqual(status, 200)
        self.assertTrue(headers['Content-Type'].startswith('text/plain; version=0.0.4'))
        self.assertIn(b'auralis_underruns_total 0', body)
        checked = subprocess.run(['promtool', 'check', 'metrics'], input=body, capture_output=True)
        self.assertEqual(checked.returncode, 0, checked.stderr + checked.stdout)

    def test_the_playlist_points_here(self):
        status, headers, body = self.get('/listen.m3u')
        self.assertEqual((status, headers['Content-Type']), (200, 'audio/x-mpegurl'))
        self.assertIn(f'http://{self.server.host}:{self.server.port}/stream.opus', body.decode().splitlines())

    def test_a_wrong_method_is_told_the_right_one(self):
        for method, path, allowed in (('POST', '/health', 'GET, HEAD'), ('DELETE', '/', 'GET, HEAD'),
                                      ('PUT', '/api/status', 'GET, HEAD'), ('GET', '/api/control', 'POST'),
                                      ('DELETE', '/api/control', 'POST'), ('PATCH', '/stream.wav', 'GET, HEAD')):
            with self.subTest(f'{method} {path}'):
                answer = self.server.request(method, path)
                self.assert_error(answer, 405, 'method_not_allowed')
                self.assertEqual(answer[1]['Allow'], allowed)

    def test_the_socket_without_a_handshake_says_what_it_is(self):
        self.assert_error(self.get('/ws/stream'), 426, 'upgrade_required')

    def test_a_control_without_a_composer_is_503(self):
        error = self.assert_error(self.server.request('POST', '/api/control', '{"bpm": 50}'), 503, 'composer_unavailable')
        self.assertTrue(error['recoverable'])

    def test_a_wrong_control_names_its_field(self):
        for body, field in (('{"bpm": 500}', 'bpm'), ('{"key": "H"}', 'key'), ('{"mode": "sad"}', 'mode'),
                            ('{"intensity": "much"}', 'intensity'), ('{"layers": {"pad": {"gain_db": 9}}}', 'layers.pad.gain_db'),
                            ('{"bpm": 60, "tempo": 60}', 'tempo')):
            with self.subTest(body):
                time.sleep(0.12)  # stay under the rate limit
                error = self.assert_error(self.server.request('POST', '/api/control', body), 400, 'bad_control')
                self.assertEqual(error['field'], field)

    def test_a_body_that_is_no_control_is_400(self):
        for body in ('', '{', 'nonsense', '[]', '7', '{}', '\xff\xfe', '[' * 10000, '{"\u00e9' * 30):
            with self.subTest(body[:20]):
                time.sleep(0.12)
                self.assertEqual(self.server.request('POST', '/api/control', body.encode('latin-1'))[0], 400)

    def test_a_body_that_is_too_large_is_413_and_not_read(self):
        self.assert_error(self.server.request('POST', '/api/control', b'x' * 20_000), 413, 'too_large')
        head = b'POST /api/control HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n'
        self.assertIn(b'413', self.server.raw(head).split(b'\r\n')[0])

    def test_a_body_without_length_is_411(self):
        head = b'POST /api/control HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n'
        self.assertIn(b'411', self.server.raw(head).split(b'\r\n')[0])

    def test_pages_of_other_origins_may_not_control(self):
        for origin in ('http://evil.example', 'null', f'https://{self.server.host}:{self.server.port}'):
            answer = self.server.request('POST', '/api/control', '{"bpm": 50}', {'Origin': origin})
            self.assert_error(answer, 403, 'origin_not_allowed')
        own = {'Origin': f'http://{self.server.host}:{self.server.port}'}
        self.assertEqual(self.server.request('POST', '/api/control', '{"bpm": 50}', own)[0], 503)
        # A name that somebody's DNS made to mean this machine.
        rebound = {'Host': 'evil.example', 'Origin': 'http://evil.example'}
        self.assertEqual(self.server.request('POST', '/api/control', '{"bpm": 50}', rebound)[0], 403)

    def test_an_answer_survives_a_body_that_was_not_waited_for(self):
        # The whole body is on its way before the answer is read.
        body = b'x' * 600_000
        for head, status in ((b'POST /api/control', b'413'), (b'PUT /health', b'405'), (b'POST /nowhere', b'405')):
            with self.subTest(head), socket.create_connection((self.server.host, self.server.port), timeout=20) as connection:
                connection.sendall(head + b' HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
                answer = b''
                while piece := connection.recv(65536):
                    answer += piece
                self.assertIn(status, answer.split(b'\r\n')[0])
                self.assertIn(b'"type":"error"', answer)
        refused = b'GET /elsewhere HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n' + body
        self.assertIn(b'404', self.server.raw(refused).split(b'\r\n')[0])

    def test_what_is_no_request_is_400(self):
        for data in (b'\0' * 100, b'GET\r\n\r\n', b'BREW / HTCPCP/1.0\r\n\r\n', b'nonsense\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00',
                     b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'):
            with self.subTest(data[:40]):
                head, _, body = self.server.raw(data).partition(b'\r\n\r\n')
                self.assertIn(b'HTTP/1.1 400', head)
                self.assertEqual(json.loads(body)['code'], 'bad_request')

    def test_an_address_that_cannot_be_read_is_400_and_a_head_that_is_too_long_431(self):
        for target, said in (('/%zz', '%zz'), ('/%4', '%4'), ('/a%', '%'), ('/%00', '%00'), ('health', 'health'), ('*', '*'),
                             ('http://a/health', 'http://a/health')):
            with self.subTest(target):
                head, _, body = self.server.raw(f'GET {target} HTTP/1.1\r\nHost: a\r\n\r\n'.encode()).partition(b'\r\n\r\n')
                self.assertIn(b'HTTP/1.1 400', head)
                error = json.loads(body)
                self.assertEqual(error['code'], 'bad_request')
                self.assertIn(said, error['message'])
        for request in (b'GET /health HTTP/1.1\r\nHost: a\r\nCookie: ' + b'y' * 17_000, b'GET /' + b'a' * 17_000 + b' HTTP/1.1\r\nHost: a'):
            with self.subTest(request[:40]):
                head, _, body = self.server.raw(request + b'\r\n\r\n').partition(b'\r\n\r\n')
                self.assertIn(b'HTTP/1.1 431', head)
                self.assertIn('cookies', json.loads(body)['message'])
        self.assertEqual(self.get('/health?%C3%A9=%20+%25')[0], 200)
        self.assertEqual(self.server.request('GET', '/health', headers={'Cookie': 'y' * 15_000})[0], 200)

    def test_a_handshake_names_the_header_at_fault(self):
        whole = {'Host': 'a', 'Upgrade': 'websocket', 'Connection': 'keep-alive, Upgrade',
                 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13'}
        for name, value, status in (('Host', None, b'400'), ('Connection', 'close', b'400'), ('Sec-WebSocket-Key', None, b'400'),
                                    ('Sec-WebSocket-Key', 'short', b'400'), ('Sec-WebSocket-Version', '8', b'426')):
            with self.subTest(f'{name}: {value}'):
                headers = {**whole, name: value}
                request = ''.join(f'{key}: {text}\r\n' for key, text in headers.items() if text is not None)
                head, _, body = self.server.raw(f'GET /ws/stream HTTP/1.1\r\n{request}\r\n'.encode()).partition(b'\r\n\r\n')
                self.assertIn(status, head.split(b'\r\n')[0])
                self.assertEqual(json.loads(body)['field'], name)

    def test_an_address_in_pieces_is_400_and_gives_nothing_away(self):
        for method, target in (('GET', '/a&'), ('GET', '/a' + '&' * 60), ('GET', '/health;x'), ('GET', '/stream.wav&&&'), ('POST', '/api/control&a=b')):
            with self.subTest(target, method=method):
                status, _, body = self.server.request(method, target, '{}' if method == 'POST' else None)
                self.assertEqual((status, json.loads(body)['code']), (400, 'bad_request'))
                self.assertLess(len(body), 200)
                self.assertTrue(body.isascii(), body)
        self.assertEqual(self.get('/health?a&b;c=d')[0], 200)

    def test_what_is_no_upgrade_to_a_websocket_is_refused_once_and_costs_its_own_connection(self):
        for upgrade in ('foo', 'h2c', 'H2C', 'websockets'):
            head = f'Host: a\r\nUpgrade: {upgrade}\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'
            whole = head + 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'
            for before in ('', 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n'):
                with self.subTest(upgrade, after=before[:11]):
                    answer = self.server.raw(f'{before}GET /ws/stream HTTP/1.1\r\n{whole}\r\n'.encode())
                    self.assertEqual(len(re.findall(rb'HTTP/1.[01] 4', answer)), 1, answer)
                    self.assertNotIn(b'HTTP/1.1 101', answer)
                    if not before:
                        self.assertIn(b'"field":"Upgrade"', answer)
        self.assertTrue(self.server.healthy())

    def test_a_stream_takes_no_body_and_nothing_behind_it(self):
        for more in (b'Content-Length: 1000000000000\r\n\r\n' + b'x' * 1000, b'Content-Length: 2\r\n\r\n{}',
                     b'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', b'\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n', b'\r\nx'):
            with self.subTest(more[:40]):
                answer = self.server.raw(b'GET /stream.wav HTTP/1.1\r\nHost: a\r\n' + more)
                self.assertTrue(answer.startswith(b'HTTP/1.1 400'), answer[:200])
                self.assertNotIn(b'RIFF', answer)
        for last in (lambda player: player.sendall(b'x'), lambda player: player.shutdown(socket.SHUT_WR)):
            with socket.create_connection((self.server.host, self.server.port), timeout=20) as player:
                player.sendall(b'GET /stream.wav HTTP/1.1\r\nHost: a\r\n\r\n')
                self.assertTrue(player.recv(100).startswith(b'HTTP/1.1 200'))
                last(player)
                try:
                    while player.recv(65536):
                        pass
                except ConnectionResetError:
                    pass  # there was a byte that nobody read
        until('no player is left', lambda: self.server.get_json('/api/status')['clients'] == 0)

    def test_what_is_not_waited_for_ends_the_connection_with_its_answer(self):
        answer = self.server.raw(b'POST /health HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n')
        self.assertTrue(answer.startswith(b'HTTP/1.1 405'), answer)
        self.assertIn(b'Connection: close', answer)

    def test_pages_of_elsewhere_may_not_play_it(self):
        for path in ('/', '/health', '/stream.opus'):
            self.assertEqual(self.server.request('HEAD', path)[1]['Cross-Origin-Resource-Policy'], 'same-origin')

    def test_malformed_requests_cost_their_own_connection_only(self):
        for data in (b'\0' * 100, b'GET\r\n\r\n', b'GET / HTTP/1.1\r\n\r\n', b'BREW / HTCPCP/1.0\r\n\r\n', b'GET /' + b'a' * 100_000,
                     b'GET / HTTP/1.1\r\nX: ' + b'y' * 100_000 + b'\r\n\r\n', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
                     b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
                     b'GET /ws/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n',
                     b'POST /api/control HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n'):
            with self.subTest(data[:40]):
                with socket.create_connection((self.server.host, self.server.port), timeout=20) as connection:
                    try:
                        connection.sendall(data)
                        connection.shutdown(socket.SHUT_WR)
                        while connection.recv(65536):
                            pass
                    except OSError:
                        pass  # the server was quicker
                self.assertTrue(self.server.healthy())


class Limits(unittest.TestCase):
    def test_controls_are_limited_for_each_address(self):
        with Server() as server:
            server.feed(noise(RATE * 5))
            statuses = [server.request('POST', '/api/control', '{"bpm": 50}')[0] for _ in range(40)]
            self.assertEqual(statuses[0], 503)
            self.assertIn(429, statuses)
            until('the limit lets go again', lambda: server.request('POST', '/api/control', '{"bpm": 50}')[0] == 503)

    def test_controls_need_the_token_and_listening_does_not(self):
        with tempfile.NamedTemporaryFile('w') as file:
            file.write('s3cret\n')
            file.flush()
            with Server('--token-file', file.name) as server:
                server.feed(noise(RATE * 5))
                until('sound flows', server.healthy)
                self.assertEqual(server.control({'bpm': 50})[0], 401)
                self.assertEqual(server.control({'bpm': 50}, {'Authorization': 'Bearer wrong'})[0], 403)
                self.assertEqual(server.control({'bpm': 50}, {'Authorization': 'Bearer s3cret'})[0], 503)
                self.assertEqual(server.control({'bpm': 50}, query='?token=s3cret')[0], 503)
                self.assertEqual(server.control({'bpm': 50}, query='?token=s3cre')[0], 403)
                self.assertEqual(server.get_json('/api/status')['controls'], 'token')

    def test_open_to_all_without_a_token_controls_are_off_and_the_start_warns(self):
        with Server('--host', '0.0.0.0') as server:
            server.host = '127.0.0.1'
            server.feed(noise(RATE * 5))
            status, error = server.control({'bpm': 50})
            self.assertEqual((status, error['code']), (403, 'controls_off'))
            self.assertTrue(any('warning' in line and 'token' in line for line in server.log), server.log)

    def test_an_allowed_origin_may_control(self):
        with Server('--origin', 'https://radio.example') as server:
            server.feed(noise(RATE * 5))
            self.assertEqual(server.control({'bpm': 50}, {'Origin': 'https://radio.example'})[0], 503)
            self.assertEqual(server.control({'bpm': 50}, {'Origin': 'https://other.example'})[0], 403)
            for origin, allowed in (('https://radio.example', 'https://radio.example'), ('https://other.example', None)):
                for path in ('/api/status', '/health', '/nowhere'):
                    headers = server.request('GET', path, headers={'Origin': origin})[1]
                    self.assertEqual(headers.get('Access-Control-Allow-Origin'), allowed)
                until('sound flows', server.healthy)
                headers = server.request('HEAD', '/stream.wav', headers={'Origin': origin})[1]
                self.assertEqual(headers.get('Access-Control-Allow-Origin'), allowed)
            asked = {'Origin': 'https://radio.example', 'Access-Control-Request-Method': 'POST'}
            status, headers, _ = server.request('OPTIONS', '/api/control', headers=asked)
            self.assertEqual(status, 204)
            self.assertIn('POST', headers['Access-Control-Allow-Methods'])

    def test_who_sends_headers_or_a_body_for_ever_is_cut_off(self):
        with Server() as server:
            server.pace(noise(RATE * 60))
            slow = {b'GET / HTTP/1.1\r\nHost: a\r\n': b'X: y\r\n',
                    b'POST /api/control HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n{': b' '}
            connections = []
            for head, more in slow.items():
                connection = socket.create_connection((server.host, server.port), timeout=1)
                connection.sendall(head)
                connections.append((connection, more))

            def cut_off(connection, more):
                try:
                    connection.sendall(more)
                    connection.settimeout(0.2)
                    return connection.recv(65536) == b''
                except TimeoutError:
                    return False
                except ConnectionError:
                    return True

            for connection, more in connections:
                until('a slow sender is cut off', lambda: cut_off(connection, more), 40)
                connection.close()
            self.assertTrue(server.healthy())


class Starting(unittest.TestCase):
    def exits(self, *options, data=b''):
        environment = dict(os.environ, XDG_RUNTIME_DIR=tempfile.mkdtemp(prefix='auralis-serve-'))
        done = subprocess.run(['auralis-serve', *options], input=data, capture_output=True, env=environment, timeout=20)
        shutil.rmtree(environment['XDG_RUNTIME_DIR'])
        self.assertEqual(done.stdout, b'')
        return done.returncode, done.stderr.decode()

    def test_a_taken_port_is_the_environments_failure(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            status, message = self.exits('--port', str(taken.getsockname()[1]))
        self.assertEqual(status, 1)
        self.assertIn('in use', message)

    def test_what_is_no_wav_is_bad_input(self):
        status, message = self.exits('--port', '0', data=b'this is no sound at all, not in the least')
        self.assertEqual(status, 3)
        self.assertIn('expected', message)

    def test_wrong_usage_is_2(self):
        for options in (('--chunk-ms', '10'), ('--chunk-ms', '300'), ('--on-end', 'stop'), ('--max-clients', '0'), ('--tls-cert', 'a'),
                        ('--on-end', 'loop'), ('--session', 'a/b'), ('--record', 'x.mp3'), ('--rate', '8000'),
                        ('--token', 'a', '--token-file', 'b')):
            with self.subTest(options):
                self.assertEqual(self.exits('--port', '0', *options)[0], 2)

    def test_a_certificate_that_is_none_is_the_environments_failure(self):
        self.assertEqual(self.exits('--port', '0', '--tls-cert', '/dev/null', '--tls-key', '/dev/null')[0], 1)

    def test_an_address_that_is_not_ours_is_the_environments_failure(self):
        self.assertEqual(self.exits('--port', '0', '--host', '192.0.2.1')[0], 1)

    def test_a_file_that_is_missing_is_the_environments_failure(self):
        self.assertIn(self.exits('--port', '0', '/nowhere/sound.wav')[0], (1, 3))


if __name__ == '__main__':
    main()
