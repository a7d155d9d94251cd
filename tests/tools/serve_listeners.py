# SPDX-License-Identifier: MIT
# What listeners of auralis-serve may send, and what it answers: messages, frames and handshakes, right and wrong.
import asyncio
import contextlib
import json
import socket
import unittest

import websockets

from serve_rig import (RATE, Certificate, Server, closed, file_of, main, next_frame, next_text, noise, received, run, until)


class Messages(unittest.TestCase):
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
        handshake = (b'GET /ws/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
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
        handshake = (b'GET /ws/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
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


if __name__ == '__main__':
    main()
