# SPDX-License-Identifier: MIT
# A listener over WebRTC (WHEP) by GStreamer.
#   whep_client.py URL [N]   N listeners, who do not decode; "hears" when all do; at the end of its input what they got, as JSON
import json
import sys
import threading
import time
import urllib.request

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstSdp', '1.0')
gi.require_version('GstWebRTC', '1.0')
from gi.repository import Gst, GstSdp, GstWebRTC  # noqa: E402

Gst.init(None)
OPUS = 'application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,encoding-params=(string)2,payload=111'
PATIENCE_S = 20


class WhepClient:
    """Offers, and, once it has an answer, hears: `sound` is what came, s16 stereo at 48 kHz, where it decodes."""

    def __init__(self, decodes=True):
        self.decodes = decodes
        self.pipeline = Gst.Pipeline.new(None)
        self.webrtc = Gst.ElementFactory.make('webrtcbin', None)
        self.webrtc.set_property('bundle-policy', GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.pipeline.add(self.webrtc)
        self.sound = b''
        self.packets = []  # (RTP timestamp, when it came)
        self.lock = threading.Lock()
        self.webrtc.connect('pad-added', self._on_pad)
        self.webrtc.emit('add-transceiver', GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(OPUS))
        self.pipeline.set_state(Gst.State.PLAYING)

    def _ask(self, signal, *arguments):
        promise = Gst.Promise.new()
        self.webrtc.emit(signal, *arguments, promise)
        promise.wait()
        return promise  # which owns its reply

    def offer(self):
        made = self._ask('create-offer', None)
        reply = made.get_reply()
        offer = reply.get_value('offer')
        self._ask('set-local-description', offer)
        deadline = time.monotonic() + PATIENCE_S
        while self.webrtc.get_property('ice-gathering-state') != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            assert time.monotonic() < deadline, 'no candidates in time'
            time.sleep(0.01)
        description = self.webrtc.get_property('local-description')
        return description.sdp.as_text()

    def take_answer(self, text):
        _, sdp = GstSdp.SDPMessage.new_from_text(text)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self._ask('set-remote-description', answer)

    def _on_pad(self, _, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        if self.decodes:
            pad.add_probe(Gst.PadProbeType.BUFFER, self._on_packet)
            sink = Gst.parse_bin_from_description(
                'rtpopusdepay ! opusdec ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=2 ! '
                'appsink name=heard emit-signals=true sync=false', True)
            sink.get_by_name('heard').connect('new-sample', self._on_sample)
        else:
            sink = Gst.ElementFactory.make('fakesink')
            sink.set_property('sync', False)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad('sink'))

    def _on_packet(self, _, info):
        data = info.get_buffer().extract_dup(0, 8)
        with self.lock:
            self.packets.append((int.from_bytes(data[4:8], 'big'), time.monotonic()))
        return Gst.PadProbeReturn.OK

    def _on_sample(self, sink):
        buffer = sink.emit('pull-sample').get_buffer()
        with self.lock:
            self.sound += buffer.extract_dup(0, buffer.get_size())
        return Gst.FlowReturn.OK

    def received(self):
        """Packets that came, and that were missing."""
        stats = self._ask('get-stats', None).get_reply()
        for i in range(stats.n_fields()):
            one = stats.get_value(stats.nth_field_name(i))
            if isinstance(one, Gst.Structure) and one.has_field('packets-received'):
                return int(one.get_value('packets-received')), int(one.get_value('packets-lost'))
        return 0, 0

    def seconds(self):
        with self.lock:
            return len(self.sound) / 4 / 48000

    def stop(self):
        self.pipeline.set_state(Gst.State.NULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def join(url, client):
    request = urllib.request.Request(url, client.offer().encode(), {'Content-Type': 'application/sdp'})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        client.take_answer(response.read().decode())


def main():
    clients = [WhepClient(decodes=False) for _ in range(int((sys.argv[2:] or ['1'])[0]))]
    for client in clients:
        join(sys.argv[1], client)
    while not all(client.received()[0] > 25 for client in clients):
        time.sleep(0.05)
    before = [client.received() for client in clients]
    print('hears', flush=True)
    sys.stdin.read()
    got = [[now - then for now, then in zip(client.received(), first)] for client, first in zip(clients, before)]
    print(json.dumps({'packets': min(packets for packets, _ in got), 'missing': sum(lost for _, lost in got)}), flush=True)
    for client in clients:
        client.stop()


if __name__ == '__main__':
    main()
