// number: one number of the report, and the rows behind it.
import { useAsk } from 'aright/door';
import { Asked, Facts, Section, Table, Text, Title, html, to } from 'aright/ui';

export default function Number_({ id }) {
  const shown = useAsk('metric.show', { id }, ['id']);
  const rows = useAsk('metric.rows', { id, limit: 10000 }, ['id']);
  return html`<${Asked} of=${shown}>${(answer) => html`<${Title} of=${id + ' ' + answer.rows[0].title}><small>${id}</small> ${answer.rows[0].title}<//>
    <${Facts} of=${answer.columns.filter((column) => !['id', 'title'].includes(column.name)).map((column) => [column.name.replaceAll('_', ' '),
      answer.rows[0][column.name] === null ? null : html`<${Text}>${String(answer.rows[0][column.name])}<//>`])} />`}<//>
    <${Section} title="The rows behind it"><${Table} of=${rows} show=${{ asset: (value) => html`<a href=${to.asset(value)}><${Text}>${value}<//></a>` }} /><//>`;
}
