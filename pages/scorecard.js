// scorecard: how what one owner, or one domain, answers for stands.
import { useAsk } from 'aright/door';
import { Trend } from 'aright/trend';
import { Asked, Bar, Section, Table, Text, Title, Legend, count, findingDoors, html, percent, to } from 'aright/ui';
import { total } from 'aright/today';

// What is open, and what was missed whether it is mitigated now or not.
const standing = (rows) => {
  const in_ = (...states) => rows.filter((row) => states.includes(row.state)).length;
  return html`<p>${count(in_('open', 'at_risk', 'overdue'))} open: ${count(in_('overdue'))} overdue, ${count(in_('at_risk'))} at risk.
    ${' '}${count(rows.filter((row) => row.missed).length)} missed their due date.</p>`;
};

export function Scorecard({ name, of, children }) {
  const score = useAsk(of.owner && 'score', { ...of, class: 'all' });
  const work = useAsk('work.list', { ...of, limit: 100 });
  const findings = useAsk('finding.list', { ...of, limit: 100 });
  const cases = useAsk('case.list', { ...of, limit: 10000 });
  return html`<${Title} of=${name}><${Text}>${name}<//><//>
    ${of.owner && html`<${Asked} of=${score}>${({ rows }) => {
      const sum = total(rows);
      return sum.scope === 0 ? html`<p class="empty">Nothing they own is under a standard.</p>`
        : html`<div class="lead"><p class="big"><b>${percent(sum.pass / sum.scope)}</b> right: ${count(sum.pass)} of ${count(sum.scope)} checks.</p><${Bar} ...${sum} /><${Legend} of=${sum} to=${of} /></div>`;
    }}<//>`}
    ${children}
    ${of.domain && html`<${Trend} of=${{ domain: of.domain }} />`}
    <${Section} title="Work" aside=${html`<a href=${to.work(of)}>all of it</a>`}><${Table} of=${work} columns=${['item', 'title', 'open', 'due_at', 'overdue_days', 'at_risk', 'rank', 'whose']} empty="There is nothing to do." /><//>
    <${Section} title="Cases">
      <${Asked} of=${cases}>${({ rows }) => rows.length > 0 && standing(rows)}<//>
      <${Table} of=${cases} columns=${['case', 'title', 'severity', 'state', 'due_at', 'missed', 'owner']} empty="There was no case." /><//>
    ${of.owner && html`<${Section} title="Standards"><${Table} of=${score} columns=${['standard', 'title', 'scope', 'pass', 'fail', 'unknown', 'waived', 'share']} show=${findingDoors((row) => ({ ...of, standard: row.standard }))} empty="None." /><//>`}
    <${Section} title="What is not right" aside=${html`<a href=${to.findings(of)}>all of it</a>`}><${Table} of=${findings} columns=${['id', 'state', 'title', 'name', 'due', 'rank']} show=${{ id: (value) => html`<a href=${to.finding(value)}><${Text}>${value}<//></a>` }} empty="All of it is right." /><//>`;
}
