// chart: numbers over time as a line that can be read off, and beside it as a table.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from 'aright/ui';

// What `light-dark()` comes to is known of an element only.
function ink(element, name) {
  element.style.color = `var(--${name})`;
  return getComputedStyle(element).color;
}

// Days as people write them, hours where all of it is within two days.
function dates(u, ticks) {
  const days = (ticks.at(-1) - ticks[0]) / 86400;
  const how = days < 2 ? { hour: '2-digit', minute: '2-digit', hour12: false } : days < 300 ? { day: 'numeric', month: 'short' } : { month: 'short', year: 'numeric' };
  return ticks.map((at) => new Date(at * 1000).toLocaleString('en-GB', how));
}

function options(box, { series, share, goal }) {
  const axis = { stroke: ink(box, 'faint'), grid: { stroke: ink(box, 'line'), width: 1 }, ticks: { show: false } };
  const text = (value) => (value === null || value === undefined ? '–' : share ? (value * 100).toFixed(1) + ' %' : value.toLocaleString('en'));
  return {
    width: box.clientWidth, height: 220,
    scales: { y: { range: share ? (u, least) => [Math.max(0, Math.floor(least * 10 - 0.5) / 10), 1] : (u, least, most) => [Math.min(0, least), most || 1] } },
    legend: { live: true }, cursor: { y: false },
    axes: [{ ...axis, values: dates, space: 80 }, { ...axis, size: 64, values: (u, ticks) => ticks.map(text) }],
    series: [
      { value: (u, at) => (at === null ? '–' : new Date(at * 1000).toLocaleDateString('en-CA')), label: 'as of' },
      ...series.map(({ label, tone }) => ({ label, stroke: ink(box, tone ?? 'link'), width: 2, points: { size: 5 }, value: (u, value) => text(value) })),
      ...(goal === undefined ? [] : [{ label: 'goal', stroke: ink(box, 'faint'), dash: [6, 4], width: 1, points: { show: false }, value: (u, value) => text(value) }]),
    ],
  };
}

// `at`: times, oldest first; `series`: [{label, values, tone}]; `share`: of 1; `goal`: one number.
export function Chart({ title, at, series, share, goal }) {
  const box = useRef();
  const [scheme, setScheme] = useState(0);
  const data = [at.map((time) => Date.parse(time) / 1000), ...series.map((one) => one.values)];
  if (goal !== undefined) data.push(at.map(() => goal));
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const turn = () => setScheme((n) => n + 1);
    dark.addEventListener('change', turn);
    return () => dark.removeEventListener('change', turn);
  }, []);
  useEffect(() => {
    let plot;
    let gone = false;
    const size = new ResizeObserver(([{ contentRect }]) => plot?.setSize({ width: contentRect.width, height: 220 }));
    import('uplot').then(({ default: Plot }) => {
      if (gone) return;
      plot = new Plot(options(box.current, { series, share, goal }), data, box.current);
      size.observe(box.current);
    });
    return () => {
      gone = true;
      size.disconnect();
      plot?.destroy();
    };
  }, [scheme, JSON.stringify(data)]);
  return html`<div class="chart" role="img" aria-label=${title + '; the table below has its numbers'} ref=${box}></div>`;
}
