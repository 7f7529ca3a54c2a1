// Writes the table of docs/reliability.md from the file that FAULTS_REPORT named during a run of the fault tests:
//   FAULTS_REPORT=/tmp/faults.jsonl npm run test:faults && node scripts/format-faults.mjs /tmp/faults.jsonl
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/surroundings.mjs';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('name the file that FAULTS_REPORT named');
const all = readFileSync(file, 'utf8').trim().split('\n').map(JSON.parse);
/** The bystander test has a separate table. */
const bystander = all.filter(({ row }) => row === 'bystander');
/** The failovers, the restores and the failures of hosts, which `npm run rehearse:hosts` runs, have a separate table too. */
const failoverRows = ['F8', 'F9', 'F10', 'H1', 'H2', 'H3'];
const isFailover = ({ row }) => failoverRows.includes(row);
const placeOf = ({ row }) => failoverRows.indexOf(row);
const failovers = all.filter(isFailover).sort((a, b) => placeOf(a) - placeOf(b));
const lines = all.filter((line) => line.row !== 'bystander' && !isFailover(line));
/** Sorts the rows of the fault matrix by number, then the rows of other lists, then rows without a number. */
const rank = ({ row }) => (row.startsWith('F') ? Number(row.slice(1)) : 100 + (Number(row) || 100));
lines.sort((a, b) => rank(a) - rank(b));

const format = (count) => count.toLocaleString('en');
const total = (pick) => lines.reduce((sum, line) => sum + pick(line), 0);
const toCells = ({ row, fault, faults, requests, violations, detail }) => [
  row,
  fault,
  format(faults),
  format(requests),
  format(violations),
  Object.entries(detail ?? {})
    .filter(([name]) => name !== 'ledger')
    .map(([name, value]) => `${toWords(name)}: ${formatValue(value)}`)
    .join('; '),
];
const cells = lines.map(toCells);
const sum = [
  '',
  '**together**',
  ...['faults', 'requests', 'violations'].map((name) => `**${format(total((line) => line[name]))}**`),
  '',
];
const headings = ['row', 'what is broken', 'times', 'requests', 'violations', 'also measured'];
const formatTable = (rows) =>
  [headings, Array(6).fill('---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const table = formatTable([...cells, sum]);
const isLong = lines.every(({ run }) => run === 'long');
const caption = isLong ? 'A long run, `npm run test:faults`:' : 'A quick run, what `npm test` has of it:';

const seen = bystander.map(({ fault, faults, requests, detail }) => [
  fault,
  format(faults),
  formatValue(detail.answers),
  format(requests),
  ...['slowestReplyMilliseconds', 'cutMilliseconds', 'addedMegabytes', 'leasesLost'].map((name) =>
    format(detail[name]),
  ),
]);
const seenHeadings = [
  'beside',
  'answered',
  'with',
  'replies to the bystander',
  'slowest, ms',
  'revocation to the end of its stream, ms',
  'added memory, MB',
  'leases lost',
];
const seenTable = [seenHeadings, Array(8).fill('---'), ...seen].map((row) => `| ${row.join(' | ')} |`).join('\n');

const page = path.join(root, 'docs/reliability.md');
let text = readFileSync(page, 'utf8');
if (lines.length > 0) text = fill(text, 'table', `${caption}\n\n${table}`);
if (failovers.some(({ row }) => row.startsWith('H')))
  text = fill(text, 'failovers', formatTable(failovers.map(toCells)));
if (bystander.length > 0) text = fill(text, 'bystander', seenTable);
writeFileSync(page, text);

function fill(text, name, content) {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- end of the ${name} -->`];
  if (!text.includes(start) || !text.includes(end)) throw new Error(`${page} has no place for the ${name}`);
  const before = text.slice(0, text.indexOf(start) + start.length);
  return `${before}${content}\n\n${text.slice(text.indexOf(end))}`;
}

/** `slowestRefusalMilliseconds` -> `slowest refusal, ms` */
function toWords(name) {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words
    .replace(/ milliseconds$/, ', ms')
    .replace(/ usd$/, ', US$')
    .replace(/^added megabytes$/, 'added memory, MB');
}

function formatValue(value) {
  if (typeof value !== 'object') return Number.isFinite(Number(value)) ? format(Number(value)) : value;
  return Object.entries(value)
    .map(([name, count]) => `${format(count)} × ${name}`)
    .join(', ');
}
