# SPDX-License-Identifier: MIT
# How auralis-serve ends, with its input or by a signal, and what listeners and recordings get of it.
import array
import contextlib
import math
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import websockets

from serve_rig import (FRAME_BYTES, RATE, Server, closed, decoded, file_of, main, next_frame, next_text, noise, run, until,
                       wav_header)


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
                stuck.sendall(b'GET /stream.wav HTTP/1.1\r\nHost: localhost\r\n\r\n')
                until('it falls behind', lambda: server.get_json('/api/metrics')['chunks_dropped_total'] > 0)
                began = time.monotonic()
                self.ends(server, lambda: server.process.send_signal(signal.SIGTERM), 'stopped')
                self.assertLess(time.monotonic() - began, 8)  # 2.5 on a machine with time

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
                    player.sendall(b'GET /stream.opus HTTP/1.1\r\nHost: localhost\r\n\r\n')

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
            # A file, since a feeder in this process could be kept from its work, and the sound would stall.
            with file_of(tone) as file, Server('--record', target, file.name, header=False) as server:
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
                partial = target.replace('kept.', 'kept.partial.')
                with open(target, 'w') as older:
                    older.write('precious')
                sound = noise(RATE * 4)
                with self.subTest(name), Server('--record', target, largest_file=500_000) as server:
                    server.feed(sound)
                    until('the recording ends', lambda: any('the recording ends' in line for line in server.log), 30)
                    server.feed(noise(RATE * 2))
                    until('the sound goes on', server.healthy)
                    server.end_input()
                    self.assertEqual(server.wait(), 1)
                    server.process.returncode = 0  # that was right
                    self.assertTrue(any(f'; the sound until there is in {partial}' in line for line in server.log), server.log)
                    with open(target) as older:
                        self.assertEqual(older.read(), 'precious')
                    self.assertEqual({file for file in os.listdir(folder) if file.startswith('.')}, set())
                    kept = subprocess.run(['ffmpeg', '-v', 'quiet', '-i', partial, '-f', 's16le', '-'], capture_output=True).stdout
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
