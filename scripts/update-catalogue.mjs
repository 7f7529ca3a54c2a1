// Updates @pydantic/genai-prices, adds the new names of its price list to the catalogue, and prints all changes.
//   npm run update:catalogue                 with the newest version of the list
//   npm run update:catalogue -- <version>    with this version
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap/surroundings.mjs';

const library = '@pydantic/genai-prices';
const policy = path.join(root, 'packages/policy');
const namesFile = path.join(policy, 'src/catalogue/names.ts');
const [wanted = findNewest()] = process.argv.slice(2);

const installed = JSON.parse(readFileSync(path.join(policy, 'package.json'), 'utf8')).dependencies[library];
if (wanted === undefined) {
  console.log(`The npm registry cannot be reached: prices stay those of ${library} ${installed}.`);
  process.exitCode = 1;
} else if (wanted === installed) {
  console.log(`${library} ${installed} is already installed: prices stay as they are.`);
} else {
  updatePrices(wanted);
}
updateNames();

/** @returns undefined when the registry does not answer */
function findNewest() {
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  try {
    const limits = ['--fetch-retries=0', '--fetch-timeout=20000'];
    return execFileSync('pnpm', ['view', library, 'version', ...limits], options).trim();
  } catch {
    return undefined;
  }
}

function updatePrices(version) {
  const before = readList();
  execFileSync('pnpm', ['--recursive', 'update', `${library}@${version}`], { cwd: root, stdio: 'inherit' });
  const after = readList();
  const changed = [...after.keys()].filter((name) => before.has(name) && before.get(name) !== after.get(name));
  console.log(`${library}: ${installed} -> ${version}`);
  show('New in the list', newIn(after, before), after);
  show('Removed from the list', newIn(before, after), before);
  show('Old values of changed entries', changed, before);
  show('New values of changed entries', changed, after);
}

/** The context windows and prices, by `upstream/id`. */
function readList() {
  return new Map(
    ask(`catalogue.priceLists.flatMap((upstream) =>
      library.findProvider({ providerId: upstream }).models.map(({ id, context_window, prices }) =>
        [upstream + '/' + id, (context_window ?? '?') + ' tokens  ' + JSON.stringify(prices)]))`),
  );
}

function newIn(list, other) {
  return [...list.keys()].filter((name) => !other.has(name));
}

/** Adds the names that have a price in the list and are not in the catalogue yet. */
function updateNames() {
  const { served, withoutLimits, unpriced, source } = ask(`{
    const { served, withoutLimits } = catalogue.discoverNames();
    const source = catalogue.writeNames(${JSON.stringify(readFileSync(namesFile, 'utf8'))},
      catalogue.addNames(catalogue.names, served));
    return { served, withoutLimits, unpriced: catalogue.listUnpriced(new Date()), source };
  }`);
  const nameOf = ({ upstream, id }) => `${upstream}/${id}`;
  show('Models and versions that are served from now on', served.map(nameOf));
  show('Not served until their limits are in model-limits.ts', withoutLimits.map(nameOf));
  show('In the catalogue, but refused because they have no price or no limits', unpriced.map(nameOf));
  if (served.length > 0) {
    writeFileSync(namesFile, source);
    execFileSync('pnpm', ['exec', 'biome', 'format', '--write', namesFile], { cwd: root, stdio: 'ignore' });
  }
  console.log(
    '\nFor a name like gemini-flash-latest, packages/policy/src/catalogue/aliases.ts lists the models. Update it by hand.',
  );
  console.log('Now run npm test: it compares all prices with those of the library.');
}

/**
 * Evaluates an expression with the installed library in a separate process: a process that has loaded one version
 * cannot load the next version.
 */
function ask(expression) {
  const body = expression.startsWith('{') ? `(() => ${expression})()` : expression;
  const script = `import * as library from '${library}';
    import * as catalogue from './dist/src/catalogue/maintenance.js';
    console.log(JSON.stringify(${body}));`;
  const options = { cwd: policy, encoding: 'utf8', input: script };
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-'], options));
}

function show(title, names, list) {
  console.log(`\n${title}: ${names.length}`);
  for (const name of names) console.log(`  ${name}  ${list?.get(name) ?? ''}`.trimEnd());
}
