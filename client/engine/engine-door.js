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

  material(seconds) {
    return this.source().ask('material', seconds);
  }
}
