# SPDX-License-Identifier: MIT
# Listeners who change the music one after another: auralis-serve --turns.
import json
import unittest

from serve_rig import RATE, Composer, Server, main, next_text, noise, run, until


def acknowledge(control):
    applied = {name: value for name, value in control.items() if name not in ('type', 'id')}
    return [{'type': 'control_ack', 'id': control['id'], 'applied': applied, 't': 1.0}]


class Turns(unittest.TestCase):
    def started(self, *options):
        server = Server(*options)
        self.addCleanup(server.stop)
        server.pace(noise(RATE * 60))
        until('sound flows', server.healthy)
        composer = Composer(server.session, acknowledge)
        self.addCleanup(composer.stop)
        until('the composer is found', lambda: server.get_json('/api/status')['composer'] == 'connected')
        return server

    def test_who_changes_something_has_a_turn_and_everybody_is_told(self):
        server = self.started('--turns')

        async def check():
            async with server.listen() as first, server.listen() as second:
                welcome = await next_text(first, 'welcome')
                self.assertEqual((welcome['turn']['turn_s'], welcome['turn']['free_in_s']), (60, 0))
                await first.send(json.dumps({'type': 'control', 'id': 'a', 'bpm': 70}))
                turn = await next_text(second, 'turn')
                self.assertEqual(turn['holder'], welcome['client_id'])
                self.assertGreater(turn['free_in_s'], 50)
                await next_text(first, 'control_ack')
                await second.send(json.dumps({'type': 'control', 'id': 'b', 'bpm': 50}))
                error = await next_text(second, 'error')
                self.assertEqual((error['code'], error['id'], error['recoverable']), ('not_your_turn', 'b', True))
                # What nobody may set asks for no turn.
                await second.send(json.dumps({'type': 'control', 'id': 'd', 'bpm': 5000}))
                self.assertEqual((await next_text(second, 'error'))['code'], 'bad_control')
                await first.send(json.dumps({'type': 'control', 'id': 'c', 'bpm': 71}))
                self.assertEqual((await next_text(first, 'control_ack'))['applied'], {'bpm': 71})
        run(check())
        self.assertGreater(server.get_json('/api/status')['turn']['free_in_s'], 30)

    def test_a_control_that_is_refused_begins_no_turn(self):
        server = self.started('--turns')
        self.assertEqual(server.control({'bpm': 1000})[0], 400)
        self.assertEqual(server.get_json('/api/status')['turn']['free_in_s'], 0)
        self.assertEqual(server.control({'bpm': 70})[0], 200)
        self.assertGreater(server.get_json('/api/status')['turn']['free_in_s'], 50)

    def test_without_the_option_all_may_at_once(self):
        server = self.started()
        self.assertIsNone(server.get_json('/api/status')['turn'])

        async def check():
            async with server.listen() as first, server.listen() as second:
                for ws in (first, second):
                    await ws.send(json.dumps({'type': 'control', 'id': 'a', 'bpm': 70}))
                    await next_text(ws, 'control_ack')
        run(check())


if __name__ == '__main__':
    main()
