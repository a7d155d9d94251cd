// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const client = new URL('../../../client/', import.meta.url);

// Width and height of a PNG.
async function sizeOf(name) {
  const bytes = await readFile(new URL(name, client));
  assert.equal(bytes.toString('latin1', 1, 4), 'PNG', name);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

test('home screens and lock screens find PNGs of the sizes that are promised', async () => {
  const { icons } = JSON.parse(await readFile(new URL('manifest.webmanifest', client)));
  for (const { src, sizes, type } of icons.filter((icon) => icon.type === 'image/png')) {
    assert.equal((await sizeOf(src)).join('x'), sizes, `${src}, ${type}`);
  }
  assert.ok(icons.some(({ type }) => type === 'image/png'));
  const html = await readFile(new URL('index.html', client), 'utf8');
  const [, touch] = html.match(/rel="apple-touch-icon" href="([^"]+)"/);
  assert.deepEqual(await sizeOf(touch), [180, 180]);
  const session = await readFile(new URL('ui/media-session.js', client), 'utf8');
  const [, name, size] = session.match(/'\.\.\/(icon-\d+\.png)'.*?sizes: '(\d+)x\d+'/s);
  assert.deepEqual(await sizeOf(name), [Number(size), Number(size)]);
});
