// SPDX-License-Identifier: MIT
// The engine here as station.js asks it while nothing plays: see link/http-door.js.

export class EngineDoor {
  // source(): the SourceProxy of an EngineSource
  constructor(source) {
    this.source = source;
  }

  status() {
    return this.source().ask('status');
  }

  presets() {
    return this.source().ask('presets');
  }

  async control(message) {
    const answer = await this.source().ask('ask', message);
    return { ok: answer.type === 'control_ack', answer };
  }

  newPiece(score) {
    return this.source().ask('newPiece', score);
  }

  usePresets(own) {
    return this.source().ask('usePresets', own);
  }

  testPreset(preset) {
    return this.source().ask('testPreset', preset);
  }

  material(seconds) {
    return this.source().ask('material', seconds);
  }
}
