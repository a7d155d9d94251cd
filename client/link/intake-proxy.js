// SPDX-License-Identifier: MIT
// The page's end of the intake: the same calls and events, whether it runs in a worker or, where
// there are none, here. Player and station take anything with these as their source of sound:
//   open, close, reconnect     to get the music, to stop, to get it through a new connection
//   configure({codec, token})  as the listener chose
//   connect(sink)              where sound goes: see intake.js
//   send(message)              to the station; lost while there is no connection
//   flush, underrun            what has not been heard yet is to be dropped; the player ran dry
//   events                     'link', 'message', 'state', 'chunk' of intake.js
//   epoch                      of the last event: positions of different epochs do not compare

import { Intake, intakeEvents } from './intake.js';

export class IntakeProxy extends EventTarget {
  constructor(base) {
    super();
    this.epoch = 0;
    this.calls = []; // until it is known where it runs, and with what codec
    try {
      this.startWorker(base);
    } catch {
      this.runHere(base);
    }
  }

  startWorker(base) {
    const worker = new Worker(new URL('intake-worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }) => {
      if (data.name !== 'ready') this.forward(data);
      else this.useRunner('worker', (...args) => this.post(worker, ...args));
    };
    worker.onerror = () => {
      worker.onerror = null;
      if (this.calls) this.runHere(base);
    };
    worker.postMessage({ base });
  }

  post(worker, call, argument, transfer) {
    worker.postMessage({ call, argument }, transfer);
  }

  runHere(base) {
    const intake = new Intake(base);
    for (const name of intakeEvents) {
      intake.addEventListener(name, ({ detail }) =>
        this.forward({ name, detail, epoch: intake.epoch }),
      );
    }
    intake.codecKnown.then(() => {
      this.useRunner('page', (call, argument) => intake[call](argument));
    });
  }

  useRunner(where, run) {
    this.where = where;
    this.run = run;
    const calls = this.calls;
    this.calls = null;
    for (const args of calls) run(...args);
  }

  forward({ name, detail, epoch }) {
    this.epoch = epoch;
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  call(name, argument, transfer = []) {
    if (this.calls) this.calls.push([name, argument, transfer]);
    else this.run(name, argument, transfer);
  }

  configure(settings) {
    this.call('configure', settings);
  }

  connect(sink) {
    this.call('connect', sink, sink.port ? [sink.port] : []);
  }

  open() {
    this.call('open');
  }

  close() {
    this.call('close');
  }

  reconnect() {
    this.call('reconnect');
  }

  send(message) {
    this.call('send', message);
  }

  flush() {
    this.call('flush');
  }

  underrun() {
    this.call('underrun');
  }
}
