// today: what is mine, what changed, what is due.
import { useAsk } from 'aright/door';
import { Asked, Bar, Section, Share, Table, Title, When, count, html, percent, params, to, turn } from 'aright/ui';

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

const Number_ = ({ label, n, href, of, tone }) => html`<a class="tile ${n ? tone : ''}" href=${href}>
  <span>${label}</span><b>${count(n)}</b>${of && html`<small>${of}</small>`}
</a>`;

const words = { fixed: 'fixed', regressed: 'wrong again', 'born right': 'new and right', 'born wrong': 'new and wrong',
  'born unknown': 'new, not known', removed: 'gone' };

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

export default function Today() {
  const { whose } = params();
  const who = useAsk('web.who');
  const me = whose ?? who.answer?.rows[0]?.person;
  const score = useAsk('score');
  const overdue = useAsk('work.list', { overdue: true, limit: 10000 });
  const atRisk = useAsk('work.list', { at_risk: true, limit: 10000 });
  const cases = useAsk('case.list', { limit: 10000 });
  const bridge = useAsk('snapshot.bridge');
  const mine = useAsk(me && 'work.list', { whose: me, limit: 50 });
  return html`<${Title} of="Today" />
    <${Asked} of=${score}>${({ rows }) => {
      const sum = total(rows);
      const met = rows.filter((row) => row.scope > 0 && row.pass === row.scope).length;
      return html`<div class="lead">
        <p class="big"><a href="/pillars"><b>${percent(sum.scope ? sum.pass / sum.scope : null)}</b></a>
          of ${count(sum.scope)} checks are right, under ${count(rows.length)} standards; ${count(met)} of them hold everywhere.</p>
        <${Bar} ...${sum} />
        <p class="legend"><a href=${to.findings({ state: 'fail', class: 'standard' })}>▲ ${count(sum.fail)} wrong</a> ·${' '}
          <a href=${to.findings({ state: 'unknown', class: 'standard' })}>? ${count(sum.unknown)} unknown</a> ·${' '}
          <a href=${to.findings({ state: 'waived', class: 'standard' })}>◆ ${count(sum.waived)} waived</a> · ● ${count(sum.pass)} right</p>
      </div>`;
    }}<//>
    <div class="tiles">
      <${Asked} of=${overdue}>${({ rows }) => html`<${Number_} label="items overdue" n=${rows.length} tone="bad" href="/work?overdue=true" />`}<//>
      <${Asked} of=${atRisk}>${({ rows }) => html`<${Number_} label="items at risk" n=${rows.length} tone="warn" href="/work?at_risk=true" />`}<//>
      <${Asked} of=${cases}>${({ rows }) => {
        const late = rows.filter((row) => row.state === 'overdue' || row.state === 'at_risk').length;
        return html`<${Number_} label="cases late or at risk" n=${late} tone="warn" of=${count(rows.length) + ' open'} href="/cases" />`;
      }}<//>
    </div>
    <${Section} title="Pillars" aside=${html`<a href="/pillars">all standards</a>`}>
      <${Asked} of=${score}>${({ rows }) => html`<div class="pillars">${byPillar(rows).map((row) => html`<a class="pillar" href=${'/pillars#' + row.pillar}>
        <h3>${row.pillar}</h3><${Share} share=${row.share} pass=${row.pass} scope=${row.scope} /><${Bar} ...${row} />
        <small>${row.met} of ${row.standards} standards hold everywhere</small></a>`)}</div>`}<//>
    <//>
    <${Section} title="What changed" aside=${html`<a href="/changes">every change</a>`}>
      ${bridge.error ? html`<p class="empty">Two snapshots are needed: <code>aright snapshot take</code>, once a week.</p>`
        : html`<${Asked} of=${bridge}>${(answer) => html`<${Change} bridge=${answer} />`}<//>`}
    <//>
    <${Section} title=${whose ? 'What ' + whose + ' has to see to' : 'What is mine'}
      aside=${html`<label>as <input value=${whose ?? ''} placeholder=${me ?? ''} onChange=${(event) => turn({ whose: event.target.value.trim() })} /></label>`}>
      ${me && html`<${Table} of=${mine} columns=${['item', 'title', 'open', 'due_at', 'overdue_days', 'at_risk', 'rank', 'owner']}
        empty="Nothing waits for you." />`}
    <//>`;
}
