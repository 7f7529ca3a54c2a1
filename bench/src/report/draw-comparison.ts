import { medianOf, readRate } from '../measure/summarize.js';
import type { Comparison } from './format-comparison.js';

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly isOurs: boolean;
}

const width = 760;
const labelWidth = 210;
const barHeight = 24;
const barDistance = 34;
const panelDistance = 46;
const barSpace = width - labelWidth - 90;

/** Colours for light backgrounds, and others for readers whose colour scheme is dark. */
const style = `
  text { font: 14px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .ours { fill: #2f6fdf; }
  .theirs { fill: #8a929c; }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .ours { fill: #6ea0ff; } .theirs { fill: #7d8590; } }`;

/**
 * Draws the comparison's measurements with JSON answers (not those with streams): requests per second, and CPU time per
 * request.
 */
export function drawComparison({ json, names, options }: Comparison): string {
  const ours = new Set([names.forwarding, names.whole, names.hot]);
  const bars = (read: typeof readRate): readonly Bar[] =>
    json.flatMap((team) => {
      const value = medianOf(team, read);
      return value === undefined ? [] : [{ label: team.name, value, isOurs: ours.has(team.name) }];
    });
  const panels = [
    { title: `Requests per second: JSON, ${options.connections} connections (more is better)`, bars: bars(readRate) },
    {
      title: 'CPU time per request, in microseconds (less is better)',
      bars: bars(({ cpuMicroseconds }) => cpuMicroseconds),
    },
  ].filter((panel) => panel.bars.length > 0);
  let y = 0;
  const parts = panels.map(({ title, bars: panelBars }) => {
    const part = drawPanel(title, panelBars, y);
    y += panelDistance + panelBars.length * barDistance;
    return part;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img" aria-label="Requests per second and CPU time per request of each contender">
<style>${style}
</style>
${parts.join('\n')}
</svg>
`;
}

function drawPanel(title: string, bars: readonly Bar[], top: number): string {
  const largest = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ label, value, isOurs }, index) => {
    const y = top + panelDistance - 10 + index * barDistance;
    const length = Math.max(1, (value / largest) * barSpace);
    const text = y + barHeight / 2 + 5;
    return `<text x="${labelWidth - 10}" y="${text}" text-anchor="end">${escapeText(label)}</text>
<rect class="${isOurs ? 'ours' : 'theirs'}" x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="3"/>
<text x="${(labelWidth + length + 8).toFixed(1)}" y="${text}">${Math.round(value).toLocaleString('en')}</text>`;
  });
  return [`<text class="title" x="0" y="${top + 22}">${escapeText(title)}</text>`, ...rows].join('\n');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
