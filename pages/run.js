// run: something that takes long, how far it is, and what came of it; then the page shows what is new.
import { useState } from 'preact/hooks';
import { changed, tellLong } from 'aright/door';
import { Failed, count, html } from 'aright/ui';

export function Run({ label, op, body = {}, said }) {
  const [state, setState] = useState({});
  const run = async () => {
    setState({ progress: { what: label, done: 0, total: 0 } });
    try {
      const answer = await tellLong(op, body, (progress) => setState({ progress }));
      setState({ said: said(answer) });
      changed.value++;
    } catch (error) {
      setState({ error });
    }
  };
  const { progress, error } = state;
  return html`<span class="run" aria-live="polite">
    ${progress
      ? html`<label>${progress.what} <progress value=${progress.total ? progress.done : undefined} max=${progress.total || undefined} /></label>${progress.total > 0 && html` <small>${count(progress.done)} of ${count(progress.total)}</small>`}`
      : html`<button onClick=${run}>${label}</button>`}
    ${state.said && html` <small>${state.said}</small>`}${error && html`<${Failed} error=${error} />`}</span>`;
}
