// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

const client = new URL('../../../client/', import.meta.url);

test('every file of the client, and no other, is kept for a time without a network', async () => {
  const worker = await readFile(new URL('sw.js', client), 'utf8');
  const [, list] = worker.match(/const shell = \[(.*?)\]/s);
  const kept = [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name);
  const files = (await readdir(client, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.path}/${entry.name}`.replace(client.pathname, '').replace(/^\//, ''))
    .filter((name) => !['index.html', 'sw.js'].includes(name));
  assert.deepEqual(kept.sort(), ['./', ...files].sort());
});
