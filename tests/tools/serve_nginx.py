# SPDX-License-Identifier: MIT
# A station behind the real nginx with deploy/nginx.conf: TLS, below a path, with WebSockets; only ports and certificate are
# put in by this test.
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest
import urllib.parse

import websockets
from serve_control import acknowledge, connected
from serve_rig import RATE, Composer, Server, main, next_frame, next_text, noise, run, until

SOURCE = pathlib.Path(os.environ['SOURCE_DIR'])
NAME = 'radio.example.org'
TOKEN = 'kPz4mVt7WqXc2nLs'
HERE = '127.0.0.4'  # where no other test listens: its ports stay free until nginx takes them


def free_port():
    with socket.create_server((HERE, 0)) as probe:
        return probe.getsockname()[1]


class Nginx:
    def __init__(self, port, upstream):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='auralis-nginx-'))
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', f'/CN={NAME}',
                        '-addext', f'subjectAltName=DNS:{NAME}', '-keyout', self.folder / 'key.pem', '-out', self.folder / 'cert.pem'],
                       check=True, capture_output=True)
        self.trust = ssl.create_default_context(cafile=self.folder / 'cert.pem')
        site = (SOURCE / 'deploy/nginx.conf').read_text()
        for what, instead in ((r'listen 443', f'listen {HERE}:{port}'), (r'listen 80;', f'listen {HERE}:{free_port()};'),
                              (r'/var/cache/nginx/auralis', f'{self.folder}/cache'), (r'server 127.0.0.1:8000;', f'server 127.0.0.1:{upstream};'),
                              (r'/etc/ssl/certs/\S+\.pem', f'{self.folder}/cert.pem'), (r'/etc/ssl/private/\S+\.key', f'{self.folder}/key.pem')):
            site, count = re.subn(what, instead, site)
            assert count == 1, what
        (self.folder / 'site.conf').write_text(site)
        temporary = ' '.join(f'{kind}_temp_path {self.folder}/{kind};' for kind in ('client_body', 'proxy', 'fastcgi', 'scgi', 'uwsgi'))
        user = 'user root;' if os.geteuid() == 0 else ''
        (self.folder / 'nginx.conf').write_text(f'{user} daemon off; master_process off; pid {self.folder}/pid; error_log stderr; events {{ }}\n'
                                                f'http {{ access_log off; {temporary} include {self.folder}/site.conf; }}\n')
        self.process = subprocess.Popen(['nginx', '-p', self.folder, '-e', 'stderr', '-c', self.folder / 'nginx.conf'])
        self.port = port

    def answers(self):
        assert self.process.poll() is None, 'nginx ended'
        try:
            return socket.create_connection((HERE, self.port), timeout=5).close() is None
        except OSError:
            return False

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)
        shutil.rmtree(self.folder)


class BehindNginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.url = f'https://{NAME}:{port}/radio/'
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        hls = ('--hls', folder.name) if os.environ['WITH_AV'] == 'ON' else ()
        cls.server = Server('--public-url', cls.url, '--trusted-proxy', '127.0.0.1', '--token', TOKEN, *hls)
        cls.addClassCleanup(cls.server.stop)
        cls.server.pace(noise(RATE * 200))
        cls.nginx = Nginx(port, cls.server.port)
        cls.addClassCleanup(cls.nginx.stop)
        until('nginx answers', cls.nginx.answers)
        until('sound flows', cls.server.healthy)

    def request(self, method, path, body=None, headers=None, name=NAME):
        connection = http.client.HTTPSConnection(HERE, self.nginx.port, timeout=20)
        connection.sock = self.nginx.trust.wrap_socket(socket.create_connection((HERE, self.nginx.port), timeout=20), server_hostname=NAME)
        try:
            connection.request(method, path, body, {'Host': f'{name}:{self.nginx.port}', **(headers or {})})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def listen(self, query='', origin=None):
        return websockets.connect(f'wss://{NAME}:{self.nginx.port}/radio/ws/stream{query}', host=HERE, port=self.nginx.port, ssl=self.nginx.trust, server_hostname=NAME,
                                  subprotocols=['auralis.v1'], origin=origin or self.url[:-len('/radio/')], max_size=None, open_timeout=20)

    def test_the_page_and_all_its_files_are_below_the_path(self):
        self.assertEqual(self.request('GET', '/radio')[1]['Location'].removeprefix(self.url[:-len('radio/')].rstrip('/')), '/radio/')
        page = self.request('GET', '/radio/')
        self.assertEqual((page[0], page[2]), (200, (SOURCE / 'client/index.html').read_bytes()))
        self.assertIn(f'wss://{NAME}:{self.nginx.port}', page[1]['Content-Security-Policy'])
        named = re.findall(r'(?:href|src)="([^"#]+)"', page[2].decode())
        shell = re.search(r'shell = \[(.*?)\]', (SOURCE / 'client/sw.js').read_text(), re.S).group(1)
        files = {*named, *re.findall(r"'([^']+)'", shell)}
        self.assertIn('main.js', files)
        for file in files - {'stream.opus', '../../'}:  # the last leads from /s/NAME/ to all stations
            self.assertFalse(file.startswith('/') or '://' in file, file)
            self.assertEqual(self.request('GET', '/radio/' + file.removeprefix('./'))[0], 200, file)

    def test_its_socket_plays_and_controls(self):
        with Composer(self.server.session, acknowledge(1.0)):
            connected(self.server)

            async def check():
                async with self.listen() as ws:
                    last = await next_frame(ws)
                    for _ in range(10):
                        frame = await next_frame(ws)
                        self.assertEqual(frame.sequence, last.sequence + 1)
                        last = frame
                    await ws.send(json.dumps({'type': 'authorize', 'token': TOKEN}))
                    await ws.send('{"type":"control","id":"a","bpm":60}')
                    self.assertEqual((await next_text(ws, 'control_ack'))['id'], 'a')
            run(check())
            own = {'Origin': self.url[:-len('/radio/')]}
            self.assertEqual(self.request('POST', '/radio/api/control', '{"bpm": 60}', own)[0], 401)
            self.assertEqual(self.request('POST', '/radio/api/control', '{"bpm": 60}', {**own, 'Authorization': f'bearer {TOKEN}'})[0], 200)

    def test_pages_of_elsewhere_are_refused(self):
        async def check():
            with self.assertRaises(websockets.InvalidStatusCode) as refused:
                await self.listen(origin='https://evil.example')
            self.assertEqual(refused.exception.status_code, 403)
        run(check())
        self.assertEqual(self.request('POST', '/radio/api/control', '{"bpm": 60}', {'Origin': 'https://evil.example'})[0], 403)
        self.assertEqual(self.request('GET', '/radio/health', name='evil.example')[0], 421)

    def test_players_find_the_stream(self):
        playlist = self.request('GET', '/radio/listen.m3u')[2].decode()
        self.assertIn(self.url + 'stream.opus', playlist.splitlines())
        with self.nginx.trust.wrap_socket(socket.create_connection((HERE, self.nginx.port), timeout=20), server_hostname=NAME) as player:
            player.sendall(f'GET /radio/stream.opus HTTP/1.1\r\nHost: {NAME}:{self.nginx.port}\r\n\r\n'.encode())
            got = b''
            while b'OggS' not in got:
                got += player.recv(65536)

    @unittest.skipUnless(os.environ['WITH_AV'] == 'ON', 'this build is without --hls')
    def test_segments_come_from_the_cache_when_the_server_has_them_no_more(self):
        until('the list is there', lambda: self.request('GET', '/radio/listen.m3u8')[0] == 200)
        playlist = urllib.parse.urljoin('/radio/listen.m3u8', self.request('GET', '/radio/listen.m3u8')[2].decode().splitlines()[-1])
        _, headers, text = self.request('GET', playlist)
        self.assertEqual(headers['Cache-Control'], 'public, max-age=1')
        segment = urllib.parse.urljoin(playlist, text.decode().splitlines()[-1])
        first = self.request('GET', segment)
        self.assertEqual(first[0], 200)
        until('the server has it no more', lambda: self.server.request('GET', segment.removeprefix('/radio'), headers={'Host': 'localhost'})[0] == 404, 60)
        self.assertEqual(self.request('GET', segment)[2], first[2])
        until('the list rolls on', lambda: segment.rsplit('/', 1)[1].encode() not in self.request('GET', playlist)[2])

    def test_what_a_client_says_of_itself_is_not_passed_on(self):
        spoofed = {'X-Forwarded-For': '198.51.100.7', 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'http', 'Forwarded': 'for=198.51.100.7;host=evil.example'}
        self.assertIn(self.url + 'stream.opus', self.request('GET', '/radio/listen.m3u', headers=spoofed)[2].decode().splitlines())


if __name__ == '__main__':
    main()
