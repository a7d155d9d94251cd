// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { Words, languageOf, languages } from '../../../../client/ui/words.js';

const client = new URL('../../../../client/', import.meta.url);
const tables = {};
for (const language of Object.keys(languages)) {
  tables[language] = (await import(`${client}ui/text/${language}.js`)).default;
}
const { en, ...others } = tables;
const isName = (key) => key.startsWith('name.');
const placeholders = (text) => [...text.matchAll(/\{\w+\}/g)].map(([found]) => found).sort();
const pages = await Promise.all(
  ['index.html', 'stations.html'].map((name) => readFile(new URL(name, client), 'utf8')),
);

async function scripts() {
  const files = await readdir(new URL('ui/', client));
  const paths = files.filter((name) => name.endsWith('.js')).map((name) => `ui/${name}`);
  const texts = ['main.js', 'stations.js', ...paths].map((path) =>
    readFile(new URL(path, client), 'utf8'),
  );
  return (await Promise.all(texts)).join('\n');
}

test('every text is in every language, with the same placeholders', async () => {
  const files = (await readdir(new URL('ui/text/', client))).map((name) => name.split('.')[0]);
  assert.deepEqual(files.sort(), Object.keys(languages).sort());
  for (const [language, table] of Object.entries(others)) {
    const keys = Object.keys(table).filter((key) => !isName(key));
    assert.deepEqual(keys.sort(), Object.keys(en).sort(), language);
    for (const key of keys) {
      assert.ok(table[key].trim(), `${language}: ${key} is empty`);
      assert.deepEqual(placeholders(table[key]), placeholders(en[key]), `${language}: ${key}`);
    }
  }
});

test('controls, layers, modes and groups of the program have names in every language but English', async () => {
  const names = (table) => Object.keys(table).filter(isName).sort();
  assert.deepEqual(names(en), []);
  for (const table of Object.values(others)) assert.deepEqual(names(table), names(others.de));
  const presets = new URL('../presets/', client);
  for (const file of (await readdir(presets)).filter((name) => name.endsWith('.yaml'))) {
    const [, group] = (await readFile(new URL(file, presets), 'utf8')).match(/^group: (.*)$/m);
    assert.ok(`name.group.${group}` in others.de, `${file}: ${group}`);
  }
});

// Elements and what stands right after them: [tag, attributes, text]
const elementsOf = (html) =>
  [...html.matchAll(/<(\w+)([^>]*)>([^<]*)/g)].map(([, tag, rest, text]) => ({
    tag,
    text: text.trim(),
    attributes: Object.fromEntries(
      [...rest.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    ),
  }));

test('the page’s own HTML says what the table says in English, and nothing else', () => {
  const places = [
    ['data-label', 'aria-label'],
    ['data-hint', 'title'],
    ['data-placeholder', 'placeholder'],
    ['data-content', 'content'],
  ];
  const withScript = pages.map((html) => html.replace(/<noscript>.*<\/noscript>/s, ''));
  for (const { tag, attributes, text } of withScript.flatMap(elementsOf)) {
    if (text && text !== 'Auralis' && text !== '–') {
      assert.equal(en[attributes['data-text']]?.trim(), text, `<${tag}> ${text}`);
    }
    for (const [key, place] of places) {
      if (tag === 'meta' && attributes.name !== 'description') continue;
      if (attributes[place] === undefined && attributes[key] === undefined) continue;
      assert.equal(en[attributes[key]], attributes[place], `<${tag}> ${place}`);
    }
  }
});

test('every key that is asked for is in the table, and every text is asked for', async () => {
  const code = await scripts();
  const asked = new Set(
    [...pages.join().matchAll(/data-(?:text|label|hint|content)="([^"]+)"/g)].map(([, k]) => k),
  );
  for (const [, key] of code.matchAll(/\b(?:say|count)\('([^']+)'/g)) asked.add(key);
  for (const key of asked) {
    assert.ok(key in en || `${key}.other` in en, key);
  }
  // The others are put together, or chosen, as words of the code.
  const composed = ['phase.', 'figures.', 'where.'];
  for (const key of Object.keys(en)) {
    const used =
      asked.has(key) ||
      asked.has(key.replace(/\.(one|other)$/, '')) ||
      code.includes(`'${key}'`) ||
      composed.some((start) => key.startsWith(start));
    assert.ok(used, `nobody asks for ${key}`);
  }
});

test('the language is the listener’s choice, else the first of the browser’s that is there', () => {
  assert.equal(languageOf('ja', ['de']), 'ja');
  assert.equal(languageOf('auto', ['pt-BR', 'fr-CA', 'en']), 'fr');
  assert.equal(languageOf('auto', ['DE-at']), 'de');
  assert.equal(languageOf('auto', ['zh', 'constructor']), 'en');
  assert.equal(languageOf('constructor', []), 'en');
});

test('a text has its values in it, and counts as its language does', async () => {
  const words = new Words();
  assert.equal(words.say('notice.full', { count: 3 }), 'Every seat is taken. Trying again in 3 s.');
  assert.equal(words.count('figures.breaks', 1), '1 break');
  assert.equal(words.count('figures.breaks', 0), '0 breaks');
  assert.equal(words.named('mode', 'dorian', 'dorian'), 'dorian');
  await words.use('fr');
  assert.equal(words.count('figures.breaks', 0), '0 coupure');
  assert.equal(words.named('mode', 'dorian', 'dorian'), 'dorien');
  assert.equal(words.named('mode', 'of its own', 'Of its own'), 'Of its own');
});

test('of two languages chosen one right after the other the latter comes', async () => {
  const words = new Words();
  await Promise.all([words.use('de'), words.use('es')]);
  assert.equal(words.language, 'es');
});
