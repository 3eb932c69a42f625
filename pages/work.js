// work: one item for each owner and standard, what is overdue first.
import { useAsk } from 'aright/door';
import { Asked, Section, Table, Title, count, html, nowhere, page, params, to, turn } from 'aright/ui';

const filters = [['overdue', '▲ overdue'], ['at_risk', '◣ at risk']];
const shown = 12; /* doors */

// By who has to see to them now.
const Doors = ({ rows, about }) => html`<ul class="doors">${rows.slice(0, shown).map((one) => html`<li><a href=${to.work({ whose: one.whose ?? '-' })}>
    <bdi>${one.whose ?? 'nobody'}</bdi> <b>${count(one.items)}</b> <small>${one.overdue ? `▲ ${count(one.overdue)} overdue` : ''} ${one.at_risk ? `◣ ${count(one.at_risk)} at risk` : ''}</small></a></li>`)}
    ${(about?.total ?? 0) > shown && html`<li><small>and ${count(about.total - shown)} more</small></li>`}</ul>`;

export default function Work() {
  const { whose, owner, domain, standard, overdue, at_risk } = params();
  const on = { overdue: overdue === 'true', at_risk: at_risk === 'true' };
  const items = useAsk('work.list', { whose, owner, domain, standard, ...on, ...page() });
  const by = useAsk('work.count', { domain, limit: shown });
  const of = whose || owner || domain;
  return html`<${Title} of="Work"><span>Work</span>${of && html` <small><bdi>${of}</bdi></small>`}<//>
    <p class="choices">${filters.map(([name, label]) => html`<button class="plain" aria-pressed=${on[name]} onClick=${() => turn({ ...nowhere, [name]: on[name] ? '' : 'true' })}>${label}</button>`)}</p>
    ${!whose && !owner && html`<${Section} title="At whose door"><${Asked} of=${by}>${(answer) => html`<${Doors} ...${answer} />`}<//><//>`}
    <${Table} main of=${items} columns=${['item', 'title', 'open', 'due_at', 'overdue_days', 'at_risk', 'rank', 'whose', 'domain']} empty="There is nothing to do." />`;
}
