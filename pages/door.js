// door: asks operations of aright and hands on their rows as objects.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';

/* What the page in view asked, as command lines. */
export const asked = signal([]);

const path = (op) => '/api/v1/' + op.replaceAll('.', '/');

export function query(params) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    for (const one of [value].flat())
      if (one !== undefined && one !== null && one !== '' && one !== false) search.append(name, one);
  return search.size ? '?' + search : '';
}

// Without what cuts it into pages.
export const download = (op, { limit, after, skip, ...params }, format) => path(op) + query({ ...params, limit: limit && largest, _kept: true, _format: format });

const largest = 1000000; /* rows of a file */

const quoted = (text) => (/^[\w.:/@%+,-]+$/.test(text) ? text : "'" + text.replaceAll("'", "'\\''") + "'");

// The command line that tells the same. `places` names the parameters that go without their name.
export function commandLine(op, params, places = []) {
  const words = ['aright', ...op.split('.')];
  for (const name of places) if (params[name]) words.push(quoted(String(params[name])));
  for (const [name, value] of Object.entries(params)) {
    if (places.includes(name)) continue;
    for (const one of [value].flat()) {
      if (one === undefined || one === null || one === '' || one === false) continue;
      words.push('--' + name.replaceAll('_', '-'));
      if (one !== true) words.push(quoted(String(one)));
    }
  }
  return words.join(' ');
}

async function read(response) {
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw Object.assign(new Error('the answer cannot be read'), { code: 'io' });
  }
  if (answer.error)
    throw Object.assign(new Error(answer.error.message), {
      code: response.status === 401 ? 'nobody' : answer.error.code,
      notes: answer.notes,
    });
  const names = answer.columns.map((column) => column.name);
  answer.rows = answer.rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i], value])));
  return answer;
}

export async function ask(op, params = {}) {
  return read(await fetch(path(op) + query({ ...params, _kept: true })));
}

const post = (op, body, more) =>
  fetch(path(op), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Aright-Door': 'page', ...more },
    body: JSON.stringify(body),
  });

export const tell = async (op, body = {}) => read(await post(op, body));

/* What changed here: whatever is in view asks anew. */
export const changed = signal(0);

// The same of what takes long: `onProgress` is told {what, done, total} while it works.
export async function tellLong(op, body, onProgress) {
  const response = await post(op, body, { Accept: 'text/event-stream' });
  if (!response.headers.get('Content-Type').startsWith('text/event-stream')) return read(response);
  let text = '';
  for (const reader = response.body.pipeThrough(new TextDecoderStream()).getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) throw Object.assign(new Error('the answer broke off'), { code: 'io' });
    text += value;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const lines = text.slice(0, end).split('\n');
      const data = JSON.parse(lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n'));
      if (lines[0] === 'event: progress') onProgress(data);
      else return read({ status: 200, json: async () => data });
    }
  }
}

// {answer, error}: both empty while nothing came yet. What was there stays until the next comes.
export function useAsk(op, params = {}, places = []) {
  const [state, setState] = useState({});
  const [turn, setTurn] = useState(0);
  const key = op && op + query(params);
  useEffect(() => {
    if (!op) return;
    let current = true;
    const line = commandLine(op, params, places);
    if (!asked.value.includes(line)) asked.value = [...asked.value, line];
    ask(op, params).then(
      (answer) => current && setState({ answer, key }),
      (error) => current && setState({ error, key }),
    );
    return () => (current = false);
  }, [key, turn, changed.value]);
  return { ...(state.key === key || state.answer ? state : {}), op, params, again: () => setTurn(turn + 1) };
}

// Who comes back to a page sees what is there now, not what was.
const stale = 60000; /* ms */
let left = 0;
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') left = Date.now();
  else if (Date.now() - left > stale) changed.value++;
});
