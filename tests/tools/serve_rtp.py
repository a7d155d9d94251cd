# SPDX-License-Identifier: MIT
# Opus over RTP: what the description says, what a receiver hears, and how evenly the packets come.
import os
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from serve_rig import RATE, Server, main, noise, until


def free_port():
    """An even one, as RTP wants it, with the next free too."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as beside:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
            if port % 2 == 0:
                try:
                    beside.bind(('127.0.0.1', port + 1))
                    return port
                except OSError:
                    pass


class Received(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.sdp = os.path.join(self.folder.name, 'station.sdp')
        self.port = free_port()

    def server(self):
        return Server('--rtp', f'127.0.0.1:{self.port}', '--sdp', self.sdp, '--name', 'Night Garden')

    def test_a_receiver_that_reads_the_description_hears_the_station(self):
        with self.server() as server:
            server.pace(noise(RATE * 100))
            until('the description is there', lambda: os.path.exists(self.sdp))
            with open(self.sdp) as described:
                text = described.read()
            self.assertIn('opus/48000/2', text)
            self.assertIn('s=Night Garden', text)
            heard = subprocess.run(['ffmpeg', '-v', 'error', '-protocol_whitelist', 'file,udp,rtp', '-i', self.sdp, '-t', '2', '-f', 's16le', '-ac', '2', '-'],
                                   capture_output=True, timeout=60, check=True).stdout
            self.assertGreaterEqual(len(heard), 2 * 48000 * 4 - 4)
            self.assertTrue(any(heard[48000 * 4:48000 * 4 + 4000]))
            probed = subprocess.run(['ffprobe', '-v', 'error', '-protocol_whitelist', 'file,udp,rtp', '-show_entries', 'stream=codec_name,sample_rate,channels',
                                     '-of', 'csv=p=0', self.sdp], capture_output=True, timeout=60, check=True).stdout.decode()
            self.assertEqual(probed.split()[0], 'opus,48000,2')
        self.assertFalse(os.path.exists(self.sdp))

    def test_every_20_ms_a_packet_comes_and_none_is_missing(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, self.server() as server:
            receiver.bind(('127.0.0.1', self.port))
            receiver.settimeout(20)
            server.pace(noise(RATE * 100))
            packets = []
            for _ in range(200):
                packet = receiver.recv(2000)
                packets.append((time.monotonic(), *struct.unpack('>HI', packet[2:8])))
            for (_, sequence, stamp), (_, next_sequence, next_stamp) in zip(packets, packets[1:]):
                self.assertEqual((next_sequence - sequence) % 65536, 1)
                self.assertEqual((next_stamp - stamp) % 2**32, 960)
            waits = sorted(later[0] - earlier[0] for earlier, later in zip(packets[20:], packets[21:]))
            self.assertGreater(waits[len(waits) // 4], 0.010)  # not five at once and then none for 100 ms
            self.assertLess(waits[len(waits) * 3 // 4], 0.030)

    def test_nobody_who_receives_is_no_failure(self):
        with self.server() as server:
            server.pace(noise(RATE * 100))
            until('the description is there', lambda: os.path.exists(self.sdp))
            until('sound flows', server.healthy)
            before = server.get_json('/api/metrics')['uptime_s']
            until('a while has passed', lambda: server.get_json('/api/metrics')['uptime_s'] > before + 3)
            self.assertEqual(server.get_json('/api/metrics')['sinks']['rtp'], {'up': 1, 'lost_s_total': server.get_json('/api/metrics')['sinks']['rtp']['lost_s_total'], 'failures_total': 0})

    def test_what_is_no_place_is_refused(self):
        for place in ('nowhere', 'host:', 'host:99999', ':5004', 'rtp://host:5004'):
            done = subprocess.run(['auralis-serve', '--port', '0', '--rtp', place], input=b'', capture_output=True, timeout=20)
            self.assertEqual(done.returncode, 2, place)
            self.assertIn(b'expected HOST:PORT', done.stderr)


if __name__ == '__main__':
    main()
