// asset: one thing: its facts with their sources, whose it is, what is wrong with it, its past.
import { useAsk } from 'aright/door';
import { Asked, Section, State, Table, Text, Title, When, html, to } from 'aright/ui';

const sections = [
  ['fact', 'Facts', ['name', 'value', 'source', 'since', 'at']],
  ['conflict', 'Where sources disagree', ['name', 'value', 'source', 'at']],
  ['other', 'What others say', ['name', 'value', 'source', 'at']],
  ['owner', 'Whose it is', ['name', 'value', 'source', 'confidence', 'at']],
  ['row', 'Shown by', ['source', 'value', 'at']],
  ['history', 'Its past', ['at', 'name', 'before', 'value', 'source']],
];

function Rows({ rows, columns }) {
  return html`<div class="table"><table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${columns.map((name) => html`<td>${row[name] === null ? html`<span class="none">–</span>`
      : name === 'at' || name === 'since' ? html`<${When} at=${row[name]} />` : html`<${Text}>${String(row[name])}<//>`}</td>`)}</tr>`)}</tbody></table></div>`;
}

export default function Asset({ id }) {
  const shown = useAsk('asset.show', { asset: id }, ['asset']);
  const kind = id.slice(0, id.indexOf(':'));
  const findings = useAsk('finding.list', { limit: 10000 });
  const mine = findings.answer && findings.answer.rows.filter((row) => row.kind + ':' + row.asset === id);
  return html`<${Asked} of=${shown}>${({ rows }) => {
    const fact = (name) => rows.find((row) => row.what === 'fact' && row.name === name)?.value;
    const owner = fact('owner_id');
    return html`<${Title} of=${id}><${Text}>${fact('name') ?? id}<//><//>
      <p><a href=${to.kind(kind)}>${kind}</a> <code>${id.slice(kind.length + 1)}</code>${owner && html` · owned by <a href=${to.owner(owner)}><${Text}>${owner}<//></a>`}</p>
      ${mine && html`<${Section} title="What is not right">${mine.length === 0 ? html`<p class="empty">Nothing is known to be wrong.</p>`
        : html`<ul class="plain-list walk">${mine.map((one) => html`<li><${State} of=${one.state} /> <a href=${to.finding(one.id)}>${one.standard} ${one.title}</a></li>`)}</ul>`}<//>`}
      ${sections.map(([what, title, columns]) => {
        const of = rows.filter((row) => row.what === what);
        return of.length > 0 && html`<${Section} title=${title}><${Rows} rows=${of} columns=${columns} /><//>`;
      })}`;
  }}<//>`;
}
