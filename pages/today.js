// today: what is mine, what changed, what is due.
import { useAsk } from 'aright/door';
import { Run } from 'aright/run';
import { Asked, Bar, Legend, Section, Share, Spark, Table, Text, Title, count, html, percent, params, to, turn } from 'aright/ui';

const pillars = ['identities', 'tenants', 'networks', 'engineering', 'monitoring', 'response', 'governance'];

export const total = (rows) =>
  rows.reduce(
    (sum, row) => ({
      scope: sum.scope + row.scope,
      pass: sum.pass + row.pass,
      fail: sum.fail + row.fail,
      unknown: sum.unknown + row.unknown,
      waived: sum.waived + row.waived,
    }),
    { scope: 0, pass: 0, fail: 0, unknown: 0, waived: 0 },
  );

export const byPillar = (rows) =>
  pillars
    .map((pillar) => {
      const of = rows.filter((row) => row.pillar === pillar);
      const sum = total(of);
      return { pillar, standards: of.length, met: of.filter((row) => row.scope > 0 && row.pass === row.scope).length, ...sum, share: sum.scope ? sum.pass / sum.scope : null };
    })
    .filter((row) => row.standards > 0);

const Tile = ({ label, n, href, tone }) => html`<a class="tile ${n ? tone : ''}" href=${href}><span>${label}</span><b>${count(n)}</b></a>`;

const words = { fixed: 'fixed', regressed: 'wrong again', 'born right': 'new and right', 'born wrong': 'new and wrong',
  'born unknown': 'new, not known', removed: 'gone', 're-scoped': 'now in scope, or no longer', 'unknown resolved': 'known now',
  'became unknown': 'not known any more' };

function Change({ bridge }) {
  // what only moved from one domain to another changes nothing here
  const rows = bridge.rows.filter((row) => row.assets && (row.scope || row.pass || row.fail || row.unknown || row.waived));
  if (rows.length === 0) return html`<p class="empty">Nothing changed between the last two snapshots.</p>`;
  const [first, last] = [bridge.rows[0], bridge.rows.at(-1)];
  return html`<p>From <bdi>${first.line}</bdi> to <bdi>${last.line}</bdi>:
      ${' '}${percent(first.pass / first.scope)} → <b>${percent(last.pass / last.scope)}</b> of ${count(last.scope)} checks right.</p>
    <ul class="lines-of">${rows.map((row) => html`<li>
      <a href=${'/changes?line=' + encodeURIComponent(row.line)}><b>${count(row.assets)}</b> ${words[row.line] ?? row.line}</a></li>`)}</ul>`;
}

// How the share has moved since the snapshot before the last.
function Since({ of }) {
  const [first, last] = of.answer ? [of.answer.rows[0], of.answer.rows.at(-1)] : [];
  if (!first?.scope || !last?.scope) return null;
  const points = ((last.pass / last.scope - first.pass / first.scope) * 100).toFixed(1);
  const [mark, tone, word] = points > 0 ? ['▴', 'pass', 'up'] : points < 0 ? ['▾', 'fail', 'down'] : ['▸', '', 'as it was'];
  return html` <span class="state ${tone}"><span aria-hidden="true">${mark}</span> ${word} ${points == 0 ? '' : Math.abs(points) + ' points '}since <bdi>${first.line}</bdi></span>`;
}

function Past({ of, pillar }) {
  const rows = (of.answer?.rows ?? []).filter((row) => row.of === pillar);
  return rows.length > 1 && html`<${Spark} values=${rows.map((row) => row.share)} label=${`${percent(rows[0].share)} in ${rows[0].snapshot}, ${percent(rows.at(-1).share)} in ${rows.at(-1).snapshot}`} />`;
}

// The domains that one is accountable for.
function Domains({ me }) {
  const all = useAsk('domain.list');
  const own = (all.answer?.rows ?? []).filter((row) => row.deputy_ciso === me);
  const score = useAsk(own.length > 0 && 'score', { by: 'domain' });
  if (own.length === 0) return null;
  return html`<${Section} title="Domains that you answer for"><${Asked} of=${score}>${({ rows }) => html`<div class="pillars">${own.map(({ domain, name }) => {
    const row = rows.find((one) => one.domain === domain);
    return html`<a class="pillar" href=${to.domain(domain)}><h3><${Text}>${name ?? domain}<//></h3>${row ? html`<${Share} ...${row} /><${Bar} ...${row} />` : html`<small>nothing in it is under a standard</small>`}</a>`;
  })}</div>`}<//><//>`;
}

const Mine = ({ of, me, whose }) => html`<${Section} title=${whose ? 'What ' + whose + ' has to see to' : 'What is mine'}
    aside=${html`<a href=${to.work({ whose: me })}>all of it</a> · <label>as <input value=${whose ?? ''} placeholder=${me} onChange=${(event) => turn({ whose: event.target.value.trim() })} /></label>`}>
    <${Table} of=${of} columns=${['item', 'title', 'open', 'due_at', 'overdue_days', 'at_risk', 'rank', 'owner']} empty="Nothing waits for you." /><//>`;

// How many rows a question has, as a door to them.
const Counted = ({ of, children, ...tile }) => html`<${Asked} of=${of}>${({ about, rows }) => html`<${Tile} n=${about?.total ?? rows.length} ...${tile} />`}<//>`;

export default function Today() {
  const { whose } = params();
  const who = useAsk('web.who');
  const me = whose ?? who.answer?.rows[0]?.person;
  const score = useAsk('score');
  const overdue = useAsk('work.list', { overdue: true, limit: 1 });
  const atRisk = useAsk('work.list', { at_risk: true, limit: 1 });
  const late = useAsk('case.list', { state: 'overdue', limit: 10000 });
  const soon = useAsk('case.list', { state: 'at_risk', limit: 10000 });
  const denied = useAsk('gate.decisions', { unanswered: true, limit: 1 });
  const bridge = useAsk('snapshot.bridge');
  const past = useAsk('snapshot.trend', { by: 'pillar', limit: 26 });
  const mine = useAsk(me && 'work.list', { whose: me, limit: 10 });
  const busy = mine.answer?.rows.length > 0;
  const own = me && html`<${Mine} of=${mine} me=${me} whose=${whose} />`;
  return html`<${Title} of="Today" />
    <${Asked} of=${score}>${({ rows }) => {
      const sum = total(rows);
      const met = rows.filter((row) => row.scope > 0 && row.pass === row.scope).length;
      return html`<div class="lead">
        <p class="big"><a href="/pillars"><b>${percent(sum.scope ? sum.pass / sum.scope : null)}</b></a> right: ${count(sum.pass)} of ${count(sum.scope)} checks.<${Since} of=${bridge} /></p>
        <p>A check asks of one thing whether it meets one of ${count(rows.length)} standards. ${count(met)} standards hold everywhere.</p>
        <${Bar} ...${sum} />
        <${Legend} of=${sum} to=${{ class: 'standard' }} right="/pillars" />
      </div>`;
    }}<//>
    <div class="tiles">
      <${Counted} of=${overdue} label="items overdue" tone="bad" href="/work?overdue=true" />
      <${Counted} of=${atRisk} label="items at risk" tone="warn" href="/work?at_risk=true" />
      <${Counted} of=${late} label="cases overdue" tone="bad" href="/cases?state=overdue" />
      <${Counted} of=${soon} label="cases at risk" tone="warn" href="/cases?state=at_risk" />
      <${Counted} of=${denied} label="denials to answer" tone="warn" href="/gates" />
    </div>
    ${me && html`<${Domains} me=${me} />`}
    ${busy && own}
    <${Section} title="Pillars" aside=${html`<a href="/pillars">all standards</a>`}>
      <${Asked} of=${score}>${({ rows }) => html`<div class="pillars">${byPillar(rows).map((row) => html`<a class="pillar" href=${'/pillars#' + row.pillar}>
        <h3>${row.pillar}</h3><${Share} share=${row.share} pass=${row.pass} scope=${row.scope} /><${Bar} ...${row} />
        <${Past} of=${past} pillar=${row.pillar} />
        <small>${row.met} of ${row.standards} standards hold everywhere</small></a>`)}</div>`}<//>
    <//>
    <${Section} title="What changed" aside=${html`<${Run} label="judge now" op="evaluate" said=${({ rows }) => `judged ${count(rows.reduce((sum, row) => sum + (row.assets ?? 0), 0))} assets`} /> · <a href="/changes">every change</a>`}>
      ${bridge.error ? html`<p class="empty">Two snapshots are needed: <code>aright snapshot take</code>, once a week.</p>`
        : html`<${Asked} of=${bridge}>${(answer) => html`<${Change} bridge=${answer} />`}<//>`}
    <//>
    ${!busy && own}`;
}
