// scorecard: how what one owner, or one domain, answers for stands.
import { useAsk } from 'aright/door';
import { Asked, Bar, Section, Table, Text, Title, count, html, percent, to } from 'aright/ui';
import { total } from 'aright/today';

export function Scorecard({ name, of, children }) {
  const score = useAsk(of.owner && 'score', { ...of, class: 'all' });
  const work = useAsk('work.list', { ...of, limit: 1000 });
  const findings = useAsk('finding.list', { ...of, limit: 1000 });
  const cases = useAsk(of.owner && 'case.list', { ...of, limit: 1000 });
  return html`<${Title} of=${name}><${Text}>${name}<//><//>
    ${of.owner && html`<${Asked} of=${score}>${({ rows }) => {
      const sum = total(rows);
      return sum.scope === 0 ? html`<p class="empty">Nothing they own is under a standard.</p>`
        : html`<div class="lead"><p class="big"><b>${percent(sum.pass / sum.scope)}</b> of ${count(sum.scope)} checks are right.</p><${Bar} ...${sum} /></div>`;
    }}<//>`}
    ${children}
    <${Section} title="Work"><${Table} of=${work} columns=${['item', 'title', 'open', 'due_at', 'overdue_days', 'at_risk', 'rank', 'whose']} empty="There is nothing to do." /><//>
    ${of.owner && html`<${Section} title="Cases"><${Table} of=${cases} columns=${['case', 'title', 'severity', 'state', 'due_at']} empty="No open case." /><//>`}
    ${of.owner && html`<${Section} title="Standards"><${Table} of=${score} columns=${['standard', 'title', 'scope', 'pass', 'fail', 'unknown', 'waived', 'share']} empty="None." /><//>`}
    <${Section} title="What is not right"><${Table} of=${findings} columns=${['id', 'state', 'title', 'name', 'due', 'rank']} show=${{ id: (value) => html`<a href=${to.finding(value)}><${Text}>${value}<//></a>` }} empty="All of it is right." /><//>`;
}
