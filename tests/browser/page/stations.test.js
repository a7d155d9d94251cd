// SPDX-License-Identifier: MIT
// The page of stations: what each plays, and one of one's own.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch } from '../fixture/browser.js';
import { Station } from '../fixture/station.js';

const prefix = '/radio/';
const night = {
  name: 'night',
  title: 'Night',
  description: 'For those who cannot sleep',
  address: 's/night/',
  playing: true,
  clients: 3,
  preset: 'sleep',
  chord: 'Dbsus2',
  key: 'Db',
  mode: 'dorian',
  bpm: 40,
};
const day = { ...night, name: 'day', title: 'Day', address: 's/day/', playing: false, clients: 0 };

let browser;
let context;
let page;
let station;
let stations;
let answer; // to who asks for one of their own: {status, headers, body}
let wishes;
const errors = [];

before(async () => {
  browser = await launch();
});
after(() => browser.close());
afterEach(async () => {
  await context.close();
  await station.close();
  assert.deepEqual(errors.splice(0), []);
});

async function open({ most = 0, view = {} } = {}) {
  stations = [night, day];
  wishes = [];
  station = await Station.start({ prefix });
  const status = station.status.bind(station);
  station.status = () => ({ ...status(), limits: { private_stations: { most, now: 0 } } });
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...view });
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.stack));
  await page.route('**/api/stations', async (route) => {
    if (route.request().method() !== 'POST') return route.fulfill({ json: stations });
    wishes.push(route.request().postDataJSON());
    const { status: code, headers = {}, body } = answer;
    return route.fulfill({ status: code, headers, json: body });
  });
  await page.goto(`${station.url}stations.html`);
  await page.waitForSelector('.station');
}

const texts = (selector) =>
  page.$$eval(selector, (found) => found.map((element) => element.textContent));

test('each station is a link that says what it plays, below the prefix of a proxy', async () => {
  await open();
  assert.deepEqual(await texts('.station-title'), ['Night', 'Day']);
  assert.deepEqual(await texts('.station-on'), ['Sleep · D♭sus2', 'Silent for the moment']);
  assert.equal((await texts('.station-more'))[0], 'D♭ dorian · 40 bpm · 3 listeners');
  const links = await page.$$eval('.station', (found) => found.map(({ href }) => href));
  assert.deepEqual(links, [`${station.url}s/night/`, `${station.url}s/day/`]);
  assert.equal(await page.isVisible('#own'), false);
});

test('a card stays where the focus is while stations come, go and change', async () => {
  await open();
  await page.focus('.station >> nth=1');
  stations = [
    { ...night, name: 'noon', title: 'Noon', address: 's/noon/' },
    { ...day, title: 'Today' },
  ];
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.waitForFunction(
    () => document.querySelectorAll('.station-title')[1].textContent === 'Today',
  );
  assert.deepEqual(await texts('.station-title'), ['Noon', 'Today']);
  const focused = await page.evaluate(() => document.activeElement.href);
  assert.equal(focused, `${station.url}s/day/`);
});

test('who wants a station of their own gets there, or learns when to try again and where to listen', async () => {
  await open({ most: 3 });
  answer = {
    status: 503,
    headers: { 'Retry-After': '41' },
    body: { code: 'too_many_stations', message: 'full', station: 's/night/' },
  };
  await page.click('#own-begin');
  await page.waitForSelector('#notice a');
  assert.match(await page.textContent('#notice'), /try again in 41 s, or listen to the common one/);
  assert.equal(await page.getAttribute('#notice a', 'href'), 's/night/');
  const key = '8d0f5e2a6c7b49d18f3a90b4c2e1d756';
  await page.route(`**/s/${key}/`, (route) => route.fulfill({ body: 'here' }));
  answer = { status: 201, body: { address: `s/${key}/` } };
  await page.selectOption('#own-preset', { index: 1 });
  const preset = await page.inputValue('#own-preset');
  await page.click('#own-begin');
  await page.waitForURL(`${station.url}s/${key}/`);
  assert.deepEqual(wishes, [{}, { preset }]);
});

test('who has the address of a private station may end it, after a question, and is led to the common one', async () => {
  const key = '8d0f5e2a6c7b49d18f3a90b4c2e1d756';
  station = await Station.start({ prefix: `/s/${key}/` });
  context = await browser.newContext();
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.stack));
  const root = new URL('/', station.url).href;
  await page.route(`${root}api/stations`, (route) => route.fulfill({ json: [night, day] }));
  // The common one has the same page.
  await page.route(`${root}s/night/**`, (route) =>
    route.continue({ url: route.request().url().replace('/night/', `/${key}/`) }),
  );
  let asked = 0;
  await page.route(station.url, (route) => {
    if (route.request().method() !== 'DELETE') return route.fallback();
    return ++asked === 1
      ? route.fulfill({
          status: 403,
          json: { code: 'origin_not_allowed', message: 'not from here' },
        })
      : route.fulfill({ status: 204 });
  });
  await page.goto(station.url);
  const focused = () => page.evaluate(() => document.activeElement.id);
  await page.focus('#open-own-end');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#own-end-dialog[open]');
  // What ends nothing is nearest, and leads back.
  assert.equal(await focused(), 'own-end-no');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#own-end-dialog:not([open])', { state: 'attached' });
  assert.equal(await focused(), 'open-own-end');
  assert.equal(asked, 0);
  await page.keyboard.press('Enter');
  await page.click('#own-end-yes');
  await page.waitForFunction(
    () => document.getElementById('own-end-wrong').textContent === 'not from here',
  );
  assert.equal(await focused(), 'own-end-no');
  await page.click('#own-end-yes');
  await page.waitForURL(`${root}s/night/`);
  await page.waitForFunction(() => document.getElementById('notice').textContent);
  assert.match(await page.textContent('#notice'), /^Your own station has ended/);
  assert.equal(await page.isVisible('#open-own-end'), false);
  assert.equal(asked, 2);
  await page.reload();
  await page.waitForSelector('#controls .chip');
  assert.equal(await page.textContent('#notice'), '');
});

test('nothing scrolls sideways on a small phone, with text at twice its size', async () => {
  await open({ most: 3, view: { viewport: { width: 320, height: 568 } } });
  for (const size of ['', '32px']) {
    const over = await page.evaluate((s) => {
      document.documentElement.style.fontSize = s;
      return document.documentElement.scrollWidth - innerWidth;
    }, size);
    assert.ok(over <= 0, `${size}: ${over} px too wide`);
  }
});
