// life: the receipts of one asset's life.
import { useAsk } from 'aright/door';
import { Section, Table, Text, Title, html, to } from 'aright/ui';

export default function Life({ id }) {
  const receipts = useAsk('life.show', { about: id }, ['about']);
  return html`<${Title} of=${id}><${Text}>${id}<//><//>
    ${id.includes(':') && html`<p><a href=${to.asset(id)}>the asset</a></p>`}
    <${Section} title="Receipts"><${Table} of=${receipts} columns=${['at', 'step', 'state', 'who', 'receipt', 'undoes', 'undone_by', 'note', 'evidence_hash']} empty="Nothing was done to it." /><//>`;
}
