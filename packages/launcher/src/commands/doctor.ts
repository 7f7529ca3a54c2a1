import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { listEnvironmentWarnings, listMisspelt } from '@aipassport/contracts';
import { readRequestSettings } from '@aipassport/resource-proxy';
import { readPrices } from '../start/read-upstreams.js';
import type { CommandContext } from './context.js';
import { examineDatabase } from './examine-database.js';
import { examineJournal } from './examine-journal.js';
import { examineKeys, examineMode, keyFileVariables, listDeployedFiles } from './examine-keys.js';
import { examinePublicSide } from './examine-public-side.js';
import { examineSealingKeys } from './examine-sealing-keys.js';
import { examineServers } from './examine-servers.js';
import { examineSpace } from './examine-space.js';
import { type Finding, skip } from './finding.js';

const neededMajor = 24;

/** `doctor`: checks everything that a start needs, and reports what is wrong. */
export async function examine(context: CommandContext): Promise<void> {
  const database = await examineDatabase(context);
  const findings = [
    examineNode(),
    ...examineFiles(context),
    ...(await examineSealingKeys(context)),
    ...examinePrices(context),
    ...examineRequestFields(context),
    ...examineSettings(context),
    ...(await examineJournal(context)),
    ...database.findings,
    ...(await examineServers(context, database.instance)),
    ...(await examinePublicSide(context)),
  ];
  for (const finding of findings) context.print(`${formatVerdict(finding)}  ${finding.text}`);
  const faults = findings.filter(({ ok }) => !ok).length;
  if (faults > 0) throw new Error(`${faults} of ${findings.length} checks found a fault.`);
}

function formatVerdict({ ok, isWarning }: Finding): string {
  if (!ok) return 'NOT OK';
  return isWarning === true ? 'WARN  ' : 'ok    ';
}

function examineNode(): Finding {
  const isNewEnough = Number(process.versions.node.split('.')[0]) >= neededMajor;
  return {
    ok: isNewEnough,
    text: `Node ${process.versions.node}${isNewEnough ? '' : `: install Node ${neededMajor} or newer`}`,
  };
}

/**
 * In a container, `/` is on the disk where the container engine keeps images, logs and, by default, volumes. The
 * database itself does not say how much room its disk has, except to a superuser.
 */
const ofMachine = 'the logs of the servers are there, and with compose the database too, unless you moved its volume';

/** Checks the key files, and the data directory unless variables name the key files of a deployment. */
function examineFiles(context: CommandContext): readonly Finding[] {
  if (listDeployedFiles(context.variables).length > 0) return [examineSpace('/', ofMachine), ...examineKeys(context)];
  const data = path.resolve(context.environment.AIPASSPORT_DATA);
  if (!existsSync(data) && context.environment.DATABASE_URL !== undefined)
    return [skip('keys', [`${keyFileVariables[0]} and the other variables with key files`])];
  if (!existsSync(data)) return [{ ok: true, text: `${data}: nothing is there yet, \`npm start\` makes it` }];
  return [examineMode(data), examineSpace(data), ...examineKeys(context)];
}

/** Checks the settings of models and prices. The servers do not start with invalid settings. */
function examinePrices({ variables }: CommandContext): readonly Finding[] {
  try {
    const { file, overrides } = readPrices(variables);
    if (overrides === undefined || file === undefined) return [];
    const { upstreams = [], models, discounts } = overrides;
    const added = upstreams.length === 0 ? '' : `${upstreams.map(({ name }) => name).join(', ')}, `;
    return [{ ok: true, text: `${file}: ${added}${models.length} models, ${discounts.length} discounts` }];
  } catch (error) {
    return [{ ok: false, text: error instanceof Error ? error.message : String(error) }];
  }
}

/** Checks the file that `REQUEST_FIELDS_FILE` names. The resource proxy does not start with an invalid file. */
function examineRequestFields({ variables }: CommandContext): readonly Finding[] {
  const file = variables['REQUEST_FIELDS_FILE'];
  if (file === undefined || file === '') return [];
  try {
    readRequestSettings({ readFile: (path) => readFileSync(path, 'utf8') }, { path: file, unknownFields: 'drop' });
    return [{ ok: true, text: `${file}: is valid` }];
  } catch (error) {
    return [{ ok: false, text: error instanceof Error ? error.message : String(error) }];
  }
}

/**
 * Finds settings that are misspelt, have no effect or weaken a protection. The findings contain names, never values.
 */
function examineSettings({ variables }: CommandContext): readonly Finding[] {
  return [...listMisspelt(variables), ...listEnvironmentWarnings(variables)].map(({ text }) => ({ ok: false, text }));
}
