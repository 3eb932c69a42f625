// form: what is told to an operation that changes something, and what it says to that.
import { useState } from 'preact/hooks';
import { tell } from 'aright/door';
import { Failed, html } from 'aright/ui';

// `fixed`: arguments that are known; `fields`: [name, title, attributes]; `lists`: those of several words.
export function Form({ label, op, fixed, fields, lists = [], after }) {
  const [failed, setFailed] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    const form = event.target;
    const body = { ...fixed };
    for (const [name, value] of new FormData(form)) if (value.trim() !== '') body[name] = lists.includes(name) ? value.split(/[\s,]+/) : value.trim();
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
