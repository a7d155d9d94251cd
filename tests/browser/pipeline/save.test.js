// SPDX-License-Identifier: MIT
// What the page saves of what it played by itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { open, page, site } from '../fixture/site-page.js';
import { skip, skipFlac } from '../fixture/site.js';

// In the page: what was heard of a piece with a control, with what is made again of it. Copies of
// the piece are kept every two seconds.
async function heardAndRecorded(format) {
  const { EngineSource } = await import('./engine/engine-source.js');
  const { EngineModule, loadEngine } = await import('./engine/module.js');
  const { record: remake } = await import('./engine/recording.js');
  const base = new URL('./', location).href;
  const source = new EngineSource(base, { keepS: 2 });
  const heard = new Float32Array(2 * 44100 * 9);
  let end = 0;
  source.addEventListener('chunk', ({ detail: { samples, position } }) => {
    if (!samples.length) return;
    heard.set(samples, 2 * position);
    end = position + samples.length / 2;
  });
  source.connect({});
  await source.newPiece({ seed: '7', preset: 'focus' });
  await source.open();
  for (let asked = false; end < 44100 * 8;) {
    source.level({ played: { position: end, epoch: 0 }, leastMs: 5 });
    if (asked || end < 44100 * 5) continue;
    const mix = { focus: 0.4, sleep: 0.6 };
    source.send({ type: 'control', mix, intensity: 0.9, layers: { pad: { gain_db: -9 } } });
    asked = true;
  }
  const library = await loadEngine(base);
  const made = async (seconds, kind = format) => {
    const material = await source.material(seconds);
    const { start } = EngineModule;
    const blob = await remake(material, { library, start, format: kind, title: 'Focus' });
    return { material, blob, bytes: new Uint8Array(await blob.arrayBuffer()) };
  };
  const base64 = ({ blob }) =>
    new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.split(',')[1]);
      reader.readAsDataURL(blob);
    });
  if (format === 'flac') {
    return [await base64(await made(Infinity, 'wav')), await base64(await made(Infinity))];
  }
  if (format !== 'wav') return base64(await made(Infinity));
  const { pcm16 } = await import('./audio/wav.js');
  const same = ({
    material: {
      parts: [{ from, to }],
    },
    bytes,
  }) => pcm16(heard.subarray(2 * from, 2 * to)).every((byte, i) => byte === bytes[44 + i]);
  const [last, whole] = [await made(3), await made(Infinity)];
  const copied = Boolean(last.material.memory);
  return { copied, whole: same(whole), last: same(last), frames: whole.material.parts[0].to };
}

test(
  'what is saved is what was heard, to the sample: a whole piece with a control in it, and its last seconds',
  { skip },
  async () => {
    await open();
    const { copied, whole, last, frames } = await page.evaluate(heardAndRecorded, 'wav');
    assert.ok(frames >= 7 * 44100);
    assert.deepEqual([copied, whole, last], [true, true, true]);
  },
);

test('a piece is saved as Opus and as MIDI, which others can read', { skip }, async () => {
  await open();
  const opus = await page.evaluate(heardAndRecorded, 'opus');
  const probe = ['-v', 'error', '-show_entries', 'format=duration,format_name', '-of', 'csv=p=0'];
  const file = join(site.folder, 'piece');
  writeFileSync(file, opus, 'base64');
  const said = execFileSync('ffprobe', [...probe, file], { encoding: 'utf8' });
  assert.match(said, /^ogg,[78]\./);
  writeFileSync(file, await page.evaluate(heardAndRecorded, 'midi'), 'base64');
  assert.match(execFileSync('midicsv', [file], { encoding: 'utf8' }), /Note_on_c/);
});

test(
  'FLAC has the samples of the WAV file, their MD5 and the title, in at most two thirds of the bytes',
  { skip: skipFlac },
  async () => {
    await open();
    const [wav, bytes] = (await page.evaluate(heardAndRecorded, 'flac')).map((text) =>
      Buffer.from(text, 'base64'),
    );
    const samples = wav.subarray(44);
    const file = join(site.folder, 'piece.flac');
    writeFileSync(file, bytes);
    const decode = ['-v', 'error', '-i', file, '-f', 's16le', '-'];
    const decoded = execFileSync('ffmpeg', decode, { maxBuffer: 2 * samples.length });
    assert.ok(decoded.equals(samples));
    assert.deepEqual(bytes.subarray(26, 42), createHash('md5').update(samples).digest());
    const probe = ['-v', 'error', '-show_entries', 'format_tags=TITLE', '-of', 'csv=p=0', file];
    assert.equal(execFileSync('ffprobe', probe, { encoding: 'utf8' }).trim(), 'Focus');
    assert.ok(bytes.length < (2 / 3) * samples.length, `${bytes.length} of ${samples.length}`);
    assert.deepEqual(page.errors, []);
  },
);
