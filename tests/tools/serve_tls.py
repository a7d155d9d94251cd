# SPDX-License-Identifier: MIT
# What auralis-serve agrees on with who speaks TLS, as OpenSSL's own client sees it, and how a certificate is replaced.
import asyncio
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import unittest

from serve_rig import RATE, Server, file_of, main, next_frame, noise, run, until

SOUND = file_of(noise(RATE * 5))
LOOP = ('--on-end', 'loop', SOUND.name)


def said(server, *words):
    return [line for line in server.log if all(word in line for word in words)]


class Tls(unittest.TestCase):
    @staticmethod
    def key_pair(folder, algorithm, name='localhost'):
        options = {'rsa': ['-newkey', 'rsa:2048'], 'ec': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']}[algorithm]
        subprocess.run(['openssl', 'req', '-x509', *options, '-nodes', '-days', '2', '-subj', f'/CN={name}', '-keyout', folder / 'key.pem',
                        '-out', folder / 'cert.pem'], check=True, capture_output=True)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='auralis-tls-'))
        self.addCleanup(shutil.rmtree, self.folder)

    def serve(self, *options):
        return Server('--tls-cert', self.folder / 'cert.pem', '--tls-key', self.folder / 'key.pem', *options, *LOOP, header=False)

    @staticmethod
    def handshake(server, *options):
        """What was agreed on, by OpenSSL's own client; '' where nothing was."""
        done = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{server.port}', '-servername', 'localhost', *options], input=b'',
                              capture_output=True, timeout=20)
        agreed = re.search(rb'New, (\S+), Cipher is (\S+)', done.stdout)
        subject = re.search(rb'subject=CN = (\S+)', done.stdout)
        none = not agreed or agreed.group(2) == b'(NONE)'
        return ('', '') if none else (agreed.group(2).decode(), subject.group(1).decode())

    def test_only_forward_secret_authenticated_encryption_is_agreed_on(self):
        for algorithm in ('rsa', 'ec'):
            self.key_pair(self.folder, algorithm)
            with self.serve() as server:
                signed = {'rsa': 'RSA', 'ec': 'ECDSA'}[algorithm]
                any_level = lambda ciphers: ('-tls1_2', '-cipher', ciphers + ':@SECLEVEL=0')
                for good in (f'ECDHE-{signed}-AES128-GCM-SHA256', f'ECDHE-{signed}-AES256-GCM-SHA384', f'ECDHE-{signed}-CHACHA20-POLY1305'):
                    self.assertEqual(self.handshake(server, *any_level(good))[0], good)
                for bad in ('AES128-GCM-SHA256', 'AES256-SHA', 'AES128-SHA256', f'ECDHE-{signed}-AES128-SHA256', f'ECDHE-{signed}-AES256-SHA', 'kRSA', 'SHA1', 'aNULL',
                            'ALL:!ECDHE'):
                    self.assertEqual(self.handshake(server, *any_level(bad))[0], '', bad)
                for old in ('-tls1', '-tls1_1'):
                    self.assertEqual(self.handshake(server, old, '-cipher', 'ALL:@SECLEVEL=0')[0], '')
                self.assertTrue(self.handshake(server, '-tls1_3')[0].startswith('TLS_'))

    def test_a_hangup_has_the_certificate_read_again_and_loses_no_listener(self):
        self.key_pair(self.folder, 'rsa', 'first')
        with self.serve() as server:
            trust = ssl.create_default_context()
            trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
            server.trust = trust
            until('sound flows', server.healthy)

            async def check():
                async with server.listen() as ws:
                    last = await next_frame(ws)
                    for algorithm, name in (('ec', 'second'), ('rsa', 'third')):
                        self.key_pair(self.folder, algorithm, name)
                        server.process.send_signal(signal.SIGHUP)
                        for options in (('-tls1_2',), ('-tls1_3',)):
                            await asyncio.to_thread(until, 'the new one is shown', lambda: self.handshake(server, *options)[1] == name)
                    # One that cannot be used is told, and the last stays.
                    (self.folder / 'key.pem').write_text('nonsense')
                    server.process.send_signal(signal.SIGHUP)
                    await asyncio.to_thread(until, 'it is said', lambda: said(server, 'warning', 'key.pem'))
                    self.assertEqual(self.handshake(server)[1], 'third')
                    for _ in range(50):
                        frame = await next_frame(ws)
                        self.assertEqual(frame.sequence, last.sequence + 1)
                        last = frame
            run(check())

    def test_a_hangup_without_tls_ends_nothing(self):
        with Server(*LOOP, header=False) as server:
            server.process.send_signal(signal.SIGHUP)
            until('it is said', lambda: said(server, 'SIGHUP'))
            until('it plays, then as before', server.healthy)

    def test_a_key_that_does_not_fit_is_named(self):
        self.key_pair(self.folder, 'ec')
        shutil.copy(self.folder / 'cert.pem', self.folder / 'old.pem')
        self.key_pair(self.folder, 'ec')
        done = subprocess.run(['auralis-serve', '--port', '0', '--tls-cert', self.folder / 'old.pem', '--tls-key', self.folder / 'key.pem'], input=b'',
                              capture_output=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn('key.pem', done.stderr.decode())


if __name__ == '__main__':
    main()
