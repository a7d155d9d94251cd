# SPDX-License-Identifier: MIT
# auralis-play on a terminal, seen as a terminal would show it.
import codecs
import os
import pty
import re
import signal
import struct
import fcntl
import subprocess
import tempfile
import termios
import threading
import urllib.request

from serve_rig import until


class Terminal:
    """Lines as they are on the screen: carriage return and erasure are done, all else is kept."""

    def __init__(self, *command, columns=100):
        self.folder = tempfile.mkdtemp(prefix='auralis-terminal-')
        self.raw, self.lines, self.line, self.lives = b'', [], '', []
        outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack('HHHH', 40, columns, 0, 0))
        environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder, XDG_CONFIG_HOME=self.folder + '/config', TERM='xterm')
        self.process = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=environment, start_new_session=True)
        os.close(inner)
        self.outer = outer
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        decoder, pending = codecs.getincrementaldecoder('utf-8')('replace'), ''
        while True:
            try:
                got = os.read(self.outer, 4096)
            except OSError:
                return
            if not got:
                return
            self.raw += got
            pending += decoder.decode(got)
            whole = len(pending) - len(re.search('(\r(\x1b\\[?)?)?\\Z', pending)[0])  # what may go on comes with the next
            for part in re.split('(\r\x1b\\[K|\r?\n)', pending[:whole]):
                if part == '\r\x1b[K':
                    self.lives.append(self.line)
                    self.line = ''
                elif part in ('\n', '\r\n'):
                    self.lines.append(self.line)
                    self.line = ''
                else:
                    self.line += part
            pending = pending[whole:]

    def said(self, pattern):
        return next((line for line in list(self.lines) if re.search(pattern, line)), None)

    def shows(self, pattern):
        return next((line for line in [*self.lives, self.line] if re.search(pattern, line)), None)


def check_a_terminal():
    screen = Terminal('auralis-play', '--host', '0.0.0.0', '--port', '0', '--preset', 'focus', '--seed', '7')
    try:
        line = until('the address', lambda: screen.said('listen at'), 60)
        url = re.search(r'http://localhost:\d+/', line)[0]
        assert '0.0.0.0' not in line and 'Ctrl-C' in line, line
        others = re.search(r'in the house at (\S+)', line)
        for address in [url, *(others.groups() if others else ())]:
            until('sound at ' + address, lambda a=address: healthy(a), 60)
        until('what is on', lambda: screen.shows(r'^focus · \S+ · \d+:\d\d · no listener · [0-9.]+ % CPU$'), 30)
        with urllib.request.urlopen(url + 'stream.wav', timeout=30):
            until('who came', lambda: screen.said('a listener came, 1 now'), 30)
        until('who left', lambda: screen.said('a listener left, 0 now'), 30)
        assert not screen.said('uptime='), 'figures on a terminal'
        before = len(screen.lines)
        assert before < 12, screen.lines
        screen.process.send_signal(signal.SIGINT)
        until('the ending', lambda: screen.said('the piece is ending, in at most 10 s; Ctrl-C again ends at once'), 10)
        assert screen.process.wait(40) == 0, screen.lines
        screen.reader.join(20)
        assert screen.line == '', f'left on the screen: {screen.line!r}'
    finally:
        screen.process.kill()
        screen.process.wait()


def healthy(url):
    try:
        return urllib.request.urlopen(url + 'health', timeout=10).status == 200
    except OSError:
        return False


def check_a_narrow_one():
    screen = Terminal('auralis-play', '--port', '0', '--seed', '7', columns=20)
    try:
        until('what is on', lambda: screen.shows(r'^focus · '), 60)
        assert all(len(live) < 20 for live in screen.lives), screen.lives
        screen.process.send_signal(signal.SIGTERM)
        assert screen.process.wait(10) == 0
    finally:
        screen.process.kill()
        screen.process.wait()


check_a_terminal()
check_a_narrow_one()
print('play_terminal: shown')
