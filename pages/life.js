// life: the receipts of one asset's life, and what takes each back.
import { useAsk } from 'aright/door';
import { Section, Table, Text, Title, html, to } from 'aright/ui';

// It runs the commands of the life cycle, with the rights of who asks: at a terminal, not here.
const back = (undone, row) => undone ?? (['quarantine', 'soft_delete'].includes(row.step) && row.state === 'done'
  ? html`<code>aright life undo ${row.receipt} --confirm</code>` : html`<span class="none">–</span>`);

// Enough of it to be compared by eye; the whole is in the files.
const hash = (value) => html`<code title=${value}>${value?.slice(0, 12)}</code>`;

export default function Life({ id }) {
  const receipts = useAsk('life.show', { about: id }, ['about']);
  return html`<${Title} of=${id}><${Text}>${id}<//><//>
    ${id.includes(':') && html`<p><a href=${to.asset(id)}>the asset</a></p>`}
    <${Section} title="Receipts"><${Table} of=${receipts} columns=${['at', 'step', 'state', 'who', 'receipt', 'undoes', 'undone_by', 'note', 'evidence_hash']} titles=${{ undone_by: 'taken back by' }} show=${{ undone_by: back, step: (value) => value.replaceAll('_', ' '), evidence_hash: hash }} empty="Nothing was done to it." /><//>`;
}
