// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

const client = new URL('../../../client/', import.meta.url);

test('every file that the page loads is kept for a time without a network', async () => {
  const worker = await readFile(new URL('sw.js', client), 'utf8');
  const kept = [...worker.match(/const shell = \[(.*?)\]/s)[1].matchAll(/'([^']+)'/g)].map(([, name]) => name);
  const files = (await readdir(client)).filter((name) => !['index.html', 'package.json', 'sw.js'].includes(name));
  assert.deepEqual(kept.sort(), ['./', ...files].sort());
});
