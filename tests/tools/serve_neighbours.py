# SPDX-License-Identifier: MIT
# The fault of one listener is nobody else's: whatever a connection does wrong, those beside it hear every sample.
import asyncio
import contextlib
import json
import socket
import unittest

from serve_rig import FRAME_BYTES, RATE, Certificate, Server, file_of, main, next_frame, noise

HANDSHAKE = (b'GET /ws/stream?codec=%s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
             b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n')


def frame(opcode, payload=b'', final=True):
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b'\xfe' + len(payload).to_bytes(2, 'big')
    return bytes([opcode | (0x80 if final else 0)]) + length + bytes(4) + payload


def text(message):
    return frame(1, message if isinstance(message, bytes) else json.dumps(message).encode())


# What is sent once the handshake is done.
MISTAKES = {
    'a frame that is not masked': b'\x81\x02hi',
    'a reserved bit': b'\xc1\x80\0\0\0\0',
    'a reserved opcode': b'\x83\x80\0\0\0\0',
    'a length of 2^63 - 1': b'\x82\xff\x7f' + b'\xff' * 7 + bytes(4) + b'x' * 1000,
    'half a frame': b'\x81\xfe\x10',
    'parts of a message without end': frame(1, b'', False) + frame(0, b'', False) * 1000,
    'a continuation of nothing': frame(0, b'x'),
    'a text that is not UTF-8': frame(1, b'\xff\xfe'),
    'a close with no reason that there is': frame(8, b'\0\1'),
    'messages behind a close': frame(8, b'\x03\xe8') + text({'type': 'ping'}) * 100,
    'pings without end': frame(9, b'x' * 125) * 2000,
    'controls without end': text({'type': 'control', 'id': 'x', 'bpm': 60}) * 500,
    'brackets in brackets': text(b'[' * 16000),
    'a message that is too large': frame(1, b'x' * 60000),
    'sound': frame(2, bytes(1000)),
    'figures that are none': b''.join(text(b'{"type":"client_metrics","buffer_ms":%s,"underruns":%s,"rate":%s,"jitter_ms":%s}' % (x, x, x, x))
                                      for x in (b'1e308', b'-1e308', b'1e999', b'-1', b'null', b'"x"', b'{}', b'[]', b'9' * 400)),
    'another request': HANDSHAKE % b'pcm',
    'TLS, or TLS once more': bytes.fromhex('16030100fa010000f6') + b'x' * 250,
}


LOOP_S = 4


def begins_anew(chunk):
    """Whether the file does so in this chunk: of Opus that is anywhere in one."""
    return int(-chunk.position % (LOOP_S * chunk.rate) < chunk.frames)


class Neighbours(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def connect(self, server, first, read=True):
        connection = self.stack.enter_context(server.connect())
        connection.sendall(first)
        got = b''
        while read and b'\r\n\r\n' not in got:
            byte = connection.recv(1)
            self.assertTrue(byte, f'closed after {got}, asked {first[:200]}')
            got += byte
        return connection

    def reset(self, connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        connection.close()

    def faults(self, server):
        """Each is one connection's; some stay to the end, most go as rudely as there is."""
        for codec in (b'pcm', b'opus', b'base64'):
            handshake = HANDSHAKE % codec
            yield 'gone in the middle of the handshake', lambda: self.reset(self.connect(server, handshake[:90], read=False))
            yield 'gone without reading', lambda: self.reset(self.connect(server, handshake, read=False))
            yield 'gone while the sound comes', lambda: self.reset(self.connect(server, handshake))
            yield 'nothing is read', lambda: self.connect(server, handshake)
            if not server.trust:
                yield 'nothing more will be sent', lambda: self.connect(server, handshake).shutdown(socket.SHUT_WR)
                yield 'nothing more will be read', lambda: self.connect(server, handshake).shutdown(socket.SHUT_RD)
        for path in (b'/stream.wav', b'/stream.opus', b'/api/metrics'):
            request = b'GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n' % path
            yield f'{path} is broken off', lambda: self.reset(self.connect(server, request))
            yield f'{path} is not read', lambda: self.connect(server, request * 20, read=False)
        for name, data in MISTAKES.items():
            def mistake(then):
                connection = self.connect(server, HANDSHAKE % b'pcm')
                with contextlib.suppress(OSError):
                    connection.sendall(data)
                then(connection)
            yield name, lambda: mistake(lambda connection: None)
            yield name + ', and gone', lambda: mistake(self.reset)

    async def listen_beside(self, server, sound):
        async with server.listen('?codec=pcm') as pcm, server.listen('?codec=opus') as opus:
            heard = {pcm: [], opus: []}

            async def collect(ws):
                while True:
                    heard[ws].append(await next_frame(ws))

            async def more():
                """Two more chunks each: whatever was done has been read by then."""
                counts = {ws: len(heard[ws]) for ws in heard}
                while any(len(heard[ws]) < counts[ws] + 2 for ws in heard):
                    for task in tasks:
                        if task.done():
                            task.result()
                    await asyncio.sleep(0.02)

            tasks = [asyncio.create_task(collect(ws)) for ws in heard]
            try:
                await more()
                for name, fault in self.faults(server):
                    checked = {ws: len(heard[ws]) - 1 for ws in heard}
                    await asyncio.get_running_loop().run_in_executor(None, fault)
                    await more()
                    for ws, frames in heard.items():
                        for before, after in zip(frames[checked[ws]:], frames[checked[ws] + 1:]):
                            self.assertEqual((after.sequence, after.position, after.flags),
                                             (before.sequence + 1, before.position + before.frames, begins_anew(after)), name)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        for one in (frame for frame in heard[pcm] if not begins_anew(frame)):  # there one take fades into the next
            at = one.position * FRAME_BYTES % len(sound)
            self.assertEqual(one.payload, (sound + sound)[at:at + len(one.payload)])

    def test_whatever_one_does_the_others_hear_every_sample(self):
        sound = noise(RATE * LOOP_S)
        for tls in (False, True):
            with self.subTest(tls=tls), file_of(sound) as file, contextlib.ExitStack() as stack:
                certificate = stack.enter_context(Certificate()) if tls else None
                with Server('--chunk-ms', '20', '--on-end', 'loop', file.name, header=False, certificate=certificate) as server:
                    asyncio.run(self.listen_beside(server, sound))
                    for figure in server.get_json('/api/metrics').values():
                        self.assertNotIn(figure, (float('inf'), float('-inf')))


if __name__ == '__main__':
    main()
