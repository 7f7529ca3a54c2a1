// Writes docs/configuration.md, and the list of the names of all variables, from the programs' declarations. With
// --check, it checks that both are current.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { environment as authorizationServer } from '../packages/authorization-server/dist/src/environment.js';
import { launcherEnvironment as launcher } from '../packages/launcher/dist/src/environment.js';
import { decidedSettings } from '../packages/launcher/dist/src/start/forward-settings.js';
import { environment as resourceProxy } from '../packages/resource-proxy/dist/src/environment.js';
import { root } from './bootstrap/surroundings.mjs';

const file = path.join(root, 'docs/configuration.md');
// variables that the launcher itself declares are in its own table, and the text names the direct URL separately
const decided = decidedSettings
  .filter((name) => !(name in launcher.variables) && name !== 'DATABASE_DIRECT_URL')
  .map((name) => `\`${name}\``);
const programs = [
  [
    '`npm start` and the operator’s commands',
    `The variables of this table, and all settings of the two servers (the tables below) except those that \`npm start\` sets itself: ${decided.join(', ')}. \`DATABASE_DIRECT_URL\` is used only with \`DATABASE_URL\`. \`CLIENT_REGISTRATION\` is \`open\` when it is not set, because the demo app registers itself.`,
    launcher,
  ],
  ['Authorization server', '', authorizationServer],
  ['Resource proxy', '', resourceProxy],
];

function describe([title, introduction, { variables }]) {
  const rows = Object.entries(variables).map(([name, variable]) => {
    const given = variable.secret ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``;
    const fallback =
      variable.defaultText === undefined
        ? variable.required
          ? '**required**'
          : ''
        : `\`${variable.defaultText || ' '}\``;
    return `| ${given} | ${variable.description} | ${variable.form} | ${fallback} |`;
  });
  const head = '| variable | what it means | form | default |\n| --- | --- | --- | --- |';
  return [`## ${title}`, introduction, `${head}\n${rows.join('\n')}`].filter(Boolean).join('\n\n');
}

const text = `# Configuration

Generated from the code by \`npm run x -- node scripts/generate-configuration.mjs\`; do not edit.

Everything is set in the environment. A secret may be in a file instead: \`<NAME>_FILE\` then names the file. A program that
is configured wrongly does not start. It names each variable that is wrong.

${programs.map(describe).join('\n\n')}
`;

// The demo app declares no settings: it reads the first two by itself. The others are for the scripts and the tests.
const others = [
  'DEMO_APP_URL',
  'DATA_FILE',
  'TEST_DATABASE_URL',
  'TEST_DATABASE_TEMPLATE',
  'FAULTS',
  'FAULTS_SEED',
  'FAULTS_REPORT',
];
const declared = programs.flatMap(([, , { variables }]) => Object.entries(variables));
const listNames = (names) =>
  [...new Set(names)]
    .sort((one, other) => (one < other ? -1 : 1))
    .map((name) => `\n  '${name}',`)
    .join('');
const namesFile = path.join(root, 'packages/contracts/src/environment/variable-names.generated.ts');
const names = `// Made by \`npm run x -- node scripts/generate-configuration.mjs\`; do not edit.

/** The environment variables that our programs read, without the variables of secrets. */
export const plainVariables: readonly string[] = [${listNames([...declared.filter(([, { secret }]) => !secret).map(([name]) => name), ...others])}
];

/** Secrets: \`<NAME>_FILE\` is read too. */
export const fileVariables: readonly string[] = [${listNames(declared.filter(([, { secret }]) => secret).map(([name]) => name))}
];
`;

for (const [path, content] of [
  [file, text],
  [namesFile, names],
]) {
  if (!process.argv.includes('--check')) writeFileSync(path, content);
  else if (readFileSync(path, 'utf8') !== content) {
    console.error(`${path} is stale: run \`npm run x -- node scripts/generate-configuration.mjs\``);
    process.exit(1);
  }
}
