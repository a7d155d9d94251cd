# SPDX-License-Identifier: MIT
# How auralis-play ends: with what its parts say, by signals, with its terminal; always with a status, and alone.
import contextlib
import os
import pty
import select
import shutil
import signal
import socket
import tempfile
import time
import unittest

from play_rig import LONG, PARTS, Listeners, Station, state_of
from serve_rig import main, until

STOP_S = 3.0 if LONG else 6.0  # the suite runs beside others


class Refusals(unittest.TestCase):
    def ends(self, status, says, *options, **settings):
        with Station(*options, **settings) as station:
            self.assertEqual(station.wait(), status, station.log)
            self.assertTrue(station.said(says), station.log)
            station.assert_nothing_left()
            return station.log

    def test_a_server_that_cannot_start_ends_it_with_its_status_and_before_it_says_where_to_listen(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            for options in (('--tls-cert', '/nonexistent', '--tls-key', '/nonexistent'), ('--record', '/nonexistent/x.flac'),
                            (f'--port={taken.getsockname()[1]}',)):
                with self.subTest(options):
                    command = ['auralis-play', *options] if '--port' in options[0] else None
                    with Station(*options, start=False) as station:
                        station.command = command or station.command
                        station.start()
                        self.assertEqual(station.wait(), 1, station.log)
                        self.assertTrue(station.said('auralis-serve: error: '), station.log)
                        self.assertFalse(station.said('listen at'))
                        station.assert_nothing_left()

    def test_an_option_that_is_none_is_refused_at_once(self):
        self.ends(2, '--bpm: is 2000, expected a number from 30 to 120', '--bpm', '2000')
        self.ends(2, '--presett is unknown, expected --preset', '--presett', 'sleep')
        self.ends(2, '--output', '--output', 'x')

    def test_what_a_command_refuses_ends_it_with_that_status(self):
        self.ends(2, 'auralis-compose: error: no preset "nosuch"', '--preset', 'nosuch')
        self.ends(2, 'auralis-serve: error: ', '--token-file', '/dev/null')
        with tempfile.NamedTemporaryFile(suffix='.yaml') as preset:
            preset.write(b'tempo: [1\n')
            preset.flush()
            self.ends(3, f'auralis-compose: error: {preset.name}:', '--preset', preset.name)

    @unittest.skipIf(os.environ.get('SANITIZE'), 'sanitizers reserve terabytes of addresses')
    def test_too_little_memory_ends_it_at_once(self):
        log = self.ends(1, ': error: ', wrapper=('prlimit', '--as=35000000'))
        self.assertFalse(any('starting it again' in line for line in log), log)

    def test_what_does_not_last_is_given_up(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ('auralis-play', 'auralis-compose', 'auralis-serve'):
                shutil.copy(shutil.which(name), folder)
            with open(folder + '/auralis-render', 'w') as render:
                render.write('#!/bin/sh\nkill -KILL $$\n')
            os.chmod(folder + '/auralis-render', 0o755)
            shutil.copytree(os.path.dirname(shutil.which('auralis-play')) + '/../share', folder + '/share')
            os.mkdir(folder + '/bin')
            for name in os.listdir(folder):
                if name.startswith('auralis-'):
                    os.rename(f'{folder}/{name}', f'{folder}/bin/{name}')
            log = self.ends(1, 'giving up', program=folder + '/bin/auralis-play')
            self.assertEqual(sum('the music stopped' in line for line in log), 5)


class Signals(unittest.TestCase):
    def test_a_piece_with_an_end_is_heard_to_it(self):
        with Station('--duration', '10s') as station, Listeners(station.ready()) as listeners:
            self.assertEqual(station.wait(), 0)
            listeners.have_heard_the_end()
            self.assertEqual([text['reason'] for text in listeners.texts if text['type'] == 'shutdown'], ['ended'])
            self.assertFalse(station.said('no "end"'))
            station.assert_nothing_left()

    def test_term_and_hangup_fade_and_end_within_3_s(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number), Station() as station, Listeners(station.ready()) as listeners, socket.socket() as stuck:
                stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                stuck.connect(('127.0.0.1', station.port))
                stuck.sendall(b'GET /stream.wav HTTP/1.1\r\nHost: localhost\r\n\r\n')
                until('one does not read', lambda: station.figures()['clients'] == 2)
                began = time.monotonic()
                self.assertLess(station.stop(number), STOP_S)
                listeners.have_heard_the_end()
                self.assertEqual([text['reason'] for text in listeners.texts if text['type'] == 'shutdown'], ['stopped'])
                fade = [chunk for chunk in listeners.heard[0] if chunk.at > began]  # what came before is the station's start
                self.assertTrue(fade)
                self.assertFalse(any(chunk.flagged for chunk in fade), 'the fade is one')

    def test_it_ends_within_3_s_whoever_is_stopped(self):
        for part in PARTS:
            with self.subTest(part), Station() as station:
                station.ready()
                pid = station.part(part)
                os.kill(pid, signal.SIGSTOP)
                until('it is stopped', lambda: state_of(pid) == 'T')
                self.assertLess(station.stop(), STOP_S)

    def test_the_first_interrupt_ends_the_piece_and_says_so(self):
        with Station() as station, Listeners(station.ready()) as listeners:
            station.process.send_signal(signal.SIGINT)
            until('it says so', lambda: station.said('Ctrl-C again ends at once'))
            self.assertEqual(station.wait(60), 0)
            self.assertFalse(station.said('no "end"'), 'the piece was cut off')
            listeners.have_heard_the_end()
            self.assertEqual([text['reason'] for text in listeners.texts if text['type'] == 'shutdown'], ['ended'])
            station.assert_nothing_left()

    def test_a_second_interrupt_ends_at_once_and_keeps_the_recording(self):
        with tempfile.TemporaryDirectory() as folder, Station('--record', folder + '/kept.wav') as station:
            with Listeners(station.ready()):
                station.process.send_signal(signal.SIGINT)
                until('it says so', lambda: station.said('Ctrl-C again ends at once'))
                began = time.monotonic()
                station.process.send_signal(signal.SIGINT)
                self.assertEqual(station.wait(), 130)
                self.assertLess(time.monotonic() - began, 2)
                station.assert_nothing_left()
                self.assertEqual(os.listdir(folder), ['kept.wav'])

    def test_a_server_that_somebody_ends_ends_it(self):
        with Station() as station:
            os.kill(station.ready().part('serve'), signal.SIGTERM)
            self.assertEqual(station.wait(), 0)
            station.assert_nothing_left()

    def test_nohup_outlives_a_hangup(self):
        with Station(wrapper=('nohup',)) as station:
            station.ready()
            station.process.send_signal(signal.SIGHUP)
            os.kill(station.part('compose'), signal.SIGHUP)
            with Listeners(station):
                pass
            self.assertIsNone(station.process.poll())
            station.stop()

    def test_a_terminal_that_closes_takes_its_station_with_it(self):
        with Station(start=False) as station:
            shell, terminal = pty.fork()
            if shell == 0:
                os.environ.update(station.environment)
                os.execvp('bash', ['bash', '--norc', '-i'])
            os.write(terminal, ' '.join(station.command).encode() + b'\n')
            said = b''
            while b'listen at' not in said:
                self.assertTrue(select.select([terminal], [], [], 30)[0], said)
                said += os.read(terminal, 65536)
            until('all four run', lambda: sum(b'auralis' in line[0] for line in station.processes().values()) == 4)
            os.close(terminal)
            until('all have ended', lambda: not station.processes(), 10)
            os.waitpid(shell, 0)

    def test_its_supervisor_is_told_when_it_is_ready(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
            supervisor.bind(folder + '/notify')
            supervisor.settimeout(20)
            with Station(environment={'NOTIFY_SOCKET': folder + '/notify'}) as station:
                told = supervisor.recv(4096).decode()
                self.assertEqual(told.splitlines()[0], 'READY=1')
                with socket.create_connection(('127.0.0.1', until('the port', lambda: station.port))):
                    pass
                station.stop()
                supervisor.setblocking(False)
                # How it stands comes once a second. The server told ours, not the one above: nobody is ready a second time.
                later = []
                with contextlib.suppress(BlockingIOError):
                    while True:
                        later.append(supervisor.recv(4096).decode())
                self.assertFalse([text for text in later if 'READY=1' in text])


if __name__ == '__main__':
    main()
