// trend: how something went from snapshot to snapshot, as a chart and as a table.
import { useAsk } from 'aright/door';
import { Chart } from 'aright/chart';
import { Asked, Section, Table, html, percent } from 'aright/ui';

// `of`: what snapshot.trend takes.
export function Trend({ title = 'How it went', of }) {
  const trend = useAsk('snapshot.trend', of);
  return html`<${Section} title=${title}><${Asked} of=${trend}>${({ rows }) => rows.length < 2
    ? html`<p class="empty">Two snapshots make a line: <code>aright snapshot take</code>, once a week.</p>`
    : html`<${Chart} title=${`${percent(rows[0].share)} right in ${rows[0].snapshot}, ${percent(rows.at(-1).share)} in ${rows.at(-1).snapshot}`}
        at=${rows.map((row) => row.as_of)} share series=${[{ label: 'right', tone: 'pass', values: rows.map((row) => row.share) }]} />
      <details><summary>The same as a table</summary>
        <${Table} of=${trend} columns=${['snapshot', 'as_of', 'scope', 'pass', 'fail', 'unknown', 'waived', 'share']} /></details>`}<//><//>`;
}
