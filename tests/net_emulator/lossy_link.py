#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A bad network on one machine: two network namespaces joined by a link that loses and delays, the same way every time.

  lossy_link.py [--loss PERCENT] [--delay MS] [--jitter MS] [--seed N] -- COMMAND ...

COMMAND runs in the inner namespace (address 10.77.0.1), in whose environment FAR is a command prefix that runs a program
in the outer one (10.77.0.2): `$FAR curl http://10.77.0.1:8000/`. Between them IP packets go through two TUN devices and
this program: each is lost with the given probability, or passed on after delay plus a uniform 0 … jitter, so that packets
may overtake each other. Each direction draws from a random source of its own: the fate of its n-th packet hangs on the
seed alone. At the end the counts go to standard error, and the exit status is the command's.

It needs no rights where user namespaces are allowed, and no netem. Where namespaces or /dev/net/tun are not to be had it
says so and ends with 77.
"""

import argparse
import asyncio
import ctypes
import fcntl
import heapq
import os
import random
import signal
import struct
import subprocess
import sys
import time

CLONE_NEWNET, CLONE_NEWUSER, CLONE_NEWNS = 0x40000000, 0x10000000, 0x00020000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
ADDRESSES = ("10.77.0.1", "10.77.0.2")
SKIP = 77


class NotHere(Exception):
    pass


def unshare(flags):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        raise NotHere(f"no namespace to be had: {os.strerror(ctypes.get_errno())}")


def own_user():
    """Root in a user namespace of our own, unless it is root already and may make others."""
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        return
    unshare(CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise NotHere(f"ip {' '.join(words)}: {done.stderr.strip()}")


def open_tun(name, address):
    """In the namespace this process is in now."""
    try:
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    except OSError as error:
        raise NotHere(f"/dev/net/tun: {error.strerror}") from error
    ip("addr", "add", f"{address}/24", "dev", name)
    ip("link", "set", name, "mtu", "1500", "up")
    ip("link", "set", "lo", "up")
    return tun


class Direction:
    """From one device to the other."""

    def __init__(self, source, sink, options, seed):
        self.source, self.sink, self.options, self.rng = source, sink, options, random.Random(seed)
        self.waiting = []  # a heap of (due, number, packet)
        self.passed = self.lost = 0

    def read(self):
        while True:
            try:
                packet = os.read(self.source, 65536)
            except BlockingIOError:
                return
            # Both are drawn for every packet, so that the next one's fate does not hang on this one's.
            lost, late = 100 * self.rng.random() < self.options.loss, self.rng.random()
            if lost:
                self.lost += 1
            else:
                due = time.monotonic() + (self.options.delay + late * self.options.jitter) / 1000
                heapq.heappush(self.waiting, (due, self.passed, packet))
                self.passed += 1
                self.wake.set()

    async def deliver(self):
        self.wake = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.source, self.read)
        while True:
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                try:
                    os.write(self.sink, heapq.heappop(self.waiting)[2])
                except OSError:  # a full queue drops, as networks do
                    self.lost += 1
            self.wake.clear()
            patience = max(0, self.waiting[0][0] - time.monotonic()) if self.waiting else None
            try:
                await asyncio.wait_for(self.wake.wait(), patience)
            except asyncio.TimeoutError:
                pass


async def join(directions, process):
    tasks = [asyncio.create_task(direction.deliver()) for direction in directions]
    while process.poll() is None:
        await asyncio.sleep(0.05)
        for task in tasks:
            if task.done():
                task.result()
    for task in tasks:
        task.cancel()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loss", type=float, default=0, help="percent")
    parser.add_argument("--delay", type=float, default=0, help="milliseconds, one way")
    parser.add_argument("--jitter", type=float, default=0, help="milliseconds at most, on top")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    try:
        own_user()
        unshare(CLONE_NEWNET | CLONE_NEWNS)
        outer = open_tun("far", ADDRESSES[1])
        holder = subprocess.Popen(["sleep", "infinity"])  # keeps the outer namespace, to be entered through it
        unshare(CLONE_NEWNET)
        inner = open_tun("near", ADDRESSES[0])
    except (NotHere, PermissionError) as error:
        print(f"lossy_link: Skipped: {error}", file=sys.stderr)
        sys.exit(SKIP)
    try:
        far = f"nsenter --preserve-credentials --target {holder.pid} --net"
        process = subprocess.Popen(options.command, env=dict(os.environ, FAR=far))
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        directions = [Direction(inner, outer, options, f"{options.seed} out"), Direction(outer, inner, options, f"{options.seed} in")]
        asyncio.run(join(directions, process))
    finally:
        holder.kill()
        holder.wait()
    print("lossy_link: " + ", ".join(f"{d.passed} passed and {d.lost} lost {name}" for name, d in zip(("outwards", "inwards"), directions)),
          file=sys.stderr)
    sys.exit(process.returncode if process.returncode >= 0 else 128 - process.returncode)


if __name__ == "__main__":
    main()
