# SPDX-License-Identifier: MIT
# /ws/events of auralis-serve: the events of what plays, for listeners that make the sound themselves.
import asyncio
import itertools
import json
import os
import socket
import subprocess
import tempfile
import unittest

from serve_rig import RATE, Composer, Server, main, next_frame, next_message, noise, run, until

START = {'type': 'start', 'auralis': 1, 'seed': '7'}


def drone(t, **fields):
    return {'type': 'note', 't': t, 'id': 1, 'layer': 'drone', 'pitch': 38, 'vel': 0.5, 'dur': 1000, 'pan': 0, **fields}


def events_of(message):
    return [json.loads(line) for line in message.splitlines()]


class Followers(unittest.TestCase):
    """With the composer's end of the socket played here."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.server.pace(noise(RATE * 120))
        until('sound flows', self.server.healthy)

    def composer(self, *first):
        composer = Composer(self.server.session, lambda message: list(first) if message['type'] == 'subscribe' else [])
        self.addCleanup(composer.stop)
        until('the composer is found', lambda: self.server.get_json('/api/status')['composer'] == 'connected')
        return composer

    def follow(self):
        return self.server.listen(path='/ws/events')

    async def next_events(self, ws):
        while True:
            events = events_of(await next_message(ws, 60))
            if events[0]['type'] not in ('welcome', 'state'):
                return events

    def test_events_are_asked_for_when_somebody_follows_and_not_before(self):
        composer = self.composer(START, {'type': 'advance', 't': 0.5})

        async def check():
            async with self.server.listen() as ws:
                await next_frame(ws)
            self.assertEqual(composer.heard, [])
            async with self.follow() as first, self.follow() as second:
                for ws in (first, second):
                    self.assertEqual([event['type'] for event in await self.next_events(ws)], ['clock', 'start', 'advance'])
                until('it is kept', lambda: composer.heard)
                self.assertEqual(composer.heard, [{'type': 'subscribe'}])
                # What comes is one message for each, at the latest after five advances, without a clock where that is as it was.
                composer.tell(drone(0.6))
                for tenth in range(6, 11):
                    composer.tell({'type': 'advance', 't': tenth / 10})
                for ws in (first, second):
                    self.assertEqual([event['type'] for event in await self.next_events(ws)], ['note', 'advance'])
        run(check())

    def test_a_newcomer_is_told_what_sounds_and_where_every_glide_is(self):
        self.composer(START, drone(1.0), {'type': 'change', 't': 10.0, 'layer': 'drone', 'param': 'pan', 'value': 0.8, 'glide': 40.0},
                      {'type': 'advance', 't': 50.0})

        async def check():
            async with self.follow() as first:
                self.assertEqual((await self.next_events(first))[-1], {'type': 'advance', 't': 50.0})
                async with self.follow() as ws:
                    events = await self.next_events(ws)
            clock, start, patch, change, note, advance = events
            self.assertEqual([clock['type'], clock['t'], start['type']], ['clock', 50.0, 'start'])
            self.assertEqual([event['t'] for event in events[2:]], [30.0, 30.0, 30.0, 50.0])
            self.assertAlmostEqual(patch['params']['pan'], 0.4, delta=0.001)  # half of the way, after half of the time
            self.assertEqual((change['param'], change['value'], change['glide']), ('pan', 0.8, 20.0))
            self.assertEqual((note['id'], note['dur']), (1, 971.0))
            self.assertEqual(advance['t'], 50.0)
        run(check())

    def test_a_piece_that_begins_anew_is_followed_from_its_start(self):
        first = self.composer(START, drone(1.0), {'type': 'advance', 't': 5.0})

        async def check():
            async with self.follow() as ws:
                await self.next_events(ws)
                first.stop()
                self.composer({**START, 'seed': '8'}, {'type': 'advance', 't': 0.25})
                clock, start, advance = await self.next_events(ws)
                self.assertEqual((clock['t'], start['seed'], advance['t']), (0.25, '8', 0.25))
        run(check())

    def test_a_follower_that_lost_events_begins_anew_where_it_is(self):
        composer = self.composer(START, {'type': 'advance', 't': 0.5})
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((self.server.host, self.server.port))
            slow.sendall(b'GET /ws/events HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                         b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')
            until('it is there', lambda: {'type': 'subscribe'} in composer.heard)
            hundredths = itertools.count(51)

            def it_lost_some():
                for _ in range(50):
                    t = next(hundredths) / 100
                    composer.tell({'type': 'chord', 't': t, 'name': 'x' * 200, 'degree': 'i', 'pitches': [60]})
                composer.tell({'type': 'advance', 't': t})
                return self.server.get_json('/api/metrics')['chunks_dropped_total'] > 0

            until('it lost some', it_lost_some)
            slow.settimeout(60)
            with slow.makefile('rb') as stream:
                while stream.readline() != b'\r\n':
                    pass
                starts = 0
                while starts < 2:
                    length = stream.read(2)[1]
                    if length > 125:
                        length = int.from_bytes(stream.read(2 if length == 126 else 8), 'big')
                    starts += stream.read(length).count(b'"start"')


class Pipeline(unittest.TestCase):
    def test_what_a_follower_makes_of_the_events_is_the_stream_to_the_bit(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ, XDG_RUNTIME_DIR=folder)
            compose = subprocess.Popen(['auralis-compose', '--live', '-q', '--preset', 'bright', '--seed', '7'],
                                       stdout=subprocess.PIPE, env=environment)
            render = subprocess.Popen(['auralis-render', '-q'], stdin=compose.stdout, stdout=subprocess.PIPE, env=environment)
            try:
                with Server(stdin=render.stdout, header=False, runtime=folder) as server:
                    until('it is known where the piece began', lambda: server.healthy() and server.get_json('/api/status')['seed'])
                    messages, frames = run(self.hear(server))
            finally:
                for process in (compose, render):
                    process.terminate()
                    process.wait()
                    process.stdout.close()
        events = [event for message in messages for event in events_of(message)]
        clock = [event for event in events if event['type'] == 'clock'][-1]
        lines = [line for message in messages for line in message.splitlines() if '"type":"clock"' not in line]
        sound = subprocess.run(['auralis-render', '-q', '--raw', '-'], input='\n'.join(lines).encode() + b'\n', capture_output=True).stdout
        begins = clock['position'] - round(clock['t'] * RATE)
        last = round(events[-1]['t'] * RATE)
        compared = 0
        for frame in frames:
            first = frame.position - begins
            if first < 0 or first + frame.frames > last - RATE // 2:  # what the end of the lines changes
                continue
            self.assertEqual(frame.payload, sound[4 * first:4 * (first + frame.frames)], first)
            compared += frame.frames
        self.assertGreater(compared, RATE)

    async def hear(self, server):
        """Both ways at once, until there are three seconds of frames without a break and the events of all of them."""
        messages, frames = [], []
        async with server.listen() as pcm, server.listen(path='/ws/events') as ws:
            while sum(frame.frames for frame in frames) < 3 * RATE:
                frame = await next_frame(pcm)
                if frame.flags & 1:  # silence was put in, and what follows is heard later than was said
                    frames.clear()
                else:
                    frames.append(frame)
            end = frames[-1].position
            while True:
                message = await next_message(ws, 60)
                if events_of(message)[0]['type'] in ('welcome', 'state'):
                    continue
                messages.append(message)
                events = [event for one in messages for event in events_of(one)]
                clock = [event for event in events if event['type'] == 'clock'][-1]
                if clock['position'] + (events[-1]['t'] - clock['t']) * RATE > end + RATE:
                    return messages, frames


if __name__ == '__main__':
    main()
