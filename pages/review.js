// review: what there is to look at, frozen, and what comes of it, recorded as it is said.
import { useAsk } from 'aright/door';
import { Form } from 'aright/form';
import { Markdown } from 'aright/markdown';
import { Asked, Section, Title, html } from 'aright/ui';

export default function Review({ id }) {
  const shown = useAsk('review.show', { review: id }, ['review']);
  const standards = new Set(useAsk('standard.list').answer?.rows.map((row) => row.id));
  const after = shown.again;
  const fixed = { review: id };
  return html`<${Title} of=${'Review ' + id} />
    <${Asked} of=${shown}>${(answer) => html`<${Markdown} text=${answer.rows[0].agenda} from=${2} standards=${standards} />`}<//>
    <${Section} title="Record">
      <div class="three">
        <${Form} label="Decide" op="review.decide" fixed=${fixed} after=${after} fields=${[['text', 'What was decided', { required: true, accessKey: 'd' }], ['standard', 'On standard']]} />
        <${Form} label="Act" op="review.act" fixed=${fixed} after=${after} fields=${[['text', 'What is to be done', { required: true, accessKey: 'a' }], ['owner', 'By whom', { required: true }], ['due', 'By when', { required: true, placeholder: '+14d' }], ['standard', 'On standard']]} />
        <${Form} label="Close" op="review.close" fixed=${fixed} lists=${['attended']} after=${after} fields=${[['attended', 'Who attended', { required: true, placeholder: 'person:kim, person:dee' }]]} />
      </div>
    <//>`;
}
