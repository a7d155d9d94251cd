# SPDX-License-Identifier: MIT
# HLS: what the playlists say, what a player hears, how long each file is kept, and what is left at the end.
import asyncio
import math
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.parse

from serve_rig import RATE, Server, decoded, main, next_frame, noise, run, until, wav_header
from stations_rig import Listed, gaps_of, in_thread, refused_beside, refused_list

PATIENCE_S = 60


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob('*') if path.is_file())


class Lists(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.hls = os.path.join(cls.folder.name, 'hls')
        cls.server = Server('--hls', cls.hls)
        cls.early = cls.server.request('GET', '/listen.m3u8')
        cls.server.pace(noise(RATE * 200), ahead_s=math.inf)
        until('the list is there', lambda: cls.server.request('GET', '/listen.m3u8')[0] == 200, PATIENCE_S)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        left = files(cls.folder.name)
        cls.folder.cleanup()
        assert left == [], f'the end leaves {left}'

    def get(self, path):
        status, headers, body = self.server.request('GET', path)
        self.assertEqual(status, 200, path)
        return headers, body.decode()

    def renditions(self):
        return {'mp4a.40.2': '/hls/aac/listen.m3u8', 'opus': '/hls/opus/listen.m3u8'}

    def test_until_there_is_something_to_play_it_says_when_to_come_again(self):
        status, headers, _ = self.early
        self.assertEqual(status, 503)
        self.assertIn('Retry-After', headers)

    def test_players_find_aac_which_all_of_them_know(self):
        self.assertIs(self.server.get_json('/api/status')['hls'], True)
        _, text = self.get('/listen.m3u8')
        self.assertEqual(re.findall(r'CODECS="([^"]+)"\n(\S+)', text), [('mp4a.40.2', 'hls/aac/listen.m3u8')])
        sound = decoded(self.server.url + 'listen.m3u8', 2)
        self.assertEqual(len(sound), 2 * 48000 * 4)

    def test_lists_are_for_a_second_and_segments_never_change(self):
        for path in ('/listen.m3u8', *self.renditions().values()):
            headers, text = self.get(path)
            self.assertEqual((headers['Content-Type'], headers['Cache-Control']), ('application/vnd.apple.mpegurl', 'public, max-age=1'))
        for name in re.findall(r'^s\S+\.m4s$', text, re.M):
            headers = self.server.request('GET', urllib.parse.urljoin(path, name))[1]
            self.assertIn('immutable', headers['Cache-Control'])

    def test_a_list_rolls_on_segments_of_two_seconds_and_old_ones_go(self):
        for path in self.renditions().values():
            with self.subTest(path):
                def segments():
                    text = self.get(path)[1]
                    return re.findall(r'#EXTINF:([\d.]+),\n(?:#EXT-X-PROGRAM-DATE-TIME:\S+\n)?(s\S+)', text)
                first = segments()[0][1]
                until('the first has left the list', lambda: all(name != first for _, name in segments()), PATIENCE_S)
                until('and the folder', lambda: self.server.request('GET', urllib.parse.urljoin(path, first))[0] == 404, PATIENCE_S)
                for length, _ in segments():
                    self.assertAlmostEqual(float(length), 2.0, delta=0.03)
                self.assertLessEqual(len(segments()), 6)
                self.assertLessEqual(len([name for name in files(self.hls) if os.path.dirname(name) == os.path.dirname(path)[1:]]), 10)

    def test_a_player_hears_each_rendition_without_a_gap(self):
        for codecs, path in self.renditions().items():
            with self.subTest(codecs):
                url = self.server.url.rstrip('/') + path
                probed = subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'stream=codec_name,sample_rate,channels,profile', '-of', 'csv=p=0', url],
                                        capture_output=True, timeout=60, check=True).stdout.decode()
                self.assertEqual(probed.split()[0], 'aac,LC,48000,2' if codecs == 'mp4a.40.2' else 'opus,unknown,48000,2')
                sound = decoded(url, 5)
                self.assertGreater(len(sound), (5 * 48000 - 960) * 4)  # what Opus begins with is cut off
                silent = [at for at in range(0, len(sound), 1920) if not any(sound[at:at + 1920])]  # of 10 ms
                self.assertLessEqual(len(silent), 4 if codecs == 'mp4a.40.2' else 0)  # an AAC encoder's delay, at the very first

    def test_the_station_under_its_name_has_them_and_nothing_else_of_the_folder(self):
        self.assertEqual(self.get('/s/default/listen.m3u8')[1], self.get('/listen.m3u8')[1])
        pathlib.Path(self.hls, 'hls', 'secret.txt').write_text('mine')
        for path in ('/hls/secret.txt', '/hls/../hls/secret.txt', '/hls/.hidden.m4s', '/hls/', '/hls/aac/none.m4s'):
            self.assertIn(self.server.request('GET', path)[0], (400, 404), path)
        os.unlink(os.path.join(self.hls, 'hls', 'secret.txt'))


class Ends(unittest.TestCase):
    def test_what_a_killed_server_left_goes_with_the_next_and_nothing_of_others(self):
        with tempfile.TemporaryDirectory() as folder:
            mine = pathlib.Path(folder, 'mine.txt')
            mine.write_text('mine')
            with self.assertRaises(AssertionError):
                with Server('--hls', folder) as server:
                    server.pace(noise(RATE * 100))
                    until('there are segments', lambda: any(name.endswith('.m4s') for name in files(folder)), PATIENCE_S)
                    server.process.kill()
            old = files(folder)
            self.assertGreater(len(old), 2)
            with Server('--hls', folder) as server:
                server.pace(noise(RATE * 100))
                until('the list is there', lambda: server.request('GET', '/listen.m3u8')[0] == 200, PATIENCE_S)
                self.assertEqual([name for name in old if name.endswith('.m4s') and name in files(folder)], [])
            self.assertEqual(files(folder), ['mine.txt'])

    def test_without_the_option_the_list_says_how_to_get_one(self):
        with Server() as server:
            status, _, body = server.request('GET', '/listen.m3u8')
            self.assertEqual(status, 404)
            self.assertIn(b'--hls', body)

    def test_a_folder_that_cannot_be_is_refused_at_once(self):
        for folder, status in (('/etc/passwd', 2), ('/nowhere/at/all', 1)):
            done = subprocess.run(['auralis-serve', '--port', '0', '--hls', folder], input=b'', capture_output=True, timeout=20)
            self.assertEqual(done.returncode, status, done.stderr)

    def test_a_folder_that_is_taken_away_costs_the_listeners_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            hls = os.path.join(folder, 'hls')
            with Server('--hls', hls) as server:
                server.pace(noise(RATE * 100))
                until('there are segments', lambda: any(name.endswith('.m4s') for name in files(folder)), PATIENCE_S)
                os.rename(hls, os.path.join(folder, 'elsewhere'))
                until('it is opened again', lambda: server.get_json('/api/metrics')['sinks']['hls']['failures_total'] >= 1, PATIENCE_S)
                until('and is back', lambda: server.request('GET', '/listen.m3u8')[0] == 200, PATIENCE_S)
                self.assertTrue(server.healthy())


class OfStations(unittest.TestCase):
    LIST = '''stations:
  - {name: a, preset: sleep, seed: 7, hls: a-hls}
  - {name: b, preset: bright, seed: 8}
'''

    def test_a_listed_station_has_its_own_and_a_hangup_moves_it_without_a_gap(self):
        async def move(server, folder):
            async with server.listen(path='/s/a/ws/stream') as listening:
                await next_frame(listening)
                done = asyncio.Event()
                beside = asyncio.create_task(gaps_of(listening, done))
                moved = self.LIST.replace(', hls: a-hls', ', rtp: "127.0.0.1:5004", sdp: a.sdp').replace('seed: 8', 'seed: 8, hls: b-hls')
                await in_thread(server.hang_up, moved, 'read again')
                await in_thread(until, 'the other has it', lambda: server.request('GET', '/s/b/listen.m3u8')[0] == 200, PATIENCE_S)
                await in_thread(until, 'nothing is left of the first', lambda: files(folder) == [])
                await in_thread(until, 'it is described', lambda: os.path.exists(os.path.join(server.lists, 'a.sdp')))
                done.set()
                self.assertEqual(await beside, 0)

        with Listed(self.LIST) as server:
            server.plays('a', 'b')
            until('the list is there', lambda: server.request('GET', '/s/a/listen.m3u8')[0] == 200, PATIENCE_S)
            self.assertEqual([server.get_json(f'/s/{name}/api/status')['hls'] for name in 'ab'], [True, False])
            self.assertEqual(server.request('GET', '/s/b/listen.m3u8')[0], 404)
            self.assertEqual(len(decoded(server.url + 's/a/listen.m3u8', 2)), 2 * 48000 * 4)
            self.assertIn('auralis_sink_up{sink="hls",station="a"} 1', server.request('GET', '/metrics')[2].decode())
            run(move(server, os.path.join(server.lists, 'a-hls')))
            self.assertEqual(server.request('GET', '/s/a/listen.m3u8')[0], 404)
            sinks = {name: set(figures.get('sinks', {})) for name, figures in server.get_json('/api/metrics')['stations'].items()}
            self.assertEqual(sinks, {'a': {'rtp'}, 'b': {'hls'}})

    def test_what_is_carried_as_before_goes_on_where_something_else_changes(self):
        with Listed(self.LIST) as server:
            until('the list is there', lambda: server.request('GET', '/s/a/listen.m3u8')[0] == 200, PATIENCE_S)
            folder = os.path.join(server.lists, 'a-hls', 'hls', 'aac')

            def begun():  # a sink that begins writes this file anew
                written = os.stat(os.path.join(folder, 'init.mp4'))
                return written.st_ino, written.st_mtime_ns
            first = begun()
            server.hang_up(self.LIST.replace('name: a', 'name: a, title: Other').replace('{name: b, preset: bright, seed: 8}', '{name: c}'), 'read again')
            until('it is gone', lambda: server.names() == ['a', 'c'])
            self.assertEqual(server.get_json('/api/metrics')['stations']['a']['sinks']['hls']['failures_total'], 0)
            self.assertEqual(begun(), first)

    def test_mistakes_are_told_with_file_line_and_field(self):
        for text, said in {
            '    hls: /etc/passwd\n': ':3: stations[0].hls: /etc/passwd is no folder',
            '    hls: nowhere/at/all\n': ':3: stations[0].hls: ',
            '    rtp: nowhere\n': ':3: stations[0].rtp: nowhere: there is no port, expected HOST:PORT',
            '    rtp: [a, b]\n': ':3: stations[0].rtp is no text',
            '    sdp: a.sdp\n': ':3: stations[0].sdp is set, and rtp is not, expected both or none',
            '    hls: h\n  - name: b\n    hls: ./h\n': ':5: stations[1].hls is that of stations[0].hls, expected another',
            '    record: a.flac\n    rtp: "127.0.0.1:5004"\n    sdp: a.flac\n': ':5: stations[0].sdp is that of stations[0].record',
        }.items():
            with self.subTest(text):
                refused_list(self, 'stations:\n  - name: a\n' + text, said)

    def test_what_the_station_on_standard_input_has_no_listed_one_may_have(self):
        refused_beside(self, 'hls', 'h')
        refused_beside(self, 'rtp', '127.0.0.1:5004')
        beside = 'stations:\n  - name: a\n    rtp: 127.0.0.1:5006\n    sdp: a.sdp\n'
        refused_list(self, beside, ':4: stations[0].sdp is that of the station on standard input (--sdp), expected another',
                     '--rtp', '127.0.0.1:5004', '--sdp', 'a.sdp', stdin=wav_header())


if __name__ == '__main__':
    main()
