// SPDX-License-Identifier: MIT
// From frames off the wire to interleaved stereo float32, in order: PCM at once, Opus through
// WebCodecs.
//   frame    of link/protocol.js, with its epoch: Opus has `packets`, PCM s16 a `payload`
//   output   {position, rate, epoch, samples}
//   errors   onError is called once when a decoder fails; frames of its kind are lost from then on

export const opusRate = 48000;
export const opusPacketFrames = 960; // 20 ms

const opusConfig = (channels) => ({
  codec: 'opus',
  sampleRate: opusRate,
  numberOfChannels: channels,
});
const supportTimeoutMs = 2000; // some browsers never answer

// The PCM of a frame as interleaved stereo, nominal ±1; mono goes to both sides.
export function pcmToStereo(frame) {
  const view = new DataView(frame.payload.buffer, frame.payload.byteOffset);
  const out = new Float32Array(frame.frames * 2);
  for (let i = 0; i < frame.frames; ++i) {
    const left = view.getInt16(i * frame.channels * 2, true) / 32768;
    out[2 * i] = left;
    out[2 * i + 1] = frame.channels === 2 ? view.getInt16(i * 4 + 2, true) / 32768 : left;
  }
  return out;
}

export async function opusSupported() {
  try {
    if (typeof AudioDecoder !== 'function') return false;
    const silence = new Promise((resolve) =>
      setTimeout(resolve, supportTimeoutMs, { supported: false }),
    );
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
    if (!frame.packets) {
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
