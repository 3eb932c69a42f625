// governance: what is owed, who is accountable, and who has learnt what they must.
import { useAsk } from 'aright/door';
import { Section, Table, Title, html, params, percent, turn } from 'aright/ui';

const marks = { complete: ['●', 'pass'], met: ['●', 'pass'], 'in progress': ['◦', 'waived'], 'no evidence': ['?', 'unknown'], 'no standard': ['?', 'unknown'] };
const computed = (value) => {
  const [mark, tone] = marks[value] ?? ['·', ''];
  return html`<span class="state ${tone}"><span aria-hidden="true">${mark}</span> ${value}</span>`;
};

export default function Governance() {
  const { catalog = 'csrb', gaps } = params();
  const obligations = useAsk('obligation.list', { catalog, gaps: gaps === 'true' });
  const domains = useAsk('domain.list');
  const training = useAsk('train.status');
  return html`<${Title} of="Governance" />
    <${Section} title="Obligations" aside=${html`${['csrb', 'nist-800-53'].map((one) => html`<button class="plain" aria-pressed=${catalog === one} onClick=${() => turn({ catalog: one })}>${one}</button> `)}
      <label><input type="checkbox" checked=${gaps === 'true'} onChange=${() => turn({ gaps: gaps === 'true' ? '' : 'true' })} /> gaps only</label>`}>
      <${Table} of=${obligations} columns=${['obligation', 'text', 'declared', 'computed', 'share', 'contradiction', 'standards', 'owner']} show=${{ computed }} empty="None." /><//>
    <${Section} title="Domains"><${Table} of=${domains} empty="There are no domains: owners.yaml names them." /><//>
    <${Section} title="Training"><${Table} of=${training} titles=${{ share: '% done' }} empty="No course is assigned to anybody." /><//>`;
}
