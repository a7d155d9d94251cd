# SPDX-License-Identifier: MIT
# A station whose parts stand still for a while, whose clock is set, whose machine is taken by others or too slow: the sound
# comes back, nobody is started anew, nothing is left out of step.
import contextlib
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from play_rig import LONG, PARTS, Listeners, Station
from serve_rig import FRAME_BYTES, main, until

BACK_S = 2.0 if LONG else 15.0  # the suite runs beside others
STOPS_S = (0.05, 0.3, 1.0, 3.0, 10.0, 60.0) if LONG else (1.0,)


def in_order(test, chunks):
    """Positions go on where the chunk before ended, and no chunk is missing."""
    for before, after in zip(chunks, chunks[1:]):
        test.assertEqual(after.sequence, (before.sequence + 1) % 2**32)
        test.assertEqual(after.position, before.position + before.frames)


class Stops(unittest.TestCase):
    def test_a_part_that_stands_still_is_waited_for(self):
        with Station() as station, Listeners(station.ready()) as listeners:
            pids = {part: station.part(part) for part in PARTS}
            for part in PARTS:
                for stop_s in STOPS_S:
                    os.kill(pids[part], signal.SIGSTOP)
                    time.sleep(stop_s)  # that long it stands still: the fault itself
                    moment = time.monotonic()
                    os.kill(pids[part], signal.SIGCONT)
                    back_s = listeners.back_after(moment)
                    print(f'{part} stopped for {stop_s} s: sound again after {back_s:.2f} s', flush=True)
                    self.assertLess(back_s, BACK_S)
                    until('it is not late for ever', lambda: station.figures()['buffer_depth_ms'] < 500)
            self.assertEqual({part: station.part(part) for part in PARTS}, pids)
            if listeners.connections == [1]:  # one that was silent for 45 s is let go
                in_order(self, listeners.heard[0])
            station.stop()


class Clocks(unittest.TestCase):
    @unittest.skipUnless(glob.glob('/usr/lib/*/faketime/libfaketimeMT.so.1'), 'libfaketime is not there (scripts/setup --test)')
    @unittest.skipIf('address' in os.environ.get('SANITIZE', ''), 'the address sanitizer has to be loaded before libfaketime')
    def test_a_clock_that_is_set_changes_nothing(self):
        with tempfile.NamedTemporaryFile('w') as offset:
            def set_clock(text):
                offset.seek(0)
                offset.truncate()
                offset.write(text + '\n')
                offset.flush()
            set_clock('+0')
            environment = {'LD_PRELOAD': glob.glob('/usr/lib/*/faketime/libfaketimeMT.so.1')[0], 'FAKETIME_TIMESTAMP_FILE': offset.name,
                           'FAKETIME_NO_CACHE': '1', 'FAKETIME_DONT_FAKE_MONOTONIC': '1', 'DONT_FAKE_MONOTONIC': '1', 'NO_FAKE_STAT': '1'}
            with Station(environment=environment) as station, Listeners(station.ready()) as listeners:
                for step in ('+3600', '-3600', '+400d', '-9000d', '+0'):
                    set_clock(step)
                    heard = len(listeners.heard[0])
                    until('a second of sound', lambda: len(listeners.heard[0]) > heard + 10)
                chunks = listeners.heard[0]
                in_order(self, chunks)
                self.assertFalse(any(chunk.silent for chunk in chunks[5:]))
                station.stop()


@contextlib.contextmanager
def busy_machine(niceness):
    loop = ['nice', '-n', str(niceness), sys.executable, '-c', 'while True: pass']
    hogs = [subprocess.Popen(['taskset', '-c', str(core), *loop], stderr=subprocess.DEVNULL) for core in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


class Starvation(unittest.TestCase):
    def test_a_machine_that_others_take_gives_the_sound_back(self):
        with Station() as station, Listeners(station.ready()) as listeners:
            with busy_machine(-5 if os.getuid() == 0 else 0):
                time.sleep(60 if LONG else 5)  # so long the machine is taken: the fault itself
                seen = listeners.heard[0][:]
                moment = time.monotonic()
            back_s = listeners.back_after(moment)
            figures = station.figures()
            print(f'starved: {sum(chunk.silent for chunk in seen)} of {len(seen)} chunks silent, {figures["underruns_total"]} underruns, '
                  f'{figures["voices_shed_total"]} voices shed; sound again after {back_s:.2f} s', flush=True)
            self.assertLess(back_s, BACK_S)
            in_order(self, listeners.heard[0])
            self.assertIsNone(station.process.poll())
            station.stop()


class Slowness(unittest.TestCase):
    """auralis-render --live, held for most of each moment, as on a machine that is too slow for what it is asked to play."""
    rate, notes = 192000, 120

    def test_a_renderer_that_cannot_keep_time_sheds_voices_says_so_and_takes_them_back(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = dict(os.environ, XDG_RUNTIME_DIR=folder)
            render = subprocess.Popen(['auralis-render', '--live', '--rate', str(self.rate)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, env=environment)
            log, done, slow, made = [], threading.Event(), threading.Event(), [0]

            def figures():
                with contextlib.suppress(OSError, ValueError), open(folder + '/auralis/default/render.metrics.json') as file:
                    return json.load(file)
                return {'voices_shed_total': 0, 'voices': 0}

            def write():  # in real time, as a composer does: a chord is struck anew each second
                begun, t, number = time.monotonic(), 0.0, 0
                render.stdin.write(b'{"type":"start","auralis":1,"seed":"7","preset":"test","key":"D","mode":"dorian","bpm":60,'
                                   b'"intensity":0.5}\n')
                with contextlib.suppress(OSError):
                    while not done.is_set():
                        if int(t * 100) % 100 == 0:
                            for i in range(self.notes):
                                number += 1
                                render.stdin.write(b'{"type":"note","t":%.6f,"id":%d,"layer":"pad","pitch":%d,"vel":%.2f,"dur":0.9,"pan":0}\n'
                                                   % (t, number, 30 + i % 60, 0.2 + 0.6 * i / self.notes))
                        t += 0.01
                        render.stdin.write(b'{"type":"advance","t":%.6f}\n' % t)
                        render.stdin.flush()
                        time.sleep(max(0.0, begun + t - time.monotonic()))
                    render.stdin.write(b'{"type":"end","t":%.6f}\n' % t)
                    render.stdin.close()

            def read():
                while data := render.stdout.read1(65536):
                    made[0] += len(data)

            def hold():  # a fifteenth of its time is left to it, and less until it is too little: processors are fast and slow
                left_s = 0.003
                with contextlib.suppress(ProcessLookupError):
                    while not done.is_set():
                        if slow.is_set():
                            os.kill(render.pid, signal.SIGSTOP)
                            time.sleep(0.045)
                            if not any('cannot keep real time' in line for line in log):
                                left_s = max(0.995 * left_s, 0.0005)
                        os.kill(render.pid, signal.SIGCONT)
                        time.sleep(left_s if slow.is_set() else 0.003)

            def keeps_time():  # or makes up for what it owes
                made_before, begun = made[0], time.monotonic()
                time.sleep(2)  # over which it is measured
                return made[0] - made_before > 0.98 * (time.monotonic() - begun) * self.rate * FRAME_BYTES

            threads = [threading.Thread(target=target, daemon=True) for target in
                       (write, read, hold, lambda: log.extend(line.decode() for line in render.stderr))]
            for thread in threads:
                thread.start()
            try:
                until('it sounds', lambda: figures()['voices'] > 50, 30)
                self.assertEqual(figures()['voices_shed_total'], 0)
                slow.set()
                until('voices are shed', lambda: figures()['voices_shed_total'] > 0, 60)
                until('it keeps time', keeps_time, 60)
                slow.clear()
                shed = figures()['voices_shed_total']
                until('all voices are back', lambda: any('all voices sound again' in line for line in log), 90)
                print(f'slow renderer: {shed} voices shed', flush=True)
                self.assertEqual(sum('cannot keep real time' in line for line in log), 1)
                until('as many sound as before', lambda: figures()['voices'] > 50, 30)
            finally:
                done.set()
                os.kill(render.pid, signal.SIGCONT)
                try:
                    self.assertEqual(render.wait(30), 0)
                finally:
                    render.kill()
                for thread in threads:
                    thread.join(10)
                render.stdout.close()
                render.stderr.close()


if __name__ == '__main__':
    main()
