// work: one item for each owner and standard, what is overdue first.
import { useAsk } from 'aright/door';
import { Section, Table, Title, count, html, params, to, turn } from 'aright/ui';

const filters = [['overdue', '▲ overdue'], ['at_risk', '◣ at risk']];

// Overdue items by who has to see to them now.
function leaders(rows) {
  const by = new Map();
  for (const row of rows) {
    const one = by.get(row.whose) ?? { whose: row.whose, items: 0, overdue: 0, at_risk: 0, open: 0 };
    one.items++;
    one.open += row.open;
    one.overdue += row.overdue_days === null ? 0 : 1;
    one.at_risk += row.at_risk ? 1 : 0;
    by.set(row.whose, one);
  }
  return [...by.values()].sort((a, b) => b.overdue - a.overdue || b.items - a.items);
}

export default function Work() {
  const of = params();
  const items = useAsk('work.list', { ...of, overdue: of.overdue === 'true', at_risk: of.at_risk === 'true', limit: 10000 });
  const by = items.answer && leaders(items.answer.rows).slice(0, 12);
  return html`<${Title} of="Work"><span>Work</span>${(of.whose || of.owner || of.domain) && html` <small><bdi>${of.whose || of.owner || of.domain}</bdi></small>`}<//>
    <p class="choices">${filters.map(([name, label]) => html`<button class="plain" aria-pressed=${of[name] === 'true'} onClick=${() => turn({ [name]: of[name] === 'true' ? '' : 'true' })}>${label}</button>`)}</p>
    ${by && !of.whose && html`<${Section} title="At whose door"><ul class="doors">${by.map((one) => html`<li><a href=${to.work({ whose: one.whose ?? '-' })}>
      <bdi>${one.whose ?? 'nobody'}</bdi> <b>${count(one.items)}</b> <small>${one.overdue ? `▲ ${one.overdue} overdue` : ''} ${one.at_risk ? `◣ ${one.at_risk} at risk` : ''}</small></a></li>`)}</ul><//>`}
    <${Table} of=${items} columns=${['item', 'title', 'open', 'due_at', 'overdue_days', 'at_risk', 'rank', 'whose', 'domain']} empty="There is nothing to do." />`;
}
