# SPDX-License-Identifier: MIT
# Every HTTP endpoint of auralis-serve, who may use it, and how the server starts.
import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from serve_rig import PATIENCE_S, RATE, Server, main, noise, received, until, wav_header


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
        for known in (tag, f'"other", W/{tag}', '*'):
            status, headers, body = self.get('/', {'If-None-Match': known})
            self.assertEqual((status, body), (304, b''))
            self.assertNotIn('Content-Length', headers)  # the file's, or none

    def test_a_large_file_arrives_whole(self):
        status, headers, body = self.get('/big.js')
        self.assertEqual((status, len(body)), (200, 1_000_003))
        self.assertEqual(headers['Content-Type'], 'text/javascript; charset=utf-8')

    def test_nothing_outside_the_folder_can_be_had(self):
        for path in ('/nothing', '/sub', '/.secret', '/../etc/passwd', '/%2e%2e/etc/passwd', '/sub/../.secret',
                     '/..%2f..%2fetc/passwd', '/a%5c..%5cb', '//etc/passwd', '/%2fetc/passwd', '/sub//etc/passwd'):
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

    def test_status_tells_what_can_be_controlled(self):
        controls = self.server.get_json('/api/status')['controls']
        self.assertEqual((controls['bpm']['kind'], controls['bpm']['min'], controls['bpm']['max']), ('number', 30, 120))
        self.assertIn('dorian', controls['mode']['names'])
        self.assertEqual(controls['preset']['names'], [preset['name'] for preset in self.server.get_json('/api/presets')])
        self.assertIn('pad', [layer['name'] for layer in controls['layers']['layers']])

    def test_every_path_is_also_that_of_its_station(self):
        for path in ('/', '/health', '/api/status', '/api/presets', '/metrics', '/listen.m3u'):
            self.assertEqual(self.get('/s/default' + path)[0], 200, path)
        self.assertIn(b'/s/default/stream.opus', self.get('/s/default/listen.m3u')[2])
        for path, status in (('/stream.wav', 200), ('/api/control', 405), ('/ws/stream', 426), ('/.secret', 404)):
            self.assertEqual(self.server.request('HEAD', '/s/default' + path)[0], status, path)
        for path in ('/s/nowhere/health', '/s/nowhere', '/s/', '/s//'):
            self.assert_error(self.get(path), 404, 'no_station')
        # Without its last slash the page's relative addresses would lead elsewhere.
        for path, there in (('/s/default', './default/'), ('/s/default?a=1&b=%20/', './default/?a=1&b=%20/')):
            for method in ('GET', 'HEAD', 'POST'):
                status, headers, body = self.server.request(method, path)
                self.assertEqual((status, headers['Location'], body), (308, there, b''), (method, path))
        time.sleep(0.12)
        error = self.assert_error(self.server.request('POST', '/s/default/api/control', '{"bpm": 500}'), 400, 'bad_control')
        self.assertEqual(error['field'], 'bpm')

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
                                      ('DELETE', '/api/control', 'POST'), ('OPTIONS', '*', 'GET, HEAD'), ('PATCH', '/stream.wav', 'GET, HEAD')):
            with self.subTest(f'{method} {path}'):
                answer = self.server.request(method, path)
                self.assert_error(answer, 405, 'method_not_allowed')
                self.assertEqual(answer[1]['Allow'], allowed)

    def test_the_socket_without_a_handshake_says_what_it_is(self):
        answer = self.get('/ws/stream')
        self.assert_error(answer, 426, 'upgrade_required')
        self.assertEqual([answer[1][name] for name in ('Upgrade', 'Connection', 'Sec-WebSocket-Version')], ['websocket', 'Upgrade', '13'])
        status, headers, _ = self.server.request('POST', '/ws/stream', headers={'Upgrade': 'websocket', 'Connection': 'Upgrade'})
        self.assertEqual((status, headers['Allow']), (405, 'GET'))

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

    def test_pages_of_other_origins_may_not_control(self):
        for origin in ('http://evil.example', 'null', f'https://{self.server.host}:{self.server.port}'):
            answer = self.server.request('POST', '/api/control', '{"bpm": 50}', {'Origin': origin})
            self.assert_error(answer, 403, 'origin_not_allowed')
        own = {'Origin': f'http://{self.server.host}:{self.server.port}'}
        self.assertEqual(self.server.request('POST', '/api/control', '{"bpm": 50}', own)[0], 503)
        # A name that somebody's DNS made to mean this machine.
        rebound = {'Host': 'evil.example', 'Origin': 'http://evil.example'}
        self.assertEqual(self.server.request('POST', '/api/control', '{"bpm": 50}', rebound)[0], 421)

    def test_pages_of_elsewhere_may_not_play_it(self):
        for path in ('/', '/health', '/stream.opus'):
            self.assertEqual(self.server.request('HEAD', path)[1]['Cross-Origin-Resource-Policy'], 'same-origin')


class Limits(unittest.TestCase):
    def test_controls_are_limited_for_each_address(self):
        with Server() as server:
            server.feed(noise(RATE * 5))
            # At once, since the limit is one of time.
            asking = b'POST /api/control HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n%s\r\n{"bpm": 50}'
            answers = server.raw(asking % b'' * 39 + asking % b'Connection: close\r\n')
            statuses = [int(line.split()[1]) for line in answers.splitlines() if line.startswith(b'HTTP/1.1')]
            self.assertEqual((len(statuses), statuses[:20]), (40, [503] * 20))
            self.assertIn(429, statuses)
            other = http.client.HTTPConnection(server.host, server.port, timeout=20, source_address=('127.0.0.2', 0))
            other.request('POST', '/api/control', '{"bpm": 50}')
            self.assertEqual(other.getresponse().status, 503)
            other.close()
            until('the limit lets go again', lambda: server.request('POST', '/api/control', '{"bpm": 50}')[0] == 503)

    def test_controls_need_the_token_and_listening_does_not(self):
        with tempfile.NamedTemporaryFile('w') as file:
            file.write('\ufeffs3cret\r\n')  # as an editor of another system leaves it
            file.flush()
            with Server('--token-file', file.name) as server:
                server.feed(noise(RATE * 5))
                until('sound flows', server.healthy)
                self.assertEqual(server.control({'bpm': 50})[0], 401)
                self.assertEqual(server.control({'bpm': 50}, {'Authorization': 'Bearer wrong'})[0], 403)
                self.assertEqual(server.control({'bpm': 50}, {'Authorization': 'Bearer s3cret'})[0], 503)
                self.assertEqual(server.control({'bpm': 50}, query='?token=s3cret')[0], 503)
                self.assertEqual(server.control({'bpm': 50}, query='?token=s3cre')[0], 403)
                self.assertEqual(server.get_json('/api/status')['control_access'], 'token')

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
            self.assertNotIn('Content-Type', headers)
            self.assertIn('POST', headers['Access-Control-Allow-Methods'])

    def test_who_sends_headers_or_a_body_for_ever_is_cut_off(self):
        with Server() as server:
            server.pace(noise(RATE * 60))
            slow = {b'GET / HTTP/1.1\r\nHost: localhost\r\n': b'X: y\r\n',
                    b'POST /api/control HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n{': b' '}
            connections = []
            for head, more in slow.items():
                connection = server.connect()
                connection.sendall(head)
                connections.append((connection, more))

            def answered(connection, more):
                connection.sendall(more)
                connection.settimeout(0.2)
                with contextlib.suppress(TimeoutError):
                    return connection.recv(65536)

            for connection, more in connections:
                answer = until('a slow sender is cut off', lambda: answered(connection, more), 40)
                self.assertTrue(answer.startswith(b'HTTP/1.1 408'), answer)
                connection.settimeout(PATIENCE_S)
                self.assertEqual(received(connection), b'')
                connection.close()
            self.assertTrue(server.healthy())


class WithoutClient(unittest.TestCase):
    def test_no_file_is_served_and_the_start_and_the_answer_say_so(self):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, 'bin', 'auralis-serve')
            os.mkdir(os.path.dirname(program))
            shutil.copy(shutil.which('auralis-serve'), program)  # with no client beside it
            for name in ('id_rsa', 'index.html'):
                with open(os.path.join(folder, name), 'w') as file:
                    file.write('secret')
            with Server(program=program, directory=folder) as server:
                for path in ('/', '/id_rsa', '/index.html', '/bin/auralis-serve'):
                    status, _, body = server.request('GET', path)
                    error = json.loads(body)
                    self.assertEqual((status, error['code']), (404, 'no_client'))
                    self.assertIn('--client', error['message'])
                self.assertEqual(server.request('GET', '/api/status')[0], 200)
                self.assertTrue(any('--client' in line for line in server.log), server.log)

    def test_a_folder_that_has_not_our_page_is_no_client(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, 'id_rsa'), 'w') as file:
                file.write('secret')
            for name in (None, 'index.html'):  # a home, somebody's site
                if name:
                    with open(os.path.join(folder, name), 'w') as file:
                        file.write('<title>Holidays</title>')
                for given in (folder, '.'):
                    done = subprocess.run(['auralis-serve', '--port', '0', '--client', given], input=b'', capture_output=True, cwd=folder, timeout=20)
                    self.assertEqual(done.returncode, 2)
                    self.assertIn('expected the folder of the web client', done.stderr.decode())

    def test_links_in_the_folder_are_not_followed(self):
        with tempfile.TemporaryDirectory() as folder:
            client = os.path.join(folder, 'client')
            os.mkdir(client)
            page = '<title>Auralis</title>'
            for path, text in (('client/index.html', page), ('secret.txt', 'secret')):
                with open(os.path.join(folder, path), 'w') as file:
                    file.write(text)
            os.symlink('index.html', os.path.join(client, 'same.html'))
            os.symlink(os.path.join(folder, 'secret.txt'), os.path.join(client, 'link.txt'))
            os.symlink(folder, os.path.join(client, 'up'))
            with Server('--client', client) as server:
                self.assertEqual(server.request('GET', '/')[2].decode(), page)
                for path in ('/link.txt', '/up/secret.txt', '/same.html'):
                    self.assertEqual(server.request('GET', path)[0], 404)


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
                        ('--token', 'a', '--token-file', 'b'), ('--client', '/nowhere')):
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
