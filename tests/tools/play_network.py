# SPDX-License-Identifier: MIT
# Listeners behind a link that loses 2 % of the packets and delays the others by 20 to 80 ms, so that they overtake each
# other (tests/net_emulator): no chunk may be lost. Run by play_network.sh.
import asyncio
import json
import os
import subprocess
import sys
import time
import unittest

import websockets

from play_rig import LONG, Station
from serve_rig import Frame, main, next_message

SECONDS = 300 if LONG else 15
HOST = '10.77.0.1'


async def listen(url, seconds):
    """What a listener on the far side got, as JSON."""
    result = {'chunks': 0, 'missing': 0, 'flagged': 0, 'longest_wait_ms': 0}
    async with websockets.connect(url, subprotocols=['auralis.v1'], max_size=None, compression=None, open_timeout=20) as ws:
        expected, last, begun = None, None, time.monotonic()
        while time.monotonic() - begun < seconds:
            message = await next_message(ws, 20)
            if not isinstance(message, bytes):
                continue
            frame, now = Frame(message), time.monotonic()
            if expected is not None:
                result['missing'] += (frame.sequence - expected) % 2**32
                result['flagged'] += frame.flags & 1
                result['longest_wait_ms'] = max(result['longest_wait_ms'], round(1000 * (now - last)))
            expected, last = (frame.sequence + 1) % 2**32, now
            result['chunks'] += 1
    print(json.dumps(result))


class Network(unittest.TestCase):
    def hears_all(self, codec):
        with Station(host=HOST) as station:
            station.ready()
            far = subprocess.Popen([*os.environ['FAR'].split(), sys.executable, os.path.abspath(__file__), 'listen',
                                    f'ws://{HOST}:{station.port}/ws/stream?codec={codec}', str(SECONDS)], stdout=subprocess.PIPE)
            heard = json.loads(far.communicate(timeout=SECONDS + 60)[0])
            figures = station.figures()
            print(f'{codec}: {heard}, {figures["underruns_total"]} underruns of the station itself', flush=True)
            self.assertEqual((heard['missing'], figures['chunks_dropped_total']), (0, 0), heard)
            if not figures['underruns_total']:
                self.assertEqual(heard['flagged'], 0)
            self.assertGreater(heard['chunks'], 0.8 * 10 * SECONDS)
            station.stop()

    def test_a_listener_of_opus_hears_every_chunk(self):
        self.hears_all('opus')

    def test_a_listener_of_pcm_hears_every_chunk(self):
        self.hears_all('pcm')


if __name__ == '__main__':
    if sys.argv[1:2] == ['listen']:
        asyncio.run(listen(sys.argv[2], float(sys.argv[3])))
    else:
        main()
