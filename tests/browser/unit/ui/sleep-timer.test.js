// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SleepTimer } from '../../../../client/ui/sleep-timer.js';

test('the sleep timer fades over its last minute and ends in silence', () => {
  const timer = new SleepTimer();
  assert.deepEqual([timer.level(0), timer.over(0)], [1, false]);
  timer.set(1000, 15);
  const end = 1000 + 15 * 60000;
  assert.equal(timer.level(end - 60000), 1);
  assert.equal(timer.level(end - 30000), 0.25);
  for (let t = end - 60000; t < end; t += 100) assert.ok(timer.level(t) >= timer.level(t + 100));
  assert.deepEqual([timer.level(end), timer.over(end), timer.over(end - 1)], [0, true, false]);
  timer.set(end, 0);
  assert.deepEqual([timer.level(end), timer.over(end + 1e9)], [1, false]);
});
