# SPDX-License-Identifier: MIT
# What listeners of auralis-serve get: WebSocket and plain streams, checked sample by sample.
import array
import asyncio
import base64
import json
import math
import os
import socket
import subprocess
import tempfile
import unittest

from serve_rig import (FRAME_BYTES, RATE, Composer, Server, decoded, file_of, main, next_frame, next_text, noise, run, until,
                       wav_header)


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
                slow.sendall(b'GET /ws/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
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


def received_head(connection):
    got = b''
    while b'\r\n\r\n' not in got:
        got += connection.recv(4096)
    return got.partition(b'\r\n\r\n')[0]


WITH_AAC = os.environ.get('WITH_AV', 'ON') == 'ON'


class Players(unittest.TestCase):
    def test_plain_streams_are_what_they_say(self):
        with Server() as server:
            server.pace(noise(RATE * 100))
            until('sound flows', server.healthy)
            for path, codec, rate in (('/stream.opus', 'opus', '48000'), ('/stream.wav', 'pcm_s16le', '44100'), ('/stream.mp3', 'mp3', '44100'), ('/listen.m3u', 'opus', '48000'),
                                      *([('/stream.aac', 'aac', '48000')] if WITH_AAC else [])):
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
                connection.sendall(b'GET /stream.wav HTTP/1.1\r\nHost: localhost\r\n\r\n')
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
                first.sendall(b'GET /stream.opus HTTP/1.1\r\nHost: localhost\r\n\r\n')
                got = 0
                while got < 40_000:
                    got += len(first.recv(65536))
                self.assertEqual(len(decoded(url, 1)), 48000 * FRAME_BYTES)

    @unittest.skipUnless(WITH_AAC, 'this build has no AAC')
    def test_aac_is_loaded_with_its_first_listener_and_a_late_one_hears_it_whole(self):
        sine = array.array('h', [int(8000 * math.sin(2 * math.pi * 440 * (i // 2) / RATE)) for i in range(2 * RATE * 30)])
        with Server() as server:
            server.pace(sine.tobytes(), ahead_s=math.inf)
            until('sound flows', server.healthy)
            self.assertNotIn('libavcodec', server.maps())
            with socket.create_connection((server.host, server.port), timeout=20) as first:
                first.sendall(b'GET /stream.aac HTTP/1.1\r\nHost: localhost\r\n\r\n')
                self.assertIn(b'Content-Type: audio/aac', received_head(first))
                self.assertIn('libavcodec', server.maps())
                heard = array.array('h', decoded(server.url + 'stream.aac', 2))
            self.assertEqual(len(heard), 2 * 48000 * 2)
            # The sine, and hardly anything beside it.
            left = [sample / 8000 for sample in heard[48000:144000:2]]
            turns = [2 * math.pi * 440 * i / 48000 for i in range(len(left))]
            cos, sin = (2 / len(left) * sum(x * wave(turn) for x, turn in zip(left, turns)) for wave in (math.cos, math.sin))
            rest = sum((x - cos * math.cos(turn) - sin * math.sin(turn)) ** 2 for x, turn in zip(left, turns)) / len(left)
            self.assertAlmostEqual(math.hypot(cos, sin), 1, delta=0.02)
            self.assertLess(10 * math.log10(rest), -40)

    def test_players_that_ask_are_told_the_station_and_what_plays(self):
        tags = ('--name', 'Night Garden', '--genre', 'Drone', '--description', 'Müsic that never ends')
        with Server(*tags) as server, Composer(server.session) as composer:
            server.pace(noise(RATE * 100))
            until('sound flows and is known', lambda: server.healthy() and server.get_json('/api/status')['chord'] == 'Dm9')
            for path in ('/stream.opus', '/stream.mp3', '/stream.wav', *(['/stream.aac'] if WITH_AAC else [])):
                with self.subTest(path):
                    probed = subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'format_tags', '-of', 'json', server.url.rstrip('/') + path],
                                            capture_output=True, timeout=60, check=True)
                    told = {name.lower(): value for name, value in json.loads(probed.stdout)['format']['tags'].items()}
                    self.assertEqual((told['icy-name'], told['icy-genre'], told['icy-description']), tags[1::2])
                    with server.connect() as connection:
                        connection.sendall(f'GET {path} HTTP/1.0\r\nHost: localhost\r\nIcy-MetaData: 1\r\n\r\n'.encode())
                        got = b''
                        while b"StreamTitle='focus, Dm9';" not in got:
                            got += connection.recv(65536)
                        composer.tell(dict(composer.state, scene='drift', chord='Am7'))
                        while b"StreamTitle='focus, drift, Am7';" not in got:
                            got += connection.recv(65536)
                        composer.tell(composer.state)
                    until('the chord of before is back', lambda: server.get_json('/api/status')['chord'] == 'Dm9')
            with server.connect() as connection:  # and who does not ask gets the sound alone
                connection.sendall(b'GET /stream.wav HTTP/1.1\r\nHost: localhost\r\n\r\n')
                head = received_head(connection)
            self.assertNotIn(b'icy-metaint', head)
            self.assertIn('icy-name: Night Garden'.encode(), head)
            opus = subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'stream_tags', '-of', 'json', server.url + 'stream.opus'],
                                  capture_output=True, timeout=60, check=True)
            told = json.loads(opus.stdout)['streams'][0]['tags']
            self.assertEqual((told['TITLE'], told['GENRE'], told['COMMENT']), tags[1::2])

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


if __name__ == '__main__':
    main()
