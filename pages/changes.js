// changes: the assets behind a line of a bridge between two snapshots.
import { useAsk } from 'aright/door';
import { Table, Text, Title, html, params, to } from 'aright/ui';

export default function Changes() {
  const of = params();
  const changes = useAsk('snapshot.changes', { ...of, limit: 10000 });
  return html`<${Title} of="Changes"><span>Changes</span> <small><bdi>${[of.standard, of.line].filter(Boolean).join(', ')}</bdi></small><//>
    <${Table} of=${changes} show=${{ asset: (value) => html`<a href=${to.asset(value)}><${Text}>${value}<//></a>` }} empty="Nothing changed." />`;
}
