# SPDX-License-Identifier: MIT
# A listener over WebRTC (WHEP) by GStreamer, which decodes what it gets.
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
    """Offers, and, once it has an answer, hears: `sound` is what came, s16 stereo at 48 kHz."""

    def __init__(self):
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
        pad.add_probe(Gst.PadProbeType.BUFFER, self._on_packet)
        sink = Gst.parse_bin_from_description(
            'rtpopusdepay ! opusdec ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=2 ! '
            'appsink name=heard emit-signals=true sync=false', True)
        sink.get_by_name('heard').connect('new-sample', self._on_sample)
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

    def state(self):
        return self.webrtc.get_property('connection-state')

    def seconds(self):
        with self.lock:
            return len(self.sound) / 4 / 48000

    def stop(self):
        self.pipeline.set_state(Gst.State.NULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def main():
    """Listens at an address until it is killed, and says when it hears."""
    with WhepClient() as client:
        request = urllib.request.Request(sys.argv[1], client.offer().encode(), {'Content-Type': 'application/sdp'})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            client.take_answer(response.read().decode())
        while client.seconds() < 0.5:
            time.sleep(0.05)
        print('hears', flush=True)
        threading.Event().wait()


if __name__ == '__main__':
    main()
