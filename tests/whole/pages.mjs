// pages.mjs BROWSER LINK MODULES SHOTS: goes through the pages, and says of each sentence whether it
// holds: "0 SENTENCE" or "1 SENTENCE"; what was found instead goes to standard error.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [browserPath, link, modules, shots] = process.argv.slice(2);
const require = createRequire(modules + '/');
const { chromium } = require('playwright-core');
const axeSource = fs.readFileSync(modules + '/axe-core/axe.min.js', 'utf8');
const base = new URL(link).origin;

function holds(sentence, got, wanted = true) {
  const same = JSON.stringify(got) === JSON.stringify(wanted);
  console.log(same ? 0 : 1, sentence);
  if (!same) console.error(`${sentence}\n  got ${JSON.stringify(got)}\n  wanted ${JSON.stringify(wanted)}`);
}

const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
let state;

// A page that keeps what went wrong in it.
async function open(scheme) {
  const context = await browser.newContext({
    colorScheme: scheme, storageState: state, viewport: { width: 1280, height: 900 }, bypassCSP: false,
  });
  const page = await context.newPage();
  page.wrong = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && page.wrong.push(message.text()));
  page.on('pageerror', (error) => page.wrong.push(error.message));
  page.on('request', (request) => request.url().startsWith(base) || page.wrong.push('asked ' + request.url()));
  return page;
}

async function visit(page, path) {
  await page.goto(base + path);
  await settled(page);
}

async function settled(page) {
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => !document.querySelector('[aria-busy]'));
}

// axe runs in a world of its own, which the policy of the page does not reach.
async function axe(page) {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  const run = (expression) =>
    session.send('Runtime.evaluate', { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
  await run(axeSource);
  const { result } = await run(`axe.run({ resultTypes: ['violations'] }).then((found) =>
    found.violations.map((one) => one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.target + ' ' + (node.any[0]?.message ?? '')).join('; ')))`);
  await session.detach();
  return result.value;
}

// ---- coming in ----
let page = await open('light');
await visit(page, '/');
holds('who is nobody is told how to come in', (await page.textContent('main')).includes('aright web link'));
page.wrong = [];
await page.goto(link);
await settled(page);
holds('a link opens the first page', [await page.title(), new URL(page.url()).pathname], ['Today · aright', '/']);
state = await page.context().storageState();
const scripts = await page.evaluate(() => performance.getEntriesByType('resource').filter((one) => one.name.endsWith('.js')).map((one) => one.encodedBodySize));
holds('by no more than 30 KB of scripts', [scripts.length > 5, scripts.reduce((a, b) => a + b) <= 30000], [true, true]);
const took = [];
for (let i = 0; i < 5; i++) {
  const began = Date.now();
  await page.goto(base + '/');
  await page.waitForSelector('.lead .big');
  took.push(Date.now() - began);
}
holds('which can be used within a second, when nothing else takes the time of the machine', [Math.min(...took) <= 1000, took.length], [true, 5]);

// ---- every page ----
const ask = async (op) => (await (await page.request.get(base + '/api/v1/' + op)).json());
const value = async (op, column) => {
  const answer = await ask(op);
  return answer.rows[0]?.[answer.columns.findIndex((one) => one.name === column)];
};
const finding = await value('finding/list', 'id');
const kase = await value('case/list', 'case');
const life = await value('life/list?kind=tenant', 'asset');
const item = await value('work/list', 'item');
const paths = ['/', '/pillars', '/pillars?class=all', '/standard/NW-1', '/findings?state=fail', '/finding/' + encodeURIComponent(finding),
  '/changes', '/waivers', '/waivers?all=true', '/work', '/work?overdue=true', '/item/' + encodeURIComponent(item), '/cases', '/case/' + kase, '/numbers', '/number/N-11',
  '/estate', '/kind/app?where=owner_id+IS+NOT+NULL', '/asset/app:hostile', '/owner/division:division-1', '/domain/domain-1', '/lives', '/lives?due=any', '/life/' + encodeURIComponent(life), '/governance', '/gates', '/gates?show=all', '/events', '/events?outcome=failed', '/reviews', '/review/R-1', '/report'];
fs.mkdirSync(shots, { recursive: true });
for (const scheme of ['light', 'dark']) {
  page = await open(scheme);
  for (const path of paths) {
    page.wrong = [];
    await visit(page, path);
    const failed = await page.locator('.failed').allTextContents();
    holds(`${path} is whole (${scheme})`, [page.wrong, failed], [[], []]);
    holds(`${path} reads well to axe (${scheme})`, await axe(page), []);
    if (scheme === 'light') {
      const bare = await page.locator('main .table table').evaluateAll((all) => all.filter((one) => !one.closest('.prose') && !one.closest('section, main').querySelector('a[download]')).length);
      holds(`${path} gives each table away and names its command lines`, [bare, (await page.locator('.lines code').count()) > 0], [0, true]);
    }
    await page.screenshot({ path: `${shots}/${path.replace(/\W+/g, '_')}.${scheme}.png`, fullPage: true });
  }
}
holds('no name became a part of the page', await page.evaluate(() => document.querySelectorAll('img, script:not([src]):not([type=importmap])').length), 0);

// ---- every number is a door ----
const rowsBehind = async () => {
  const under = page.locator((await page.locator('.of-main').count()) > 0 ? '.of-main' : '.under').first();
  return (await under.count()) > 0 ? Number(/ of ([\d,]+) rows/.exec(await under.textContent())?.[1].replaceAll(',', '') ?? 0) : 0;
};
await visit(page, '/');
for (const state of ['wrong', 'unknown', 'waived']) {
  await visit(page, '/');
  const door = page.locator('.legend a', { hasText: state });
  const n = Number((await door.textContent()).replace(/[^\d]/g, ''));
  await door.click();
  await settled(page);
  holds(`as many ${state} as the first page says`, n === 0 ? await page.locator('.empty').count() : await rowsBehind(), n === 0 ? 1 : n);
}
await visit(page, '/pillars?class=all');
const doors = await page.locator('td.number a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), Number(a.textContent.replace(/\D/g, ''))]));
const wrongDoors = [];
for (const [href, n] of doors.slice(0, 12)) {
  await visit(page, href);
  if ((await rowsBehind()) !== n) wrongDoors.push([href, n, await rowsBehind()]);
}
holds('and each number of the pillars', [wrongDoors, doors.length > 10], [[], true]);
await visit(page, '/');
const lines = await page.locator('.lines-of a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), Number(a.textContent.replace(/\D/g, ''))]));
const wrongLines = [];
for (const [href, n] of lines) {
  await visit(page, href);
  if ((await rowsBehind()) !== n) wrongLines.push([href, n, await rowsBehind()]);
}
holds('and of what changed', [wrongLines, lines.length > 0], [[], true]);

const lists = /^\/(findings|work|cases|changes|gates|waivers|lives)\b/;
const wrongAnywhere = [];
const seen = new Set();
for (const path of ['/', '/gates', '/cases', '/standard/NW-1', '/work', '/owner/division:division-1', '/domain/domain-1', '/estate']) {
  await visit(page, path);
  const found = await page.locator('main a').evaluateAll((all) => all.map((a) => [a.getAttribute('href'), a.querySelector('b')?.textContent ?? a.textContent]));
  const numbers = found.filter(([href, text]) => lists.test(href) && /^[^\d%]*\d[\d,]*[^\d%]*$/.test(text) && !seen.has(href)).slice(0, 6);
  for (const [href, text] of numbers) {
    seen.add(href);
    await visit(page, href);
    if ((await rowsBehind()) !== Number(text.replace(/[^\d]/g, ''))) wrongAnywhere.push([path, href, text, await rowsBehind()]);
  }
}
holds('and every number of the other pages', [wrongAnywhere, seen.size > 15], [[], true]);

// ---- over time ----
await visit(page, '/standard/PE-3');
await page.waitForSelector('.chart canvas');
await page.locator('details', { hasText: 'The same as a table' }).locator('summary').click();
holds('a standard has a line through its snapshots, and the same as a table', await page.locator('details .under').textContent(), '2 of 2 rows · CSV · JSON');
await visit(page, '/pillars');
holds('and pillars a map of them', await page.locator('.heat tbody tr').first().locator('.cell').count(), 2);

// ---- tables ----
await visit(page, '/kind/app');
holds('ten thousand rows are a table', (await rowsBehind()) >= 10000);
const first = await page.locator('tbody a').first().textContent();
await page.locator('a[rel=next]').click();
await page.waitForFunction((was) => document.querySelector('tbody a').textContent > was, first);
holds('of which one reads a part at a time, and the URL says which', [new URL(page.url()).searchParams.get('before'), (await page.textContent('.under')).includes('101 to 200 of')], ['100', true]);
await page.locator('.under a', { hasText: 'the first' }).click();
await page.waitForFunction((was) => document.querySelector('tbody a').textContent === was, first);
const csv = await page.request.get(base + (await page.locator('.under a', { hasText: 'CSV' }).first().getAttribute('href')));
holds('and taken away as CSV', (await csv.text()).split('\n').length > 10000);
holds('and each page shows its command line', await page.locator('.lines code').first().textContent(), 'aright asset list --kind app --limit 100');

await visit(page, '/findings');
await page.locator('thead button', { hasText: 'due' }).click();
await settled(page);
const dues = async () => page.locator('tbody td:nth-child(6) time').evaluateAll((all) => all.map((one) => one.dateTime));
const sorted = await dues();
holds('a list is sorted as a whole, and the URL says by what', [new URL(page.url()).searchParams.get('sort'), sorted.length > 50, sorted.every((one, i) => i === 0 || one <= sorted[i - 1])], ['-due', true, true]);
const exported = await page.request.get(base + (await page.locator('.under a', { hasText: 'JSON' }).first().getAttribute('href')));
holds('and what is taken away is all of it', (await exported.json()).length, await rowsBehind());

// ---- by keyboard ----
await visit(page, '/');
await page.keyboard.press('g');
await page.keyboard.press('p');
await settled(page);
holds('g p leads to the pillars', await page.title(), 'Pillars · aright');
await page.keyboard.press('j');
await page.keyboard.press('j');
await page.keyboard.press('Enter');
await settled(page);
holds('j and Enter to a standard', new URL(page.url()).pathname.startsWith('/standard/'));
await page.keyboard.press('?');
holds('? shows the keys', await page.locator('dialog').getAttribute('aria-label'), 'Keys');
await page.keyboard.press('Escape');
await page.keyboard.press('Control+k');
await page.keyboard.type('phishing');
await page.keyboard.press('Enter');
await page.waitForURL('**/standard/ID-4').catch(() => {});
await settled(page);
holds('Ctrl-K finds a standard by its words', new URL(page.url()).pathname, '/standard/ID-4');
await page.goBack();
await settled(page);
holds('and back is back', new URL(page.url()).pathname !== '/standard/ID-4');

// ---- something long ----
await visit(page, '/');
await page.getByRole('button', { name: 'judge now' }).click();
await page.waitForSelector('.run small', { hasText: 'judged' });
holds('a page has everything judged, and then shows what is new', await page.locator('.run .failed').count(), 0);

// ---- whether a gate's no was right, by a key ----
await visit(page, '/gates');
await page.keyboard.press('j');
await page.keyboard.press('n');
await page.waitForSelector('.empty:has-text("Nobody is waiting"), .failed');
await visit(page, '/gates?show=deny');
holds('a key says that a denial was wrong', [await page.locator('.failed').count(), (await page.textContent('tbody')).includes('▲ no')], [0, true]);
await visit(page, '/events?event=gate.answered');
holds('and the log says who said so', (await page.textContent('tbody')).includes('decision G-'));

// ---- a waiver ----
await visit(page, '/finding/' + encodeURIComponent(finding));
await page.getByText('Allow it for a while').click();
await page.fill('input[name=until]', '+10d');
await page.fill('input[name=reason]', 'the vendor moves in January');
await page.getByRole('button', { name: 'Waive' }).click();
await page.waitForSelector('.state.waived, .record .failed');
holds('what a page allows is allowed, or why not is said', await page.locator('.state.waived, .record .failed').count(), 1);

// ---- a review, by keyboard alone ----
await visit(page, '/review/R-1');
await page.focus('input[name=text]');
await page.keyboard.type('Every app gets an owner by March');
await page.keyboard.press('Enter');
await page.waitForFunction(() => document.querySelector('.prose').textContent.includes('Every app gets an owner by March'));
holds('a decision is recorded, and in the agenda', true);
await page.keyboard.press('Tab');
for (let i = 0; i < 8 && !(await page.evaluate(() => document.activeElement.closest('form')?.textContent.includes('Who attended'))); i++) await page.keyboard.press('Tab');
await page.keyboard.type('person:p-0000001, person:p-0000002');
await page.keyboard.press('Enter');
await settled(page);
await visit(page, '/reviews');
holds('and the review is closed', (await page.textContent('tbody tr')).includes('R-1'));

// ---- who may little ----
await visit(page, '/');
holds('what is right is a door as well', await page.getAttribute('.legend a:last-child', 'href'), '/pillars');
await page.route('**/api/v1/web/who*', (route) => route.fulfill({ json: {
  columns: [{ name: 'person' }, { name: 'grant' }], rows: [['person:sam', 'finding.*'], ['person:sam', 'case.read']] } }));
await visit(page, '/work');
holds('sees in the bar only what their grants open', await page.locator('nav li a').allInnerTexts(), ['Today', 'Work', 'Cases']);
await page.unroute('**/api/v1/web/who*');

// ---- leaving ----
await visit(page, '/');
await page.getByRole('button', { name: 'leave' }).click();
await page.waitForSelector('.outside');
holds('who leaves is out', (await page.textContent('main')).includes('aright web link'));
await browser.close();
console.log(0, 'and that was all');
