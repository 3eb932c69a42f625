// case: one vulnerability or incident, and what happened to it when.
import { useAsk } from 'aright/door';
import { Asked, Facts, Table, Text, Title, html } from 'aright/ui';

export default function Case({ id }) {
  const shown = useAsk('case.show', { case: id }, ['case']);
  return html`<${Title} of=${id} />
    <${Asked} of=${shown}>${(answer) => answer.rows.map((row) => html`<${Facts} of=${answer.columns.map((column) => [column.name.replaceAll('_', ' '),
      row[column.name] === null ? null : html`<span class="lines-in"><${Text}>${String(row[column.name])}<//></span>`])} />`)}<//>`;
}
