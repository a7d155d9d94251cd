// SPDX-License-Identifier: MIT
// The page's end of a source of sound: the same calls and events, whether it runs in a worker or,
// where there are none, here. Player and station take anything with these:
//   open, close, reconnect     to get the music, to stop, to get it through a new connection
//   configure(settings)        as the listener chose
//   connect(makeSink)          where sound goes: makeSink() → {shared} a ChunkRing's memory, {port}
//                              to the audio thread, or neither: then each chunk is a 'chunk' event
//   disconnect()               there is no such place until the next connect
//   send(message)              to the station; lost while there is no connection
//   flush, underrun, level     what has not been heard yet is to be dropped; the player ran dry;
//                              where it plays, if there is no port to tell it
//   events                     'link', 'message', 'state', 'chunk'
//   epoch                      of the last event: positions of different epochs do not compare

export const sourceEvents = ['link', 'message', 'state', 'chunk'];

// The worker's end.
//   in    {base} once, the page's address; then {call, argument, ask}: methods of the source
//   out   {name: 'ready'} when calls are taken; {name, detail, epoch}: its events; where `ask` was
//         given, {name: 'answer', ask, answer} or {…, error}
export function serveSource(make) {
  const begin = (base) => {
    const source = make(base);
    for (const name of sourceEvents) {
      source.addEventListener(name, ({ detail }) => {
        const transfer = name === 'chunk' ? [detail.samples.buffer] : [];
        postMessage({ name, detail, epoch: source.epoch }, transfer);
      });
    }
    self.onmessage = async ({ data: { call, argument, ask } }) => {
      if (ask === undefined) source[call](argument);
      else postMessage({ name: 'answer', ask, ...(await outcome(source, call, argument)) });
    };
    source.ready.then(() => postMessage({ name: 'ready' }));
  };
  self.onmessage = ({ data: { base } }) => begin(base);
}

async function outcome(source, call, argument) {
  try {
    return { answer: await source[call](argument) };
  } catch (error) {
    return { error: error.message };
  }
}

export class SourceProxy extends EventTarget {
  // worker: its address; make(base): the source itself
  constructor({ base, worker, make }) {
    super();
    this.epoch = 0;
    this.calls = []; // until it is known where it runs
    this.questions = new Map();
    this.count = 0;
    try {
      this.startWorker(base, worker, make);
    } catch {
      this.runHere(make(base));
    }
  }

  startWorker(base, address, make) {
    const worker = new Worker(address, { type: 'module' });
    worker.onmessage = ({ data }) => {
      if (data.name === 'ready') this.useRunner('worker', (...args) => this.post(worker, ...args));
      else if (data.name === 'answer') this.answered(data);
      else this.forward(data);
    };
    worker.onerror = () => {
      worker.onerror = null;
      if (this.calls) this.runHere(make(base));
    };
    worker.postMessage({ base });
  }

  post(worker, call, argument, transfer, ask) {
    worker.postMessage({ call, argument, ask }, transfer);
  }

  runHere(source) {
    for (const name of sourceEvents) {
      source.addEventListener(name, ({ detail }) =>
        this.forward({ name, detail, epoch: source.epoch }),
      );
    }
    source.ready.then(() => {
      this.useRunner('page', async (call, argument, _transfer, ask) => {
        if (ask === undefined) source[call](argument);
        else this.answered({ ask, ...(await outcome(source, call, argument)) });
      });
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

  answered({ ask, answer, error }) {
    const { resolve, reject } = this.questions.get(ask);
    this.questions.delete(ask);
    if (error === undefined) resolve(answer);
    else reject(new Error(error));
  }

  call(...args) {
    if (this.calls) this.calls.push(args);
    else this.run(...args);
  }

  // What a method of the source answers.
  ask(name, argument) {
    return new Promise((resolve, reject) => {
      const ask = ++this.count;
      this.questions.set(ask, { resolve, reject });
      this.call(name, argument, [], ask);
    });
  }

  configure(settings) {
    this.call('configure', settings);
  }

  connect(makeSink) {
    const sink = makeSink();
    this.call('connect', sink, sink.port ? [sink.port] : []);
  }

  disconnect() {
    this.call('disconnect');
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

  level(place) {
    this.call('level', place);
  }
}
