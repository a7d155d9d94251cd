# SPDX-License-Identifier: MIT
# What was sent lately, as a file: /api/recent.flac; and the stream at half the rate, for who pays by the byte.
import http.client
import json
import math
import socket
import subprocess
import threading
import unittest

from serve_rig import FRAME_BYTES, PATIENCE_S, RATE, Server, main, next_frame, noise, run, until, wav_header

MINUTE_S = 60


def get(server, path, method='GET'):
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def decoded(flac):
    """The samples of a FLAC file, as another program reads them."""
    return subprocess.run(['ffmpeg', '-v', 'error', '-i', '-', '-f', 's16le', '-'], input=flac, check=True, capture_output=True).stdout


class Listener:
    """Keeps what the server sends, whatever became of what it was fed, from now until leave()."""

    def __init__(self, server):
        self.frames = []
        self.leaves = threading.Event()
        self.thread = threading.Thread(target=lambda: run(self.listen(server)))
        self.thread.start()

    async def listen(self, server):
        async with server.listen('?codec=pcm') as ws:
            while not self.leaves.is_set():
                self.frames.append(await next_frame(ws))

    @property
    def end(self):
        return self.frames[-1].position + self.frames[-1].frames if self.frames else 0

    def leave(self):
        self.leaves.set()
        self.thread.join()
        return b''.join(frame.payload for frame in self.frames)


class Recent(unittest.TestCase):
    def server(self, *options, seconds=20):
        server = Server(*options)
        self.addCleanup(server.stop)
        server.pace(noise(RATE * seconds))
        until('sound flows', server.healthy)
        return server

    def position(self, server):
        return server.get_json('/api/status')['position']

    def test_it_is_the_samples_of_the_stream_and_as_many_as_are_asked_for(self):
        server = self.server('--keep-recent', '10s')
        listener = Listener(server)
        self.addCleanup(listener.leave)
        until('it has heard four seconds', lambda: listener.end > 4 * RATE)
        before = self.position(server)
        response, flac = get(server, '/api/recent.flac?minutes=0.05')
        after = self.position(server)
        self.assertEqual((response.status, response.headers['Content-Type']), (200, 'audio/flac'))
        samples = decoded(flac)
        self.assertEqual(len(samples), 3 * RATE * FRAME_BYTES)
        until('it has heard them, too', lambda: listener.end > after)
        sound = listener.leave()
        at = sound.find(samples)
        self.assertGreaterEqual(at, 0)
        end = listener.frames[0].position + at // FRAME_BYTES + 3 * RATE
        self.assertGreater(end, before - RATE)
        self.assertLess(end, after + RATE)
        self.assertEqual(get(server, '/s/default/api/recent.flac?minutes=0.05')[0].status, 200)
        self.assertEqual(get(server, '/api/recent.flac', 'HEAD')[1], b'')

    def test_no_more_is_kept_than_was_said(self):
        server = self.server('--keep-recent', '2s', '--chunk-ms', '100')
        listener = Listener(server)
        self.addCleanup(listener.leave)
        until('it has heard five seconds', lambda: listener.end > 5 * RATE)
        samples = decoded(get(server, '/api/recent.flac')[1])
        after = self.position(server)
        self.assertEqual(len(samples), 2 * RATE * FRAME_BYTES)
        until('it has heard them, too', lambda: listener.end > after)
        self.assertTrue(samples in listener.leave(), 'what is kept is no piece of what was sent')

    def test_what_is_not_kept_is_refused_with_its_reason(self):
        server = self.server()
        response, body = get(server, '/api/recent.flac?minutes=1')
        self.assertEqual((response.status, json.loads(body)['code']), (404, 'no_recent'))
        keeping = self.server('--keep-recent', '1m')
        self.assertEqual(keeping.get_json('/api/status')['recent_s'], MINUTE_S)
        for minutes in ('0', '-1', '1.5', 'all', '', '1e999', '-1e-999', 'NaN', 'Infinity', '9' * 400, '[1]', '{}', 'null', 'true', '%22' + '1', '[' * 5000):
            response, body = get(keeping, '/api/recent.flac?minutes=' + minutes)
            self.assertEqual((response.status, json.loads(body)['field']), (400, 'minutes'), minutes)

    def test_a_range_is_not_given_and_a_moment_is_a_file(self):
        server = self.server('--keep-recent', '1m')
        until('a second was sent', lambda: self.position(server) > RATE)
        connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
        connection.request('GET', '/api/recent.flac?minutes=0.01', headers={'Range': 'bytes=100-200,5-', 'If-Range': '"x"'})
        response = connection.getresponse()
        self.assertEqual((response.status, response.headers['Accept-Ranges']), (200, 'none'))
        self.assertEqual(response.read(4), b'fLaC')
        connection.close()
        self.assertLessEqual(len(decoded(get(server, '/api/recent.flac?minutes=0.000001')[1])), 4 * FRAME_BYTES)

    def test_files_taken_at_once_are_few_and_each_place_is_free_again(self):
        server = self.server('--keep-recent', '1m')
        until('a second was sent', lambda: self.position(server) > RATE)
        for _ in range(3):
            taking = [server.connect() for _ in range(12)]
            for connection in taking:
                connection.sendall(b'GET /api/recent.flac HTTP/1.1\r\nHost: localhost\r\n\r\n')
            statuses = [connection.recv(65536).split()[1] for connection in taking]
            self.assertLessEqual(set(statuses), {b'200', b'503'})
            for connection in taking:
                connection.close()
            until('a file can be taken again', lambda: get(server, '/api/recent.flac')[0].status == 200)

    def test_four_take_a_file_at_once_and_the_next_is_told_to_come_again(self):
        rate, kernel_bytes = 192000, 4 << 20  # what it holds at most for somebody who does not read: tcp_wmem
        server = Server('--keep-recent', '1m', header=False)
        self.addCleanup(server.stop)
        server.feed(wav_header(rate))
        server.pace(noise(rate * 20), ahead_s=math.inf)
        until('more was sent', lambda: self.position(server) * FRAME_BYTES > 1.5 * kernel_bytes)

        def begin():
            connection = socket.socket()
            self.addCleanup(connection.close)
            connection.settimeout(PATIENCE_S)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect((server.host, server.port))
            connection.sendall(b'GET /api/recent.flac HTTP/1.1\r\nHost: localhost\r\n\r\n')
            return connection, connection.recv(12)  # and no more than that

        taking = [begin() for _ in range(4)]
        self.assertEqual([answer for _, answer in taking], [b'HTTP/1.1 200'] * 4)
        response, body = get(server, '/api/recent.flac')
        error = json.loads(body)
        self.assertEqual((response.status, error['code'], error['recoverable']), (503, 'too_many_files', True))
        self.assertIn('Retry-After', response.headers)
        self.assertEqual(get(server, '/health')[0].status, 200)
        taking[0][0].close()
        until('its place is free', lambda: get(server, '/api/recent.flac')[0].status == 200)

    def test_opus_at_half_the_rate_takes_about_half(self):
        server = self.server()

        async def measure(codec):
            async with server.listen('?codec=' + codec) as ws:
                bytes_, frames = 0, 0
                while frames < 3 * 48000:
                    frame = await next_frame(ws)
                    bytes_ += len(frame.payload)
                    frames += frame.frames
                return bytes_ / frames
        small, large = run(measure('opus64')), run(measure('opus'))
        self.assertLess(small, 0.65 * large)
        self.assertGreater(small, 0.35 * large)


if __name__ == '__main__':
    main()
