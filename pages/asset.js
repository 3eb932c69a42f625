// asset: one thing: its facts with their sources, whose it is, what is wrong with it, its past, and
// what was done about it.
import { useAsk } from 'aright/door';
import { done, who } from 'aright/events';
import { Asked, Exports, Section, State, Table, Text, Title, When, count, html, to } from 'aright/ui';

const sections = [
  ['fact', 'Facts', ['name', 'value', 'source', 'since', 'at']],
  ['conflict', 'Where sources disagree', ['name', 'value', 'source', 'at']],
  ['other', 'What others say', ['name', 'value', 'source', 'at']],
  ['owner', 'Whose it is', ['name', 'value', 'source', 'confidence', 'at']],
  ['row', 'Shown by', ['source', 'value', 'at']],
  ['history', 'Its past', ['at', 'name', 'before', 'value', 'source']],
];

function Rows({ of, rows, columns }) {
  return html`<div class="table"><table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${columns.map((name) => html`<td>${row[name] === null ? html`<span class="none">–</span>`
      : name === 'at' || name === 'since' ? html`<${When} at=${row[name]} />` : html`<${Text}>${String(row[name])}<//>`}</td>`)}</tr>`)}</tbody></table>
    <p class="under">${count(rows.length)} rows${' · '}<${Exports} of=${of} /></p></div>`;
}

export default function Asset({ id }) {
  const shown = useAsk('asset.show', { asset: id }, ['asset']);
  const kind = id.slice(0, id.indexOf(':'));
  const linked = useAsk('asset.links', { asset: id }, ['asset']);
  const events = useAsk('event.list', { about: id, limit: 100 });
  const decisions = useAsk('gate.decisions', { asset: id, limit: 100 });
  const mine = useAsk('finding.list', { asset: id, limit: 1000 }).answer?.rows;
  return html`<${Asked} of=${shown}>${({ rows }) => {
    const fact = (name) => rows.find((row) => row.what === 'fact' && row.name === name)?.value;
    const owner = fact('owner_id');
    return html`<${Title} of=${id}><${Text}>${fact('name') ?? id}<//><//>
      <p><a href=${to.kind(kind)}>${kind}</a> <code>${id.slice(kind.length + 1)}</code>${owner && html` · owned by <a href=${to.owner(owner)}><${Text}>${owner}<//></a>`}</p>
      ${mine && html`<${Section} title="What is not right">${mine.length === 0 ? html`<p class="empty">Nothing is known to be wrong.</p>`
        : html`<ul class="plain-list walk">${mine.map((one) => html`<li><${State} of=${one.state} /> <a href=${to.finding(one.id)}>${one.standard} ${one.title}</a></li>`)}</ul>`}<//>`}
      ${sections.map(([what, title, columns]) => {
        const of = rows.filter((row) => row.what === what);
        return of.length > 0 && html`<${Section} title=${title}><${Rows} of=${shown} rows=${of} columns=${columns} /><//>`;
      })}
      ${linked.answer?.rows.length > 0 && html`<${Section} title="Linked to"><${Table} of=${linked} /><//>`}
      <${Section} title="What was done about it" aside=${html`<a href=${'/events?' + new URLSearchParams({ about: id })}>all of it</a>`}>
        <${Table} of=${events} show=${{ who, outcome: done }} empty="Nobody did anything about it here." /><//>
      ${decisions.answer?.rows.length > 0 && html`<${Section} title="What gates said of it" aside=${html`<a href=${'/gates?' + new URLSearchParams({ show: 'all', asset: id })}>all of it</a>`}>
        <${Table} of=${decisions} columns=${['at', 'gate', 'effect', 'standards', 'who', 'was_right', 'decision']} /><//>`}`;
  }}<//>`;
}
