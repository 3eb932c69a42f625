// changes: the assets behind a line of a bridge between two snapshots.
import { useAsk } from 'aright/door';
import { Table, Text, Title, html, page, params, to } from 'aright/ui';

export default function Changes() {
  const { standard, line, domain, class: sort, from, to: until } = params();
  const changes = useAsk('snapshot.changes', { standard, line, domain, class: sort, from, to: until, ...page() });
  return html`<${Title} of="Changes"><span>Changes</span> <small><bdi>${[standard, line, domain].filter(Boolean).join(', ')}</bdi></small><//>
    <${Table} main of=${changes} show=${{ asset: (value) => html`<a href=${to.asset(value)}><${Text}>${value}<//></a>` }} empty="Nothing changed." />`;
}
