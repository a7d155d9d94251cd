// SPDX-License-Identifier: MIT
// Controls from asked for to heard, and what stands in their way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, open, page, playing, shown, slide, station, until } from '../fixture/page.js';

for (const [name, control, act, wanted] of [
  ['preset', 'preset', () => page.click('.chip:has-text("Sleep")'), (m) => m.preset === 'sleep'],
  ['key', 'key', () => page.selectOption('#control-key', 'F#'), (m) => m.key === 'F#'],
  ['mode', 'mode', () => page.selectOption('#control-mode', 'lydian'), (m) => m.mode === 'lydian'],
  [
    'intensity',
    'intensity',
    () => slide('#control-intensity', 'ArrowRight', 5),
    (m) => m.intensity === 0.55,
  ],
  ['tempo', 'bpm', () => slide('#control-bpm', 'ArrowRight', 4), (m) => m.bpm === 64],
  [
    'a layer’s switch',
    'pad',
    () => page.click('[data-layer="pad"] .switch'),
    (m) => m.layers?.pad?.on === false,
  ],
  [
    'a layer’s level',
    'bells',
    () => slide('[data-layer="bells"] [type="range"]', 'ArrowLeft', 6),
    (m) => m.layers?.bells?.gain_db === -6,
  ],
]) {
  test(`${name} is asked for, and shown as heard when its frame is heard, not before`, async () => {
    await open();
    await page.click('#layers summary');
    await act();
    const message = await asked(wanted);
    const position = station.positions.get(message.id);
    await shown(control, 'heard', position);
    const phases = (await page.evaluate(() => globalThis.phases)).filter(
      (at) => at.control === control,
    );
    assert.deepEqual([...new Set(phases.map((p) => p.phase))].slice(0, 3), [
      'pending',
      'coming',
      'heard',
    ]);
    const { heard } = phases.find((p) => p.phase === 'heard' && p.heard >= position);
    if (station.asked.length === 1)
      assert.ok(
        phases.every((p) => p.phase !== 'heard' || p.heard >= position),
        JSON.stringify(phases),
      );
    assert.ok(heard < position + station.rate, `shown ${(heard - position) / station.rate} s late`);
    assert.deepEqual(page.errors, []);
  });
}

test('a dragged slider asks a few times a second and ends with where it was left', async () => {
  await open();
  const box = await page.locator('#control-intensity').boundingBox();
  const start = await page.evaluate(() => performance.now());
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
  await page.mouse.down();
  for (let i = 0; i <= 60; ++i)
    await page.mouse.move(box.x + box.width * (0.5 + i / 150), box.y + box.height / 2);
  await page.mouse.up();
  const last = Number(await page.inputValue('#control-intensity'));
  assert.ok(last > 0.85);
  await asked((m) => m.intensity === last);
  const ms = (await page.evaluate(() => performance.now())) - start;
  assert.ok(station.asked.length < 2 + ms / 120, `${station.asked.length} messages in ${ms} ms`);
});

test('what a refused control asked for is taken back, with the reason', async () => {
  await open();
  await page.evaluate(() => {
    const s = document.getElementById('control-bpm');
    s.value = 113;
    s.dispatchEvent(new Event('input'));
  });
  await until(() => document.getElementById('notice').textContent.includes('nobody likes'));
  await shown('bpm', 'refused');
});

test('a control asked for while the composer is away is heard once it is back', async () => {
  await open();
  station.composer = false;
  await page.selectOption('#control-mode', 'aeolian');
  await until(() => document.getElementById('notice').textContent.includes('composer is away'));
  station.composer = true;
  await shown('mode', 'heard');
});

test('what was said of the music that played is not said any more after a pause', async () => {
  await open();
  station.composer = false;
  await page.selectOption('#control-mode', 'aeolian');
  await until(() => document.getElementById('notice').textContent.includes('composer is away'));
  await page.click('#play');
  await until(
    () => document.getElementById('notice').textContent === 'The composer is away for the moment.',
  ); // the control was asked for again
  station.composer = true;
  await page.selectOption('#control-mode', 'lydian');
  await until(() => document.getElementById('notice').textContent === '');
});

test('a station that closes says so, and its page goes on when it is back', async () => {
  await open();
  station.broadcast({ type: 'shutdown', reason: 'stopped', drain_s: 2 });
  await station.close();
  await until(
    () =>
      document.body.dataset.link === 'lost' &&
      /is closing/.test(document.getElementById('notice').textContent),
  );
  await until(() => /does not answer/.test(document.getElementById('notice').textContent));
  await station.listen();
  await playing('on');
  await until(() => document.getElementById('notice').textContent === '');
});

test('a control asked for while the connection is lost is heard once it is back', async () => {
  await open();
  await station.close();
  await until(() => document.body.dataset.link !== 'open');
  await page.selectOption('#control-key', 'A');
  await station.listen();
  await shown('key', 'heard');
  assert.equal((await asked((m) => m.key === 'A')).key, 'A');
});

test('controls act without listening, too', async () => {
  await open({ play: false });
  await page.selectOption('#control-key', 'G');
  await asked((m) => m.key === 'G');
  await shown('key', 'heard');
  assert.equal(station.connections, 0);
});

test('a station with a token asks for it, says when it is wrong, and keeps the right one', async () => {
  await open({ token: 'sesame' });
  await page.selectOption('#control-key', 'E');
  await page.waitForSelector('#token-dialog[open]');
  await page.fill('#token', 'wrong');
  await page.click('#token-form button[value="use"]');
  await page.waitForSelector('#token-wrong:visible'); // it was asked again by itself
  await page.fill('#token', 'sesame');
  await page.click('#token-form button[value="use"]');
  await shown('key', 'heard');
  assert.equal(station.state.key, 'E');
  assert.equal(
    await page.evaluate(() => JSON.parse(localStorage.getItem('auralis')).token),
    'sesame',
  );
});

test('a control that needs a token is taken back where none is given, and is sent with it without listening, too', async () => {
  await open({ token: 'sesame', play: false });
  const key = await page.inputValue('#control-key');
  await page.selectOption('#control-key', 'E');
  await page.waitForSelector('#token-dialog[open]');
  await page.keyboard.press('Escape');
  await until((k) => document.getElementById('control-key').value === k, key);
  await page.selectOption('#control-key', 'F');
  await page.waitForSelector('#token-dialog[open]');
  await page.fill('#token', 'sesame');
  await page.click('#token-form button[value="use"]');
  await shown('key', 'heard');
  assert.equal(station.state.key, 'F');
});

test('a control that nobody answered before the pause is asked for again, and shown as heard', async () => {
  await open();
  await page.evaluate(() => {
    const key = document.getElementById('control-key');
    key.value = 'A';
    key.dispatchEvent(new Event('change'));
    document.getElementById('play').click();
  });
  await playing('off');
  await shown('key', 'heard');
  assert.equal(station.state.key, 'A');
});

for (const play of [true, false]) {
  const when = play ? 'while it is listened to' : 'before it is listened to';
  test(`a station that takes no controls shows what plays, nothing to move, and why, ${when}`, async () => {
    await open({ access: 'off', play });
    await page.waitForSelector('#controls-off:visible');
    assert.match(await page.textContent('#controls-off'), /takes no controls/);
    await until(() => document.getElementById('control-key').value === 'D');
    const inputs = '#controls input, #controls select, #layer-list input';
    assert.ok(await page.locator(inputs).count());
    assert.equal(await page.locator(inputs).and(page.locator(':enabled')).count(), 0);
    for (const key of [']', '.', '2']) await page.keyboard.press(key);
    assert.deepEqual(station.asked, []);
  });
}

test('a knob that was moved follows the sound again once its glide, as the table tells it, is over', async () => {
  await open();
  await slide('#control-bpm', 'ArrowRight', 4);
  await shown('bpm', 'heard');
  station.state.bpm = 62; // on the way there
  station.broadcast({ ...station.stateMessage(), position: 0 });
  const knob = () => document.getElementById('control-bpm').value;
  assert.equal(await page.evaluate(knob), '64');
  await until(() => document.getElementById('control-bpm').value === '62');
});
