// SPDX-License-Identifier: MIT
// On a phone the music goes through a media element. What a real one does with it, no browser here
// can show: docs/devices.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, page, playing, until } from '../fixture/page.js';

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

// Which element plays, and which nodes are connected to the device itself.
function watchOutput() {
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = function () {
    globalThis.element = this;
    return globalThis.refusal ? Promise.reject(globalThis.refusal) : play.call(this);
  };
  const { connect } = AudioNode.prototype;
  globalThis.direct = 0;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) ++globalThis.direct;
    return connect.call(this, target, ...rest);
  };
}

const prepare = (p) => p.addInitScript(watchOutput);

test('the music goes through an element that plays, and stops once it has faded', async () => {
  await open({ view: phone, prepare });
  await until(() => globalThis.element.srcObject && !globalThis.element.paused);
  assert.equal(await page.evaluate(() => globalThis.direct), 0);
  // It is the music: what the element is given has sound in it.
  await page.evaluate(() => {
    const context = new AudioContext();
    globalThis.meter = new AnalyserNode(context);
    context.createMediaStreamSource(globalThis.element.srcObject).connect(globalThis.meter);
  });
  await until(() => {
    const samples = new Float32Array(1024);
    globalThis.meter.getFloatTimeDomainData(samples);
    return samples.some((x) => Math.abs(x) > 0.01);
  });
  await page.click('#play');
  await playing('off');
  await until(() => globalThis.element.paused);
  await page.click('#play');
  await playing();
  await until(() => !globalThis.element.paused);
  assert.deepEqual(page.errors, []);
});

test('where the element will not play, the music goes to the device itself', async () => {
  const refused = (p) =>
    p.addInitScript(() => {
      globalThis.refusal = new DOMException('not now', 'NotAllowedError');
    });
  await open({
    view: phone,
    prepare: async (p) => {
      await refused(p);
      await prepare(p);
    },
  });
  await until(() => globalThis.direct === 1);
  assert.deepEqual(page.errors, []);
});

test('at a desk the music goes to the device itself', async () => {
  await open({ prepare });
  assert.equal(await page.evaluate(() => globalThis.direct), 1);
  assert.equal(await page.evaluate(() => globalThis.element.srcObject), null);
});
