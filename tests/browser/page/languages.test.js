// SPDX-License-Identifier: MIT
// The page in the listener's language, and from right to left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languages } from '../../../client/ui/words.js';
import { open, page, playing, until } from '../fixture/page.js';

const sizes = [
  [320, 568],
  [390, 844],
  [1366, 650],
  [2560, 1440],
];

// Nothing stands out of the window, and no word of a button, a label or a heading out of its box.
const overflowing = () =>
  page.evaluate(() => {
    const out = document.documentElement.scrollWidth > innerWidth ? ['the page'] : [];
    for (const element of document.querySelectorAll('button, label, legend, h2, p, summary')) {
      if (!element.checkVisibility() || element.closest('.scenes, .visually-hidden')) continue;
      if (getComputedStyle(element).textOverflow === 'ellipsis') continue;
      const text = element.textContent.trim();
      if (text && element.scrollWidth > element.clientWidth + 1 && element.clientWidth)
        out.push(text);
    }
    return out;
  });

for (const language of Object.keys(languages)) {
  test(`the page speaks the browser’s ${language}, and all of it has room`, async () => {
    await open({ play: false, view: { locale: language, reducedMotion: 'reduce' } });
    const { say, words } = await import('../../../client/ui/words.js');
    await words.use(language);
    assert.equal(await page.getAttribute('html', 'lang'), language);
    assert.equal(await page.textContent('#layers summary'), say('layers'));
    assert.equal(await page.getAttribute('#play', 'aria-label'), say('play'));
    await page.selectOption('#control-key', 'A');
    await page.click('#layers summary');
    // Of a private station's page alone.
    await page.evaluate(() => {
      document.getElementById('own-end-line').hidden = false;
    });
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      assert.deepEqual(await overflowing(), [], `${width}×${height}`);
      for (const id of ['timer', 'share', 'settings']) {
        await page.click(`#open-${id}`);
        await page.waitForSelector(`#${id}-dialog[open]`);
        assert.deepEqual(await overflowing(), [], `${id}, ${width}×${height}`);
        await page.keyboard.press('Escape');
      }
      await page.evaluate(() => document.getElementById('own-end-dialog').showModal());
      assert.deepEqual(await overflowing(), [], `end, ${width}×${height}`);
      await page.keyboard.press('Escape');
    }
    assert.deepEqual(page.errors, []);
  });
}

test('another language is there at once, while the music plays on, and stays', async () => {
  await open();
  await page.click('#open-settings');
  await page.selectOption('#language', 'de');
  await until(() => document.documentElement.lang === 'de');
  assert.equal(await page.textContent('#settings-title'), 'Einstellungen');
  await until(() => document.getElementById('keys').textContent.includes('Stumm'));
  assert.equal(await page.textContent('[for="control-key"]'), 'Tonart');
  assert.equal(await page.inputValue('#control-key'), 'D');
  assert.equal(await page.getAttribute('#play', 'aria-label'), 'Pause');
  assert.match(await page.textContent('#piece'), /^D dorisch/);
  assert.equal(await page.getAttribute('body', 'data-play'), 'on');
  await page.keyboard.press('Escape');
  await page.reload();
  await until(() => document.querySelector('[for="control-key"]')?.textContent === 'Tonart');
  await page.click('#play');
  await playing();
  assert.deepEqual(page.errors, []);
});

test('from right to left the page is its own mirror image', async () => {
  await open({ play: false });
  for (const [width, height] of [...sizes, [844, 390]]) {
    await page.setViewportSize({ width, height });
    const places = (dir) =>
      page.evaluate((direction) => {
        document.documentElement.dir = direction;
        const seen = document.querySelectorAll('.wordmark, .tools button, .disc, .panel, .search');
        const groups = document.querySelectorAll('#controls .group, .layers summary');
        const visible = [...seen, ...groups].filter((e) => e.checkVisibility());
        return visible.map((e) => {
          const { left, right, top } = e.getBoundingClientRect();
          const { clientWidth } = document.documentElement;
          const from = direction === 'rtl' ? clientWidth - right : left;
          return [e.className || e.id, Math.round(from), Math.round(top)].join(' ');
        });
      }, dir);
    const ltr = await places('ltr');
    assert.deepEqual(await places('rtl'), ltr, `${width}×${height}`);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth - innerWidth <= 0),
      true,
    );
  }
});
