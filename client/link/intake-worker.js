// SPDX-License-Identifier: MIT
// The intake on a thread of its own, so that what the page draws and lays out cannot hold up sound.
//   in    {base} once, the page's address; then {call, argument}: methods of Intake
//   out   {name: 'ready'} when calls are taken; {name, detail, epoch}: its events

import { Intake, intakeEvents } from './intake.js';

function start(base) {
  const intake = new Intake(base);
  for (const name of intakeEvents) {
    intake.addEventListener(name, ({ detail }) => {
      const transfer = name === 'chunk' ? [detail.samples.buffer] : [];
      postMessage({ name, detail, epoch: intake.epoch }, transfer);
    });
  }
  self.onmessage = ({ data: { call, argument } }) => intake[call](argument);
  intake.codecKnown.then(() => postMessage({ name: 'ready' }));
}

self.onmessage = ({ data: { base } }) => start(base);
