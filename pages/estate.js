// estate: what there is, who shows it, how fresh that is, and whose it is.
import { useAsk } from 'aright/door';
import { Section, Table, Title, count, html, to } from 'aright/ui';

export default function Estate() {
  const kinds = useAsk('kind.list');
  const sources = useAsk('source.list');
  const owned = useAsk('owner.status');
  const queue = useAsk('owner.queue', { limit: 20 });
  return html`<${Title} of="Estate" />
    <${Section} title="Kinds"><${Table} of=${kinds} columns=${['kind', 'title', 'assets', 'recorded', 'conflicts', 'meaning']} show=${{ kind: (value) => html`<a href=${to.kind(value)}>${value}</a>`, assets: (n, row) => html`<a href=${to.kind(row.kind)}>${count(n)}</a>` }} /><//>
    <${Section} title="Whose it is"><${Table} of=${owned} titles=${{ share: '% current' }} empty="There are no domains: owners.yaml names them." /><//>
    <${Section} title="Who shows it, and how fresh that is"><${Table} of=${sources} empty="No source has shown anything." /><//>
    <${Section} title="Waiting for an owner"><${Table} of=${queue} empty="Nothing waits for an owner." /><//>`;
}
