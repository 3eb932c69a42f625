// number: one number of the report, and the rows behind it.
import { useAsk } from 'aright/door';
import { Chart } from 'aright/chart';
import { Met } from 'aright/numbers';
import { Asked, Facts, Section, Table, Text, Title, count, html, to } from 'aright/ui';

// How it went, where two snapshots have it.
function Past({ of: metric }) {
  const past = useAsk('metric.trend', { id: metric.id }, ['id']);
  const rows = (past.answer?.rows ?? []).filter((row) => row.value !== null);
  const share = metric.form === 'ratio' || metric.form === 'cadence';
  return rows.length > 1 && html`<${Section} title="How it went">
    <${Chart} title=${`${rows[0].now} in ${rows[0].snapshot}, ${rows.at(-1).now} in ${rows.at(-1).snapshot}`} at=${rows.map((row) => row.as_of)} share=${share}
      goal=${metric.target ?? undefined} series=${[{ label: metric.unit ?? 'now', values: rows.map((row) => row.value) }]} />
    <details><summary>The same as a table</summary><${Table} of=${past} columns=${['snapshot', 'as_of', 'now', 'goal', 'met', 'numerator', 'denominator']} /></details><//>`;
}

const said = ['id', 'title', 'report', 'now', 'goal', 'value', 'unit', 'target', 'met', 'numerator', 'denominator', 'rows'];

// What it is now, of what, and what it should be.
const Standing = ({ of }) => html`<div class="lead">
  <p class="big"><b>${of.now ?? '–'}</b>${of.form === 'ratio' && of.denominator !== null && html` · ${count(of.numerator)} of ${count(of.denominator)} ${of.unit ?? ''}`}</p>
  <p>${of.goal === null ? 'The report names no goal for it.' : html`goal: ${of.goal} · <${Met} met=${of.met} />`}</p>
  ${of.report && html`<p class="statement">“<${Text}>${of.report}<//>” <small>(the report)</small></p>`}</div>`;

export default function Number_({ id }) {
  const shown = useAsk('metric.show', { id }, ['id']);
  const rows = useAsk('metric.rows', { id, limit: 1000 }, ['id']);
  return html`<${Asked} of=${shown}>${({ columns, rows: [of] }) => html`<${Title} of=${id + ' ' + of.title}><small>${id}</small> ${of.title}<//>
    <${Standing} of=${of} />
    <${Past} of=${of} />
    <${Section} title="The rows behind it"><${Table} of=${rows} show=${{ asset: (value) => html`<a href=${to.asset(value)}><${Text}>${value}<//></a>` }} /><//>
    <${Section} title="How it is counted"><${Facts} of=${columns.filter(({ name }) => !said.includes(name)).map(({ name }) => [name.replaceAll('_', ' '),
      of[name] === null ? null : name === 'kind' ? html`<a href=${to.kind(of.kind)}>${of.kind}</a>` : html`<${Text}>${String(of[name])}<//>`])} /><//>`}<//>`;
}
