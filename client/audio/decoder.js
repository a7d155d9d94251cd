// SPDX-License-Identifier: MIT
// From frames off the wire to interleaved stereo float32, in order: PCM at once, Opus through
// WebCodecs.
//   output   {position, rate, epoch, samples}
//   errors   a decoder that fails is told to onError once; frames of its kind are then lost

import { codecPcm, opusPacketFrames, opusRate, pcmToStereo } from '../link/protocol.js';

const opusConfig = (channels) => ({
  codec: 'opus',
  sampleRate: opusRate,
  numberOfChannels: channels,
});
const patienceMs = 2000; // for a browser that does not say

export async function opusSupported() {
  try {
    if (typeof AudioDecoder !== 'function') return false;
    const silence = new Promise((resolve) => setTimeout(resolve, patienceMs, { supported: false }));
    return (await Promise.race([AudioDecoder.isConfigSupported(opusConfig(2)), silence])).supported;
  } catch {
    return false;
  }
}

export class Decoder {
  constructor(onChunk, onError) {
    this.onChunk = onChunk;
    this.onError = onError;
    this.decoder = null;
    this.waiting = []; // {position, epoch} of packets whose sound has not come back yet
  }

  push(frame) {
    if (frame.codec === codecPcm) {
      this.onChunk({
        position: frame.position,
        rate: frame.rate,
        epoch: frame.epoch,
        samples: pcmToStereo(frame),
      });
      return;
    }
    const decoder = this.opus(frame.channels);
    frame.packets.forEach((data, i) => {
      const position = frame.position + i * opusPacketFrames;
      this.waiting.push({ position, epoch: frame.epoch });
      decoder.decode(
        new EncodedAudioChunk({ type: 'key', timestamp: (position / opusRate) * 1e6, data }),
      );
    });
  }

  opus(channels) {
    if (this.decoder?.state === 'configured' && this.channels === channels) return this.decoder;
    this.close();
    this.channels = channels;
    const decoder = new AudioDecoder({
      output: (audio) => this.decoded(audio),
      error: (error) => {
        if (decoder !== this.decoder) return;
        this.close();
        this.onError(error);
      },
    });
    decoder.configure(opusConfig(channels));
    this.decoder = decoder;
    return decoder;
  }

  decoded(audio) {
    const at = this.waiting.shift();
    const planes = [0, Math.min(1, audio.numberOfChannels - 1)].map((planeIndex) => {
      const plane = new Float32Array(audio.numberOfFrames);
      audio.copyTo(plane, { planeIndex, format: 'f32-planar' });
      return plane;
    });
    audio.close();
    const samples = new Float32Array(planes[0].length * 2);
    for (let i = 0; i < planes[0].length; ++i) {
      samples[2 * i] = planes[0][i];
      samples[2 * i + 1] = planes[1][i];
    }
    if (at) this.onChunk({ ...at, rate: opusRate, samples });
  }

  close() {
    if (this.decoder && this.decoder.state !== 'closed') this.decoder.close();
    this.decoder = null;
    this.waiting = [];
  }
}
