// pillars: every standard, by pillar, with how much of its scope is right.
import { useAsk } from 'aright/door';
import { Asked, Bar, Exports, Heat, Section, Share, Spark, Title, count, html, params, percent, to, turn } from 'aright/ui';
import { byPillar } from 'aright/today';

const classes = [['', "the report's standards"], ['practice', 'its other promises'], ['all', 'both']];

const shown = 26; /* snapshots: half a year of weeks */

// What was asked by something, by that: {key: [row, …]}, oldest first.
export const byKey = (asked) => Object.groupBy(asked.answer?.rows ?? [], (row) => row.of);

const Standard = ({ of, past = [] }) => html`<tr>
  <th scope="row"><a href=${to.standard(of.standard)}>${of.standard}</a></th>
  <td><a href=${to.standard(of.standard)}>${of.title}</a></td>
  <td class="wide"><${Bar} ...${of} /></td>
  <td class="number"><b>${percent(of.share)}</b></td>
  <td><${Spark} values=${past.map((row) => row.share)} label=${past.length > 1 ? `${percent(past[0].share)} in ${past[0].snapshot}, ${percent(past.at(-1).share)} in ${past.at(-1).snapshot}` : ''} /></td>
  <td class="number">${count(of.pass)} of ${count(of.scope)}</td>
  ${['fail', 'unknown', 'waived'].map((state) => html`<td class="number">${of[state]
    ? html`<a href=${to.findings({ standard: of.standard, state })}>${count(of[state])}</a>` : '0'}</td>`)}
  <td class="number">${of.risk}</td>
</tr>`;

function Weeks({ of }) {
  const all = Object.entries(byKey(of));
  const columns = [...new Map(all.flatMap(([, rows]) => rows.map((row) => [row.as_of, row.snapshot]))).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  if (columns.length < 2) return null;
  const cells = (rows) => columns.map(([at, name]) => {
    const row = rows.find((one) => one.as_of === at);
    return { share: row?.share ?? null, label: row ? `${name}: ${percent(row.share)}, ${count(row.pass)} of ${count(row.scope)}` : `${name}: nothing in scope` };
  });
  return html`<${Section} title="Snapshot by snapshot, % right"><${Heat} label="How much of each pillar was right at each snapshot, in percent"
    columns=${columns.map(([, name]) => name)} rows=${all.map(([pillar, rows]) => ({ name: pillar, href: '#' + pillar, cells: cells(rows) }))} />
    <p class="under"><${Exports} of=${of} /></p><//>`;
}

export default function Pillars() {
  const { class: sort = '' } = params();
  const score = useAsk('score', { class: sort });
  const past = byKey(useAsk('snapshot.trend', { by: 'standard', class: sort, limit: shown }));
  return html`<${Title} of="Pillars" />
    <p class="choices">${classes.map(([value, label]) => html`<button class="plain" aria-pressed=${sort === value} onClick=${() => turn({ class: value })}>${label}</button>`)}</p>
    <${Asked} of=${score}>${({ rows }) => byPillar(rows).map((pillar) => html`<section id=${pillar.pillar}>
      <header><h2>${pillar.pillar}</h2><div class="aside"><${Share} ...${pillar} /> · ${pillar.met} of ${pillar.standards} hold everywhere</div></header>
      <div class="table"><table>
        <thead><tr><th scope="col">standard</th><th scope="col">what must be true</th><th scope="col" class="wide"><span class="hidden">share</span></th>
          <th scope="col" class="number">right</th><th scope="col">went</th><th scope="col" class="number">of scope</th><th scope="col" class="number">▲ wrong</th>
          <th scope="col" class="number">? unknown</th><th scope="col" class="number">◆ waived</th><th scope="col" class="number">risk</th></tr></thead>
        <tbody>${rows.filter((row) => row.pillar === pillar.pillar).map((row) => html`<${Standard} of=${row} past=${past[row.standard]} />`)}</tbody>
      </table><p class="under">${pillar.standards} rows${' · '}<${Exports} of=${score} /></p></div>
    </section>`)}<//>
    <${Weeks} of=${useAsk('snapshot.trend', { by: 'pillar', class: sort, limit: shown })} />`;
}
