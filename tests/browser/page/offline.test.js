// SPDX-License-Identifier: MIT
// Without a network, and with none but the station's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, open, page, playing, station, until } from '../fixture/page.js';

test('without a network the page opens, says so, and plays when the station is back', async () => {
  await open({ play: false, view: { serviceWorkers: 'allow' } });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until(() => navigator.serviceWorker.controller !== null);
  await station.close();
  await page.reload();
  await page.waitForSelector('#play');
  await until(() =>
    /does not answer|no network/.test(document.getElementById('notice').textContent),
  );
  await page.click('#play');
  await playing('wait');
  await station.listen();
  await playing('on');
  assert.deepEqual(page.errors, []);
});

test('a page that opened with what is kept stays with it whole; one that the network answered is kept whole in its stead', async () => {
  const script = (version) => ({
    'main.js': `globalThis.mainVersion = ${version};`,
    'ui/format.js': `globalThis.namesVersion = ${version};`,
  });
  const versions = () => page.evaluate(() => [globalThis.mainVersion, globalThis.namesVersion]);
  const opened = async () => {
    await page.waitForSelector('#controls .chip, #notice:not(:empty)');
    return versions();
  };
  await open({ play: false, scripts: script(1), view: { serviceWorkers: 'allow' } });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until(() => navigator.serviceWorker.controller !== null);
  station.scripts = script(2);
  let release;
  station.gate = new Promise((resolve) => {
    release = resolve;
  }); // for longer than the worker's patience; what the page loads next would be there at once
  await page.reload();
  assert.deepEqual(await opened(), [1, 1]);
  release(); // two requests for one address wait for each other
  await eventually(async () => {
    await page.reload();
    const [main, names] = await opened();
    assert.equal(main, names);
    const ms = await page.evaluate(
      () => performance.getEntriesByType('navigation')[0].responseStart,
    );
    // A machine that needs so long.
    assert.ok(main === 2 || ms >= 2000, `what is kept answered after ${ms} ms`);
    return main === 2;
  });
  const kept = () =>
    page.evaluate(async () =>
      (await (await caches.open('auralis')).match(new URL('ui/format.js', location))).text(),
    );
  await eventually(async () => (await kept()).includes('= 2'));
  await station.close();
  await page.reload();
  assert.deepEqual(await opened(), [2, 2]);
});

test('nothing is asked of any other host', async () => {
  await open();
  for (const id of ['share', 'settings', 'timer']) {
    await page.click(`#open-${id}`);
    await page.waitForSelector(`#${id}-dialog[open]`);
    await page.keyboard.press('Escape');
  }
  assert.deepEqual(page.foreign, []);
});
