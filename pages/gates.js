// gates: what is judged before it becomes so, what that costs people, and whether its no was right.
import { useState } from 'preact/hooks';
import { tell, useAsk } from 'aright/door';
import { Failed, Section, Table, Text, Title, count, html, nowhere, page, params, to, turn } from 'aright/ui';

const effects = { deny: '▲ denied', warn: '◣ warned', audit: '· recorded', none: '● let through' };
const filters = [['', 'to be answered'], ['all', 'all'], ...Object.entries(effects)];
const asked = (show) => (show === 'all' ? {} : show ? { effect: show } : { unanswered: true });
const isOpen = (row) => row.effect !== 'none' && row.was_right === null && row.overridden_by === null;
const standards = (value) => value.split(' ').map((id, i) => html`${i > 0 && ' '}<a href=${to.standard(id)}>${id}</a>`);

// y and n in the row of a decision say whether it was right.
const keys = { y: 'yes', n: 'no' };

function Decisions() {
  const { show = '', gate, standard, asset, answer: said } = params();
  const decisions = useAsk('gate.decisions', { ...asked(show), gate, standard, asset, answer: said, ...page() });
  const [failed, setFailed] = useState(null);
  const answer = (row, yes) => tell('gate.answer', { decision: row.decision, answer: yes }).then(
    () => { setFailed(null); decisions.again(); }, setFailed);
  const was = (value, row) => isOpen(row)
    ? html`<button onClick=${() => answer(row, 'yes')}>yes</button> <button onClick=${() => answer(row, 'no')}>no</button>`
    : row.overridden_by ? 'let through' : value === null ? null : value ? '● yes' : '▲ no';
  return html`<${Section} title="Decisions" aside=${html`in a row, <kbd>y</kbd> says that it was right, <kbd>n</kbd> that it was not`}>
    <p class="choices">${filters.map(([one, name]) => html`<button class="plain" aria-pressed=${show === one} onClick=${() => turn({ ...nowhere, show: one, answer: '' })}>${name}</button>`)}</p>
    ${failed && html`<${Failed} error=${failed} />`}
    <${Table} main of=${decisions} columns=${['asset', 'effect', 'standards', 'gate', 'who', 'at', 'was_right', 'overridden_by', 'decision']}
      titles=${{ was_right: 'was this right?' }} onKey=${(event, row) => keys[event.key] && isOpen(row) && answer(row, keys[event.key])}
      show=${{ effect: (value) => effects[value] ?? value, standards, was_right: was, gate: (value) => html`<a href=${'/gates?' + new URLSearchParams({ show: 'all', gate: value })}>${value}</a>` }}
      empty=${show ? 'No gate decided anything like that.' : 'Nobody is waiting for an answer: every denial and warning was called right or wrong.'} />
  <//>`;
}

export default function Gates() {
  const gates = useAsk('gate.list');
  const cost = useAsk('gate.cost');
  const door = (of) => (value, row) => value ? html`<a href=${'/gates?' + new URLSearchParams({ standard: row.standard, ...of })}>${count(value)}</a>` : '0';
  const doors = { decisions: door({ show: 'all' }), denied: door({ show: 'deny' }), warned: door({ show: 'warn' }), overridden: door({ show: 'deny', answer: 'overridden' }),
    right: door({ show: 'deny', answer: 'yes' }), wrong: door({ show: 'deny', answer: 'no' }) };
  return html`<${Title} of="Gates" />
    <p>A gate judges what is proposed before it becomes so. What it costs people is measured here, and they say whether its no was right.</p>
    <${Decisions} />
    <${Section} title="What each standard costs"><${Table} of=${cost} show=${doors} titles=${{ p50_us: 'half within µs', p99_us: '99 % within µs' }} empty="No gate has decided anything." /><//>
    <${Section} title="Gates"><${Table} of=${gates} empty="No standard is at a gate." /><//>`;
}
