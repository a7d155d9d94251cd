// SPDX-License-Identifier: MIT
// Playing, pausing, and what the page shows and keeps of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, page, playing, shown, slide, station, until } from '../fixture/page.js';

test('volume is remembered, and mute is not', async () => {
  await open({ play: false });
  await slide('#volume', 'ArrowLeft', 30);
  await page.focus('#play');
  await page.keyboard.press('m');
  await until(() => document.querySelector('#volume-group .value').textContent === 'muted');
  await page.reload();
  await until(() => document.getElementById('volume').value === '0.5');
  await until(() => document.querySelector('#volume-group .value').textContent === '50 %');
});

test('a browser that forbids storage plays all the same', async () => {
  await open({
    prepare: (p) =>
      p.addInitScript(() =>
        Object.defineProperty(globalThis, 'localStorage', {
          get() {
            throw new DOMException('denied', 'SecurityError');
          },
        }),
      ),
  });
  await slide('#volume', 'ArrowLeft', 2);
  assert.deepEqual(page.errors, []);
});

test('the chord is shown when it is heard, with the time to the next', async () => {
  await open();
  await until(() => /^Next change in 0:\d\d$/.test(document.getElementById('next').textContent));
  await page.evaluate(() => {
    new MutationObserver(() => {
      if (document.getElementById('chord-name').textContent === 'B♭maj7')
        globalThis.heardAt = globalThis.auralis.report().heard.position;
    }).observe(document.getElementById('chord-name'), {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  const position = station.position + station.rate;
  station.state.chord = 'B♭maj7';
  station.broadcast({ ...station.stateMessage(), position });
  await until(() => globalThis.heardAt);
  const heard = await page.evaluate(() => globalThis.heardAt);
  assert.equal(await page.textContent('#chord-name'), 'B♭maj7');
  assert.ok(heard >= position - 1 && heard < position + station.rate);
});

test('what another listener chose is said, and what this one chose is not', async () => {
  await open();
  await page.click('.chip:has-text("Bright")');
  await shown('preset', 'heard');
  assert.equal(await page.textContent('#notice'), '');
  station.state.preset = 'sleep';
  station.broadcast(station.stateMessage());
  await until(() => document.getElementById('notice').textContent === 'Someone chose Sleep.');
  assert.equal(await page.textContent('#preset-name'), 'Sleep');
});

test('the sleep timer goes on through a pause and a reload', async () => {
  await open();
  await page.click('#open-timer');
  await page.click('#timer-choices button[value="30"]');
  await page.click('#play');
  await playing('off');
  assert.match(await page.textContent('#timer-left'), /30 min/);
  await page.reload();
  await until(() => /30 min/.test(document.getElementById('timer-left').textContent));
});

test('the sleep timer stops the music', async () => {
  await open({ play: false });
  await page.clock.install();
  await page.click('#play');
  await page.clock.runFor(50);
  await page.click('#open-timer');
  await page.click('#timer-choices button[value="15"]');
  assert.match(await page.textContent('#timer-left'), /15 min/);
  await page.clock.fastForward('15:01');
  await playing('off');
  await until(() => document.getElementById('timer-left').hidden);
});

test('lock screen and headset know what plays, and steer it', async () => {
  await open({
    prepare: (p) =>
      p.addInitScript(() => {
        globalThis.keys = {};
        navigator.mediaSession.setActionHandler = (action, run) => {
          globalThis.keys[action] = run;
        };
      }),
  });
  const session = () =>
    page.evaluate(() => ({
      state: navigator.mediaSession.playbackState,
      title: navigator.mediaSession.metadata?.title,
      artist: navigator.mediaSession.metadata?.artist,
    }));
  await until(() => navigator.mediaSession.metadata?.title === 'Focus');
  assert.deepEqual(await session(), { state: 'playing', title: 'Focus', artist: 'D dorian' });
  await page.click('#play');
  await playing('off');
  assert.equal((await session()).state, 'paused');
  for (const [key, state] of [
    ['play', 'on'],
    ['pause', 'off'],
    ['play', 'on'],
    ['stop', 'off'],
  ]) {
    await page.evaluate((k) => globalThis.keys[k](), key);
    await playing(state);
  }
});

test('pausing and playing again begins with the present, not with what was left', async () => {
  await open();
  await page.click('#play');
  await playing('off');
  const then = station.position;
  await until((s) => performance.now() > s, await page.evaluate(() => performance.now() + 1500));
  await page.click('#play');
  await playing('on');
  const { played } = await page.evaluate(() => globalThis.auralis.report());
  assert.ok(played.position > then, `${played.position} after ${then}`);
});

test('play pressed while the sound still fades waits for it, and what was drawn before is not drawn twice', async () => {
  await open({ settings: { visual: true } });
  await page.evaluate(() => {
    const ask = globalThis.requestAnimationFrame.bind(globalThis);
    globalThis.drawn = new Map(); // frame → how often something was drawn in it
    globalThis.requestAnimationFrame = (draw) =>
      ask((now) => {
        globalThis.drawn.set(now, (globalThis.drawn.get(now) ?? 0) + 1);
        draw(now);
      });
    for (let i = 0; i < 9; ++i) document.getElementById('play').click(); // ends with a pause
    document.getElementById('play').click();
  });
  await playing('on');
  await page.evaluate(() => globalThis.drawn.clear());
  await until(() => globalThis.drawn.size > 20); // nobody else may ask for frames meanwhile
  assert.deepEqual([...new Set(await page.evaluate(() => [...globalThis.drawn.values()]))], [1]);
  assert.deepEqual(page.errors, []);
});

test('a device that the system stops is waited for, and started again', async () => {
  await open();
  await page.evaluate(() => {
    const phases = (globalThis.plays = []);
    new MutationObserver(() => phases.push(document.body.dataset.play)).observe(document.body, {
      attributeFilter: ['data-play'],
    });
    globalThis.auralis.context().suspend();
  });
  await until(() => globalThis.plays.join() === 'wait,on');
});

test('an audio thread that breaks down is told of, and the next play begins anew', async () => {
  const breaks = `{
    const register = globalThis.registerProcessor;
    globalThis.registerProcessor = (name, Processor) => register(name, class extends Processor {
      process(...args) {
        if (currentTime > 2 && this.playback.playing) throw new Error('broken');
        return super.process(...args);
      }
    });
  }`;
  await open({ scripts: { 'audio/player-worklet.js': breaks }, play: false });
  await page.click('#play');
  await until(() =>
    document.getElementById('notice').textContent.includes('Press play to start it again'),
  );
  await playing('off');
  station.scripts = {};
  await page.click('#play');
  await playing('on');
  await until(() => globalThis.auralis.report().contextTime > 3);
  assert.equal(await page.textContent('#notice'), '');
  assert.deepEqual(page.errors, []);
});

test('a page under a path of a proxy’s plays and steers, and asks for nothing outside it', async () => {
  await open({ prefix: '/s/night/' });
  await page.selectOption('#control-key', 'A');
  await shown('key', 'heard');
  assert.ok(station.requests.every(Boolean), `${station.requests}`);
  assert.deepEqual(page.errors, []);
});

test('the page knows how long after the click its sound began', async (t) => {
  await open();
  const ms = await page.evaluate(() => performance.getEntriesByName('click-to-sound')[0].duration);
  t.diagnostic(`click to sound: ${Math.round(ms)} ms`);
  assert.ok(ms > 0);
});
