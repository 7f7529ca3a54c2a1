// Writes the request schemas in openapi/resource-proxy.yaml from the tables in packages/policy/src/fields. With
// --check, it checks that the schemas are current.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildRequestSchema, fieldTables, nameRequestSchema } from '../packages/policy/dist/src/index.js';
import { root } from './bootstrap/surroundings.mjs';

const command = 'npm run x -- node scripts/generate-request-schemas.mjs';
const file = path.join(root, 'openapi/resource-proxy.yaml');
const begin = `    # Generated from packages/policy/src/fields by \`${command}\`; do not edit.`;
const end = '    # End of the generated schemas.';

/** Formats a value as YAML on one line. */
function format(value) {
  if (Array.isArray(value)) return `[${value.map(format).join(', ')}]`;
  if (typeof value === 'string')
    return /^[A-Za-z][A-Za-z_]*$/.test(value) && !/^(null|true|false|yes|no|on|off|y|n)$/i.test(value)
      ? value
      : `'${value.replaceAll("'", "''")}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([name, member]) => `${formatName(name)}: ${format(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

// a YAML 1.1 reader takes an unquoted `n` or `y` for a boolean
function formatName(name) {
  return /^(y|n|yes|no|on|off)$/i.test(name) ? `'${name}'` : name;
}

function formatSchema(operationId, { properties, ...schema }) {
  const head = Object.entries(schema).map(([name, value]) => `      ${name}: ${format(value)}`);
  const rows = Object.entries(properties).map(([name, value]) => `        ${formatName(name)}: ${format(value)}`);
  return [`    ${nameRequestSchema(operationId)}:`, ...head, '      properties:', ...rows].join('\n');
}

const seen = new Set();
const schemas = Object.entries(fieldTables).flatMap(([operationId, table]) => {
  // Operations with the same table share one schema. Operations without fields have none.
  if (seen.has(table) || Object.keys(table).length === 0) return [];
  seen.add(table);
  return [formatSchema(operationId, buildRequestSchema(table))];
});

const text = readFileSync(file, 'utf8');
const from = text.indexOf(begin);
const to = text.indexOf(end);
if (from < 0 || to < from) throw new Error(`${file} does not have the marker lines before and after the schemas`);
const current = `${text.slice(0, from)}${begin}\n${schemas.join('\n')}\n${text.slice(to)}`;
if (!process.argv.includes('--check')) writeFileSync(file, current);
else if (current !== text) {
  console.error(`the request schemas in ${file} are stale: run \`${command}\``);
  process.exit(1);
}
