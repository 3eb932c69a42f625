// main: the frame around every page, and which page it is.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { ask, asked, tell, useAsk } from 'aright/door';
import { Keys } from 'aright/keys';
import { html, place, go, Title } from 'aright/ui';
import { isOpen, pages } from 'aright/pages';

const message = signal(new URLSearchParams(location.search).get('link'));

// The page at a path, and what the path names: the last part may hold anything.
function find(path) {
  const parts = path.split('/');
  for (const page of pages) {
    const wanted = page.path.split('/');
    if (wanted.length !== parts.length) continue;
    const named = {};
    const fits = wanted.every((part, i) => {
      if (!part.startsWith(':')) return part === parts[i];
      named[part.slice(1)] = decodeURIComponent(parts[i]);
      return parts[i] !== '';
    });
    if (fits) return { page, named };
  }
  return null;
}

function Loaded({ page, named }) {
  const [loaded, setLoaded] = useState(null);
  useEffect(() => {
    let current = true;
    import('aright/' + page.file).then((module) => current && setLoaded({ page, Page: module.default }));
    return () => (current = false);
  }, [page]);
  if (loaded?.page !== page) return html`<p class="waiting" aria-busy="true">…</p>`;
  return html`<${loaded.Page} ...${named} />`;
}

const Outside = () => html`<main id="main" class="outside">
  <${Title} of="aright" />
  <p>${message.value ? 'This link was used already, or is older than five minutes.' : 'Nobody has come in here yet.'}</p>
  <p>On this machine, run <code>aright web link</code> and open what it prints.</p>
</main>`;

const Missing = () => html`<${Title} of="There is no such page" /><p><a href="/">Today</a> is where to begin.</p>`;

// Said of an estate in which nothing is real; no page asked it, and so no command line tells it.
function Demo() {
  const [demo, setDemo] = useState(false);
  useEffect(() => {
    ask('status').then(({ rows }) => setDemo(rows.some((row) => row.name === 'company')), () => {});
  }, []);
  return demo && html`<p class="foot">a made-up company (demo)</p>`;
}

const Nav = ({ current, who, grants }) => html`<nav aria-label="Pages">
  <a class="brand" href="/">aright</a>
  ${isOpen({ needs: 'home.read' }, grants) && html`<${Demo} />`}
  <ul>
    ${pages
      .filter((page) => page.nav && isOpen(page, grants))
      .map(
        (page) => html`<li>
          <a href=${page.path} aria-current=${current === page.nav || current === page.under ? 'page' : undefined}>${page.nav}</a>
        </li>`,
      )}
  </ul>
  <p class="who">
    <bdi>${who}</bdi>${' '}
    <button class="plain" onClick=${() => tell('web.leave').finally(() => location.assign('/'))}>leave</button>
    <${Keys} />
  </p>
</nav>`;

const Lines = () =>
  asked.value.length > 0 &&
  html`<footer class="lines">
    <details>
      <summary>The same on the command line</summary>
      ${asked.value.map((line) => html`<code>${line}</code>`)}
    </details>
  </footer>`;

function Frame() {
  const who = useAsk('web.who');
  const found = find(place.value.path);
  useEffect(() => {
    asked.value = [];
    document.getElementById('title')?.focus({ preventScroll: true });
  }, [place.value.path]);
  if (who.error) return html`<${Outside} />`;
  if (!who.answer) return null;
  const nav = found && (found.page.nav ?? found.page.under);
  return html`<a class="skip" href="#main">to the page</a>
    <${Nav} current=${nav} who=${who.answer.rows[0]?.person} grants=${who.answer.rows.map((row) => row.grant)} />
    <main id="main">
      ${found ? html`<${Loaded} page=${found.page} named=${found.named} />` : html`<${Missing} />`}
      <${Lines} />
    </main>`;
}

// Links to our own pages change the page, and load nothing.
addEventListener('click', (event) => {
  const link = event.target.closest?.('a');
  if (!link || link.target || link.download || event.defaultPrevented) return;
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || link.hash || /^\/(api|assets|enter)\b/.test(link.pathname)) return;
  event.preventDefault();
  go(link.href);
});

if (message.value) history.replaceState(null, '', '/');
render(html`<${Frame} />`, document.body);
