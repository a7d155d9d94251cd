# SPDX-License-Identifier: MIT
# Controls through auralis-serve, with the composer's end of the socket played here: answers, refusals, loss and return.
import asyncio
import contextlib
import http.client
import json
import signal
import socket
import time
import unittest

from serve_rig import RATE, Certificate, Composer, Server, main, next_frame, next_text, noise, received, run, until


def acknowledge(t):
    """A composer to whom every control is right, at second t."""
    def answer(control):
        applied = {name: value for name, value in control.items() if name not in ('type', 'id')}
        return [{'type': 'control_ack', 'id': control['id'], 'applied': applied, 't': t}]
    return answer


def refuse(control):
    return [{'type': 'error', 'id': control['id'], 'code': 'bad_control', 'message': 'preset is unknown', 'field': 'preset'}]


def connected(server):
    def told():
        status = server.get_json('/api/status')
        return status['composer'] == 'connected' and status['key']
    until('the composer is found and has told its state', told)


class Controls(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.stop)
        self.server.pace(noise(RATE * 60))
        until('sound flows', self.server.healthy)

    def composer(self, answer=None, **options):
        composer = Composer(self.server.session, answer, **options)
        self.addCleanup(composer.stop)
        connected(self.server)
        return composer

    def test_an_acknowledgement_comes_back_with_the_frame_at_which_it_is_heard(self):
        composer = self.composer(acknowledge(2.5))

        async def check():
            async with self.server.listen('?codec=pcm') as pcm, self.server.listen('?codec=opus') as opus:
                for ws, rate in ((pcm, RATE), (opus, 48000)):
                    await ws.send(json.dumps({'type': 'control', 'id': 'mine', 'intensity': 0.8, 'layers': {'pad': {'on': False}}}))
                    ack = await next_text(ws, 'control_ack')
                    self.assertEqual((ack['id'], ack['applied']), ('mine', {'intensity': 0.8, 'layers': {'pad': {'on': False}}}))
                    # The piece began with the stream, so second 2.5 is heard at frame 2.5 · rate.
                    self.assertEqual(ack['position'], 2.5 * rate)
        run(check())
        until('both are kept', lambda: len(composer.heard) == 2)
        self.assertNotEqual(composer.heard[0]['id'], composer.heard[1]['id'])
        latency = until('the latency is known', lambda: self.server.get_json('/api/metrics')['control_latency_ms']['p95'], 10)
        self.assertGreater(latency, 0)
        self.assertLess(latency, 5000)

    def test_over_http_the_answer_tells_what_was_applied(self):
        self.composer(acknowledge(3.0))
        status, answer = self.server.control({'bpm': 72, 'key': 'F#'})
        self.assertEqual(status, 200)
        self.assertEqual(answer['applied'], {'bpm': 72, 'key': 'F#'})
        self.assertEqual(answer['position'], 3 * RATE)

    def test_what_follows_a_control_is_the_next_request(self):
        self.composer(acknowledge(3.0))
        control = b'POST /api/control HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n{"bpm": 72}'
        last = b'POST /api/control HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}'
        for between in (b'', b'\r\n'):  # which some send behind a body
            answer = self.server.raw(control + between + control + between + last)
            statuses = [line.split()[1] for line in answer.splitlines() if line.startswith(b'HTTP/1.1')]
            self.assertEqual(statuses, [b'200', b'200', b'400'], answer)

    def test_every_control_travels(self):
        composer = self.composer(acknowledge(1.0))
        wishes = {'key': 'Bb', 'mode': 'lydian', 'bpm': 61.5, 'intensity': 0.25, 'preset': 'sleep',
                  'layers': {'bells': {'on': True, 'gain_db': -6}}}
        for number, (name, value) in enumerate(wishes.items()):
            self.assertEqual(self.server.control({name: value})[0], 200)
            until('it is kept', lambda: len(composer.heard) == number + 1)
            self.assertEqual(composer.heard[-1][name], value)
            self.assertEqual(set(composer.heard[-1]), {'type', 'id', name})

    def test_what_the_composer_refuses_is_refused_with_its_field(self):
        self.composer(refuse)
        status, error = self.server.control({'preset': 'nowhere'})
        self.assertEqual((status, error['field'], error['type']), (400, 'preset', 'error'))

        async def check():
            async with self.server.listen() as ws:
                await ws.send('{"type":"control","id":7,"preset":"nowhere"}')
                error = await next_text(ws, 'error')
                self.assertEqual((error['id'], error['field'], error['recoverable']), ('7', 'preset', False))
        run(check())

    def test_a_composer_that_is_ending_is_away_for_the_moment(self):
        self.composer(lambda control: [{'type': 'error', 'id': control['id'], 'code': 'ending', 'message': 'the piece ends'}])
        status, error = self.server.control({'bpm': 60})
        self.assertEqual((status, error['code'], error['recoverable']), (503, 'composer_unavailable', True))

    def test_where_a_piece_was_joined_in_its_middle_its_seconds_are_told_from_the_newest_sound_there_was(self):
        composer = self.composer(t=110.0)  # when 5 s of the sound were on their way

        async def check():
            async with self.server.listen() as ws:
                await next_frame(ws)
                places = []
                for t, key in ((110.0, 'E'), (105.0, 'F'), (106.0, 'G')):
                    composer.tell({**composer.state, 't': t, 'key': key})
                    state = await next_text(ws, 'state')
                    self.assertEqual(state['key'], key)
                    places.append(state['position'])
                self.assertGreater(places[1], places[0] - RATE)
                self.assertEqual(places[2] - places[1], RATE)
        run(check())

    def test_a_state_reaches_every_listener_with_its_position_and_only_when_it_changed(self):
        composer = self.composer()

        async def check():
            async with self.server.listen() as ws:
                welcome = await next_text(ws, 'welcome')
                self.assertEqual(welcome['state']['key'], 'D')
                composer.tell({**composer.state, 't': 1.0})
                composer.tell({**composer.state, 't': 2.0})
                composer.tell({**composer.state, 't': 4.0, 'key': 'E', 'next_chord': 50.0})
                state = await next_text(ws, 'state')
                self.assertEqual((state['key'], state['position'], state['next_chord_position']), ('E', 4 * RATE, 50 * RATE))
        run(check())
        status = self.server.get_json('/api/status')
        self.assertEqual((status['key'], status['seed'], status['chord']), ('E', '7', 'Dm9'))

    def test_the_end_to_end_latency_is_from_the_composers_timestamp_to_the_leaving_of_its_frame(self):
        composer = self.composer()
        began = time.monotonic()
        position = self.server.get_json('/api/status')['position']
        for i in range(5):
            composer.tell({**composer.state, 't': position / RATE + 3 + i / 10, 'composed_at': began - 10})
        for strange in (began - 1000, began + 1000, 1e300, '3', None):
            composer.tell({**composer.state, 't': position / RATE + 3, 'composed_at': strange})
        latency = until('it is known', lambda: (lambda found: found['max'] and found)(self.server.get_json('/api/metrics')['end_to_end_latency_ms']), 10)
        self.assertGreater(latency['p50'], 10e3)
        self.assertLess(latency['max'], (time.monotonic() - began + 10) * 1e3)

    def test_a_composer_that_goes_fails_what_it_owes_and_hears_all_that_is_wanted_when_it_is_back(self):
        composer = Composer(self.server.session, acknowledge(1.0))
        connected(self.server)
        self.assertEqual(self.server.control({'bpm': 50, 'key': 'D'})[0], 200)
        self.assertEqual(self.server.control({'intensity': 0.9})[0], 200)
        composer.answer = lambda control: []  # stays silent, then dies

        async def check():
            async with self.server.listen() as ws:
                await ws.send('{"type":"control","id":"lost","bpm":90}')
                while not any(control.get('bpm') == 90 for control in composer.heard):
                    await asyncio.sleep(0.01)
                composer.stop()
                error = await next_text(ws, 'error')
                self.assertEqual((error['id'], error['code'], error['recoverable']), ('lost', 'composer_unavailable', True))
                await next_frame(ws)  # the sound goes on
        run(check())
        until('it is missed', lambda: self.server.get_json('/api/status')['composer'] == 'away')
        status, error = self.server.control({'bpm': 60})
        self.assertEqual((status, error['code']), (503, 'composer_unavailable'))

        back = self.composer(acknowledge(1.0))
        until('what is wanted was sent', lambda: back.heard)
        wanted = back.heard[0]
        self.assertEqual((wanted['bpm'], wanted['key'], wanted['intensity']), (50, 'D', 0.9))
        self.assertEqual(self.server.control({'bpm': 65})[0], 200)

    def test_a_composer_that_never_answers_is_unavailable(self):
        self.composer()
        status, error = self.server.control({'bpm': 60})
        self.assertEqual((status, error['code']), (503, 'composer_unavailable'))

    def test_rubbish_from_the_composer_is_passed_over(self):
        composer = self.composer(acknowledge(1.0))
        for connection in composer.connections:
            connection.sendall(b'rubbish\n[1]\n\xff\xfe\n{"type":"state"}\n{"type":7,"id":8,"t":"x"}\n{"type":"control_ack"}\n')
        self.assertEqual(self.server.control({'bpm': 60})[0], 200)
        self.assertTrue(self.server.healthy())

    def test_a_server_ends_well_while_the_composer_is_there(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), Server() as server:
                server.feed(noise(RATE))
                with Composer(server.session, acknowledge(1.0)):
                    connected(server)
                    server.process.send_signal(number)
                    self.assertEqual(server.wait(), 0)

    def test_a_listener_who_left_is_not_answered(self):
        composer = self.composer()

        async def check():
            async with self.server.listen() as ws:
                await ws.send('{"type":"control","id":"x","bpm":60}')
                while not composer.heard:
                    await asyncio.sleep(0.01)
        run(check())
        for message in acknowledge(1.0)(composer.heard[0]):
            composer.tell(message)
        self.assertTrue(self.server.healthy())


class Tokens(unittest.TestCase):
    def test_over_the_socket_controls_need_the_token_and_listening_does_not(self):
        with Server('--token', 's3cret') as server:
            server.pace(noise(RATE * 30))
            with Composer(server.session, acknowledge(1.0)):
                connected(server)

                async def check():
                    async with server.listen() as ws:
                        welcome = await next_text(ws, 'welcome')
                        self.assertFalse(welcome['may_control'])
                        self.assertEqual(welcome['controls'], server.get_json('/api/status')['controls'])
                        await next_frame(ws)
                        await ws.send('{"type":"control","id":"a","bpm":60}')
                        self.assertEqual((await next_text(ws, 'error'))['code'], 'unauthorized')
                    async with server.listen('?token=wrong') as ws:
                        await ws.send('{"type":"control","id":"a","bpm":60}')
                        self.assertEqual((await next_text(ws, 'error'))['code'], 'forbidden')
                        await ws.send('{"type":"authorize","token":7}')
                        self.assertEqual((await next_text(ws, 'error'))['field'], 'token')
                        for token, answer in (('s3cre', 'error'), ('s3cret', 'control_ack'), ('', 'error')):
                            await ws.send(json.dumps({'type': 'authorize', 'token': token}))
                            await ws.send('{"type":"control","id":"a","bpm":60}')
                            self.assertEqual((await next_text(ws, answer))['id'], 'a')
                    for options in ({'query': '?token=s3cret'}, {'extra_headers': {'Authorization': 'Bearer s3cret'}}):
                        async with server.listen(**options) as ws:
                            self.assertTrue((await next_text(ws, 'welcome'))['may_control'])
                            await ws.send('{"type":"control","id":"a","bpm":60}')
                            self.assertEqual((await next_text(ws, 'control_ack'))['id'], 'a')
                run(check())


class End(unittest.TestCase):
    def test_a_control_that_waits_when_the_server_ends_is_answered(self):
        with Server() as server, Composer(server.session) as composer:
            server.pace(noise(RATE * 20))
            connected(server)
            with server.connect() as asking:
                asking.sendall(b'POST /api/control HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n{"bpm": 72}')
                until('it was asked', lambda: any('bpm' in control for control in composer.heard))
                server.process.send_signal(signal.SIGTERM)
                answer = received(asking)
            self.assertEqual(server.wait(), 0)
            self.assertTrue(answer.startswith(b'HTTP/1.1 503'), answer)
            self.assertIn(b'composer_unavailable', answer)
            self.assertIn(b'Connection: close', answer)


class Tls(unittest.TestCase):
    def test_page_and_socket_speak_tls(self):
        sound = noise(RATE * 4)
        with Certificate() as certificate, Server(certificate=certificate) as server:
            self.assertTrue(server.url.startswith('https://'))
            self.assertIn(server.get_json('/api/status')['channels'], (2, None))

            async def check():
                async with server.listen(origin=server.url.rstrip('/')) as ws:
                    server.feed(sound)
                    for _ in range(10):
                        frame = await next_frame(ws)
                        self.assertEqual(frame.payload, sound[frame.position * 4:][:len(frame.payload)])
            run(check())
            self.assertIn(b'https://', server.request('GET', '/listen.m3u')[2])

    def test_who_comes_without_is_sent_to_where_tls_is_spoken(self):
        with Certificate() as certificate, Server(certificate=certificate) as server:
            plainly = http.client.HTTPConnection(server.host, server.port, timeout=20)
            plainly.request('GET', '/health?a=%20')
            answer = plainly.getresponse()
            self.assertEqual((answer.status, answer.getheader('Location')), (307, server.url + 'health?a=%20'))
            self.assertEqual(json.loads(answer.read())['code'], 'tls_expected')
            plainly.request('POST', '/api/control', '{"bpm": 50}')
            self.assertEqual(plainly.getresponse().status, 400)
            plainly.close()
            with socket.create_connection((server.host, server.port), timeout=20) as nonsense:
                nonsense.sendall(b'\x16\x03\x01' + bytes(100))
                with contextlib.suppress(ConnectionResetError):
                    while nonsense.recv(65536):
                        pass
            self.assertEqual(server.request('GET', '/listen.m3u')[0], 200)


if __name__ == '__main__':
    main()
