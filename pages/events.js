// events: who did what here, the latest first.
import { useAsk } from 'aright/door';
import { Table, Text, Title, html, nowhere, page, params, to, turn } from 'aright/ui';

const outcomes = { '': 'all', ok: '● done', failed: '▲ failed', denied: '◆ denied' };
const fields = [['who', 'who', 'person:kim'], ['about', 'about', 'app:payroll, TN-3, R-1'], ['event', 'what', 'waiver. or gate.decided'], ['since', 'since', '-7d']];

export const who = (value) => (/^(person|team|division):/.test(value) ? html`<a href=${to.owner(value)}><${Text}>${value}<//></a>` : value);
export const done = (value) => outcomes[value] ?? value;

export default function Events() {
  const of = params();
  const events = useAsk('event.list', { who: of.who, about: of.about, event: of.event, since: of.since, outcome: of.outcome, ...page() });
  return html`<${Title} of="Events" />
    <p>What was done here and by whom: every change, and every attempt that was denied or failed.</p>
    <p class="choices">${Object.entries(outcomes).map(([one, name]) => html`<button class="plain" aria-pressed=${(of.outcome ?? '') === one} onClick=${() => turn({ ...nowhere, outcome: one })}>${name}</button>`)}
      ${fields.map(([name, label, example]) => html`<label>${label} <input value=${of[name] ?? ''} placeholder=${example} onChange=${(event) => turn({ ...nowhere, [name]: event.target.value.trim() })} /></label>`)}</p>
    <${Table} main of=${events} show=${{ who, outcome: done }} empty="Nothing like that was done." />`;
}
