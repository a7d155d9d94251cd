// SPDX-License-Identifier: MIT
// The station's sound over WebRTC (WHEP): the browser orders the packets, conceals what is missing
// and holds back as much as the network asks for. Controls and state go on over the WebSocket.
//   connect  resolves with the MediaStream; fails where the station or the network has none
//   heard    {position, atMs} the frame of the stream that came out last, at 48 kHz, and when; null
//            before any
//   look     takes the browser's figures anew: {received, bufferMs, jitterMs, breaks}
//   errors   Error; after it the session is closed

const answerMs = 8000;
const wrap = 2 ** 32; // of a time stamp: the lower 32 bits of the position

// Opus comes in stereo where the offer says that it may.
export function inStereo(sdp) {
  const payload = /^a=rtpmap:(\d+) opus\/48000\/2/im.exec(sdp)?.[1];
  return sdp.replace(new RegExp(`^(a=fmtp:${payload} )(?!.*\\bstereo=1)`, 'm'), '$1stereo=1;');
}

// The position with these lower bits that is next to another.
export function unwrap(timestamp, near) {
  return timestamp + wrap * Math.round((near - timestamp) / wrap);
}

export function whepSupported() {
  return typeof RTCPeerConnection === 'function';
}

export class WhepSession {
  constructor(base) {
    this.base = base;
    this.connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.figures = { received: 0, bufferMs: 0, jitterMs: 0, breaks: 0 };
    this.held = { delay: 0, count: 0 };
  }

  async connect() {
    const limit = AbortSignal.timeout(answerMs);
    try {
      return await this.negotiate(limit);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async negotiate(signal) {
    const { connection } = this;
    const { receiver } = connection.addTransceiver('audio', { direction: 'recvonly' });
    this.receiver = receiver;
    const { sdp } = await connection.createOffer();
    const offer = inStereo(sdp);
    await connection.setLocalDescription({ type: 'offer', sdp: offer });
    // Without this side's candidates: its own checks find the station.
    const response = await fetch(new URL('whep', this.base), {
      ...{ method: 'POST', body: offer, signal },
      headers: { 'Content-Type': 'application/sdp' },
    });
    const text = await response.text();
    if (response.status !== 201) throw new Error(`WebRTC: the station answered ${response.status}`);
    this.address = new URL(response.headers.get('Location'), response.url);
    if (this.closed) {
      this.leave();
      throw new Error('WebRTC: closed meanwhile');
    }
    await connection.setRemoteDescription({ type: 'answer', sdp: text });
    return new MediaStream([receiver.track]);
  }

  get failed() {
    return ['failed', 'closed'].includes(this.connection.connectionState);
  }

  heard(near) {
    const last = this.receiver?.getSynchronizationSources?.()[0];
    if (!last) return null;
    const atMs =
      last.timestamp > performance.timeOrigin
        ? last.timestamp - performance.timeOrigin
        : last.timestamp;
    return { position: unwrap(last.rtpTimestamp, near), atMs };
  }

  async look() {
    const all = await this.connection.getStats();
    const stats = [...all.values()].find(
      ({ type, kind }) => type === 'inbound-rtp' && kind === 'audio',
    );
    if (!stats) return this.figures;
    const { jitterBufferDelay: delay = 0, jitterBufferEmittedCount: count = 0 } = stats;
    const frames = count - this.held.count;
    this.figures = {
      received: stats.packetsReceived ?? 0,
      bufferMs: frames > 0 ? ((delay - this.held.delay) / frames) * 1000 : this.figures.bufferMs,
      jitterMs: (stats.jitter ?? 0) * 1000,
      breaks: stats.concealmentEvents ?? 0,
    };
    if (frames > 0) this.held = { delay, count };
    return this.figures;
  }

  close() {
    this.closed = true;
    this.connection.close();
    this.leave();
  }

  // Else the station notices in a minute or so.
  leave() {
    if (this.address) fetch(this.address, { method: 'DELETE', keepalive: true }).catch(() => {});
    this.address = null;
  }
}
