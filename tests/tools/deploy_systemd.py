# SPDX-License-Identifier: MIT
# What a supervisor is told (sd_notify), and what it may hand over (sd_listen_fds): by hand, and by systemd-socket-activate.
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from play_rig import Station, is_alive
from serve_rig import until

ACTIVATED = '127.0.0.3'  # where no other test listens: its port stays free until it is taken


# FD PROGRAM...: becomes the program, with the descriptor handed over as systemd does.
HANDS_OVER = ('import os, sys; os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True); os.environ["LISTEN_FDS"] = "1"; '
              'os.environ["LISTEN_PID"] = str(os.getpid()); os.execvp(sys.argv[2], sys.argv[2:])')


class Supervisor:
    """A NOTIFY_SOCKET, and what came there."""

    def __init__(self, folder):
        self.path = os.path.join(folder, 'notify')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.told = []

    def has(self, line):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.told += self.socket.recv(65536).decode().split('\n')
        return next((told for told in self.told if told.startswith(line)), None)


def get(port, path='/health', timeout=20, host='127.0.0.1'):
    with urllib.request.urlopen(f'http://{host}:{port}{path}', timeout=timeout) as answer:
        return answer.status


def answers(port, host='127.0.0.1'):
    try:
        return get(port, host=host) == 200
    except OSError:
        return False


def check_notices(command):
    with tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor(folder)
        environment = dict(os.environ, NOTIFY_SOCKET=supervisor.path, XDG_RUNTIME_DIR=folder)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        try:
            until('it is ready', lambda: supervisor.has('READY=1'), 60)
            until('it says what is on', lambda: ' · ' in (supervisor.has('STATUS=') or '') or any(
                ' · ' in told for told in supervisor.told), 60)
            until('it calms the watchdog', lambda: supervisor.has('WATCHDOG=1'), 60)
            assert not supervisor.has('STOPPING=1')
            process.send_signal(signal.SIGTERM)
            until('it says that it stops', lambda: supervisor.has('STOPPING=1'), 10)
            assert process.wait(10) == 0
            # Readiness is told once, whatever is told each second.
            assert sum(told == 'READY=1' for told in supervisor.told) == 1
        finally:
            process.kill()
            process.wait()


def check_activation(tone):
    """The first listener starts the server."""
    if not shutil.which('systemd-socket-activate'):
        print('Skipped: no systemd-socket-activate')
        return
    with socket.create_server((ACTIVATED, 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(['systemd-socket-activate', '-l', f'{ACTIVATED}:{port}', shutil.which('auralis-serve'), tone,
                                '--on-end', 'loop', '--port', '1'], stderr=subprocess.PIPE, text=True)
    try:
        until('the socket is there', lambda: 'Listening' in process.stderr.readline(), 20)
        until('sound', lambda: answers(port, ACTIVATED), 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def check_handed_over():
    """auralis-play keeps the socket: who comes while there is no server waits for the next, and is not refused."""
    listening = socket.create_server(('127.0.0.1', 0))
    port = listening.getsockname()[1]
    wrapper = (sys.executable, '-c', HANDS_OVER, str(listening.fileno()))
    with Station(wrapper=wrapper, start=False) as station:
        station.start(pass_fds=[listening.fileno()])
        listening.close()
        until('sound', lambda: answers(port), 60)
        server = station.part('serve')
        os.kill(server, signal.SIGKILL)
        until('it is gone', lambda: not is_alive(server))
        # At once: the new one is not there.
        assert get(port, '/api/status', 30) == 200
        until('sound again', lambda: answers(port), 60)
        assert station.part('serve') != server
        station.process.send_signal(signal.SIGTERM)
        assert station.process.wait(10) == 0
        until('the port is free', lambda: not answers(port), 10)


def check_refused():
    """What is handed over and listens to nothing is told."""
    with tempfile.TemporaryFile() as file:
        done = subprocess.run([sys.executable, '-c', HANDS_OVER, str(file.fileno()), 'auralis-serve', sys.argv[1]],
                              pass_fds=[file.fileno()], stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 1 and 'no listening socket' in done.stderr, done


check_notices(['auralis-serve', sys.argv[1], '--on-end', 'loop', '--port', '0'])
check_notices(['auralis-play', '--port', '0', '--seed', '7'])
check_activation(sys.argv[1])
check_handed_over()
check_refused()
print('deploy_systemd: told, handed over')
