// lives: tenants and applications on their way, what comes next, and who has which privilege without
// an end.
import { useAsk } from 'aright/door';
import { Section, Table, Text, Title, html, params, to, turn } from 'aright/ui';

const due = ['', 'any', 'warn', 'quarantine', 'soft_delete', 'purge', 'approve'];

export default function Lives() {
  const of = params();
  const lives = useAsk('life.list', { due: of.due, state: of.state, kind: of.kind, limit: 1000 });
  const grants = useAsk('grant.list', { standing: true, limit: 1000 });
  const link = (value) => html`<a href=${'/life/' + encodeURIComponent(value)}><${Text}>${value}<//></a>`;
  return html`<${Title} of="Life cycles" />
    <p class="choices">${due.map((one) => html`<button class="plain" aria-pressed=${(of.due ?? '') === one} onClick=${() => turn({ due: one })}>${one === '' ? 'all' : one === 'any' ? 'due for a step' : one.replaceAll('_', ' ')}</button>`)}</p>
    <${Table} of=${lives} columns=${['asset', 'name', 'class', 'state', 'next', 'next_at', 'why', 'ends_at', 'owner', 'domain']} show=${{ asset: link, state: (value) => value.replaceAll('-', ' ') }} empty="Nothing is there." />
    <${Section} title="Privileges without an end"><${Table} of=${grants} columns=${['who', 'role', 'system', 'scope', 'since', 'last_used_at', 'owner']} empty="Every privilege that is known has an end." /><//>`;
}
