// domain: the scorecard of a domain, and who is accountable for it.
import { useAsk } from 'aright/door';
import { Bar, Facts, Legend, Text, count, html, percent, to } from 'aright/ui';
import { Scorecard } from 'aright/scorecard';

export default function Domain({ id }) {
  const domains = useAsk('domain.list');
  const owned = useAsk('owner.status');
  const scores = useAsk('score', { by: 'domain', class: 'all' });
  const one = (asked) => asked.answer?.rows.find((row) => row.domain === id);
  const [domain, status, score] = [one(domains), one(owned), one(scores)];
  return html`<${Scorecard} name=${domain?.name ?? id} of=${{ domain: id }}>
    ${score && html`<div class="lead"><p class="big"><b>${percent(score.share)}</b> right: ${count(score.pass)} of ${count(score.scope)} checks.</p><${Bar} ...${score} /><${Legend} of=${score} to=${{ domain: id }} /></div>`}
    <${Facts} of=${[['Deputy CISO', domain?.deputy_ciso ? html`<a href=${to.owner(domain.deputy_ciso)}><${Text}>${domain.deputy_ciso}<//></a>` : domain && '▲ vacant'],
      ['assets', domain && count(domain.assets)], ['with a current owner', status && percent(status.share)]]} />
  <//>`;
}
