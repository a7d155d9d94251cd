# SPDX-License-Identifier: MIT
# What listeners of auralis-serve get: WebSocket and plain streams, checked sample by sample, and every limit of them.
import array
import asyncio
import base64
import contextlib
import json
import math
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import websockets

from serve_rig import (FRAME_BYTES, RATE, Certificate, Server, closed, main, next_frame, next_text, noise, received, run, until,
                       wav_header)


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


class Frames(unittest.TestCase):
    def test_pcm_is_gapless_and_equals_what_was_fed(self):
        sound = noise(RATE * 4)
        for chunk_ms in (20, 100, 200):
            with self.subTest(chunk_ms), Server('--chunk-ms', str(chunk_ms)) as server:
                async def check():
                    async with server.listen('?codec=pcm') as ws:
                        self.assertEqual(ws.subprotocol, 'auralis.v1')
                        server.feed(sound)
                        welcome = await next_text(ws, 'welcome')
                        self.assertEqual((welcome['sample_rate'], welcome['channels'], welcome['chunk_ms'], welcome['codec']),
                                         (RATE, 2, chunk_ms, 'pcm'))
                        self.assertIn('state', welcome)
                        position, sequence, got = None, None, b''
                        while len(got) < 2 * RATE * FRAME_BYTES:
                            frame = await next_frame(ws)
                            self.assertEqual((frame.version, frame.codec, frame.channels, frame.flags, frame.rate), (1, 0, 2, 0, RATE))
                            self.assertEqual(len(frame.payload), frame.frames * FRAME_BYTES)
                            if position is not None:
                                self.assertEqual((frame.position, frame.sequence), (position, sequence))
                            else:
                                first = frame.position
                            position, sequence = frame.position + frame.frames, frame.sequence + 1
                            got += frame.payload
                        self.assertEqual(got, sound[first * FRAME_BYTES:][:len(got)])
                run(check())

    def test_a_listener_without_a_subprotocol_is_served_alike(self):
        with Server() as server:
            server.pace(noise(RATE * 10))

            async def check():
                async with server.listen(subprotocols=None) as ws:
                    self.assertIsNone(ws.subprotocol)
                    self.assertEqual((await next_text(ws, 'welcome'))['codec'], 'pcm')
                    self.assertEqual((await next_frame(ws)).codec, 0)
            run(check())

    def test_opus_comes_in_packets_of_20_ms_at_the_right_place(self):
        with Server() as server:
            server.pace(noise(RATE * 10))

            async def check():
                async with server.listen('?codec=opus') as opus, server.listen('?codec=pcm') as pcm:
                    self.assertEqual((await next_text(opus, 'welcome'))['sample_rate'], 48000)
                    position = None
                    for _ in range(12):
                        frame = await next_frame(opus)
                        self.assertEqual((frame.codec, frame.rate, frame.channels), (1, 48000, 2))
                        if position is not None:
                            self.assertEqual(frame.position, position)
                        position = frame.position + frame.frames
                        at, packets = 0, 0
                        while at < len(frame.payload):
                            at += 2 + int.from_bytes(frame.payload[at:at + 2], 'little')
                            packets += 1
                        self.assertEqual(at, len(frame.payload))
                        self.assertEqual(frame.frames, 960 * packets)
                    # Both codecs tell the same moment: they end within a chunk of each other.
                    newest = None
                    with self.assertRaises(asyncio.TimeoutError):
                        while True:
                            newest = await asyncio.wait_for(next_frame(pcm), 0.02)
                    self.assertLess(abs((newest.position + newest.frames) / RATE - position / 48000), 0.25)
            run(check())

    def test_base64_is_the_same_sound_in_json(self):
        sound = noise(RATE * 4)
        with Server() as server:
            async def check():
                async with server.listen('?codec=base64') as ws:
                    server.feed(sound)
                    position, sequence = None, None
                    for _ in range(8):
                        chunk = await next_text(ws, 'audio_chunk')
                        data = base64.b64decode(chunk['data'], validate=True)
                        self.assertEqual(data, sound[chunk['position'] * FRAME_BYTES:][:len(data)])
                        self.assertEqual((chunk['num_samples'], chunk['duration_ms'], chunk['sample_rate']), (4410, 100.0, RATE))
                        self.assertEqual(len(data), chunk['num_samples'] * FRAME_BYTES)
                        if position is not None:
                            self.assertEqual((chunk['position'], chunk['seq']), (position, sequence))
                        position, sequence = chunk['position'] + chunk['num_samples'], chunk['seq'] + 1
            run(check())

    def test_a_stall_is_silence_flagged_and_counted_and_the_sound_comes_back(self):
        # A slow sine: its own steps are small, so a click would stand out.
        import array
        import math
        sine = array.array('h', [int(8000 * math.sin(2 * math.pi * 110 * (i // 2) / RATE)) for i in range(2 * RATE * 20)])
        with Server() as server:
            async def check():
                async with server.listen() as ws:
                    server.pace(sine.tobytes())
                    await next_frame(ws)
                    server.stop_pacing()
                    heard, flags, position = array.array('h'), 0, None

                    async def listen_until(done):
                        nonlocal position, flags
                        while True:
                            frame = await next_frame(ws)
                            if position is not None:
                                self.assertEqual(frame.position, position)
                            position = frame.position + frame.frames
                            flags += frame.flags & 1
                            heard.frombytes(frame.payload)
                            if done(frame):
                                return

                    await listen_until(lambda frame: not any(frame.payload))
                    self.assertEqual(flags, 1)
                    self.assertEqual(server.request('GET', '/health')[0], 503)
                    self.assertIn('stalled', server.get_json('/health')['reason'])
                    server.pace(sine.tobytes())
                    await listen_until(lambda frame: any(frame.payload))
                    self.assertEqual(flags, 2)
                    for _ in range(3):
                        await listen_until(lambda frame: True)
                    steepest = max(abs(heard[i] - heard[i - 2]) for i in range(2, len(heard)))
                    self.assertLess(steepest, 1.5 * 8000 * 2 * math.pi * 110 / RATE)
                    self.assertEqual(server.get_json('/api/metrics')['underruns_total'], 1)
                    self.assertTrue(server.healthy())
            run(check())

    def test_a_listener_that_is_late_by_two_seconds_misses_nothing_of_a_stall(self):
        with Server() as server:
            server.feed(noise(RATE))
            until('sound flows', server.healthy)

            async def check():
                async with server.listen() as ws:
                    await next_frame(ws)
                    ws.transport.pause_reading()
                    began = server.get_json('/api/status')['position']
                    while server.get_json('/api/status')['position'] < began + 2.5 * RATE:
                        await asyncio.sleep(0.05)
                    ws.transport.resume_reading()
                    position = None
                    while position is None or position < began + 2.5 * RATE:
                        frame = await next_frame(ws)
                        self.assertIn(position, (None, frame.position))
                        position = frame.position + frame.frames
            run(check())
            self.assertEqual(server.get_json('/api/metrics')['chunks_dropped_total'], 0)

    def test_a_slow_listener_loses_its_own_oldest_and_delays_nobody(self):
        with file_of(noise(RATE * 60)) as file, Server('--chunk-ms', '20', file.name, header=False) as server:
            until('sound flows', server.healthy)
            with socket.socket() as slow:
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.connect((server.host, server.port))
                slow.sendall(b'GET /ws/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                             b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')

                async def check():
                    async with server.listen() as ws:
                        position = None
                        # The other one reads on until the slow one has lost something.
                        while server.get_json('/api/metrics')['chunks_dropped_total'] < 10:
                            frame = await next_frame(ws)
                            self.assertEqual(frame.flags, 0)
                            self.assertIn(position, (None, frame.position))
                            position = frame.position + frame.frames
                run(check())
                # Back again, the slow one gets a flagged chunk and then goes on, never more than some seconds behind.
                slow.settimeout(20)
                stream = slow.makefile('rb')
                while stream.readline() != b'\r\n':
                    pass
                flagged = False
                while not flagged:
                    head = stream.read(2)
                    length = head[1]
                    if length == 126:
                        length = int.from_bytes(stream.read(2), 'big')
                    payload = stream.read(length)
                    flagged = head[0] == 0x82 and payload[3] & 1 == 1
                stream.close()


class Manners(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # A file, since a feeder in this process could be kept from its work by what the tests do, and the server would
        # rightly say that its input has stalled.
        cls.file = file_of(noise(RATE * 10))
        cls.server = Server('--max-clients', '3', '--on-end', 'loop', cls.file.name, header=False)
        with Certificate() as certificate:  # it is read at the start
            cls.tls_server = Server('--on-end', 'loop', cls.file.name, header=False, certificate=certificate)
        for server in (cls.server, cls.tls_server):
            until('sound flows', server.healthy)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.tls_server.stop()
        cls.file.close()

    def setUp(self):
        until('the listeners before are gone', lambda: self.server.get_json('/api/status')['clients'] == 0)

    def refused(self, status, url=None, **options):
        async def check():
            with self.assertRaises(websockets.InvalidStatusCode) as refusal:
                async with websockets.connect(url or self.server.socket_url(), **options):
                    pass
            self.assertEqual(refusal.exception.status_code, status)
        run(check())
        self.assertTrue(self.server.healthy())

    def test_a_ping_is_answered_with_both_clocks(self):
        async def check():
            async with self.server.listen() as ws:
                await ws.send(json.dumps({'type': 'ping', 'client_timestamp': 123.5}))
                pong = await next_text(ws, 'pong')
                self.assertEqual(pong['client_timestamp'], 123.5)
                self.assertGreater(pong['server_timestamp'], 1e12)
                await (await ws.ping())  # and those of the protocol itself
        run(check())

    def test_what_listeners_report_becomes_figures(self):
        async def check():
            async with self.server.listen() as a, self.server.listen() as b:
                await a.send(json.dumps({'type': 'client_metrics', 'buffer_ms': 250, 'underruns': 2, 'rate': 1.001, 'jitter_ms': 3}))
                await b.send(json.dumps({'type': 'client_metrics', 'buffer_ms': 400, 'underruns': 0, 'rate': 1, 'jitter_ms': 3}))
                await b.send(json.dumps({'type': 'client_metrics', 'buffer_ms': 'x', 'underruns': -1e308, 'rate': None}))
                for one in (a, b):
                    await one.send('{"type":"ping","client_timestamp":0}')
                    await next_text(one, 'pong')
                figures = self.server.get_json('/api/metrics')
                self.assertEqual(figures['client_buffer_ms'], {'p50': 400, 'min': 250})
                self.assertEqual(figures['client_underruns_total'], 2)
                self.assertEqual(figures['clients'], 2)
        run(check())

    def test_only_names_and_numbers_come_back(self):
        async def check():
            async with self.server.listen() as ws:
                for stamp, back in (('x' * 128, 'x' * 128), ('x' * 129, None), ({'a': 1}, None), (True, None)):
                    await ws.send(json.dumps({'type': 'ping', 'client_timestamp': stamp}))
                    self.assertEqual((await next_text(ws, 'pong'))['client_timestamp'], back)
        run(check())

    def test_messages_that_are_none_get_an_error_and_the_sound_goes_on(self):
        async def check():
            async with self.server.listen() as ws:
                for text in ('', 'nonsense', '[]', '{}', '{"type": 7}', '{"type": "dance"}', '[' * 5000, '{"type":"control"}',
                             '{"type":"control","bpm":1000,"id":"x"}', '{"type":"control","id":{"a":1},"bpm":50}'):
                    await ws.send(text)
                    error = await next_text(ws, 'error')
                    self.assertTrue(error['code'] and error['message'])
                    self.assertIn('recoverable', error)
                await next_frame(ws)
        run(check())

    def test_a_message_in_fragments_is_one_message(self):
        async def check():
            async with self.server.listen() as ws:
                text = json.dumps({'type': 'ping', 'client_timestamp': 1, 'padding': 'x' * 10_000})
                await ws.send([text[:5], text[5:4096], text[4096:]])
                self.assertEqual((await next_text(ws, 'pong'))['client_timestamp'], 1)
        run(check())

    def test_a_hundred_messages_at_once_are_all_answered_in_order(self):
        handshake = (b'GET /ws/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                     b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')
        pings = b''
        for i in range(100):
            text = b'{"type":"ping","client_timestamp":%d}' % i
            pings += bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text
        for server in (self.server, self.tls_server):
            with self.subTest(tls=bool(server.trust)), server.connect() as connection:
                connection.sendall(handshake + pings)  # with the handshake itself
                got = b''
                while got.count(b'"pong"') < 100:
                    got += connection.recv(65536)
                self.assertLess(got.index(b'"welcome"'), got.index(b'"pong"'))
                places = [got.index(b'"client_timestamp":%d,' % i) for i in range(100)]
                self.assertEqual(places, sorted(places))

    def test_a_message_has_16_kib_at_most(self):
        async def check():
            async with self.server.listen() as ws:
                await ws.send('x' * 16384)
                self.assertEqual((await next_text(ws, 'error'))['code'], 'bad_message')
                await ws.send(['x' * 16384, 'x'])
                self.assertEqual(await closed(ws), 1009)
            async with self.server.listen() as ws:
                await ws.send('x' * 16385)
                self.assertEqual(await closed(ws), 1009)
        run(check())

    def closes(self, code, message):
        # The listener goes on sending while the server closes: what is on its way may not cost it the reason.
        async def check():
            async with self.server.listen() as ws:
                async def go_on():
                    with contextlib.suppress(websockets.ConnectionClosed):
                        while True:
                            await ws.send(message)
                            await asyncio.sleep(0)
                sender = asyncio.create_task(go_on())
                self.assertEqual(await closed(ws), code)
                self.assertTrue(ws.close_reason)
                await sender
        run(check())
        self.assertTrue(self.server.healthy())

    def test_a_message_that_is_too_large_closes_with_1009(self):
        self.closes(1009, 'x' * 100_000)

    def test_a_binary_message_closes_with_1003(self):
        self.closes(1003, b'\0\1\2')

    def test_a_flood_closes_with_1008(self):
        self.closes(1008, '{"type":"ping"}')

    def test_a_listener_that_was_closed_is_none_any_more(self):
        async def check():
            async with self.server.listen() as ws:
                await ws.send(b'')
                # It neither reads on nor answers the close.
                ws.transport.pause_reading()
                while self.server.get_json('/api/status')['clients'] != 0:
                    await asyncio.sleep(0.02)
                ws.transport.resume_reading()
                self.assertEqual(await closed(ws), 1003)
        run(check())

    def test_frames_that_break_the_protocol_cost_their_own_connection(self):
        handshake = (b'GET /ws/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                     b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')
        masked = bytes([0x80, 0, 0, 0, 0])
        for name, frame, code in (('reserved opcode', b'\x83' + masked, 1002), ('reserved bit', b'\xC1' + masked, 1002),
                                  ('not UTF-8', b'\x81\x82\0\0\0\0\xff\xfe', 1007), ('continuation of nothing', b'\x80' + masked, 1002),
                                  ('fragmented ping', b'\x09' + masked, 1002), ('not masked', b'\x81\x02hi', 1002),
                                  ('absurd length', b'\x82\xff' + b'\xff' * 12, 1002)):
            for server in (self.server, self.tls_server):
                with self.subTest(name, tls=bool(server.trust)), server.connect() as connection:
                    connection.sendall(handshake + frame)
                    if not server.trust:
                        connection.shutdown(socket.SHUT_WR)
                    self.assertRegex(received(connection), b'(?s)\x88.' + code.to_bytes(2, 'big') + b'expected [A-Za-z0-9, -]+$')
                    self.assertTrue(server.healthy())

    def test_handshakes_that_are_wrong_are_refused_with_a_reason(self):
        self.refused(400, self.server.socket_url('?codec=mp3'))
        self.refused(400, subprotocols=['other.v9'])
        self.refused(400, subprotocols=['descriptor'])
        self.refused(400, subprotocols=['AURALIS.V1'])
        self.refused(404, f'ws://{self.server.host}:{self.server.port}/elsewhere')
        self.refused(403, origin='http://evil.example')

    def test_one_listener_too_many_is_closed_with_1013(self):
        async def check():
            async with self.server.listen() as a, self.server.listen() as b, self.server.listen() as c:
                for ws in (a, b, c):
                    await next_frame(ws)
                async with self.server.listen() as d:
                    self.assertEqual(await closed(d), 1013)
                self.assertEqual(self.server.request('GET', '/stream.wav')[0], 503)
                await next_frame(a)
            until('a seat is free', lambda: self.server.get_json('/api/status')['clients'] == 0)
            async with self.server.listen() as e:
                await next_frame(e)
        run(check())


class Players(unittest.TestCase):
    def test_plain_streams_are_what_they_say(self):
        with Server() as server:
            server.pace(noise(RATE * 100))
            until('sound flows', server.healthy)
            for path, codec, rate in (('/stream.opus', 'opus', '48000'), ('/stream.wav', 'pcm_s16le', '44100'), ('/listen.m3u', 'opus', '48000')):
                with self.subTest(path):
                    url = server.url.rstrip('/') + path
                    if path == '/listen.m3u':  # players fetch what it names
                        url = server.request('GET', path)[2].decode().splitlines()[-1]
                    probed = subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'stream=codec_name,sample_rate,channels',
                                             '-of', 'json', url], capture_output=True, timeout=60)
                    self.assertEqual(probed.returncode, 0, probed.stderr)
                    stream = json.loads(probed.stdout)['streams'][0]
                    self.assertEqual((stream['codec_name'], stream['sample_rate'], stream['channels']), (codec, rate, 2))
                    self.assertEqual(len(decoded(url, 1)), int(rate) * FRAME_BYTES)

    def test_the_wav_stream_is_the_samples_that_were_fed(self):
        sound = noise(RATE * 5)
        with Server() as server:
            server.pace(sound)
            until('sound flows', server.healthy)
            with socket.create_connection((server.host, server.port), timeout=20) as connection:
                connection.sendall(b'GET /stream.wav HTTP/1.1\r\nHost: a\r\n\r\n')
                got = b''
                while len(got) < RATE * FRAME_BYTES:
                    got += connection.recv(65536)
            head, _, body = got.partition(b'\r\n\r\n')
            self.assertIn(b'audio/wav', head)
            self.assertEqual(body[:44], wav_header())
            self.assertIn(body[44:RATE * 3], sound)

    def test_a_late_joiner_of_the_ogg_stream_can_decode_it(self):
        with Server() as server:
            server.pace(noise(RATE * 100))
            until('sound flows', server.healthy)
            url = server.url.rstrip('/') + '/stream.opus'
            with socket.create_connection((server.host, server.port), timeout=20) as first:
                first.sendall(b'GET /stream.opus HTTP/1.1\r\nHost: a\r\n\r\n')
                got = 0
                while got < 40_000:
                    got += len(first.recv(65536))
                self.assertEqual(len(decoded(url, 1)), 48000 * FRAME_BYTES)

    def test_the_recording_is_what_was_sent(self):
        sound = noise(RATE + 1234)
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, 'kept.flac')
            with Server('--record', target) as server:
                server.feed(sound)
                server.end_input()
                self.assertEqual(server.wait(), 0)
            self.assertEqual(decoded(target, 10), sound)
            self.assertEqual(os.listdir(folder), ['kept.flac'])


class Ending(unittest.TestCase):
    def ends(self, server, end, reason):
        async def check():
            async with server.listen() as ws:
                await next_frame(ws)
                end()
                shutdown = await next_text(ws, 'shutdown')
                self.assertEqual(shutdown['reason'], reason)
                self.assertGreaterEqual(shutdown['drain_s'], 0)
                self.assertEqual(await closed(ws), 1001)
        run(check())
        self.assertEqual(server.wait(), 0)

    def test_sigterm_announces_itself_drains_and_ends_well(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Server() as server:
                server.pace(noise(RATE * 20))
                self.ends(server, lambda: server.process.send_signal(number), 'stopped')
                self.assertFalse(os.path.exists(os.path.join(server.session, 'serve.metrics.json')))

    def test_one_that_takes_nothing_does_not_cost_the_others_their_goodbye(self):
        with Server() as server:
            server.pace(noise(RATE * 20))
            until('sound flows', server.healthy)
            with socket.socket() as stuck:
                stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                stuck.connect((server.host, server.port))
                stuck.sendall(b'GET /stream.wav HTTP/1.1\r\nHost: a\r\n\r\n')
                until('it falls behind', lambda: server.get_json('/api/metrics')['chunks_dropped_total'] > 0)
                began = time.monotonic()
                self.ends(server, lambda: server.process.send_signal(signal.SIGTERM), 'stopped')
                self.assertLess(time.monotonic() - began, 8)  # 4.5 on a machine with time

    def test_sigterm_ends_a_server_whose_input_never_came(self):
        with Server(header=False) as server:
            self.assertEqual(server.request('GET', '/health')[0], 503)
            self.assertEqual(server.stop(), 0)

    def test_the_end_of_the_input_is_heard_to_its_last_frame(self):
        sound = noise(RATE * 2 + 100)
        with Server() as server:
            async def check():
                async with server.listen() as ws:
                    server.feed(sound)
                    server.end_input()
                    got, texts = b'', []
                    while len(got) < len(sound):
                        frame = await next_frame(ws, texts)
                        self.assertEqual(frame.position * FRAME_BYTES, len(got))
                        got += frame.payload
                    self.assertEqual(got, sound)
                    self.assertEqual(await closed(ws, texts), 1001)
                    self.assertEqual([text['reason'] for text in texts if text['type'] == 'shutdown'], ['ended'])
            run(check())
            self.assertEqual(server.wait(), 0)

    def test_opus_is_heard_to_the_last_frame_too_and_the_ogg_stream_is_closed(self):
        for options in ((), ('--on-end', 'hold')):
            with self.subTest(options), Server(*options) as server:
                server.feed(noise(RATE))
                until('sound flows', server.healthy)
                with socket.create_connection((server.host, server.port), timeout=20) as player:
                    player.sendall(b'GET /stream.opus HTTP/1.1\r\nHost: a\r\n\r\n')

                    async def check():
                        async with server.listen('?codec=opus') as ws:
                            await next_frame(ws)
                            server.feed(noise(RATE * 2 + 100))
                            server.end_input()
                            heard = 0
                            while heard < (RATE * 3 + 100) * 48000 / RATE:
                                frame = await next_frame(ws)
                                heard = frame.position + frame.frames
                    run(check())
                    player.settimeout(20)
                    got = b''
                    while piece := player.recv(65536):
                        got += piece
                    self.assertTrue(got[got.rfind(b'OggS') + 5] & 4, 'the mark of the end')
                if 'hold' in options:  # what has nothing to do does nothing
                    before, began = server.cpu_s(), time.monotonic()
                    while time.monotonic() - began < 2:
                        time.sleep(0.1)
                    self.assertLess(server.cpu_s() - before, 0.5)

    def test_a_stop_fades_the_sound_to_silence_for_listeners_and_the_recording(self):
        def loudest(samples):
            return max(abs(sample) for sample in samples)

        def assert_faded(pcm):
            left = array.array('h', pcm)[::2]
            bends = [left[i + 1] - 2 * left[i] + left[i - 1] for i in range(1, len(left) - 1)]
            own = 10000 * (2 * math.pi * 220 / RATE) ** 2
            self.assertLess(loudest(bends), 1.5 * own + 4)
            self.assertLess(loudest(left[-441:]), 50)
            self.assertGreater(loudest(left[-2 * RATE + 441:][:4410]), 9000)  # two seconds before

        tone = array.array('h', (round(10000 * math.sin(2 * math.pi * 220 * i / RATE)) for i in range(RATE * 8) for _ in range(2))).tobytes()
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, 'kept.flac')
            with Server('--record', target) as server:
                server.pace(tone)
                got = bytearray()

                async def check():
                    async with server.listen() as ws:
                        while len(got) < RATE * FRAME_BYTES:
                            got.extend((await next_frame(ws)).payload)
                        server.process.send_signal(signal.SIGTERM)
                        with contextlib.suppress(websockets.ConnectionClosed):
                            while True:
                                got.extend((await next_frame(ws)).payload)
                        self.assertEqual(ws.close_code, 1001)
                run(check())
                self.assertEqual(server.wait(), 0)
            assert_faded(bytes(got))
            assert_faded(decoded(target, 10))

    def test_a_recording_that_cannot_go_on_is_kept_and_the_sound_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ('kept.wav', 'kept.flac'):
                target = os.path.join(folder, name)
                sound = noise(RATE * 4)
                with self.subTest(name), Server('--record', target, largest_file=500_000) as server:
                    server.feed(sound)
                    until('the recording ends', lambda: any('the recording ends' in line for line in server.log), 30)
                    self.assertTrue(server.healthy())
                    server.end_input()
                    self.assertEqual(server.wait(), 1)
                    server.process.returncode = 0  # that was right
                    kept = subprocess.run(['ffmpeg', '-v', 'quiet', '-i', target, '-f', 's16le', '-'], capture_output=True).stdout
                    self.assertGreater(len(kept), RATE * FRAME_BYTES)
                    self.assertTrue(sound.startswith(kept[:RATE * FRAME_BYTES]))
        done = subprocess.run(['auralis-serve', '--record', '/nowhere/kept.wav', '-'], input=b'', capture_output=True, timeout=20)
        self.assertEqual((done.returncode, b'there is no folder /nowhere' in done.stderr), (1, True), done.stderr)

    def test_sigterm_ends_a_server_whose_fifo_nobody_writes_to(self):
        with tempfile.TemporaryDirectory() as folder:
            fifo = os.path.join(folder, 'fifo')
            os.mkfifo(fifo)
            with Server(fifo, header=False) as server:
                self.assertEqual(server.request('GET', '/health')[0], 503)
                self.assertEqual(server.stop(), 0)
            with Server(fifo, header=False) as server:
                with open(fifo, 'wb') as writer:
                    writer.write(wav_header() + noise(RATE * 2))
                    writer.flush()
                    until('sound flows', server.healthy)
                self.assertEqual(server.wait(), 0)

    def test_hold_keeps_the_page_up(self):
        with Server('--on-end', 'hold') as server:
            server.feed(noise(RATE // 2))
            server.end_input()
            until('it has ended', lambda: 'ended' in server.get_json('/health').get('reason', ''))
            self.assertEqual(server.request('GET', '/api/status')[0], 200)
            self.assertEqual(server.stop(), 0)

    def test_loop_begins_again_at_the_first_frame(self):
        sound = noise(RATE // 2)
        with file_of(sound) as file:
            with Server('--on-end', 'loop', file.name, header=False) as server:
                async def check():
                    async with server.listen() as ws:
                        flags, position = 0, None
                        while flags < 2:
                            frame = await next_frame(ws)
                            self.assertIn(position, (None, frame.position))
                            position = frame.position + frame.frames
                            flags += frame.flags
                            if not frame.flags:
                                start = frame.position % (RATE // 2)
                                whole = (sound * 2)[start * FRAME_BYTES:][:len(frame.payload)]
                                self.assertEqual(frame.payload, whole)
                run(check())

    def test_raw_pcm_needs_no_header(self):
        sound = noise(RATE)
        with Server('--raw', header=False) as server:
            async def check():
                async with server.listen() as ws:
                    server.feed(sound)
                    self.assertEqual((await next_frame(ws)).payload, sound[:4410 * FRAME_BYTES])
            run(check())


if __name__ == '__main__':
    main()
