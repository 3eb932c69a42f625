// waivers: what is allowed to be wrong for a while, by whom, until when, and an end to it.
import { useState } from 'preact/hooks';
import { useAsk } from 'aright/door';
import { Form } from 'aright/form';
import { Section, Table, Text, Title, html, params, to, turn } from 'aright/ui';

export default function Waivers() {
  const { all } = params();
  const [ending, end] = useState(null);
  const waivers = useAsk('waiver.list', { all: all === 'true' });
  const after = () => {
    end(null);
    waivers.again();
  };
  return html`<${Title} of="Waivers" />
    <p class="choices"><button class="plain" aria-pressed=${all !== 'true'} onClick=${() => turn({ all: '' })}>◆ in force</button>
      <button class="plain" aria-pressed=${all === 'true'} onClick=${() => turn({ all: 'true' })}>those that are over, too</button></p>
    <${Table} of=${waivers} columns=${['id', 'finding', 'state', 'until', 'approver', 'owner', 'reason', 'compensating']} show=${{
      id: (value, row) => row.state === 'in_force' ? html`<button class="plain" onClick=${() => end(value)} title="end it"><${Text}>${value}<//></button>` : value,
      state: (value) => value.replace('_', ' '),
      finding: (value) => html`<a href=${to.finding(value)}><${Text}>${value}<//></a>` }} empty="Nothing is allowed to be wrong." />
    ${ending && html`<${Section} title=${'End ' + ending}><${Form} key=${ending} label="End it" op="waiver.end" fixed=${{ id: ending }} after=${after}
      fields=${[['reason', 'Why, in 10 characters or more', { required: true, minLength: 10, autofocus: true }]]} /><//>`}`;
}
