// review: what there is to look at, frozen, and what comes of it, recorded as it is said.
import { useState } from 'preact/hooks';
import { commandLine, tell, useAsk } from 'aright/door';
import { Markdown } from 'aright/markdown';
import { Asked, Failed, Section, Title, html } from 'aright/ui';

function Form({ label, op, fixed, fields, after }) {
  const [failed, setFailed] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    const form = event.target;
    const body = { ...fixed };
    for (const [name, value] of new FormData(form)) if (value.trim() !== '') body[name] = name === 'attended' ? value.split(/[\s,]+/) : value.trim();
    try {
      await tell(op, body);
      setFailed(null);
      form.reset();
      after();
    } catch (error) {
      setFailed(error);
    }
  };
  return html`<form class="record" onSubmit=${send}><h3>${label}</h3>
    ${fields.map(([name, title, more]) => html`<label>${title}<input name=${name} ...${more} /></label>`)}
    <button>${label}</button>${failed && html`<${Failed} error=${failed} />`}</form>`;
}

export default function Review({ id }) {
  const shown = useAsk('review.show', { review: id }, ['review']);
  const after = shown.again;
  const fixed = { review: id };
  return html`<${Title} of=${'Review ' + id} />
    <${Asked} of=${shown}>${(answer) => html`<${Markdown} text=${answer.rows[0].agenda} from=${2} />`}<//>
    <${Section} title="Record">
      <div class="three">
        <${Form} label="Decide" op="review.decide" fixed=${fixed} after=${after} fields=${[['text', 'What was decided', { required: true, accessKey: 'd' }], ['standard', 'On standard']]} />
        <${Form} label="Act" op="review.act" fixed=${fixed} after=${after} fields=${[['text', 'What is to be done', { required: true, accessKey: 'a' }], ['owner', 'By whom', { required: true }], ['due', 'By when', { required: true, placeholder: '+14d' }], ['standard', 'On standard']]} />
        <${Form} label="Close" op="review.close" fixed=${fixed} after=${after} fields=${[['attended', 'Who attended', { required: true, placeholder: 'person:kim, person:dee' }]]} />
      </div>
    <//>`;
}
