// Updates the price list that comes with @pydantic/genai-prices, and says what is different in it.
//   npm run x -- node scripts/update-prices.mjs            what the list knows and is not served
//   npm run x -- node scripts/update-prices.mjs <version>  install this version, and what it changed
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { root } from './bootstrap/surroundings.mjs';

const library = '@pydantic/genai-prices';
const [version] = process.argv.slice(2);
if (version === undefined) show('Not served', await listUnserved());
else await update(version);

async function update(wanted) {
  const before = readList();
  execFileSync('pnpm', ['--recursive', 'update', `${library}@${wanted}`], { cwd: root, stdio: 'inherit' });
  const after = readList();
  show(
    'New in the list',
    [...after.keys()].filter((name) => !before.has(name)),
    after,
  );
  show(
    'Gone from the list',
    [...before.keys()].filter((name) => !after.has(name)),
    before,
  );
  const changed = [...after.keys()].filter((name) => before.has(name) && before.get(name) !== after.get(name));
  show('Changed, from', changed, before);
  show('Changed, to', changed, after);
  console.log('\nNow run npm test: it fails for a model that is served and has no price any more.');
}

/** By `upstream/id`. */
function readList() {
  return new Map(
    ask(`['openai', 'anthropic', 'google'].flatMap((upstream) =>
      library.findProvider({ providerId: upstream }).models.map(({ id, context_window, prices }) =>
        [upstream + '/' + id, (context_window ?? '?') + ' tokens  ' + JSON.stringify(prices)]))`),
  );
}

/** Many on purpose: what is retired, moves under its name, or takes an operation that the proxy does not have. */
async function listUnserved() {
  const { models } = await import('../packages/policy/dist/src/index.js');
  const served = ask(`${JSON.stringify(models)}.map(({ upstream, id }) =>
    upstream + '/' + library.calcPrice({}, id, { providerId: upstream })?.model.id)`);
  return [...readList().keys()].filter((name) => !served.includes(name));
}

/** Asks the installed library, in a process of its own: one that has loaded a version does not see the next. */
function ask(expression) {
  const script = `import * as library from '${library}'; console.log(JSON.stringify(${expression}));`;
  const options = { cwd: path.join(root, 'packages/policy'), encoding: 'utf8' };
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', script], options));
}

function show(title, names, list = readList()) {
  console.log(`\n${title}: ${names.length}`);
  for (const name of names) console.log(`  ${name}  ${list.get(name)}`);
}
