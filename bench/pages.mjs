// pages: how long a reader waits: every page opened in a browser, some rounds of it, and what it asked
// the core meanwhile. Prints for each page the data's p50 and p95 (from the first question to the last
// answer), the slowest question, and how long the first page takes until it can be used.
//   ARIGHT_HOME=HOME aright serve &
//   node bench/pages.mjs "$(aright web link --format csv | tail -n 1 | cut -d, -f1)" [ROUNDS]
// HOME is any; `estate-toy --size 10000000 --story` makes one of ten million (docs/toy.md). The first
// round is told apart: it finds nothing that is kept (src/op/answers.h).
import { createRequire } from 'node:module';

const [link, rounds = '20'] = process.argv.slice(2);
const require = createRequire(new URL('../tools/browser/node_modules/', import.meta.url));
const { chromium } = require('playwright-core');
const base = new URL(link).origin;
const limit = 200; /* ms, of any page's data, p95 */

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
page.setDefaultTimeout(600000);

async function visit(path) {
  const asked = [];
  const done = async (request) => {
    const url = new URL(request.url());
    if (!url.pathname.startsWith('/api/')) return;
    const timing = request.timing();
    asked.push({ url: url.pathname.slice('/api/v1/'.length) + url.search, from: timing.startTime, to: timing.startTime + timing.responseEnd });
  };
  page.on('requestfinished', done);
  const began = Date.now();
  await page.goto(base + path);
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('[aria-busy]'));
  const there = Date.now() - began;
  await page.waitForLoadState('networkidle');
  page.off('requestfinished', done);
  const slowest = asked.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a), asked[0]);
  return { there, data: Math.max(...asked.map((one) => one.to)) - Math.min(...asked.map((one) => one.from)), slowest };
}

const at = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

await page.goto(link);
const value = async (op, column) => {
  const answer = await (await page.request.get(base + '/api/v1/' + op)).json();
  return encodeURIComponent(answer.rows[0]?.[answer.columns.findIndex((one) => one.name === column)] ?? 'none');
};
const finding = await value('finding/list?limit=1', 'id');
const asset = encodeURIComponent(decodeURIComponent(finding).replace(/^[^/]*\//, ''));
const paths = ['/', '/pillars', '/pillars?class=all', '/standard/PE-3', '/standard/ID-4', '/findings', '/findings?state=fail', '/findings?owner=division:division-1',
  '/finding/' + finding, '/asset/' + asset, '/changes', '/work', '/work?overdue=true', '/item/' + (await value('work/list?limit=1', 'item')), '/cases', '/numbers', '/number/N-11',
  '/estate', '/kind/account', '/owner/division:division-1', '/domain/' + (await value('domain/list', 'domain')), '/lives', '/governance', '/gates', '/waivers', '/reviews', '/report'];
console.log('page'.padEnd(44), 'first', '  p50', '  p95 ms', ' slowest question');
let over = 0;
for (const path of paths) {
  const first = await visit(path);
  const all = [];
  for (let i = 0; i < Number(rounds); i++) all.push(await visit(path));
  const p95 = at(all.map((one) => one.data), 0.95);
  const slow = all.map((one) => one.slowest).reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a));
  over += p95 > limit;
  console.log(decodeURIComponent(path).slice(0, 44).padEnd(44), String(Math.round(first.data)).padStart(5), String(Math.round(at(all.map((one) => one.data), 0.5))).padStart(5),
    String(Math.round(p95)).padStart(5), p95 > limit ? '!  ' : '   ', Math.round(slow.to - slow.from), slow.url.slice(0, 60));
  if (path === '/') console.log('  until it can be used, ms: first', first.there, 'p50', at(all.map((one) => one.there), 0.5), 'p95', at(all.map((one) => one.there), 0.95));
}
console.log(over === 0 ? `every page within ${limit} ms at p95` : `${over} pages over ${limit} ms at p95`);
await browser.close();
