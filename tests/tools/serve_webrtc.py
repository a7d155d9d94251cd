# SPDX-License-Identifier: MIT
# WebRTC (WHEP): what an offer is answered, what a listener hears, and when a session ends.
import array
import json
import math
import os
import re
import socket
import subprocess
import sys
import unittest
import urllib.parse

import lossy_link
from serve_rig import PATIENCE_S, RATE, Server, main, until
from whep_client import WhepClient

ADDRESS = '10.77.0.1'
HOST_NAME = 'the-name-of-this-host'
SDP = {'Content-Type': 'application/sdp'}
PITCH_HZ = 1000


def tone(seconds):
    period = array.array('h')
    for frame in range(RATE):
        value = round(8000 * math.sin(2 * math.pi * PITCH_HZ * frame / RATE))
        period.extend((value, value))
    return period.tobytes() * seconds


def share_of_pitch(sound):
    """Of the left channel's power, what lies at the pitch."""
    left = array.array('h', sound)[0::2]
    angle = 2 * math.pi * PITCH_HZ / 48000
    real = sum(value * math.cos(angle * i) for i, value in enumerate(left))
    imaginary = sum(value * math.sin(angle * i) for i, value in enumerate(left))
    power = sum(value * value for value in left)
    return 2 * (real * real + imaginary * imaginary) / (len(left) * power) if power else 0.0


def listen(server, client, path='/whep'):
    """The address of the session."""
    status, headers, body = server.request('POST', path, client.offer(), SDP)
    assert status == 201, (status, body)
    assert headers['Content-Type'] == 'application/sdp', headers
    client.take_answer(body.decode())
    return urllib.parse.urlsplit(headers['Location']).path


class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server('--webrtc')
        cls.server.pace(tone(200))
        until('the station plays', cls.server.healthy)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def listen(self, client, path='/whep'):
        """The session ends with the test: none that is forgotten by itself is counted in another."""
        session = listen(self.server, client, path)
        self.addCleanup(self.server.request, 'DELETE', session)
        return session

    def now(self):
        return self.server.get_json('/api/metrics')['webrtc_clients']

    def test_an_offer_is_answered_with_a_track_of_opus_that_is_sent_alone(self):
        with WhepClient() as client:
            status, headers, body = self.server.request('POST', '/whep', client.offer(), SDP)
            self.assertEqual(status, 201)
            answer = body.decode()
            for line in ('a=rtpmap:111 OPUS/48000/2', 'a=sendonly', 'a=candidate:', ADDRESS, 'a=fingerprint:'):
                self.assertIn(line, answer)
            for secret in (HOST_NAME, ' TCP ', '127.0.0.1', 'fe80:'):
                self.assertNotIn(secret, answer)
            self.server.request('DELETE', urllib.parse.urlsplit(headers['Location']).path)

    def test_a_listener_hears_what_is_played(self):
        with WhepClient() as client:
            self.listen(client)
            until('two seconds of sound are there', lambda: client.seconds() > 2)
            heard = client.sound[-48000 * 4:]
            self.assertGreater(share_of_pitch(heard), 0.98)

    def test_packets_come_one_after_the_other_each_20_ms_of_the_stream(self):
        with WhepClient() as client:
            self.listen(client)
            until('a hundred packets are there', lambda: len(client.packets) > 100)
            packets = client.packets[20:100]
            self.assertEqual({(b - a) % 2**32 for (a, _), (b, _) in zip(packets, packets[1:])}, {960})

    def test_all_share_what_is_encoded_and_each_hears_it(self):
        with WhepClient() as one, WhepClient() as other:
            for client in (one, other):
                self.listen(client, '/s/default/whep')
            for client in (one, other):
                until('a second of sound is there', lambda: client.seconds() > 1)  # noqa: B023
            self.assertGreaterEqual(self.now(), 2)

    def test_a_session_ends_when_its_address_is_deleted(self):
        with WhepClient() as client:
            session = self.listen(client)
            until('sound is there', lambda: client.seconds() > 0.5)
            before = self.now()
            self.assertEqual(self.server.request('DELETE', session)[0], 204)
            self.assertEqual(self.now(), before - 1)
            self.assertEqual(self.server.request('DELETE', session)[0], 404)

    def test_a_listener_that_vanished_is_forgotten_by_itself(self):
        client = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(__file__), 'whep_client.py'), self.server.url + 'whep'],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with client:
            self.assertEqual(client.stdout.readline(), b'hears\n')
            before = self.now()
            client.kill()
        until('its session has ended', lambda: self.now() < before, 4 * PATIENCE_S)

    def test_what_is_no_offer_is_refused_and_says_what_was_expected(self):
        for body, headers, status, code in (
                ('v=0\r\n', SDP, 400, 'bad_offer'), ('', SDP, 400, 'bad_offer'), ('{}', {}, 415, 'sdp_expected')):
            with self.subTest(body):
                got, _, answer = self.server.request('POST', '/whep', body, headers)
                self.assertEqual((got, code in answer.decode()), (status, True), answer)
        self.assertEqual(self.server.request('GET', '/whep')[0], 405)
        status, headers, _ = self.server.request('PATCH', '/whep/0123', 'a=candidate:1', {'Content-Type': 'application/trickle-ice-sdpfrag'})
        self.assertEqual((status, headers['Allow']), (405, 'DELETE'))
        self.assertEqual(self.server.request('DELETE', '/whep/0123')[0], 404)


class Strangers(unittest.TestCase):
    """Whoever may listen, and means no good."""

    def started(self, *options):
        server = Server('--webrtc', *options)
        self.addCleanup(server.stop)
        server.pace(tone(200))
        until('the station plays', server.healthy)
        return server

    def sessions(self, server):
        return server.get_json('/api/metrics')['webrtc_clients']

    def test_odd_offers_are_refused_or_answered_and_harm_nobody(self):
        server = self.started()
        with WhepClient() as listener, WhepClient() as stranger:
            listen(server, listener)
            offer = stranger.offer()

            def changed(what, instead):
                return re.sub(what, lambda _: instead, offer, flags=re.MULTILINE)
            odd = [
                *(offer.replace('111', str(payload)) for payload in (0, 13, 34, 35, 63, 64, 72, 76, 95, 96, 127, 128, 4294967407)),
                *(changed(r'^a=mid:.*?$', 'a=mid:' + mid) for mid in ('{}', '*', 'a=b', '!' * 64, '!' * 65, '', ' ', '0\r\na=mid:1', '%s%n')),
                *(changed(r'^a=ice-ufrag:.*?$', 'a=ice-ufrag:' + 'u' * length) for length in (3, 4, 256, 257)),
                *(changed(r'^a=ice-pwd:.*?$', 'a=ice-pwd:' + 'p' * length) for length in (21, 22, 256, 257)),
                *(changed(r'^a=setup:.*?$', 'a=setup:' + setup) for setup in ('active', 'passive', 'holdconn', '')),
                changed(r'^a=fingerprint:.*?$', 'a=fingerprint:sha-256 ' + ':'.join(['00'] * 32)),
                changed(r'^a=fingerprint:.*?$', 'a=fingerprint:sha-512 ' + ':'.join(['00'] * 64)),
                changed(r'^m=audio \d+', 'm=audio 0'), changed(r'^m=audio \d+', 'm=audio 99999999999'), changed(r'^m=.*?$', 'm=audio 9'),
                offer.replace('\r\n', '\n'), offer.replace('\r\n', '\r'), offer[:len(offer) // 2], offer * 2,
                offer + 'a=rtpmap:111 opus/48000/2\r\n' * 300, offer + 'a=candidate:1 1 UDP 1 198.51.100.1 9 typ host\r\n' * 100,
                offer + 'b=AS:0\r\na=bundle-only\r\na=rtcp:0\r\n', offer + 'a=' + 'x' * (16000 - len(offer)), '\r\n' * 5000]
            for text in odd:
                status, headers, body = server.request('POST', '/whep', text, SDP)
                self.assertIn(status, (201, 400), (text, body))
                if status == 201:
                    session = urllib.parse.urlsplit(headers['Location']).path
                    self.assertEqual(server.request('DELETE', session)[0], 204)
            self.assertEqual(self.sessions(server), 1)
            heard_s = listener.seconds()
            until('the listener hears on', lambda: listener.seconds() > heard_s + 1)
            self.assertGreater(share_of_pitch(listener.sound[-48000 * 4:]), 0.98)
        self.assertEqual(server.request('POST', '/whep', 'v' * 16385, SDP)[0], 413)

    def test_a_session_is_ended_by_its_whole_address_alone_and_by_no_page_of_elsewhere(self):
        server = self.started()
        with WhepClient() as client:
            session = listen(server, client)
            key = session.rpartition('/')[2]
            for wrong in (key[:-1], key.swapcase(), key + '0', '', '*', '..', key + '/..', '%00' + key):
                self.assertIn(server.request('DELETE', '/whep/' + wrong)[0], (400, 404), wrong)
            foreign = {'Origin': 'https://elsewhere.example'}
            self.assertEqual(server.request('DELETE', session, headers=foreign)[0], 403)
            self.assertEqual(server.request('POST', '/whep', client.offer(), {**SDP, **foreign})[0], 403)
            self.assertEqual(self.sessions(server), 1)
            self.assertEqual(server.request('DELETE', session)[0], 204)

    def test_sessions_that_come_and_go_leave_nothing_behind(self):
        server = self.started()
        with WhepClient(decodes=False) as client:
            offer = client.offer()

            def come_and_go(times):
                for _ in range(times):
                    status, headers, body = server.request('POST', '/whep', offer, SDP)
                    self.assertEqual(status, 201, body)
                    self.assertEqual(server.request('DELETE', urllib.parse.urlsplit(headers['Location']).path)[0], 204)
            come_and_go(10)
            until('the first are gone', lambda: server.held('task') < 40)
            before = server.held('fd')
            come_and_go(60)
            until('their descriptors are closed', lambda: server.held('fd') <= before)
            until('their threads have ended', lambda: server.held('task') < 40)

    def test_offers_without_end_of_one_address_are_limited_and_shut_nobody_else_out(self):
        server = self.started('--host', '0.0.0.0')
        server.host = ADDRESS
        with WhepClient(decodes=False) as client:
            text = client.offer()
            answers = [server.request('POST', '/whep', text, SDP) for _ in range(60)]
            refused = {json.loads(body)['code'] for status, _, body in answers if status != 201}
            begun = sum(status == 201 for status, _, _ in answers)
            self.assertLessEqual(begun, 20)
            self.assertLessEqual(refused, {'too_many_offers', 'too_many_connections'})
            self.assertTrue(refused)
        server.host = '127.0.0.1'
        with WhepClient() as client:
            listen(server, client)
            until('who sits at this machine hears', lambda: client.seconds() > 1)


class Without(unittest.TestCase):
    def test_a_server_that_was_not_asked_for_it_names_the_option(self):
        with Server() as server:
            server.pace(tone(20))
            until('the station plays', server.healthy)
            status, _, body = server.request('POST', '/whep', 'v=0\r\n', SDP)
            self.assertEqual((status, b'--webrtc' in body), (404, True))


if __name__ == '__main__':
    socket.sethostname(HOST_NAME)
    lossy_link.open_tun('near', ADDRESS)
    main()
