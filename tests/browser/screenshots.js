// SPDX-License-Identifier: MIT
// node screenshots.js FOLDER: the client as it plays, on a phone, on a wide screen, light and dark.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from './fixture/browser.js';
import { Pipeline } from './fixture/pipeline.js';

const views = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'light' },
  wide: { viewport: { width: 1600, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1600, height: 900 }, colorScheme: 'dark' },
};

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const pipeline = await Pipeline.start();
const browser = await launch();
for (const [name, view] of Object.entries(views)) {
  const page = await browser.newPage(view);
  await page.goto(pipeline.url);
  await page.click('#play');
  // Until the rings have gone all the way out and a chord has been heard.
  await page.waitForFunction(
    () =>
      (globalThis.auralis.report().heard?.position ?? 0) > 0 &&
      document.getElementById('chord-name').textContent !== '–',
    null,
    { timeout: 120000 },
  );
  const start = await page.evaluate(() => performance.now());
  await page.waitForFunction((s) => performance.now() > s + 9000, start);
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => document.getAnimations().length === 0);
  await page.screenshot({ path: join(folder, `screenshot-${name}.png`) });
  await page.close();
}
await browser.close();
await pipeline.close();
