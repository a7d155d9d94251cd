// SPDX-License-Identifier: MIT
// The page's end of the intake: the same calls and events, whether it runs in a worker or, where
// there are none, here.

import { Intake, intakeEvents } from './intake.js';

export class IntakeBeside extends EventTarget {
  constructor(base) {
    super();
    this.epoch = 0;
    this.calls = []; // until it is known where it runs, and with what codec
    try {
      const worker = new Worker(new URL('intake-worker.js', import.meta.url), { type: 'module' });
      worker.onmessage = ({ data }) => {
        if (data.name === 'ready')
          this.runsIn('worker', (call, argument, transfer) =>
            worker.postMessage({ call, argument }, transfer),
          );
        else this.told(data);
      };
      worker.onerror = () => {
        worker.onerror = null;
        if (this.calls) this.runsHere(base);
      };
    } catch {
      this.runsHere(base);
    }
  }

  runsHere(base) {
    const intake = new Intake(base);
    for (const name of intakeEvents)
      intake.addEventListener(name, ({ detail }) =>
        this.told({ name, detail, epoch: intake.epoch }),
      );
    intake.known.then(() => this.runsIn('page', (call, argument) => intake[call](argument)));
  }

  runsIn(where, run) {
    this.where = where;
    this.run = run;
    const calls = this.calls;
    this.calls = null;
    for (const args of calls) run(...args);
  }

  told({ name, detail, epoch }) {
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
