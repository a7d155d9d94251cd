# SPDX-License-Identifier: MIT
# Crowds at a station: listeners that come and go all the time, and such as never read. Two that stay hear every chunk, and
# when the crowd has gone nothing of it is left. AURALIS_LONG=1: 3,000 at a time.
import json
import os
import random
import resource
import selectors
import socket
import subprocess
import sys
import time
import unittest

from play_rig import LONG, Listeners, Station
from serve_rig import main, until

CROWD = 3000 if LONG else 400
SECONDS = 120 if LONG else 8
ARRIVALS_A_STEP = 40  # so that the backlog of the port is not what is tried


def handshake(port):
    return (f'GET /ws/stream?codec=opus HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n').encode()


class Crowd:
    """So many at a time, each for a while; every third never reads. They come from many addresses of the loopback."""

    def __init__(self, port, count, seed=7):
        self.port, self.count, self.rng = port, count, random.Random(seed)
        self.selector = selectors.DefaultSelector()
        self.there = {}  # socket → when it goes
        self.came = self.broken = 0

    def come(self, now):
        one = socket.socket()
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        one.bind((f'127.0.{self.rng.randrange(1, 200)}.{self.rng.randrange(1, 200)}', 0))
        one.connect_ex(('127.0.0.1', self.port))
        self.selector.register(one, selectors.EVENT_WRITE)
        self.there[one] = now + self.rng.uniform(0.05, 10)
        self.came += 1

    def go(self, one):
        if one in self.selector.get_map():
            self.selector.unregister(one)
        del self.there[one]
        if self.rng.random() < 0.3:  # without a word
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        one.close()

    def on(self, one, events):
        if events & selectors.EVENT_WRITE:
            one.sendall(handshake(self.port))
            self.selector.unregister(one)
            if self.rng.random() < 2 / 3:  # the others never read
                self.selector.register(one, selectors.EVENT_READ)
        elif not one.recv(1 << 20):
            raise ConnectionError('closed')

    def step(self, arrivals=ARRIVALS_A_STEP):
        now = time.monotonic()
        for one in [one for one, until_s in self.there.items() if until_s < now]:
            self.go(one)
        for _ in range(min(arrivals, self.count - len(self.there))):
            self.come(now)
        for key, events in self.selector.select(0.01):
            try:
                self.on(key.fileobj, events)
            except OSError:
                self.broken += 1
                self.go(key.fileobj)

    def leave(self):
        for one in list(self.there):
            self.go(one)
        self.selector.close()


def descriptors(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


def resident_mb(pid):
    with open(f'/proc/{pid}/statm') as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 2**20


class Crowds(unittest.TestCase):
    def test_who_stays_hears_every_chunk_while_thousands_come_and_go(self):
        with Station('--max-clients', str(2 * CROWD), '--max-per-address', '0') as station, Listeners(station.ready(), 2) as listeners:
            serve = station.part('serve')
            before = descriptors(serve)
            # A process of its own: it may not take the time of those who stay.
            crowd = subprocess.Popen([sys.executable, os.path.abspath(__file__), 'crowd', str(station.port)], stdout=subprocess.PIPE)
            largest = 0.0
            while crowd.poll() is None:
                largest = max(largest, resident_mb(serve))
                time.sleep(0.1)
            came, most, broken = json.loads(crowd.stdout.read())
            crowd.stdout.close()
            dropped = station.figures()['chunks_dropped_total']
            until('the crowd has gone', lambda: station.figures()['clients'] == 2, 30)
            until('its descriptors, too', lambda: descriptors(serve) <= before + 8, 30)
            print(f'{came} came, {most} at a time, {broken} connections broken; {dropped} chunks dropped for those that do not '
                  f'read; at most {largest:.0f} MB', flush=True)
            self.assertGreater(most, 0.9 * CROWD)
            self.assertEqual(broken, 0)
            for heard in listeners.heard:
                for one, other in zip(heard, heard[1:]):
                    self.assertEqual(other.sequence, one.sequence + 1)
                self.assertFalse(any(chunk.silent for chunk in heard[5:]))
            station.stop()

    def test_a_station_that_runs_out_of_descriptors_plays_on_for_who_is_there(self):
        with Station(wrapper=('prlimit', '--nofile=60:60')) as station, Listeners(station.ready()) as listeners:
            crowd = []
            for _ in range(100):  # more than there are descriptors for: some wait, or are turned away
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(('127.0.0.1', station.port))
                crowd.append(one)
            heard = len(listeners.heard[0])
            until('two seconds of sound', lambda: len(listeners.heard[0]) > heard + 20)
            for one in crowd:
                one.close()
            until('others find it again', station.healthy)
            for one, other in zip(listeners.heard[0], listeners.heard[0][1:]):
                self.assertEqual(other.sequence, one.sequence + 1)
            self.assertEqual(listeners.connections, [1])
            station.stop()

    @unittest.skipUnless(LONG, 'takes more than a minute: AURALIS_LONG=1')
    def test_who_never_reads_is_let_go(self):
        with Station() as station, Listeners(station.ready()) as listeners:
            stuck = []
            for _ in range(200):
                one = socket.create_connection(('127.0.0.1', station.port))
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                one.sendall(handshake(station.port).replace(b'codec=opus', b'codec=pcm'))
                stuck.append(one)
            until('all listen', lambda: station.figures()['clients'] == 201)
            until('they are let go', lambda: station.figures()['clients'] == 1, 120)
            for one, other in zip(listeners.heard[0], listeners.heard[0][1:]):
                self.assertEqual(other.sequence, one.sequence + 1)
            for one in stuck:
                one.close()
            station.stop()


def crowd_around(port):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd, begun, most = Crowd(port, CROWD), time.monotonic(), 0
    while time.monotonic() - begun < SECONDS:
        crowd.step()
        most = max(most, len(crowd.there))
    crowd.leave()
    print(json.dumps([crowd.came, most, crowd.broken]))


if __name__ == '__main__':
    if sys.argv[1:2] == ['crowd']:
        crowd_around(int(sys.argv[2]))
    else:
        main()
