# SPDX-License-Identifier: MIT
# Private stations: one for whoever asks, under an address that is its key. AURALIS_LONG=1: a thousand of them, one after the
# other, leave nothing behind.
import asyncio
import json
import os
import signal
import socket
import unittest

from serve_rig import Server, file_of, main, next_frame, noise, received, run, until, RATE
from stations_rig import Listed, children

LONG = bool(os.environ.get('AURALIS_LONG'))
LIST = 'stations: [{name: common, preset: sleep, seed: 7}]'
KEY = r'^s/[0-9a-f]{32}/$'


class Private(Listed):
    def __init__(self, most, *options):
        super().__init__(LIST, '--private-stations', str(most), *options)

    def ask(self, wish=None, headers=None, path='/api/stations'):
        body = None if wish is None else json.dumps(wish)
        status, answered, body = self.request('POST', path, body, headers)
        return status, answered, json.loads(body)

    def begin(self, wish=None):
        status, _, body = self.ask(wish)
        assert status == 201, body
        return '/' + body['address']

    def end(self, address):
        return self.request('DELETE', address)[0]

    def plays_at(self, address):
        until('it plays', lambda: self.request('GET', address + 'health')[0] == 200)

    def is_bare(self):
        """Only what the list asks for is left."""
        sessions = os.listdir(os.path.join(self.runtime, 'auralis'))
        return len(children(self.process.pid)) == 2 and sorted(sessions) == ['common', 'default']

    def resident_kb(self):
        with open(f'/proc/{self.process.pid}/status') as status:
            return next(int(line.split()[1]) for line in status if line.startswith('VmRSS'))


class Asked(unittest.TestCase):
    def test_who_asks_gets_a_station_that_plays_the_wish_and_that_its_address_controls(self):
        async def listen(server, address):
            async with server.listen(path=address + 'ws/stream') as ws:
                for _ in range(5):
                    frame = await next_frame(ws)
                self.assertGreater(len(frame.payload), 0)

        with Private(2, '--token', 'of-the-whole-server') as server:
            status, headers, body = server.ask({'preset': 'aurora', 'seed': '7', 'intensity': 0.75})
            self.assertEqual(status, 201)
            self.assertRegex(body['address'], KEY)
            self.assertEqual(headers['Location'], server.url + body['address'])
            address = '/' + body['address']
            run(listen(server, address))
            playing = until('its composer was heard of', lambda: [s for s in [server.get_json(address + 'api/status')] if s['preset']])[0]
            self.assertEqual((playing['preset'], playing['seed'], playing['intensity']), ('aurora', '7', 0.75))
            self.assertEqual((playing['station']['private'], playing['control_access']), (True, 'open'))
            self.assertEqual(server.request('POST', address + 'api/control', '{"intensity": 0.25}')[0], 200)
            self.assertEqual(server.control({'intensity': 0.25})[0], 401)
            self.assertEqual(server.request('GET', address[:-1])[0], 308)
            self.assertEqual(server.get_json('/api/status')['limits']['private_stations'], {'most': 2, 'now': 1})

    def test_without_a_body_any_piece_will_do(self):
        with Private(2) as server:
            server.plays_at(server.begin())
            server.plays_at(server.begin({}))

    def test_a_wish_that_names_something_unknown_is_refused_with_the_field(self):
        with Private(2) as server:
            for wish, field in (({'preset': '/etc/passwd'}, 'preset'), ({'preset': 'nowhere'}, 'preset'), ({'seed': 'x'}, 'seed'), ({'tuning': 'nosuch'}, 'tuning'),
                                ({'bpm': 5}, 'bpm'), ({'control-log': '/tmp/x'}, 'control-log')):
                status, _, body = server.ask(wish)
                self.assertEqual((status, body['code'], body['field']), (400, 'bad_control', field), wish)
            self.assertEqual(server.request('POST', '/api/stations', '{')[0], 400)
            self.assertTrue(server.is_bare())

    def test_the_address_is_in_no_list_label_log_or_table_of_processes(self):
        with Private(2, '--verbose') as server:
            address = server.begin()
            key = address.split('/')[2]
            server.plays_at(address)
            server.request('GET', address)
            server.request('GET', address + 'nothing')
            for path in ('/api/stations', '/api/status', '/metrics', '/api/metrics', address + 'metrics', address + 'api/metrics',
                         address + 'api/status', address + 'api/stations'):
                self.assertNotIn(key, server.request('GET', path)[2].decode(), path)
            started = children(server.process.pid)
            self.assertEqual(len(started), 4)
            for pid, command in started.items():
                self.assertNotIn(key, ' '.join(command))
                with open(f'/proc/{pid}/environ') as environment:
                    self.assertNotIn(key, environment.read())
            for folder, folders, files in os.walk(server.runtime):
                self.assertNotIn(key, ' '.join([folder, *folders, *files]))
            self.assertEqual(server.request('GET', address)[1]['Referrer-Policy'], 'no-referrer')
            self.assertEqual(server.end(address), 204)
            until('it has ended', server.is_bare)
            self.assertNotIn(key, '\n'.join(server.log))

    def test_no_page_of_elsewhere_can_begin_or_end_one(self):
        with Private(2) as server:
            address = server.begin()
            elsewhere = {'Origin': 'https://evil.example'}
            self.assertEqual(server.ask({}, elsewhere)[0], 403)
            self.assertEqual(server.request('DELETE', address, None, elsewhere)[0], 403)
            self.assertEqual(server.request('DELETE', '/s/common/')[0], 405)


    def test_a_page_of_a_listed_origin_may_begin_and_end_one(self):
        listed = {'Origin': 'https://radio.example'}
        with Private(2, '--origin', listed['Origin']) as server:
            address = '/' + server.ask({}, listed)[2]['address']
            answered = server.request('OPTIONS', address, None, dict(listed, **{'Access-Control-Request-Method': 'DELETE'}))[1]
            self.assertIn('DELETE', answered['Access-Control-Allow-Methods'])
            self.assertEqual(server.request('DELETE', address, None, listed)[0], 204)


class Ends(unittest.TestCase):
    def test_one_that_has_stalled_ends_for_a_player_of_ogg_and_the_server_goes_on(self):
        with Private(2) as server:
            address = server.begin()
            server.plays_at(address)
            with socket.create_connection((server.host, server.port), timeout=20) as player:
                player.sendall(f'GET {address}stream.opus HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
                player.recv(4096)
                os.kill(server.part('auralis-render', f'private-{server.process.pid}-1'), signal.SIGSTOP)
                until('it has stalled', lambda: server.request('GET', address + 'health')[0] == 503)
                self.assertEqual(server.end(address), 204)
                received(player)
            until('it has ended', server.is_bare)
            until('the common station plays', server.healthy)

    def test_one_that_is_asked_for_while_the_server_ends_is_refused_and_the_server_ends(self):
        with Private(2) as server:
            until('the common station plays', server.healthy)
            with socket.create_connection((server.host, server.port), timeout=20) as player, \
                    socket.create_connection((server.host, server.port), timeout=20) as late:
                player.sendall(b'GET /stream.wav HTTP/1.1\r\nHost: localhost\r\n\r\n')
                player.recv(4096)
                server.process.send_signal(signal.SIGTERM)
                until('it is stopping', lambda: any('stopping' in line for line in server.log))
                late.sendall(b'POST /api/stations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}')
                self.assertIn(b'"shutting_down"', late.recv(4096))
                received(player)
            self.assertEqual(server.wait(), 0)


class Limits(unittest.TestCase):
    def test_one_too_many_is_told_when_to_try_again_and_of_the_common_station(self):
        with Private(2) as server:
            first = server.begin()
            server.begin()
            status, headers, body = server.ask()
            self.assertEqual((status, body['code'], body['station']), (503, 'too_many_stations', 's/common/'))
            self.assertTrue(0 < int(headers['Retry-After']) <= 60)
            self.assertEqual(server.end(first), 204)
            until('there is room', lambda: server.ask()[0] == 201)

    def test_a_server_that_was_not_asked_to_has_none(self):
        with file_of(noise(RATE)) as file, Server('--on-end', 'hold', file.name, header=False) as server:
            status, headers, body = server.request('POST', '/api/stations', '{}')
            self.assertEqual((status, headers['Allow']), (405, 'GET, HEAD'))


class Leaks(unittest.TestCase):
    def test_stations_that_come_and_go_leave_no_process_descriptor_thread_or_memory(self):
        async def hear(server, address):
            async with server.listen(path=address + 'ws/stream') as ws:
                await next_frame(ws)

        with Private(4) as server:
            until('the common station plays', server.healthy)

            def come_and_go():
                address = server.begin({'seed': '7'})
                run(hear(server, address))
                self.assertEqual(server.end(address), 204)
                until('there is room', lambda: server.get_json('/api/status')['limits']['private_stations']['now'] < 4)

            for _ in range(8):  # until everything has grown that does
                come_and_go()
            until('all have ended', server.is_bare)
            until('no connection is left', lambda: server.get_json('/api/metrics')['clients'] == 0)
            before = server.held('fd'), server.held('task')
            resident_kb = server.resident_kb()
            for _ in range(1000 if LONG else 12):
                come_and_go()
            until('all have ended', server.is_bare)
            until(f'descriptors and threads are back at {before}',
                  lambda: server.held('fd') <= before[0] and server.held('task') <= before[1])
            self.assertLess(server.resident_kb() - resident_kb, 16 * 1024)


if __name__ == '__main__':
    main()
