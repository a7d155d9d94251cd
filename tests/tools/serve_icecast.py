# SPDX-License-Identifier: MIT
# A station carried to the real Icecast: what arrives there, what it is called, and what becomes of it when the server is killed,
# comes back, or takes nothing any more.
import array
import asyncio
import base64
import json
import math
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.request
import xml.etree.ElementTree

from serve_rig import RATE, Composer, Deaf, Server, main, next_frame, noise, run, until
from stations_rig import Listed, children, gaps_of, in_thread, refused_beside, refused_list

PASSWORD = 'qv7dWmT3'
NOBODY = ('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups') if os.geteuid() == 0 else ()  # it does not run as root


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return probe.getsockname()[1]


class Icecast:
    def __init__(self):
        self.port = free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='auralis-icecast-'))
        self.folder.chmod(0o777)
        (self.folder / 'icecast.xml').write_text(f'''<icecast><location>here</location><admin>nobody@localhost</admin><limits><clients>1100</clients><sources>4</sources></limits>
<authentication><source-password>{PASSWORD}</source-password><admin-user>admin</admin-user><admin-password>{PASSWORD}</admin-password></authentication>
<hostname>localhost</hostname><listen-socket><port>{self.port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><logdir>{self.folder}</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>3</loglevel></logging></icecast>''')
        self.start()

    def start(self):
        self.process = subprocess.Popen([*NOBODY, 'icecast2', '-c', self.folder / 'icecast.xml'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def mount(self, name, user='source'):
        return f'http://{user}:{PASSWORD}@127.0.0.1:{self.port}/{name}'

    def url(self, name):
        return f'http://127.0.0.1:{self.port}/{name}'

    def sources(self):
        """What the server says of its mounts, by their names."""
        login = base64.b64encode(f'admin:{PASSWORD}'.encode()).decode()
        try:
            asked = urllib.request.Request(self.url('admin/stats'), headers={'Authorization': 'Basic ' + login})
            with urllib.request.urlopen(asked, timeout=5) as answer:
                found = xml.etree.ElementTree.parse(answer).getroot()
        except OSError:
            return {}
        return {source.get('mount')[1:]: {fact.tag: fact.text for fact in source} for source in found.iter('source')}

    def kill(self):
        self.process.kill()
        self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def probed(url):
    done = subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'stream=codec_name,sample_rate,channels:stream_tags:format_tags', '-of', 'json', url],
                          capture_output=True, timeout=60, check=True)
    return json.loads(done.stdout)


def sink(server, name='icecast'):
    return until('it is measured', lambda: (server.get_json('/api/metrics')['sinks'] or {}).get(name))


def is_up(server, labels):
    """As the server has heard of it, which may be later than that the mount is there."""
    return f'auralis_sink_up{{{labels}}} 1' in server.request('GET', '/metrics')[2].decode()


class Carried(unittest.TestCase):
    def test_what_arrives_is_what_the_mount_is_called_for_and_says_what_the_station_is(self):
        with Icecast() as icecast, Server('--icecast', icecast.mount('night.opus'), '--icecast', icecast.mount('night.mp3'), '--name', 'Night Garden',
                                          '--genre', 'Drone', '--description', 'It never ends') as server, Composer(server.session) as composer:
            server.pace(noise(RATE * 100))
            until('both mounts are there', lambda: len(icecast.sources()) == 2)
            for name, codec, rate in (('night.opus', 'opus', '48000'), ('night.mp3', 'mp3', '44100')):
                with self.subTest(name):
                    found = probed(icecast.url(name))
                    stream = found['streams'][0]
                    self.assertEqual((stream['codec_name'], stream['sample_rate'], stream['channels']), (codec, rate, 2))
                    source = icecast.sources()[name]
                    self.assertEqual((source['server_name'], source['genre'], source['server_description']), ('Night Garden', 'Drone', 'It never ends'))
            self.assertEqual(probed(icecast.url('night.opus'))['streams'][0]['tags']['TITLE'], 'Night Garden')
            until('the title is there', lambda: icecast.sources()['night.mp3'].get('title') == 'focus, Dm9')
            composer.tell(dict(composer.state, chord='Am7'))
            until('the next title is there', lambda: icecast.sources()['night.mp3'].get('title') == 'focus, Am7')
            for name in ('icecast', 'icecast-2'):
                until('it is known to be up', lambda: is_up(server, f'sink="{name}"'))
            self.assertNotIn(PASSWORD, ' '.join(server.log))

    def test_who_listens_there_alone_hears_a_stop_fade_too(self):
        with Icecast() as icecast, Server('--icecast', icecast.mount('night.opus')) as server:
            server.pace(noise(RATE * 100))
            until('the mount is there', icecast.sources)
            got = bytearray()
            with urllib.request.urlopen(icecast.url('night.opus'), timeout=20) as listening:
                while len(got) < 48000:  # three seconds
                    got += listening.read1(4096)
                server.process.send_signal(signal.SIGTERM)
                while piece := listening.read1(4096):
                    got += piece
            self.assertEqual(server.wait(), 0)
            left = array.array('h', subprocess.run(['ffmpeg', '-v', 'quiet', '-i', '-', '-f', 's16le', '-ac', '1', '-'], input=bytes(got), capture_output=True).stdout)

            def rms(samples):
                return math.sqrt(sum(sample * sample for sample in samples) / len(samples))

            self.assertLess(rms(left[-4800:]), rms(left[48000:96000]) / 5)

    def test_no_list_of_processes_and_no_child_has_the_password(self):
        def shown(pid):
            texts = []
            for name in ('cmdline', 'environ'):
                with open(f'/proc/{pid}/{name}', 'rb') as file:
                    texts.append(file.read())
            return texts

        mounts = [f'http://source:{PASSWORD}{number}@127.0.0.1:1/{number}.opus' for number in (1, 2)]
        options = ('--icecast', mounts[0], '--icecast=' + mounts[1])
        secret = PASSWORD.encode()
        with Server(*options, '--private-stations', '1') as server:
            self.assertNotIn(secret, shown(server.process.pid)[0])
            self.assertTrue(any('the list of processes showed the password' in line for line in server.log))
        with tempfile.TemporaryDirectory() as runtime:
            play = subprocess.Popen(['auralis-play', '--port', '0', *options], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                    env=dict(os.environ, XDG_RUNTIME_DIR=runtime))
            try:
                until('all three are there', lambda: len(children(play.pid)) == 3 and all(c[0].startswith('/') for c in children(play.pid).values()))
                self.assertNotIn(secret, shown(play.pid)[0])
                for pid, command in children(play.pid).items():
                    line, environment = shown(pid)
                    self.assertNotIn(secret, line)
                    if not command[0].endswith('auralis-serve'):
                        self.assertNotIn(secret, environment)
            finally:
                play.terminate()
                play.wait(20)

    def test_a_server_that_is_killed_and_comes_back_is_found_again(self):
        with Icecast() as icecast, Server('--icecast', icecast.mount('night.opus')) as server:
            server.pace(noise(RATE * 100))
            until('the mount is there', icecast.sources)
            icecast.kill()
            until('the server noticed', lambda: sink(server)['up'] == 0)
            self.assertTrue(server.healthy())
            icecast.start()
            until('the mount is there again', icecast.sources, 60)
            self.assertEqual(probed(icecast.url('night.opus'))['streams'][0]['codec_name'], 'opus')
            until('the server knows', lambda: sink(server)['up'] == 1)
            self.assertGreaterEqual(sink(server)['failures_total'], 1)
            self.assertGreater(sink(server)['lost_s_total'], 0)

    def test_a_server_that_takes_nothing_loses_its_own_sound_alone(self):
        with Deaf() as deaf, Server('--icecast', f'http://source:{PASSWORD}@127.0.0.1:{deaf.port}/night.mp3') as server:
            server.pace(noise(RATE * 100))
            until('the server waits for nobody', lambda: sink(server)['up'] == 1)
            until('the server noticed', lambda: sink(server)['failures_total'] >= 1, 60)
            self.assertEqual(server.get_json('/api/metrics')['underruns_total'], 0)
            self.assertTrue(server.healthy())
            self.assertTrue(any('takes no sound' in line for line in server.log), server.log)

    def test_a_wrong_password_is_said_and_costs_nobody_anything(self):
        with Icecast() as icecast, Server('--icecast', f'http://source:wrong@127.0.0.1:{icecast.port}/night.opus') as server:
            server.pace(noise(RATE * 100))
            until('it is said', lambda: any('night.opus' in line and 'warning' in line for line in server.log))
            until('sound flows', server.healthy)
            self.assertEqual(sink(server)['up'], 0)
            self.assertNotIn('wrong', ' '.join(server.log))

    def test_what_is_no_mount_is_refused_before_anything_begins(self):
        for address, why in (('radio.example.org/live', 'no scheme'), ('http://a:b@localhost:8000/live.aac', 'AAC')):
            done = subprocess.run(['auralis-serve', '--port', '0', '--icecast', address], input=b'', capture_output=True, timeout=20)
            self.assertEqual(done.returncode, 2)
            self.assertIn(why.encode(), done.stderr)


class OfStations(unittest.TestCase):
    def test_a_listed_station_has_mounts_of_its_own_and_no_log_shows_their_passwords(self):
        with Icecast() as icecast, tempfile.NamedTemporaryFile('w') as file:
            file.write(PASSWORD + '\n')
            file.flush()
            mounts = f'[{icecast.mount("a.opus")}, "http://127.0.0.1:{icecast.port}/a.mp3"]'
            text = f'''stations:
  - {{name: a, title: Night Garden, preset: sleep, icecast-password-file: {file.name}, icecast: {mounts}}}
  - {{name: b, preset: bright, icecast: "{icecast.mount('b.opus')}"}}
'''
            with Listed(text) as server:
                until('all mounts are there', lambda: set(icecast.sources()) == {'a.opus', 'a.mp3', 'b.opus'})
                self.assertEqual(icecast.sources()['a.opus']['server_name'], 'Night Garden')
                for labels in ('sink="icecast",station="a"', 'sink="icecast-2",station="a"', 'sink="icecast",station="b"'):
                    until('it is known to be up', lambda: is_up(server, labels))
                # One mount is left, one is another's now: the others go on.
                server.hang_up(text.replace(icecast.mount('a.opus') + ', ', '').replace('/b.opus', '/c.opus'), 'read again')
                until('they are others', lambda: set(icecast.sources()) == {'a.mp3', 'c.opus'})
                self.assertEqual(server.get_json('/api/metrics')['stations']['a']['sinks']['icecast']['failures_total'], 0)
                self.assertNotIn(PASSWORD, ' '.join(server.log))

    def test_a_server_that_takes_nothing_is_left_by_a_hangup_and_no_listener_hears_it(self):
        async def leave(server, other):
            async with server.listen(path='/s/a/ws/stream') as listening:
                await next_frame(listening)
                done = asyncio.Event()
                beside = asyncio.create_task(gaps_of(listening, done))
                await in_thread(until, 'it hangs', lambda: any('takes no sound' in line for line in server.log), 60)
                await in_thread(server.hang_up, other, 'read again')
                await in_thread(until, 'it is no sink any more', lambda: not server.get_json('/s/a/api/metrics').get('sinks'))
                done.set()
                self.assertEqual(await beside, 0)

        with Deaf() as deaf:
            text = f'stations: [{{name: a, preset: sleep, icecast: "http://source:{PASSWORD}@127.0.0.1:{deaf.port}/night.mp3"}}]'
            with Listed(text) as server:
                server.plays('a')
                run(leave(server, 'stations: [{name: a, preset: sleep}]'))

    def test_mistakes_are_told_with_file_line_and_field_and_without_the_password(self):
        for value, said in {
            'radio.example.org/live': 'stations[0].icecast: there is no scheme, expected http://USER:PASSWORD@HOST',
            f'"http://a:{PASSWORD}@localhost:8000"': 'stations[0].icecast: there is no mount',
            f'["http://a:b@localhost/x.opus", "http://a:{PASSWORD}@localhost:0/x"]': 'stations[0].icecast[1]: the port is no number',
            'http://localhost/x.opus': 'stations[0].icecast: there is no password',
            f'{{a: {PASSWORD}}}': 'stations[0].icecast is no text',
            '"' + 300 * f'http://a:{PASSWORD}@h' + '"': 'stations[0].icecast is no text of 1 to 1000 bytes',
        }.items():
            with self.subTest(said):
                self.assertNotIn(PASSWORD, refused_list(self, f'stations:\n  - name: a\n    icecast: {value}\n', ':3: ' + said))

    def test_a_mount_of_the_station_on_standard_input_is_no_listed_one_s(self):
        refused_beside(self, 'icecast', f'http://source:{PASSWORD}@localhost:8000/a.opus')


if __name__ == '__main__':
    main()
