// standard: one of them: what it says, how it stands, what changed, where, and what keeps it.
import { useAsk } from 'aright/door';
import { Trend } from 'aright/trend';
import { Asked, Bar, Facts, Legend, Section, Table, Text, Title, count, findingDoors, html, percent, to } from 'aright/ui';

const Standing = ({ score }) => html`<div class="lead">
  <p class="big"><b>${percent(score.share)}</b> · ${count(score.pass)} of ${count(score.scope)} are right</p>
  <${Bar} ...${score} />
  <${Legend} of=${score} to=${{ standard: score.standard }} />
</div>`;

function Bridge({ id }) {
  const bridge = useAsk('snapshot.bridge', { standard: id });
  if (bridge.error) return html`<p class="empty">No two snapshots to compare yet.</p>`;
  const line = (value, row) => row.assets === null ? html`<b>${value}</b>`
    : html`<a href=${'/changes?' + new URLSearchParams({ standard: id, line: value })}>${value}</a>`;
  return html`<${Table} of=${bridge} columns=${['line', 'assets', 'scope', 'pass', 'fail', 'unknown', 'waived']} show=${{ line }} titles=${{ line: 'since the last snapshot' }} />`;
}

export default function Standard({ id }) {
  const shown = useAsk('standard.show', { id }, ['id']);
  const score = useAsk('score', { class: 'all' });
  const work = useAsk('work.list', { standard: id, limit: 100 });
  const findings = useAsk('finding.list', { standard: id, limit: 100 });
  const ages = useAsk('finding.ages', { standard: id });
  const domains = useAsk('score', { standard: id, by: 'domain' });
  const gates = useAsk('gate.cost');
  return html`<${Asked} of=${shown}>${({ rows: [s] }) => html`
    <${Title} of=${s.id + ' ' + s.title}><small>${s.id}</small> <${Text}>${s.title}<//><//>
    <p class="statement"><${Text}>${s.statement}<//></p>
    <${Asked} of=${score}>${({ rows }) => {
      const one = rows.find((row) => row.standard === s.id);
      return one ? html`<${Standing} score=${one} />` : html`<p class="empty">Nothing is in its scope.</p>`;
    }}<//>
    <div class="three">
      <${Section} title="Start right">${s.template ? html`<p>New ones come from template <code>${s.template}</code>.</p>` : html`<p class="empty">No template makes new ones right.</p>`}<//>
      <${Section} title="Stay right">${s.gates ? html`<p>Judged at <a href="/gates">${s.gates}</a>.</p>` : html`<p class="empty">No gate keeps it.</p>`}
        <${Asked} of=${gates}>${({ rows }) => {
          const cost = rows.find((row) => row.standard === s.id);
          return cost ? html`<p>${count(cost.denied)} of ${count(cost.decisions)} denied, ${count(cost.overridden)} let through all the same.</p>` : null;
        }}<//>
      <//>
      <${Section} title="Get right"><${Facts} of=${[['what gets it right', s.action], ['within', s.due], ['may be waived for', s.waiver_max]]} /><//>
    </div>
    <${Section} title="What changed"><${Bridge} id=${s.id} /><//>
    <${Trend} of=${{ standard: s.id }} />
    <div class="two">
      <${Section} title="How long it is open"><${Table} of=${ages} columns=${['age', 'fail', 'unknown', 'overdue']} titles=${{ age: 'open for' }} /><//>
      <${Section} title="By domain"><${Table} of=${domains} columns=${['domain', 'scope', 'pass', 'fail', 'unknown', 'waived', 'share']} show=${findingDoors((row) => ({ standard: s.id, domain: row.domain }))} empty="Nothing is in its scope." /><//>
    </div>
    <${Section} title="By owner" aside=${html`<a href=${to.work({ standard: s.id })}>all of it</a>`}><${Table} of=${work} columns=${['item', 'owner', 'whose', 'domain', 'open', 'due_at', 'overdue_days', 'at_risk', 'rank']} empty="Nobody has anything to do." /><//>
    <${Section} title="What is not right" aside=${html`<a href=${to.findings({ standard: s.id })}>all of it</a>`}>
      <${Table} of=${findings} columns=${['id', 'state', 'name', 'owner', 'due', 'since']} show=${{ id: (value) => html`<a href=${to.finding(value)}><${Text}>${value}<//></a>` }} empty="All of it is right." />
    <//>
    <${Section} title="Its text"><${Facts} of=${[['applies to', html`<a href=${to.kind(s.kind)}>${s.kind}</a>`], ['which of them', s.where && html`<code>${s.where}</code>`],
      ['must meet', html`<code>${s.pass}</code>`], ['with', s.params], ['what would be right', s.right], ['risk', s.risk], ['kept by', html`<a href=${to.owner(s.owner)}>${s.owner}</a>`],
      ['version', s.version], ['file', html`<code>${s.file}</code>`]]} /><//>`}<//>`;
}
