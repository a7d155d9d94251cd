// SPDX-License-Identifier: MIT
// Presets of one's own, taken from a file and played by the real engine.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { open, page, until } from '../fixture/site-page.js';
import { build, root, skip } from '../fixture/site.js';

function composed() {
  const compose = 'auralis-compose --show-preset "$0/presets/cathedral.yaml" --json';
  const env = { ...process.env, PATH: `${join(build, 'bin')}:${process.env.PATH}` };
  const found = JSON.parse(execFileSync('bash', ['-c', compose, root], { env, encoding: 'utf8' }));
  Object.assign(found.preset, { name: 'cave', title: 'Cave' });
  return found;
}

test(
  'a preset from a file plays here, is saved, and is there after a reload; a wrong one is refused with the reason',
  { skip },
  async () => {
    await open();
    await page.click('#open-own-presets');
    const found = composed();
    const take = async (answer) => {
      const buffer = Buffer.from(JSON.stringify(found));
      const file = { name: 'cave.json', mimeType: 'application/json', buffer };
      await page.setInputFiles('#own-presets-file', file);
      await until(
        (text) => document.getElementById('own-presets-done').textContent.includes(text),
        answer,
      );
    };
    const { sound } = found.preset.layers.pad;
    const { cutoff_hz: cutoff } = sound;
    sound.cutoff_hz = 'loud';
    await take('layers.pad.sound.cutoff_hz is "loud"');
    sound.cutoff_hz = cutoff;
    await take('Cave is among');
    await page.click('#own-presets .again');
    await until(() => document.body.dataset.play === 'on');
    await until(() => document.getElementById('preset-name').textContent === 'Cave');
    await page.click('#open-save');
    const download = page.waitForEvent('download');
    await page.click('#save-piece');
    assert.match((await download).suggestedFilename(), /^auralis-cave-\d+\.wav$/);
    await page.reload();
    await page.waitForSelector('.chip [value="cave"]', { state: 'attached' });
    assert.deepEqual(page.errors, []);
  },
);
