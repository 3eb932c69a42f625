// case: one vulnerability or incident: its clock, how far it is, and what happened to it when.
import { useAsk } from 'aright/door';
import { Asked, Facts, Section, State, Text, Title, When, count, html, to } from 'aright/ui';

const said = ['case', 'title', 'state', 'stage', 'opened_at', 'due_at', 'ready_at', 'mitigated_at', 'closed_at', 'timeline'];
const doors = { owner: to.owner, reporter: to.owner, domain: to.domain, asset: to.asset };

// How much of the time until it is due has gone.
function Clock({ of }) {
  const [from, due, end] = [of.opened_at, of.due_at, of.mitigated_at ?? Date.now()].map((at) => (at ? +new Date(at) : NaN));
  const used = Math.max(0, Math.min(1, (end - from) / (due - from)));
  const tone = of.state === 'overdue' || of.missed ? 'fail' : of.state === 'at_risk' ? 'waived' : 'pass';
  if (Number.isNaN(used)) return null;
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=${`${Math.round(used * 100)} of 100 of its time`}><rect class=${tone} width=${used * 100} height="8" /></svg>
    <p class="legend">opened <${When} at=${of.opened_at} />${of.mitigated_at ? html` · mitigated <${When} at=${of.mitigated_at} />` : of.ready_at && html` · as its owner is used to, ready <${When} at=${of.ready_at} />`} · due <${When} at=${of.due_at} /></p>`;
}

const shown = (name, value) => value === null || said.includes(name) ? null : typeof value === 'number' ? count(value)
  : doors[name] && value.includes?.(name === 'domain' ? '' : ':') ? html`<a href=${doors[name](value)}><${Text}>${value}<//></a>` : html`<${Text}>${String(value)}<//>`;

export default function Case({ id }) {
  const asked = useAsk('case.show', { case: id }, ['case']);
  return html`<${Asked} of=${asked}>${({ columns, rows: [of] }) => html`<${Title} of=${id + ' ' + of.title}><small>${id}</small> <${Text}>${of.title}<//><//>
    <div class="lead"><p><${State} of=${of.state} /> · stage <b>${of.stage}</b></p><${Clock} of=${of} /></div>
    <${Section} title="What is known of it"><${Facts} of=${columns.map(({ name }) => [name.replaceAll('_', ' '), shown(name, of[name])])} /><//>
    <${Section} title="What happened when"><ul class="plain-list">${(of.timeline ?? '').split('\n').filter(Boolean).map((line) => {
      const at = line.indexOf(' ');
      return html`<li><${When} at=${line.slice(0, at)} /> <${Text}>${line.slice(at + 1)}<//></li>`;
    })}</ul><//>`}<//>`;
}
