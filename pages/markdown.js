// markdown: what operations write as Markdown, as elements: headings, lists, tables, code, emphasis.
// Nothing in it becomes HTML by itself.
import { html, to as links } from 'aright/ui';

const spans = /`([^`]+)`|\*\*(.+?)\*\*|\[([^\]]+)\]\((\/[^)\s]*)\)|\\([\\`*_{}[\]()#+\-.!|<>~])/g;

// The text, with a link where it names a standard.
const linked = (text, standards) =>
  text.split(/(\b[A-Z]{2,4}-\d+[a-z]?\b)/).map((part) => (standards?.has(part) ? html`<a href=${links.standard(part)}>${part}</a>` : part));

function inline(text, standards) {
  const out = [];
  let from = 0;
  for (const match of text.matchAll(spans)) {
    out.push(linked(text.slice(from, match.index), standards));
    const [, code, strong, label, href, escaped] = match;
    if (code !== undefined) out.push(html`<code>${code}</code>`);
    else if (strong !== undefined) out.push(html`<strong>${inline(strong, standards)}</strong>`);
    else if (label !== undefined) out.push(html`<a href=${href}>${inline(label)}</a>`);
    else out.push(escaped);
    from = match.index + match[0].length;
  }
  out.push(linked(text.slice(from), standards));
  return out;
}

const cells = (line) =>
  line.trim().replace(/^\||\|$/g, '').split(/(?<!\\)\|/).map((cell) => cell.trim());

function table(lines, standards) {
  const [head, , ...body] = lines.map(cells);
  return html`<div class="table"><table>
    <thead><tr>${head.map((cell) => html`<th scope="col">${inline(cell)}</th>`)}</tr></thead>
    <tbody>${body.map((row) => html`<tr>${row.map((cell) => html`<td>${inline(cell, standards)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

// Lines until one that does not fit.
function run(lines, at, fits) {
  let to = at;
  while (to < lines.length && fits(lines[to])) to++;
  return to;
}

// `standards`: the ids that become links, a Set.
export function Markdown({ text, from = 1, standards }) {
  const lines = text.split('\n');
  const out = [];
  let level = from - 1;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    const heading = /^(#{1,4}) (.*)/.exec(line);
    let to = at + 1;
    if (line.trim() === '') {
      /* between blocks */
    } else if (heading) {
      // no level is left out on the way down, however the text has it
      level = Math.min(6, heading[1].length + from - 1, level + 1);
      const Level = 'h' + level;
      out.push(html`<${Level}>${inline(heading[2])}<//>`);
    } else if (line.startsWith('```')) {
      to = run(lines, at + 1, (one) => !one.startsWith('```'));
      out.push(html`<pre><code>${lines.slice(at + 1, to).join('\n')}</code></pre>`);
      to++;
    } else if (line.startsWith('|') && /^\|[\s:|-]+$/.test(lines[at + 1] ?? '')) {
      to = run(lines, at, (one) => one.startsWith('|'));
      out.push(table(lines.slice(at, to), standards));
    } else if (/^\s*- /.test(line)) {
      to = run(lines, at, (one) => /^\s*- /.test(one) || /^\s{2,}\S/.test(one));
      const items = lines.slice(at, to).join('\n').split(/\n(?=\s*- )/);
      out.push(html`<ul class="walk">${items.map((one) => {
        const task = /^\s*- \[([ x])\] /.exec(one);
        const body = one.replace(/^\s*- (\[[ x]\] )?/, '');
        return html`<li>${task && html`<span role="img" aria-label=${task[1] === 'x' ? 'done' : 'open'}>${task[1] === 'x' ? '☑' : '☐'}</span> `}${inline(body, standards)}</li>`;
      })}</ul>`);
    } else {
      to = run(lines, at, (one) => one.trim() !== '' && !/^(#|- |\||```)/.test(one));
      if (to === at) to++;
      out.push(html`<p>${inline(lines.slice(at, to).join(' '), standards)}</p>`);
    }
    at = to;
  }
  return html`<div class="prose">${out}</div>`;
}
