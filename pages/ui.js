// ui: the words that all pages are written in.
import { signal } from '@preact/signals';
import htm from 'htm';
import { h } from 'preact';
import { useState } from 'preact/hooks';
import { download } from 'aright/door';

export const html = htm.bind(h);

/* ---- where one is ---- */

export const place = signal({ path: location.pathname, search: location.search });

export function go(href, { replace } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', href);
  place.value = { path: location.pathname, search: location.search };
  if (!replace) scrollTo(0, 0);
}

addEventListener('popstate', () => (place.value = { path: location.pathname, search: location.search }));

export const params = () => Object.fromEntries(new URLSearchParams(place.value.search));

// The same page with other parameters: the URL carries the whole state.
export function turn(changes) {
  const search = new URLSearchParams(place.value.search);
  for (const [name, value] of Object.entries(changes))
    if (value === undefined || value === '') search.delete(name);
    else search.set(name, value);
  go(place.value.path + (search.size ? '?' + search : ''), { replace: true });
}

export const to = {
  standard: (id) => '/standard/' + encodeURIComponent(id),
  finding: (id) => '/finding/' + encodeURIComponent(id),
  findings: (of) => '/findings?' + new URLSearchParams(of),
  asset: (id) => '/asset/' + encodeURIComponent(id),
  owner: (id) => '/owner/' + encodeURIComponent(id),
  domain: (id) => '/domain/' + encodeURIComponent(id),
  item: (id) => '/item/' + encodeURIComponent(id),
  case: (id) => '/case/' + encodeURIComponent(id),
  review: (id) => '/review/' + encodeURIComponent(id),
  number: (id) => '/number/' + encodeURIComponent(id),
  kind: (id) => '/kind/' + encodeURIComponent(id),
  work: (of) => '/work?' + new URLSearchParams(of),
};

/* ---- values ---- */

// A share is never shown as whole while something is missing.
export function percent(share) {
  if (share === null || share === undefined) return '–';
  const tenths = share >= 1 ? 1000 : Math.min(999, Math.floor(share * 1000));
  return (tenths / 10).toFixed(tenths % 10 === 0 ? 0 : 1) + ' %';
}

export const count = (n) => (n === null || n === undefined ? '–' : Number(n).toLocaleString('en'));

const spans = [
  [31536e6, 'year'],
  [2592e6, 'month'],
  [864e5, 'day'],
  [36e5, 'hour'],
  [6e4, 'minute'],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export function When({ at }) {
  if (!at) return html`<span class="none">–</span>`;
  const time = new Date(at);
  const ms = time - Date.now();
  const [size, unit] = spans.find(([size]) => Math.abs(ms) >= size) ?? [6e4, 'minute'];
  return html`<time datetime=${at} title=${time.toLocaleString() + '\n' + at + ' (UTC)'}
    >${relative.format(Math.round(ms / size), unit)}</time
  >`;
}

export const Day = ({ at }) =>
  at ? html`<time datetime=${at} title=${at + ' (UTC)'}>${new Date(at).toLocaleDateString('en-CA')}</time>` : '–';

const states = {
  pass: ['●', 'right'],
  fail: ['▲', 'wrong'],
  unknown: ['?', 'unknown'],
  waived: ['◆', 'waived'],
  closed: ['○', 'closed'],
  overdue: ['▲', 'overdue'],
  at_risk: ['◣', 'at risk'],
  open: ['◦', 'open'],
  mitigated: ['●', 'mitigated'],
};

export function State({ of }) {
  const [mark, name] = states[of] ?? ['·', of];
  return html`<span class="state ${of}"><span aria-hidden="true">${mark}</span> ${name}</span>`;
}

// Right, waived, unknown, wrong, as parts of the whole.
export function Bar({ pass = 0, fail = 0, unknown = 0, waived = 0 }) {
  const whole = pass + fail + unknown + waived;
  const parts = [
    ['pass', pass],
    ['waived', waived],
    ['unknown', unknown],
    ['fail', fail],
  ];
  let from = 0;
  const said = `${count(pass)} right, ${count(waived)} waived, ${count(unknown)} unknown, ${count(fail)} wrong`;
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=${said}>
    <title>${said}</title>
    ${parts.map(([name, n]) => {
      // what is there is seen, however little it is
      const width = n && whole ? Math.max((n / whole) * 100, 1) : 0;
      const part = html`<rect class=${name} x=${from} y="0" width=${width} height="8" />`;
      from += width;
      return width ? part : null;
    })}
  </svg>`;
}

// What the parts of a bar are, as doors; `to`: as `finding list` takes it; `right`: where what is right is.
export const Legend = ({ of, to: asked, right }) => html`<p class="legend">${['fail', 'unknown', 'waived'].map((state, i) => html`${i > 0 && ' · '}<a
  href=${to.findings({ ...asked, state })}>${states[state][0]} ${count(of[state])} ${states[state][1]}</a>`)} · ${right ? html`<a href=${right}>● ${count(of.pass)} right</a>` : `● ${count(of.pass)} right`}</p>`;

export function Share({ share, pass, scope, href }) {
  const text = html`<b>${percent(share)}</b> <small>${count(pass)} of ${count(scope)}</small>`;
  return href ? html`<a class="share" href=${href}>${text}</a>` : html`<span class="share">${text}</span>`;
}

// A line through numbers, oldest first.
export function Spark({ values, label }) {
  const known = values.filter((value) => value !== null && value !== undefined);
  if (known.length < 2) return null;
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  const points = known
    .map((value, i) => `${(i / (known.length - 1)) * 100},${span ? 22 - ((value - least) / span) * 20 : 12}`)
    .join(' ');
  return html`<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label=${label}>
    <title>${label}</title>
    <polyline points=${points} />
  </svg>`;
}

// How right things were, a row each, a column for each time: [{name, href, cells: [{share, label}]}].
export function Heat({ rows, columns, label }) {
  return html`<div class="table"><table class="heat"><caption class="hidden">${label}</caption>
    <thead><tr><th scope="col"><span class="hidden">what</span></th>${columns.map((name, i) => html`<th scope="col"><span class=${i === 0 || i === columns.length - 1 ? '' : 'hidden'}>${name}</span></th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr><th scope="row">${row.href ? html`<a href=${row.href}>${row.name}</a>` : row.name}</th>
      ${row.cells.map((cell) => html`<td title=${cell.label}><span class="cell level-${level(cell.share)}">${cell.share === null ? '–' : Math.floor(cell.share * 100)}</span></td>`)}</tr>`)}</tbody>
  </table></div>`;
}

// 0 to 5: nothing known, less than half, … all of it.
const level = (share) => (share === null ? 0 : share >= 1 ? 5 : share >= 0.95 ? 4 : share >= 0.8 ? 3 : share >= 0.5 ? 2 : 1);

// What is short, as VC-11 is, stays in one line.
export const Text = ({ children }) => html`<bdi class=${children?.length <= 8 ? 'text short' : 'text'}>${children}</bdi>`;

/* ---- what is asked ---- */

export function Failed({ error }) {
  if (error.code === 'nobody') return null; /* the whole page says so */
  return html`<p class="failed" role="alert"><span aria-hidden="true">▲</span> ${error.message}</p>`;
}

// What a question came to: `children` makes something of the answer.
export function Asked({ of, children }) {
  if (of.error) return html`<${Failed} error=${of.error} />`;
  if (!of.answer) return html`<p class="waiting" aria-busy="true">…</p>`;
  return children(of.answer);
}

// Sentences of an answer; commands in them stand between backticks.
export const Notes = ({ of }) =>
  (of ?? []).map(
    (note) => html`<p class="note">${note.split('`').map((part, i) => (i % 2 ? html`<code>${part}</code>` : part))}</p>`,
  );

/* ---- tables ---- */

const shown = { first: 100, more: 500, sorted: 10000 };

// What of a long list is in view: `after` or `skip` says where it begins, `before` how many it leaves out.
export const page = () => {
  const { after, skip, sort } = params();
  return sort ? { limit: shown.sorted } : { after, skip, limit: shown.first };
};

const begins = ['after', 'skip', 'before'];
export const nowhere = Object.fromEntries(begins.map((name) => [name, undefined]));

// The list goes on elsewhere: the URL says where.
function Pages({ about, n }) {
  const { before: passed, after, skip } = params();
  const before = Number(passed ?? 0);
  const search = (changes) => {
    const all = new URLSearchParams(place.value.search);
    for (const name of begins) all.delete(name);
    for (const [name, value] of Object.entries(changes)) all.set(name, value);
    return place.value.path + (all.size ? '?' + all : '');
  };
  const next = about.after !== undefined ? { after: about.after } : about.skip !== undefined ? { skip: about.skip } : null;
  const of = about.total !== undefined ? `of ${count(about.total)} rows` : next ? 'rows, and there are more' : 'rows, the last';
  return html`${before > 0 ? `${count(before + 1)} to ${count(before + n)}` : count(n)} ${of}
    ${(after || skip) && html`${' · '}<a href=${search({})}>the first</a>`}
    ${next && !(before + n >= about.total) && html`${' · '}<a rel="next" href=${search({ ...next, before: before + n })}>the next</a>`}`;
}

// When an answer is not of now.
const AsOf = ({ about }) => about?.as_of && Date.now() - new Date(about.as_of) > 120000 && html`${' · '}as of <${When} at=${about.as_of} />`;

const links = {
  standard: to.standard,
  owner: to.owner,
  whose: to.owner,
  chair: to.owner,
  domain: (id) => (id === 'everything-else' ? null : to.domain(id)),
  finding: to.finding,
  asset: (id) => (id.includes(':') ? to.asset(id) : null),
  item: to.item,
  case: to.case,
  review: to.review,
};

function Cell({ column, value, row, show }) {
  if (show?.[column.name]) return show[column.name](value, row) ?? null;
  if (value === null || value === undefined || value === '') return html`<span class="none">–</span>`;
  if (column.name === 'state') return html`<${State} of=${value} />`;
  if (column.share) return percent(value);
  if (column.type === 'time') return html`<${When} at=${value} />`;
  if (column.type === 'bool') return value ? 'yes' : 'no';
  if (column.type === 'int' || column.type === 'double') return count(value);
  const href = links[column.name]?.(value);
  return href ? html`<a href=${href}><${Text}>${value}<//></a>` : html`<${Text}>${value}<//>`;
}

const numeric = (column) => column.type === 'int' || column.type === 'double';

function order(rows, by, down) {
  const sign = down ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [a[by], b[by]];
    if (x === y) return 0;
    if (x === null) return 1;
    if (y === null) return -1;
    return (typeof x === 'string' ? x.localeCompare(y, 'en', { numeric: true }) : x - y) * sign;
  });
}

// "due" or "-due" as what it is sorted by, and back.
const sorting = (text) => (text ? { name: text.replace(/^-/, ''), down: text.startsWith('-') } : null);
const sortText = (by) => by && (by.down ? '-' : '') + by.name;

// What a column is called where nothing else is said.
const called = { pass: '● right', fail: '▲ wrong', unknown: '? unknown', waived: '◆ waived', scope: 'checks', share: '% right' };

// How many are in a state, as a door to them; `of`: what the row is of, as `finding list` takes it.
export const findingDoors = (of) => Object.fromEntries(['fail', 'unknown', 'waived'].map((state) => [state,
  (n, row) => (n ? html`<a href=${to.findings({ ...of(row), state })}>${count(n)}</a>` : '0')]));

// To take the rows of a question away.
export const Exports = ({ of }) => html`<a href=${download(of.op, of.params, 'csv')} download="${of.op}.csv">CSV</a>${' · '}<a href=${download(of.op, of.params, 'json')} download="${of.op}.json">JSON</a>`;

// Whether all there are came.
const isWhole = ({ about = {}, rows }) => (about.total === undefined ? about.after === undefined : about.total <= rows.length);

// What the page says of it, and what its notes say to do; their words alone where it says nothing.
const Empty = ({ said, notes }) => html`${(said || notes.length === 0) && html`<p class="empty">${said ?? 'Nothing.'}</p>`}
  <${Notes} of=${said ? notes.filter((note) => note.includes('\`')) : notes} />`;

// The rows of a question. `columns`: those shown, in that order; `show`: how, by column; `titles`;
// `main`: it is what the page is about, and the URL says which part of it is in view, in which order;
// `onKey`: is told of a key in a row, and of which.
export function Table({ of, columns, show, titles = {}, empty, main, onKey }) {
  const [limit, setLimit] = useState(shown.first);
  const [own, setOwn] = useState(null);
  const by = main ? sorting(params().sort) : own;
  const setBy = (next) => (main ? turn({ ...nowhere, sort: sortText(next) ?? undefined }) : setOwn(next));
  if (of.error || !of.answer) return html`<${Asked} of=${of} />`;
  const { answer } = of;
  const wanted = columns
    ? columns.map((name) => answer.columns.find((column) => column.name === name)).filter(Boolean)
    : answer.columns.filter((column) => !column.quiet);
  if (answer.rows.length === 0) return html`<${Empty} said=${empty} notes=${answer.notes ?? []} />`;
  const whole = isWhole(answer);
  const rows = by ? order(answer.rows, by.name, by.down) : answer.rows;
  const sortable = whole || (main && answer.about.total <= shown.sorted);
  const sort = (name) => setBy(by?.name === name ? (by.down ? { name } : null) : { name, down: true });
  const sorted = (name) => (by?.name === name ? (by.down ? 'descending' : 'ascending') : undefined);
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          ${wanted.map(
            (column) => html`<th scope="col" class=${numeric(column) ? 'number' : ''} aria-sort=${sorted(column.name)}>
              <button title=${sortable ? column.help : `${column.help}. These are too many to sort: ask for fewer.`} aria-disabled=${!sortable} onClick=${() => sortable && sort(column.name)}
                >${titles[column.name] ?? called[column.name] ?? column.name.replaceAll('_', ' ')}</button
              >
            </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, limit).map(
          (row) => html`<tr onKeyDown=${onKey && ((event) => onKey(event, row))}>
            ${wanted.map(
              (column) => html`<td class=${numeric(column) ? 'number' : ''}>
                <${Cell} column=${column} value=${row[column.name]} row=${row} show=${show} />
              </td>`,
            )}
          </tr>`,
        )}
      </tbody>
    </table>
    <p class=${main ? 'under of-main' : 'under'}>
      ${main && (!whole || params().before) ? html`<${Pages} about=${answer.about ?? {}} n=${rows.length} />`
        : `${count(Math.min(limit, rows.length))} of ${whole ? count(rows.length) : answer.about.total === undefined ? 'more' : count(answer.about.total)} rows`}
      ${rows.length > limit && html`${' · '}<button class="plain" onClick=${() => setLimit(limit + shown.more)}>show more</button>`}
      ${' · '}<${Exports} of=${of} />
      <${AsOf} about=${answer.about} />
    </p>
    <${Notes} of=${answer.notes} />
  </div>`;
}

/* ---- pages ---- */

export const Title = ({ children, of }) => {
  document.title = (of ? of + ' · ' : '') + 'aright';
  return html`<h1 tabindex="-1" id="title">${children ?? of}</h1>`;
};

export const Section = ({ title, children, aside }) => html`<section>
  <header><h2>${title}</h2>${aside && html`<div class="aside">${aside}</div>`}</header>
  ${children}
</section>`;

export const Facts = ({ of }) => html`<dl class="facts">
  ${of
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>`;
