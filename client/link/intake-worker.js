// SPDX-License-Identifier: MIT
// The intake on a thread of its own: what the page draws and lays out cannot hold up the sound.

import { Intake, intakeEvents } from './intake.js';

const intake = new Intake(self.location.href);
for (const name of intakeEvents) {
  intake.addEventListener(name, ({ detail }) => {
    postMessage(
      { name, detail, epoch: intake.epoch },
      name === 'chunk' ? [detail.samples.buffer] : [],
    );
  });
}
self.onmessage = ({ data: { call, argument } }) => intake[call](argument);
intake.known.then(() => postMessage({ name: 'ready' }));
