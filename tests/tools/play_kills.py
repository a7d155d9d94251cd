# SPDX-License-Identifier: MIT
# kill -9 of composer, renderer and server under auralis-play, at random: the station comes back, on the same port, and
# nothing is left behind. AURALIS_LONG=1: a hundred of them, each back within 2 s.
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import tempfile
import time
import unittest

from play_rig import LONG, PARTS, Listeners, Station, is_silent
from serve_rig import main, until

KILLS = 100 if LONG else 9
BACK_S = 2.0 if LONG else 15.0  # the suite runs beside others


class Kills(unittest.TestCase):
    def test_the_station_comes_back_after_every_kill(self):
        rng = random.Random(7)
        victims = [PARTS[i % 3] for i in range(KILLS)]
        rng.shuffle(victims)
        took = {part: [] for part in PARTS}
        with Station() as station, Listeners(station.ready(), 3) as listeners:
            port, supervisor = station.port, station.process.pid
            for victim in victims:
                # Anywhere in a chunk, in a step, in a start: but what has not played for 2 s yet is another matter.
                time.sleep(rng.uniform(2.0, 3.0))
                moment = time.monotonic()
                gone = [station.kill(victim)]
                if rng.random() < 0.25:  # another one at the same time
                    gone.append(station.kill(rng.choice([part for part in PARTS if part != victim])))
                took[victim].append(listeners.back_after(moment))
                self.assertFalse(set(gone) & set(station.processes()))
                # A server that begins to read inside a stream finds its samples.
                self.assertFalse(any(chunk.noise for heard in listeners.heard for chunk in heard))
                self.assertLess(took[victim][-1], BACK_S, f'{victim}, {station.log[-10:]}')
            self.assertEqual(station.process.pid, supervisor)
            self.assertIsNone(station.process.poll())
            self.assertEqual(station.port, port)
            until('all three run', lambda: all(map(station.part, PARTS)))
            self.assertEqual(len(station.processes()), 4)
            for part, seconds in took.items():
                print(f'{part}: {len(seconds)} kills, sound again after {statistics.median(seconds):.2f} s in the median, '
                      f'{max(seconds):.2f} s at most', flush=True)
            # What the dead left their successors took away; what these write has its name in a moment.
            until('nothing unfinished is left', lambda: not station.unfinished())
            station.stop()

    def test_what_listeners_set_outlives_the_server(self):
        with Station() as station, Listeners(station.ready()) as listeners:
            until('the composer is found', lambda: json.loads(station.get('/api/status')[1])['composer'] == 'connected')
            connection = http.client.HTTPConnection('127.0.0.1', station.port, timeout=20)
            connection.request('POST', '/api/control', '{"bpm": 47}')
            self.assertEqual(connection.getresponse().status, 200)
            connection.close()
            composer = station.part('compose')
            moment = time.monotonic()
            station.kill('serve')
            listeners.back_after(moment)
            self.assertEqual(station.part('compose'), composer)
            until('the state is the composer\'s', lambda: b'"bpm":47' in station.get('/api/status')[1].replace(b' ', b''))
            station.stop()

    def test_a_recording_outlives_its_server(self):
        for name, partial in (('night.flac', 'night.partial.flac'), ('night.wav', 'night.partial.wav')):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder, Station('--record', f'{folder}/{name}') as station:
                with Listeners(station.ready()) as listeners:
                    # An encoder and a file's buffer hold up to half a second that a kill takes with it.
                    until('two seconds are recorded', lambda: len(listeners.heard[0]) >= 20, 20)
                    moment = time.monotonic()
                    station.kill('serve')
                    listeners.back_after(moment)
                    said = f'kept {folder}/{partial}, which a run that was killed had left unfinished'
                    until('it is said: ' + said, lambda: station.said(said))
                    station.stop()
                self.assertEqual(sorted(os.listdir(folder)), sorted([name, partial]))
                for kept in (name, partial):
                    pcm = subprocess.run(['ffmpeg', '-v', 'quiet', '-i', f'{folder}/{kept}', '-f', 's16le', '-'], capture_output=True).stdout
                    self.assertGreater(len(pcm), 4 * 44100, kept)
                    self.assertFalse(is_silent(pcm[:len(pcm) // 4 * 4]), kept)

    def test_a_supervisor_that_is_killed_leaves_nobody(self):
        with Station() as station, Listeners(station.ready()):
            station.process.send_signal(signal.SIGKILL)
            until('all have ended', lambda: not station.processes(), 10)


if __name__ == '__main__':
    main()
