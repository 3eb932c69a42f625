// report: the progress report, as `report progress` writes it.
import { useAsk } from 'aright/door';
import { Markdown } from 'aright/markdown';
import { Asked, Title, html, params, turn } from 'aright/ui';

export default function Report() {
  const { from = '', to = '' } = params();
  const report = useAsk('report.write', { from, to });
  const snapshots = useAsk('snapshot.list');
  const standards = new Set(useAsk('standard.list').answer?.rows.map((row) => row.id));
  const choose = (name, value, label) => html`<label>${label} <select value=${value} onChange=${(event) => turn({ [name]: event.target.value })}>
    <option value="">${name === 'from' ? 'the first' : 'the last'}</option>${(snapshots.answer?.rows ?? []).map((row) => html`<option>${row.snapshot}</option>`)}</select></label>`;
  return html`<${Title} of="Progress report"><span class="hidden">Progress report</span><//>
    <p class="choices no-print">${choose('from', from, 'from')} ${choose('to', to, 'to')} <button onClick=${() => print()}>print</button></p>
    <${Asked} of=${report}>${(answer) => html`<${Markdown} text=${answer.rows[0].report} from=${1} standards=${standards} />`}<//>`;
}
