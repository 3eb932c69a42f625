// keys: everything by keyboard: `?` shows how, Ctrl-K asks where to.
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ask } from 'aright/door';
import { go, html, to } from 'aright/ui';
import { pages } from 'aright/pages';

const open = signal(null); /* 'help', 'ask' or null */

const jumps = {
  t: '/', p: '/pillars', w: '/work', c: '/cases', n: '/numbers', e: '/estate', g: '/gates',
  r: '/reviews', a: '/waivers', o: '/report', l: '/lives', v: '/governance', d: '/events',
};

const help = [
  ['Ctrl-K  or  /', 'ask where to go'],
  ['?', 'these keys'],
  ['g then t', 'Today'], ['g then p', 'Pillars'], ['g then w', 'Work'], ['g then c', 'Cases'],
  ['g then n', 'Numbers'], ['g then e', 'Estate'], ['g then g', 'Gates'], ['g then r', 'Reviews'],
  ['g then a', 'Waivers'], ['g then l', 'Life cycles'], ['g then v', 'Governance'], ['g then d', 'Events: who did what'], ['g then o', 'Report'],
  ['j  k', 'next and previous link of a table or list'],
  ['Enter', 'open it'],
  ['y  n', 'in a row of the gates: that was right, that was not'],
  ['Esc', 'close what is open'],
];

// The links that j and k walk: those of tables and lists, one a row.
function step(by) {
  const all = [...document.querySelectorAll('#main tbody tr, #main .walk > li')]
    .map((row) => row.querySelector('a, button, summary'))
    .filter(Boolean);
  if (all.length === 0) return;
  const at = all.indexOf(document.activeElement?.closest('tr, .walk > li')?.querySelector('a, button, summary'));
  all[Math.max(0, Math.min(all.length - 1, at + by))].focus();
}

let prefix = 0;

function onKey(event) {
  const typing = event.target.closest?.('input, textarea, select');
  if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
    event.preventDefault();
    open.value = 'ask';
    return;
  }
  if (event.key === 'Escape') open.value = null;
  if (typing || event.ctrlKey || event.metaKey || event.altKey || open.value) return;
  const now = Date.now();
  if (now - prefix < 1500 && jumps[event.key]) {
    prefix = 0;
    event.preventDefault();
    go(jumps[event.key]);
  } else if (event.key === 'g') prefix = now;
  else if (event.key === '?') open.value = 'help';
  else if (event.key === '/') {
    event.preventDefault();
    open.value = 'ask';
  } else if (event.key === 'j') step(1);
  else if (event.key === 'k') step(-1);
}

function Dialog({ label, children }) {
  const at = useRef();
  // before anything is painted: what is typed next is meant for it
  useLayoutEffect(() => {
    const before = document.activeElement;
    at.current.showModal();
    return () => before?.focus();
  }, []);
  // one that is gone says so late, when another may be open
  const closed = () => at.current && (open.value = null);
  return html`<dialog ref=${at} aria-label=${label} onClose=${closed}
    onClick=${(event) => event.target === at.current && at.current.close()}>${children}</dialog>`;
}

const Help = () => html`<${Dialog} label="Keys">
  <h2>Keys</h2>
  <dl class="facts">${help.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>
  <form method="dialog"><button>close</button></form>
<//>`;

// Where a text may lead: pages by name, standards by id and title, anything by its id.
function places(text, standards) {
  const low = text.toLowerCase();
  const found = pages
    .filter((page) => page.nav?.toLowerCase().includes(low))
    .map((page) => ({ name: page.nav, href: page.path, what: 'page' }));
  for (const one of standards)
    if (one.id.toLowerCase().includes(low) || one.title.toLowerCase().includes(low))
      found.push({ name: one.id + ' ' + one.title, href: to.standard(one.id), what: 'standard' });
  if (/^[a-z_]+:\S+$/i.test(text)) {
    const person = /^(person|team|division):/.test(text);
    found.unshift({ name: text, href: person ? to.owner(text) : to.asset(text), what: person ? 'owner' : 'asset' });
  }
  return found.slice(0, 12);
}

function Ask() {
  const [text, setText] = useState('');
  const [standards, setStandards] = useState(null); /* null: not answered yet */
  const [at, setAt] = useState(0);
  const [hurried, setHurried] = useState(false); /* Enter came before the answer */
  useEffect(() => {
    ask('standard.list').then((answer) => setStandards(answer.rows), () => setStandards([]));
  }, []);
  const found = places(text, standards ?? []);
  const take = (one) => {
    if (!one) return setHurried(standards === null);
    open.value = null;
    go(one.href);
  };
  useEffect(() => {
    if (hurried && standards) take(found[at]);
  }, [hurried, standards]);
  const onKeyDown = (event) => {
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (event.key === 'Enter') take(found[at]);
    else return;
    event.preventDefault();
  };
  return html`<${Dialog} label="Where to">
    <input aria-label="Where to" placeholder="a page, a standard, app:payroll, person:kim" value=${text}
      role="combobox" aria-expanded="true" aria-controls="found" aria-activedescendant=${found[at] && 'found-' + at}
      autofocus onInput=${(event) => { setText(event.target.value); setAt(0); setHurried(false); }} onKeyDown=${onKeyDown} />
    <ul id="found" role="listbox" aria-label="Places">
      ${found.map(
        (one, i) => html`<li id=${'found-' + i} role="option" aria-selected=${i === at} onClick=${() => take(one)}>
          <bdi>${one.name}</bdi> <small>${one.what}</small>
        </li>`,
      )}
    </ul>
    ${found.length === 0 && html`<p role="status">${standards ? 'No page and no standard has this in its name.' : 'looking …'}</p>`}
  <//>`;
}

export function Keys() {
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  if (open.value === 'help') return html`<${Help} />`;
  if (open.value === 'ask') return html`<${Ask} />`;
  return html`<button class="keys plain" onClick=${() => (open.value = 'help')}>keys <kbd>?</kbd></button>`;
}
