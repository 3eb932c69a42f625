// cases: vulnerabilities and incidents, their clocks, and why due dates were missed.
import { useAsk } from 'aright/door';
import { Asked, Section, Table, Title, count, html, params, turn } from 'aright/ui';

const states = ['', 'overdue', 'at_risk', 'open', 'closed', 'missed'];
const names = { '': 'all', overdue: '▲ overdue', at_risk: '◣ at risk', open: 'all that are not closed', closed: 'closed', missed: 'missed their date' };

export default function Cases() {
  const { state = '', owner } = params();
  const cases = useAsk('case.list', { state, owner, limit: 10000 });
  const reasons = useAsk('case.reasons');
  return html`<${Title} of="Cases" />
    <p class="choices">${states.map((one) => html`<button class="plain" aria-pressed=${state === one} onClick=${() => turn({ state: one })}>${names[one]}</button>`)}</p>
    <${Table} of=${cases} columns=${['case', 'title', 'severity', 'state', 'stage', 'due_at', 'ready_at', 'owner', 'asset']} empty="No such case." />
    <${Section} title="Why due dates were missed"><${Table} of=${reasons} titles=${{ share: '% of them' }} empty="None was missed." /><//>`;
}
