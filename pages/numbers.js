// numbers: those of the report, as they are here and now.
import { useAsk } from 'aright/door';
import { Asked, Exports, Spark, Title, html, to } from 'aright/ui';

export const Met = ({ met }) => (met === null ? html`<span class="none">–</span>` : met ? html`<span class="state pass"><span aria-hidden="true">●</span> met</span>` : html`<span class="state fail"><span aria-hidden="true">▲</span> not met</span>`);

export default function Numbers() {
  const all = useAsk('metric.list');
  const past = Object.groupBy(useAsk('metric.trend').answer?.rows ?? [], (row) => row.id);
  const went = (rows = []) => html`<${Spark} values=${rows.map((row) => row.value)} label=${rows.map((row) => `${row.snapshot}: ${row.now ?? '–'}`).join(', ')} />`;
  return html`<${Title} of="Numbers" /><p>What the report counts, counted here. Each leads to the rows behind it.</p>
    <${Asked} of=${all}>${({ rows }) => html`<div class="table"><table><thead><tr><th scope="col">number</th><th scope="col">what it says</th><th scope="col" class="number">now</th><th scope="col">went</th><th scope="col" class="number">goal</th>
      <th scope="col">met</th><th scope="col">pillar</th></tr></thead><tbody>${rows.map((row) => html`<tr>
      <th scope="row"><a href=${to.number(row.id)}>${row.id}</a></th><td><a href=${to.number(row.id)}>${row.title}</a></td>
      <td class="number"><b>${row.now ?? '–'}</b>${row.denominator !== null && row.form === 'ratio' && html` <small>${row.numerator.toLocaleString('en')} of ${row.denominator.toLocaleString('en')}</small>`}</td>
      <td>${went(past[row.id])}</td><td class="number">${row.goal ?? '–'}</td><td><${Met} met=${row.met} /></td><td>${row.pillar}</td></tr>`)}</tbody></table>
      <p class="under">${rows.length} rows${' · '}<${Exports} of=${all} /></p></div>`}<//>`;
}
