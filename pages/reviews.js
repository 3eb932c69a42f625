// reviews: those that were held, and those that are to be.
import { useAsk } from 'aright/door';
import { Run } from 'aright/run';
import { Section, Table, Title, html } from 'aright/ui';

export default function Reviews() {
  const reviews = useAsk('review.list');
  const snapshots = useAsk('snapshot.list');
  return html`<${Title} of="Reviews" />
    <${Table} of=${reviews} empty="None yet: aright review open --kind weekly" />
    <${Section} title="Snapshots" aside=${html`<${Run} label="take one now" op="snapshot.take" said=${({ rows: [row] }) => `${row.snapshot} is taken`} />`}><${Table} of=${snapshots} empty="None yet: aright snapshot take" /><//>`;
}
