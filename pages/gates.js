// gates: what is judged before it becomes so, and what that costs people.
import { useAsk } from 'aright/door';
import { Section, Table, Title, html } from 'aright/ui';

export default function Gates() {
  const gates = useAsk('gate.list');
  const cost = useAsk('gate.cost');
  return html`<${Title} of="Gates" />
    <${Section} title="What each standard costs"><${Table} of=${cost} empty="No gate has decided anything." /><//>
    <${Section} title="Gates"><${Table} of=${gates} empty="No standard is at a gate." /><//>`;
}
