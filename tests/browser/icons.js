// SPDX-License-Identifier: MIT
// node icons.js: client/icon.svg as PNG, for what takes no SVG: home screens and lock screens.
// Whoever shows them rounds the corners, and would show black where nothing is.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch } from './fixture/browser.js';

const client = fileURLToPath(new URL('../../client/', import.meta.url));
const icons = [
  { name: 'icon-180.png', size: 180 },
  { name: 'icon-512.png', size: 512 },
];

const svg = await readFile(`${client}icon.svg`, 'utf8');
const browser = await launch();
for (const { name, size } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const drawing = svg.replace(/ rx="\d+"/, '');
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${drawing}`);
  await page.screenshot({ path: `${client}${name}` });
  await page.close();
}
await browser.close();
