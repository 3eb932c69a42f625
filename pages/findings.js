// findings: what is not right, by what one asks for.
import { useAsk } from 'aright/door';
import { Table, Text, Title, html, nowhere, page, params, to, turn } from 'aright/ui';

const states = ['', 'fail', 'unknown', 'waived', 'closed'];
const names = { '': 'all that are open', fail: '▲ wrong', unknown: '? unknown', waived: '◆ waived', closed: '○ closed' };

export default function Findings() {
  const { standard, class: sort, pillar, owner, domain, state = '' } = params();
  const found = useAsk('finding.list', { standard, class: sort, pillar, owner, domain, state, ...page() });
  const of = [standard, pillar, owner, domain].filter(Boolean).join(', ');
  return html`<${Title} of="Findings"><span>Findings</span>${of && html` <small><bdi>${of}</bdi></small>`}<//>
    <p class="choices">${states.map((one) => html`<button class="plain" aria-pressed=${state === one} onClick=${() => turn({ ...nowhere, state: one })}>${names[one]}</button>`)}</p>
    <${Table} main of=${found} columns=${['id', 'state', 'title', 'name', 'owner', 'due', 'rank']}
      show=${{ id: (value) => html`<a href=${to.finding(value)}><${Text}>${value}<//></a>` }} empty="Nothing." />`;
}
