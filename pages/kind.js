// kind: the assets of one kind.
import { useAsk } from 'aright/door';
import { Section, Table, Text, Title, html, nowhere, page, params, to, turn } from 'aright/ui';

export default function Kind({ id }) {
  const { where } = params();
  const assets = useAsk('asset.list', { kind: id, where, ...page() });
  const columns = useAsk('kind.show', { kind: id }, ['kind']);
  return html`<${Title} of=${id} />
    <p><label>which of them <input class="long" value=${where ?? ''} placeholder="criticality >= 4 AND owner_id IS NULL" onChange=${(event) => turn({ ...nowhere, where: event.target.value.trim() })} /></label></p>
    <${Table} main of=${assets} show=${{ id: (value) => html`<a href=${to.asset(id + ':' + value)}><${Text}>${value}<//></a>`, owner_id: (value) => value && html`<a href=${to.owner(value)}>${value}</a>`,
      domain_id: (value) => value && html`<a href=${to.domain(value)}>${value}</a>` }} empty="There is none." />
    <${Section} title="What is known of one"><${Table} of=${columns} /><//>`;
}
