// finding: one asset under one standard: why, whose, by when, and what would be right.
import { useAsk } from 'aright/door';
import { Form } from 'aright/form';
import { Asked, Facts, Section, State, Table, Text, Title, When, html, to } from 'aright/ui';

const lines = (text) => text && html`<ul class="plain-list">${text.split('\n').map((line) => html`<li><${Text}>${line}<//></li>`)}</ul>`;

export default function Finding({ id }) {
  const finding = useAsk('finding.explain', { finding: id }, ['finding']);
  return html`<${Asked} of=${finding}>${({ rows: [f] }) => {
    const asset = f.id.slice(f.id.indexOf('/') + 1);
    const item = f.owner && f.standard + '/' + f.owner;
    return html`<${Title} of=${f.id}><${Text}>${f.name || asset}<//><//>
      <p><${State} of=${f.state} /> under <a href=${to.standard(f.standard)}>${f.standard} ${f.title}</a>: <${Text}>${f.statement}<//></p>
      <div class="two">
        <${Section} title="Why">${lines(f.why) ?? html`<p class="empty">It meets the standard.</p>`}<//>
        <${Section} title="What would be right"><p><${Text}>${f.right ?? 'It is.'}<//></p><//>
      </div>
      <${Section} title="Whose, by when"><${Facts} of=${[['owner', f.owner && html`<a href=${to.owner(f.owner)}><${Text}>${f.owner}<//></a>`], ['how found', f.owner_source],
        ['domain', f.domain && html`<a href=${to.domain(f.domain)}>${f.domain}</a>`], ['since', f.opened_at && html`<${When} at=${f.opened_at} />`], ['due', f.due && html`<${When} at=${f.due} />`],
        ['item', item && html`<a href=${to.item(item)}>${item}</a>`], ['waiver', f.waiver]]} /><//>
      <${Section} title="What is known of it" aside=${html`<a href=${to.asset(asset)}>the asset</a>`}>${lines(f.facts)}
        <${Facts} of=${[['last seen', f.last_seen && html`<${When} at=${f.last_seen} />`], ['shown by', f.source]]} /><//>
      ${(f.state === 'fail' || f.state === 'unknown') && html`<details class="waive"><summary>Allow it for a while</summary>
        <${Form} label="Waive" op="waiver.grant" fixed=${{ finding: f.id }} after=${finding.again}
          fields=${[['until', 'Until when', { required: true, placeholder: '+30d' }], ['reason', 'Why, in 10 characters or more', { required: true, minLength: 10 }], ['compensating', 'What lowers the risk in the meantime']]} /></details>`}
      <${Section} title="How it came to be">${lines(f.history)}<//>`;
  }}<//>`;
}
