// SPDX-License-Identifier: MIT
// The panel is drawn from the station's control table, and from nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlTable } from '../fixture/control-table.js';
import { asked, eventually, open, page, shown, slide, station, until } from '../fixture/page.js';

test('ranges, names, titles, units and colours are those that the station tells', async () => {
  await open({ play: false });
  const { bpm, key, mode, layers } = controlTable;
  const slider = page.locator('#control-bpm');
  for (const end of ['min', 'max', 'step']) {
    assert.equal(await slider.getAttribute(end), String(bpm[end]), end);
  }
  assert.equal(await page.textContent('[data-control="bpm"] .value'), '60 bpm');
  const values = (id) => page.$$eval(`#${id} option`, (all) => all.map((option) => option.value));
  assert.deepEqual(await values('control-key'), key.names);
  assert.deepEqual(await values('control-mode'), mode.names);
  const rows = await page.$$eval('.layer', (all) =>
    all.map((row) => [
      row.querySelector('.name').textContent,
      row.style.getPropertyValue('--colour'),
    ]),
  );
  assert.deepEqual(
    rows,
    layers.layers.map(({ title, colour }) => [title, colour]),
  );
  const gain = page.locator('[data-layer="pad"] [type="range"]');
  assert.equal(await gain.getAttribute('min'), String(layers.controls.gain_db.min));
});

test('controls that this page has never heard of are drawn, asked for and shown as heard', async () => {
  const swing = {
    kind: 'number',
    title: 'Swing',
    meaning: '',
    unit: 'ms',
    min: 0,
    max: 40,
    step: 0.5,
  };
  const tuning = { kind: 'tuning', title: 'Tuning', meaning: '', names: ['equal', 'just'] };
  const still = { kind: 'toggle', title: 'Still', meaning: 'no melody' };
  const strange = { kind: 'gesture', title: 'Strange', meaning: 'of a kind that no page can draw' };
  const { layers, ...controls } = controlTable;
  const width = {
    kind: 'number',
    title: 'Width',
    meaning: '',
    unit: '',
    min: 0,
    max: 1,
    step: 0.1,
  };
  await open({
    controls: {
      ...controls,
      swing,
      tuning,
      still,
      strange,
      layers: { ...layers, controls: { ...layers.controls, width } },
    },
    prepare: () => {
      Object.assign(station.state, { swing: 12.5, tuning: 'equal', still: false });
      for (const layer of Object.values(station.state.layers)) layer.width = 0.5;
    },
  });
  assert.equal(await page.textContent('[data-control="swing"] .value'), '12.5 ms');
  assert.equal(await page.locator('#control-strange').count(), 0);
  await slide('#control-swing', 'ArrowRight', 2);
  await asked((m) => m.swing === 13.5);
  await page.selectOption('#control-tuning', 'just');
  await page.check('#control-still');
  await asked((m) => m.still === true);
  await page.click('#layers summary');
  await slide('[data-layer="pad"] [aria-label="Pad width"]', 'ArrowLeft', 2);
  await asked((m) => m.layers?.pad?.width === 0.3);
  for (const control of ['swing', 'tuning', 'still', 'pad']) await shown(control, 'heard');
  await page.click('#open-share');
  assert.match(await page.inputValue('#share-link'), /&swing=13\.5&tuning=just/);
  assert.deepEqual(page.errors, []);
});

test('where nobody composes nothing is shown of the music, and nothing can be set, until somebody does', async () => {
  await open({ play: false });
  await page.click('#layers summary');
  const alive = () =>
    page.locator('.controls :is(input, select):enabled, .layer input:enabled').count();
  assert.ok((await alive()) > 10);
  station.composer = false;
  await page.reload();
  await page.waitForSelector('#controls .chip');
  await until(() => !document.getElementById('layers').hidden);
  assert.equal(await alive(), 0);
  const values = () => page.$$eval('.controls .value', (all) => all.map((e) => e.textContent));
  assert.deepEqual(await values(), ['–', '–']);
  assert.equal(await page.inputValue('#control-key'), '');
  assert.equal(await page.textContent('#chord-name'), '–');
  assert.equal(await page.textContent('#piece'), '');
  assert.equal(await page.title(), 'Auralis');
  station.composer = true;
  await eventually(async () => (await page.inputValue('#control-key')) === 'D');
  assert.deepEqual(await values(), ['50 %', '60 bpm']);
  assert.ok((await alive()) > 10);
});

test('a station that went away while nobody listened leaves no values behind', async () => {
  await open({ play: false });
  await page.clock.install();
  await station.close();
  await page.clock.fastForward(11000);
  await until(() => document.getElementById('chord-name').textContent === '–');
  await until(() => document.getElementById('control-bpm').disabled);
  assert.match(await page.textContent('#notice'), /does not answer/);
});

test('a station with another table, found after it was away, is drawn anew', async () => {
  await open();
  const { bpm } = controlTable;
  await station.close();
  station.controls = { ...controlTable, bpm: { ...bpm, max: 200, title: 'Pulse' } };
  await station.listen();
  await until(() => document.getElementById('control-bpm').max === '200');
  assert.match(await page.textContent('[data-control="bpm"] label'), /Pulse/);
  assert.equal(await page.inputValue('#control-bpm'), '60');
  await page.click('#open-settings');
  assert.match(await page.textContent('#keys'), /Pulse/);
});

test('what each quality takes an hour is worked out from what the station says of its streams', async () => {
  await open();
  await page.click('#open-settings');
  const names = await page.$$eval('#codec option:not([hidden])', (all) =>
    all.map(({ textContent }) => textContent),
  );
  assert.deepEqual(names.slice(0, 2), ['Opus 96', 'Opus 48']);
  for (const [codec, mb] of [
    ['auto', 43],
    ['opus64', 22],
    ['pcm', 635],
  ]) {
    await page.selectOption('#codec', codec);
    assert.equal(await page.textContent('#codec-cost'), `About ${mb} MB an hour.`);
  }
});
