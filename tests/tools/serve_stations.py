# SPDX-License-Identifier: MIT
# Many stations of one server: each with a composer and a renderer of its own, as a list says it.
import asyncio
import json
import os
import re
import signal
import subprocess
import tempfile
import unittest

from serve_rig import RATE, closed, main, next_frame, noise, run, until, wav_header
from stations_rig import LIST, Listed, children, gaps_of, in_thread, is_ours, refused_beside, refused_list


class Lists(unittest.TestCase):
    def test_each_station_plays_what_the_list_says_at_its_own_address(self):
        with Listed() as server:
            server.plays('night', 'day')
            stations = until('both composers were heard of', lambda: [
                s for s in [server.get_json('/api/stations')] if all(one['preset'] for one in s)])[0]
            self.assertEqual([(s['name'], s['title'], s['address'], s['preset'], s['seed']) for s in stations],
                             [('night', 'Night', 's/night/', 'sleep', '7'), ('day', 'day', 's/day/', 'bright', '8')])
            self.assertEqual(stations[0]['description'], 'For those who cannot sleep')
            self.assertTrue(all(one['playing'] for one in stations))
            # Without a prefix it is the first one's.
            self.assertEqual(server.get_json('/api/status')['station']['name'], 'night')
            self.assertEqual(server.get_json('/s/day/api/status')['station']['name'], 'day')
            status, answer = server.control({'intensity': 0.9})
            self.assertEqual((status, answer['applied']), (200, {'intensity': 0.9}))
            until('it is heard', lambda: server.get_json('/s/night/api/status')['intensity'] == 0.9)
            self.assertNotEqual(server.get_json('/s/day/api/status')['intensity'], 0.9)
            self.assertIn('/s/day/stream.opus', server.request('GET', '/s/day/listen.m3u')[2].decode())
            self.assertEqual(server.request('GET', '/s/evening/')[0], 404)
            # The door is their list, and behind it each has the page.
            self.assertIn(b'id="stations"', server.request('GET', '/')[2])
            for path in ('/s/night/', '/s/day/'):
                self.assertIn(b'id="play"', server.request('GET', path)[2])
            self.assertNotIn('libauralis_', server.maps())  # nothing is loaded that nobody asked for

    def test_the_station_on_standard_input_is_the_first_and_may_end(self):
        with Listed('stations: [{name: day, preset: bright}]', stdin=subprocess.PIPE) as server:
            server.pace(noise(RATE * 60))
            server.plays('default', 'day')
            self.assertEqual(server.names(), ['default', 'day'])
            self.assertEqual(server.get_json('/api/status')['station']['name'], 'default')
            server.end_input()
            until('it is gone', lambda: server.names() == ['day'])
            server.plays('day')
            self.assertEqual(server.get_json('/api/status')['station']['name'], 'day')

    def test_who_may_control_is_each_station_s_own(self):
        with tempfile.NamedTemporaryFile('w') as own:
            own.write('of-the-station-alone\n')
            own.flush()
            text = f'''stations:
  - {{name: open, preset: sleep}}
  - {{name: own, preset: sleep, token-file: {own.name}}}
  - {{name: closed, preset: sleep, controls: nobody}}
'''
            with Listed(text, '--token', 'of-the-whole-server') as server:
                server.plays('open', 'own', 'closed')

                def status(name, token):
                    path = f'/s/{name}/api/control'
                    return server.request('POST', path, '{"intensity": 0.4}', {'Authorization': 'Bearer ' + token})[0]

                for name in ('open', 'own'):
                    until('the composer is there', lambda: server.get_json(f'/s/{name}/api/status')['composer'] == 'connected')
                self.assertEqual([status(name, 'of-the-whole-server') for name in ('open', 'own', 'closed')], [200, 403, 403])
                self.assertEqual([status(name, 'of-the-station-alone') for name in ('open', 'own', 'closed')], [403, 200, 403])
                self.assertEqual([server.get_json(f'/s/{name}/api/status')['control_access'] for name in ('open', 'own', 'closed')],
                                 ['token', 'token', 'off'])

    def test_what_a_station_sent_is_kept_where_the_list_says(self):
        with Listed('stations: [{name: a, preset: sleep, record: a.flac}, {name: b, preset: bright, record: b.flac}]') as server:
            server.plays('a', 'b')
            files = [os.path.join(server.lists, name) for name in ('a.flac', 'b.flac')]
            # One ends with its station, the other with the server.
            server.hang_up('stations: [{name: b, preset: bright, record: b.flac}]', 'read again')
            until('the recording is whole', lambda: os.path.exists(files[0]))
            server.process.send_signal(signal.SIGTERM)
            server.wait()
            for file in files:
                sound = subprocess.run(['soxi', '-D', file], capture_output=True, text=True)
                self.assertGreater(float(sound.stdout or 0), 0.1, file + sound.stderr)

    def test_mistakes_are_told_with_file_line_and_field(self):
        for text, said in {
            'stations: []\n': ':1: no station, expected',
            'station: []\n': ':1: station is not known, did you mean stations?',
            'stations:\n  - preset: sleep\n': ':2: stations[0].name is missing',
            'stations:\n  - name: a\n  - name: a\n': ':3: stations[1].name is "a", which stations[0].name is',
            'stations:\n  - name: ../a\n': ':2: stations[0].name is "../a", expected at most 64 letters',
            'stations:\n  - name: a\n    presett: sleep\n': ':3: stations[0].presett is not known, did you mean preset?',
            'stations:\n  - name: a\n    preset: nowhere\n': ':3: stations[0].preset: no preset "nowhere"',
            'stations:\n  - name: a\n    bpm: 400\n': ':3: stations[0].bpm is 400, expected a number from 30 to 120',
            'stations:\n  - name: a\n    seed: x\n': ':3: stations[0].seed is "x", expected a whole number',
            'stations:\n  - name: a\n    controls: me\n': ':3: stations[0].controls is "me", expected server or nobody',
            'stations:\n  - name: a\n    record: a.txt\n': ':3: stations[0].record',
            'stations:\n  - name: a\n    token-file: gone\n': ':3: stations[0].token-file',
            'stations:\n  - name: a\n    duration: 10m\n': ':3: stations[0].duration is not known',
            'stations:\n  - [a]\n': ':2: stations[0] is a list',
            'stations:\n  - name: a\n    title: "a\\nb"\n': ':3: stations[0].title is a\\x0ab, expected one line',
            'stations:\n  - name: private-1\n': ':2: stations[0].name is "private-1", expected a name without private-',
            'stations:\n  - name: a\n    token-file: /proc/sys/kernel/ostype\n    controls: nobody\n': ':4: stations[0].controls is nobody, and token-file is set',
            'stations: {\n': ':2: not YAML',
        }.items():
            with self.subTest(text):
                refused_list(self, text, said)

    def test_what_the_station_on_standard_input_has_no_listed_one_may_have(self):
        refused_beside(self, 'record', 'kept.flac')
        with tempfile.TemporaryDirectory() as folder:
            refused_beside(self, 'record', os.path.join(folder, 'kept.flac'))
        self.assertIn('stations[0].name is "night", which the station on standard input (--session) is',
                      refused_list(self, LIST, ':2: ', '--session', 'night', stdin=wav_header()))

    def test_options_for_the_sound_of_an_input_that_is_not_there_are_refused(self):
        with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
            file.write(LIST)
            file.flush()
            for option in (('--record', 'kept.flac'), ('--icecast', 'http://a:b@localhost:8000/a.opus'), ('--hls', 'hls'), ('--name', 'Night'),
                           ('--on-end', 'hold'), ('--session', 'private-2026')):
                done = subprocess.run(['auralis-serve', '--port', '0', '--stations', file.name, *option], stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, timeout=20)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(option[0] + ' is ', done.stderr)

    def test_a_setting_for_the_sound_of_an_input_that_is_not_there_is_warned_of(self):
        with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
            file.write('name = Night')
            file.flush()
            with Listed(LIST, '--config', file.name) as server:
                server.plays('night')
                self.assertTrue([line for line in server.log if '--name is for the sound of INPUT, and there is none' in line], server.log)


class Figures(unittest.TestCase):
    def test_figures_tell_stations_apart_and_those_of_the_server_stand_once(self):
        with Listed(LIST, '--private-stations', '2') as server:
            server.plays('night', 'day')
            address = '/' + json.loads(server.request('POST', '/api/stations')[2])['address']
            until('it plays', lambda: server.request('GET', address + 'health')[0] == 200)
            names = {'night', 'day', 'private-1'}

            def stations():
                return server.get_json('/api/metrics')['stations']

            until('all are measured', lambda: set(stations()) == names and all(s['voices'] is not None for s in stations().values()))
            for figures in stations().values():  # a composer and a renderer
                self.assertTrue(5 < figures['memory_mb'] < 40, figures)
            text = server.request('GET', '/metrics')[2].decode()
            for family in ('auralis_clients', 'auralis_voices', 'auralis_memory_bytes', 'auralis_underruns_total'):
                self.assertEqual(set(re.findall(rf'^{family}{{.*station="([^"]*)"', text, re.M)), names, family)
            self.assertEqual(len(re.findall(r'^auralis_memory_bytes ', text, re.M)), 1)
            self.assertNotIn('station=', server.request('GET', '/s/day/metrics')[2].decode())
            table = subprocess.run(['auralis-stats', 'live', server.url], capture_output=True, text=True).stdout
            for name in names:
                self.assertRegex(table, rf'(?m)^  {name} +0 +0 +\d+ ')


class Faults(unittest.TestCase):
    def test_a_fault_in_one_station_touches_no_other(self):
        async def listen(server):
            async with server.listen(path='/s/day/ws/stream') as day, server.listen(path='/s/night/ws/stream') as night:
                done = asyncio.Event()
                beside = asyncio.create_task(gaps_of(day, done))
                await next_frame(night)
                for program in ('auralis-render', 'auralis-compose'):
                    for _ in range(2):
                        before = server.part('auralis-render', 'night')
                        os.kill(await in_thread(until, 'it runs', lambda: server.part(program, 'night')), signal.SIGKILL)
                        await in_thread(until, 'another plays', lambda: server.part('auralis-render', 'night') not in (None, before))
                        # Its listeners stay, and hear it go on.
                        while not (await next_frame(night)).flags & 1:
                            pass
                await in_thread(server.plays, 'night')
                done.set()
                self.assertEqual(await beside, 0)

        with Listed() as server:
            server.plays('night', 'day')
            run(listen(server))
            until('the dead are gone', lambda: len(children(server.process.pid)) == 4)

    def test_nothing_is_left_of_a_server_that_ended_or_was_killed(self):
        for end in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(end):
                server = Listed()
                server.plays('night', 'day')
                started = children(server.process.pid)
                self.assertEqual(len(started), 4)
                server.process.send_signal(end)
                server.wait()
                until('they have ended', lambda: not any(is_ours(pid) for pid in started))
                if end == signal.SIGTERM:
                    for name in ('night', 'day'):
                        self.assertEqual(os.listdir(os.path.join(server.runtime, 'auralis', name)), [])
                    server.stop()
                else:
                    with self.assertRaises(AssertionError):  # that is how it ended
                        server.stop()


class Changes(unittest.TestCase):
    def test_a_hangup_adds_and_ends_stations_and_those_that_stay_have_no_gap(self):
        async def listen(server):
            async with server.listen(path='/s/day/ws/stream') as day, server.listen(path='/s/night/ws/stream') as night:
                done = asyncio.Event()
                beside = asyncio.create_task(gaps_of(day, done))
                await next_frame(night)
                texts = []
                other = LIST.replace('name: night', 'name: noon').replace('name: day', 'name: day\n    title: Day')
                hung_up = asyncio.create_task(in_thread(server.hang_up, other, 'read again'))
                self.assertEqual(await closed(night, texts), 1001)
                await hung_up
                self.assertEqual([t['reason'] for t in texts if t['type'] == 'shutdown'], ['ended'])
                await in_thread(server.plays, 'noon')
                done.set()
                self.assertEqual(await beside, 0)

        with Listed() as server:
            server.plays('night', 'day')
            run(listen(server))
            self.assertEqual(server.names(), ['noon', 'day'])
            self.assertEqual(server.get_json('/api/stations')[1]['title'], 'Day')
            until('nothing is left of it', lambda: len(children(server.process.pid)) == 4)
            self.assertEqual(server.request('GET', '/s/night/health')[0], 404)

    def test_one_that_plays_something_else_begins_anew_and_the_order_is_the_list_s(self):
        with Listed() as server:
            server.plays('night', 'day')
            server.hang_up('stations: [{name: day, preset: bright, seed: 8}, {name: night, preset: aurora}]', 'night: beginning')
            server.plays('night', 'day')
            self.assertEqual(server.names(), ['day', 'night'])
            until('it plays that', lambda: server.get_json('/s/night/api/status')['preset'] == 'aurora')

    def test_what_a_station_recorded_before_it_began_anew_is_kept(self):
        text = 'stations: [{name: a, preset: sleep, record: a.flac}]'
        with Listed(text) as server:
            server.plays('a')
            server.hang_up(text.replace('sleep', 'bright'), 'a: beginning')
            first = os.path.join(server.lists, 'a.flac')
            until('the recording is whole', lambda: os.path.exists(first))
            with open(first, 'rb') as file:
                kept = file.read()
            server.plays('a')
            server.process.send_signal(signal.SIGTERM)
            server.wait()
            self.assertEqual(sorted(os.listdir(server.lists)), ['a-2.flac', 'a.flac', 'stations.yaml'])
            with open(first, 'rb') as file:
                self.assertEqual(file.read(), kept)

    def test_a_recording_that_nobody_takes_holds_up_no_other_station(self):
        async def listen(server):
            async with server.listen(path='/s/day/ws/stream') as day:
                done = asyncio.Event()
                beside = asyncio.create_task(gaps_of(day, done))
                await in_thread(server.hang_up, 'stations: [{name: day, preset: bright, seed: 8}]', 'read again')
                await in_thread(until, 'it has gone', lambda: server.request('GET', '/s/night/health')[0] == 404)
                for _ in range(40):  # 4 s: more than all that an ended station waits for
                    await next_frame(day_too)
                done.set()
                return await beside

        async def both(server):
            nonlocal day_too
            async with server.listen(path='/s/day/ws/stream') as day_too:
                return await listen(server)

        day_too = None
        with tempfile.TemporaryDirectory() as folder:
            fifo = os.path.join(folder, 'night.wav')
            os.mkfifo(fifo)
            with Listed('stations: [{name: day, preset: bright, seed: 8}, {name: night, preset: sleep, record: "%s"}]' % fifo) as server:
                server.plays('night', 'day')
                self.assertEqual(run(both(server)), 0)
                with open(fifo, 'rb') as reader:  # and is written as soon as somebody does
                    self.assertEqual(reader.read(4), b'RIFF')
                    while reader.read(65536):
                        pass

    def test_while_the_only_station_is_replaced_the_server_answers_for_itself(self):
        with Listed('stations: [{name: a, preset: sleep}]') as server:
            server.plays('a')
            with open(server.file, 'w') as file:  # one that has no folder of its own does not begin
                file.write('stations: [{name: b, preset: bright}]')
            with open(os.path.join(server.runtime, 'auralis', 'b'), 'w'):
                server.process.send_signal(signal.SIGHUP)
                until('it has gone', lambda: server.request('GET', '/s/a/health')[0] == 404)
            self.assertEqual(server.get_json('/api/stations'), [])
            self.assertEqual([server.request('GET', path)[0] for path in ('/', '/health', '/metrics', '/api/metrics', '/api/presets')],
                             [200, 503, 200, 200, 200])
            for path in ('/stream.opus', '/listen.m3u8', '/listen.m3u', '/api/status', '/ws/stream'):
                self.assertEqual(server.request('GET', path)[0], 503, path)

    def test_a_list_with_a_mistake_changes_nothing(self):
        with Listed() as server:
            server.plays('night', 'day')
            started = set(children(server.process.pid))
            line = server.hang_up(LIST.replace('seed: 8', 'seed: eight'), 'SIGHUP: ')[0]
            self.assertRegex(line, re.escape(server.file) + r':9: stations\[1\]\.seed is "eight".*; the stations of before stay')
            self.assertEqual(set(children(server.process.pid)), started)


if __name__ == '__main__':
    main()
