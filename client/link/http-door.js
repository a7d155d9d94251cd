// SPDX-License-Identifier: MIT
// A station as one asks it without listening, over HTTP. Anything with these calls will do for
// station.js, such as the engine here (engine/engine-door.js).
//   status, presets   what they answer; an Error where nobody does
//   control           {ok, answer}: a control_ack, or an error of the protocol

export class HttpDoor {
  constructor({ base, token }) {
    Object.assign(this, { base, token });
  }

  async get(path) {
    const request = { headers: { Accept: 'application/json' } };
    const response = await fetch(new URL(path, this.base), request);
    if (!response.ok) throw new Error(response.statusText);
    return response.json();
  }

  status() {
    return this.get('api/status');
  }

  async presets() {
    const list = await this.get('api/presets');
    return list.presets ?? list;
  }

  // What was sent lately, as a FLAC file.
  async recent(seconds) {
    const path = `api/recent.flac?minutes=${seconds / 60}`;
    const response = await fetch(new URL(path, this.base));
    if (!response.ok) throw new Error((await response.json()).message);
    return response.blob();
  }

  stations() {
    return this.get('api/stations');
  }

  // {ok, answer, retryS}: an address, or why there is none and when to ask again.
  async beginStation(wish) {
    const headers = { 'Content-Type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(wish) };
    const response = await fetch(new URL('api/stations', this.base), request);
    const retryS = Number(response.headers.get('Retry-After'));
    return { ok: response.ok, answer: await response.json(), retryS };
  }

  // Of a private station. {ok, answer}; one that is gone already has ended, too.
  async endStation() {
    const response = await fetch(this.base, { method: 'DELETE' });
    if (response.ok || response.status === 404) return { ok: true };
    return { ok: false, answer: await response.json() };
  }

  async control({ type: _, ...message }) {
    const headers = { 'Content-Type': 'application/json' };
    if (this.token()) headers.Authorization = `Bearer ${this.token()}`;
    const request = { method: 'POST', headers, body: JSON.stringify(message) };
    const response = await fetch(new URL('api/control', this.base), request);
    return { ok: response.ok, answer: await response.json() };
  }
}
