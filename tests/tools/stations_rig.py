# SPDX-License-Identifier: MIT
# What the checks of lists of stations share: a server that has one, its children, lists that are refused, and listeners beside
# what happens.
import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile

from serve_rig import Server, next_frame, until, wav_header

LIST = '''stations:
  - name: night
    title: Night
    description: For those who cannot sleep
    preset: sleep
    seed: 7
  - name: day
    preset: bright
    seed: 8
    tuning: just
'''


def children(pid):
    """The processes that it started, as {pid: command line}."""
    found = {}
    for entry in os.listdir('/proc'):
        if not entry.isdigit():
            continue
        try:
            with open(f'/proc/{entry}/stat') as stat:
                fields = stat.read().rsplit(')', 1)[1].split()
            with open(f'/proc/{entry}/cmdline') as line:
                command = line.read().split('\0')
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != 'Z':
            found[int(entry)] = command
    return found


def is_ours(pid):
    with contextlib.suppress(OSError), open(f'/proc/{pid}/cmdline') as line:
        return 'auralis' in line.read()
    return False


class Listed(Server):
    """A server with a list of stations, and nothing on its standard input."""

    def __init__(self, text=LIST, *options, stdin=subprocess.DEVNULL, **more):
        self.lists = tempfile.mkdtemp(prefix='auralis-stations-')
        self.file = os.path.join(self.lists, 'stations.yaml')
        self.write(text)
        super().__init__('--stations', self.file, *options, stdin=stdin, **more)

    def write(self, text):
        with open(self.file, 'w') as file:
            file.write(text)

    def hang_up(self, text, said):
        """Writes another list, and waits until the server says that of it."""
        before = len(self.log)
        self.write(text)
        self.process.send_signal(signal.SIGHUP)
        return until(said, lambda: [line for line in self.log[before:] if said in line])

    def stop(self):
        try:
            return super().stop()
        finally:
            shutil.rmtree(self.lists)

    def names(self):
        return [station['name'] for station in self.get_json('/api/stations')]

    def plays(self, *names):
        for name in names:
            until(f'{name} plays', lambda: self.request('GET', f'/s/{name}/health')[0] == 200)

    def part(self, program, name):
        """The process of that program that plays for the station."""
        for pid, command in children(self.process.pid).items():
            if command[0].endswith(program) and f'--session={name}' in command:
                return pid
        return None


def refused_list(test, text, said, *options, stdin=None):
    """What is told of a list that is refused, in a folder of its own, with its name and `said`. stdin: what is on standard input,
    where something is."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'stations.yaml')
        with open(file, 'w') as written:
            written.write(text)
        given = {'stdin': subprocess.DEVNULL} if stdin is None else {'input': stdin}
        done = subprocess.run(['auralis-serve', '--port', '0', '--stations', file, *options], cwd=folder, capture_output=True, timeout=20,
                              **given)
    told = done.stderr.decode()
    test.assertEqual(done.returncode, 3, told)
    test.assertIn(file + said, told)
    return told


def refused_beside(test, option, place, *more):
    """A list whose station wants the place that the station on standard input has by that option."""
    text = f'stations:\n  - name: a\n    {option}: {json.dumps(place)}\n'
    refused_list(test, text, f':3: stations[0].{option} is that of the station on standard input (--{option}), expected another',
                 f'--{option}', place, *more, stdin=wav_header())


async def gaps_of(ws, until_done):
    """How many of its chunks are flagged or missing until the event."""
    gaps = 0
    last = await next_frame(ws)
    while not until_done.is_set():
        frame = await next_frame(ws)
        gaps += frame.flags & 1 or frame.sequence != last.sequence + 1
        last = frame
    return gaps


async def in_thread(job, *arguments):
    return await asyncio.get_running_loop().run_in_executor(None, job, *arguments)
