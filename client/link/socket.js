// SPDX-License-Identifier: MIT
// The WebSocket to the station: opened, watched, opened again. Emits what arrives, decides nothing
// about sound.
//   events   'link' {state: connecting|open|lost|closed, retryMs?, full?}, 'frame' (see
//            protocol.js, with epoch and atMs, when it came), 'events' {text, atMs}, 'message' (an
//            object with a type)

import {
  ProtocolError,
  areEvents,
  backoffMs,
  parseFrame,
  parseMessage,
  streamUrl,
  subprotocol,
} from './protocol.js';

const pingAfterMs = 4000; // without a byte from the station
const pongTimeoutMs = 3000; // then it counts as lost
const resumeSlackS = 10; // a stream that went on is at most this far from where it should be by now
const historyS = 1; // and no server sends more again than this

export class StationSocket extends EventTarget {
  constructor({ base, codec = () => 'pcm', token = () => '' }) {
    super();
    Object.assign(this, { base, codec, token });
    this.socket = null;
    this.wanted = false;
    this.attempt = 0;
    this.epoch = 0;
    this.newest = null; // {position, rate, atMs}: the end of what came last
    this.resuming = false;
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  open() {
    if (this.wanted) return;
    this.wanted = true;
    this.attempt = 0;
    this.connect();
  }

  close() {
    this.wanted = false;
    clearTimeout(this.retry);
    this.drop();
    this.emit('link', { state: 'closed' });
  }

  // Try now: the network is back, the machine woke up, or another codec is wanted.
  reconnect() {
    if (!this.wanted) return;
    this.drop();
    this.attempt = 0;
    clearTimeout(this.retry);
    this.connect();
  }

  // False where there is no connection.
  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  // A message rather than a part of the address, which proxies log.
  authorize() {
    this.send({ type: 'authorize', token: this.token() });
  }

  connect() {
    this.emit('link', { state: 'connecting' });
    const socket = new WebSocket(streamUrl(this.base, this.codec()), subprotocol);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.receivedAt = performance.now();
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.receive(data);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.lose(code);
    };
    clearInterval(this.watch);
    this.watch = setInterval(() => this.checkAlive(), 1000);
  }

  drop() {
    const socket = this.socket;
    this.socket = null;
    clearInterval(this.watch);
    socket?.close(1000);
  }

  lose(code) {
    this.drop();
    if (!this.wanted) return;
    const retryMs = backoffMs(this.attempt++);
    this.emit('link', { state: 'lost', retryMs, full: code === 1013 });
    this.retry = setTimeout(() => this.connect(), retryMs);
  }

  // A connection that is cut off may stay silent for ever.
  checkAlive() {
    const quietMs = performance.now() - this.receivedAt;
    if (quietMs > pingAfterMs + pongTimeoutMs) this.lose();
    else if (quietMs > pingAfterMs) this.send({ type: 'ping', client_timestamp: Date.now() });
  }

  receive(data) {
    this.receivedAt = performance.now();
    try {
      if (typeof data !== 'string') this.frame(parseFrame(data));
      else if (areEvents(data)) this.emit('events', { text: data, atMs: this.receivedAt });
      else this.message(parseMessage(data));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      console.warn(`Auralis: ${error.message}`); // one bad frame is a gap, no more
    }
  }

  message(message) {
    if (message.type === 'welcome') {
      this.attempt = 0;
      this.resuming = true;
      if (this.token()) this.authorize();
      if (message.state?.position !== undefined)
        this.resume(message.state.position / message.sample_rate);
      this.emit('link', { state: 'open' });
    }
    this.emit('message', message);
  }

  frame(frame) {
    if (this.resuming) this.resume(frame.position / frame.rate);
    this.reached(frame.position + frame.frames, frame.rate);
    this.emit('frame', { ...frame, epoch: this.epoch, atMs: this.receivedAt });
  }

  // The end of what has come.
  reached(position, rate) {
    this.newest = { position, rate, atMs: this.receivedAt };
  }

  // Whether this is the stream of before, gone on meanwhile, or one that began anew.
  resume(positionS) {
    this.resuming = false;
    if (!this.newest) return;
    const expectedS =
      this.newest.position / this.newest.rate + (this.receivedAt - this.newest.atMs) / 1000;
    if (
      Math.abs(positionS - expectedS) > resumeSlackS ||
      positionS < this.newest.position / this.newest.rate - historyS
    ) {
      ++this.epoch;
      this.newest = null;
    }
  }
}
