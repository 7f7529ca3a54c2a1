/** Formats a Markdown table that is aligned for the terminal. The first column is text, the others are figures. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((cell, column) => Math.max(cell.length, 3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** Formats a figure with this many digits after the point; `–` where there is none. */
export function figure(value: number | undefined, digits = 0): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
}

/** Formats the middle value, the smallest and the largest. */
export function range(values: readonly number[], middle: number, digits: number): string {
  if (values.length === 0) return '–';
  return `${figure(middle, digits)} (${figure(Math.min(...values), digits)}–${figure(Math.max(...values), digits)})`;
}
