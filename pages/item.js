// item: what one owner has to do under one standard.
import { useAsk } from 'aright/door';
import { Markdown } from 'aright/markdown';
import { Asked, Section, Table, Text, Title, html, page, to } from 'aright/ui';

export default function Item({ id }) {
  const shown = useAsk('work.show', { item: id }, ['item']);
  const members = useAsk('work.members', { item: id, ...page() }, ['item']);
  const at = id.indexOf('/');
  return html`<${Title} of=${id}><${Text}>${id}<//><//>
    <p><a href=${to.standard(id.slice(0, at))}>the standard</a> · <a href=${to.owner(id.slice(at + 1))}>the owner</a></p>
    <${Asked} of=${shown}>${(answer) => html`<${Markdown} text=${Object.values(answer.rows[0])[0]} from=${2} />`}<//>
    <${Section} title="Findings"><${Table} main of=${members} show=${{ asset: (value) => html`<a href=${to.finding(id.slice(0, at) + '/' + value)}><${Text}>${value}<//></a>` }} /><//>`;
}
