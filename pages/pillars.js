// pillars: every standard, by pillar, with how much of its scope is right.
import { useAsk } from 'aright/door';
import { Asked, Bar, Share, Title, count, html, params, percent, to, turn } from 'aright/ui';
import { byPillar } from 'aright/today';

const classes = [['', "the report's standards"], ['practice', 'its other promises'], ['all', 'both']];

const Standard = ({ of }) => html`<tr>
  <th scope="row"><a href=${to.standard(of.standard)}>${of.standard}</a></th>
  <td><a href=${to.standard(of.standard)}>${of.title}</a></td>
  <td class="wide"><${Bar} ...${of} /></td>
  <td class="number"><b>${percent(of.share)}</b></td>
  <td class="number">${count(of.pass)} of ${count(of.scope)}</td>
  ${['fail', 'unknown', 'waived'].map((state) => html`<td class="number">${of[state]
    ? html`<a href=${to.findings({ standard: of.standard, state })}>${count(of[state])}</a>` : '0'}</td>`)}
  <td class="number">${of.risk}</td>
</tr>`;

export default function Pillars() {
  const { class: sort = '' } = params();
  const score = useAsk('score', { class: sort });
  return html`<${Title} of="Pillars" />
    <p class="choices">${classes.map(([value, label]) => html`<button class="plain" aria-pressed=${sort === value} onClick=${() => turn({ class: value })}>${label}</button>`)}</p>
    <${Asked} of=${score}>${({ rows }) => byPillar(rows).map((pillar) => html`<section id=${pillar.pillar}>
      <header><h2>${pillar.pillar}</h2><div class="aside"><${Share} ...${pillar} /> · ${pillar.met} of ${pillar.standards} hold everywhere</div></header>
      <div class="table"><table>
        <thead><tr><th scope="col">standard</th><th scope="col">what must be true</th><th scope="col"><span class="hidden">share</span></th>
          <th scope="col" class="number">right</th><th scope="col" class="number">of scope</th><th scope="col" class="number">▲ wrong</th>
          <th scope="col" class="number">? unknown</th><th scope="col" class="number">◆ waived</th><th scope="col" class="number">risk</th></tr></thead>
        <tbody>${rows.filter((row) => row.pillar === pillar.pillar).map((row) => html`<${Standard} of=${row} />`)}</tbody>
      </table></div>
    </section>`)}<//>`;
}
