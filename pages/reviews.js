// reviews: those that were held, and those that are to be.
import { useAsk } from 'aright/door';
import { Section, Table, Title, html } from 'aright/ui';

export default function Reviews() {
  const reviews = useAsk('review.list');
  const snapshots = useAsk('snapshot.list');
  return html`<${Title} of="Reviews" />
    <${Table} of=${reviews} empty="None yet: aright review open --kind weekly" />
    <${Section} title="Snapshots"><${Table} of=${snapshots} empty="None yet: aright snapshot take" /><//>`;
}
