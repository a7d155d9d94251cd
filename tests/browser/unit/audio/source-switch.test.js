// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceSwitch } from '../../../../client/audio/source-switch.js';
import { Source } from '../../../../client/audio/source.js';

class Toned extends Source {
  connect(makeSink) {
    super.connect(makeSink());
  }

  tone(position) {
    this.deliver({ position, rate: 44100, epoch: 0, samples: new Float32Array(2) });
  }
}

function port() {
  const got = [];
  return { got, postMessage: ({ chunk }) => got.push(chunk.position), close() {} };
}

const makers = { station: () => new Toned(), here: () => new Toned() };

test('what a source makes between two ways to the player is heard on the second', () => {
  const sources = new SourceSwitch(makers, 'station');
  const [first, second] = [port(), port()];
  sources.connect(() => ({ port: first }));
  sources.current.tone(1);
  sources.disconnect();
  sources.current.tone(2);
  sources.connect(() => ({ port: second }));
  sources.current.tone(3);
  assert.deepEqual(first.got, [1]);
  assert.deepEqual(second.got, [2, 3]);
});

test('a source that is made while there is no way to the player waits for one', () => {
  const sources = new SourceSwitch(makers, 'station');
  const [first, second] = [port(), port()];
  sources.connect(() => ({ port: first }));
  sources.disconnect();
  sources.use('here');
  sources.current.tone(1);
  sources.connect(() => ({ port: second }));
  assert.deepEqual([first.got, second.got], [[], [1]]);
});
