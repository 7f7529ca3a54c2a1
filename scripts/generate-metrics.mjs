// Writes docs/metrics.md from the servers' tables of metrics. With --check, it checks that the page is current.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { authorizationMetrics } from '../packages/authorization-server/dist/src/metrics/authorization-metrics.js';
import { serverMetrics } from '../packages/contracts/dist/src/index.js';
import { proxyMetrics } from '../packages/resource-proxy/dist/src/metrics/proxy-metrics.js';
import { root } from './bootstrap/surroundings.mjs';

const file = path.join(root, 'docs/metrics.md');

const withoutShared = (table) => Object.fromEntries(Object.entries(table).filter(([key]) => !(key in serverMetrics)));

function describe(title, table) {
  const rows = Object.values(table).map(({ name, type, help, labels }) => {
    const meanings = Object.entries(labels).map(([label, { meaning }]) => `\`${label}\`: ${meaning}`);
    return `| \`${name}\` | ${type} | ${help} | ${meanings.join('<br>')} |`;
  });
  return `## ${title}\n\n| metric | type | what it is | labels |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

const text = `# Metrics

Generated from the code by \`npm run x -- node scripts/generate-metrics.mjs\`; do not edit.

The [operations guide](operations.md#metrics-and-alerts) says how to collect the metrics, and what to do about each alert.
The values of every label come from a fixed list: no request can add one. No label names an account, a client or an
address.

${describe('Both servers', serverMetrics)}

Both servers also have the metrics of Node.js that the library prom-client collects. Their names begin with \`nodejs_\` and
\`process_\`. \`nodejs_eventloop_lag_p99_seconds\`, for instance, is the 99th percentile of the delay of the event loop since
the last collection, and \`process_resident_memory_bytes\` is the memory of the process.

${describe('Authorization server', withoutShared(authorizationMetrics))}

${describe('Resource proxy', withoutShared(proxyMetrics))}
`;

if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error(`${file} is stale: run \`npm run x -- node scripts/generate-metrics.mjs\``);
  process.exit(1);
}
