// Rehearses the failure of hosts and of the database's primary, and the restore of a backup, for
// `npm run rehearse:hosts`. The hosts are network namespaces. They and the network between them are inside a network
// namespace of this command, so nothing on this machine changes. They end with the command. `--write` writes the table
// of docs/reliability.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './bootstrap/surroundings.mjs';
import { runJest } from './run-jest.mjs';

const writes = process.argv.includes('--write');
const isRoot = process.getuid?.() === 0;
/** Users other than root need a user namespace, in which they may make a network. PostgreSQL does not run as root. */
const namespaces = isRoot ? ['--net'] : ['--user', '--map-current-user', '--keep-caps', '--net'];

if (process.env.REHEARSAL !== 'hosts') {
  requireNamespaces();
  const { status } = spawnSync(
    'unshare',
    [...namespaces, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, REHEARSAL: 'hosts', FAULTS: 'long' } },
  );
  process.exit(status ?? 1);
}

const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-rehearsal-'));
const report = path.join(directory, 'report.jsonl');
const { code } = await runJest(
  [
    '--runInBand',
    '--selectProjects',
    'end-to-end',
    '--testPathPatterns=/end-to-end/dist/test/faults/(failover|hosts|restored-journal|restored-backup)\\.test',
  ],
  { ...process.env, FAULTS_REPORT: report },
);
if (code === 0 && writes)
  spawnSync(process.execPath, [path.join(root, 'scripts/format-faults.mjs'), report], { stdio: 'inherit' });
rmSync(directory, { recursive: true, force: true });
process.exit(code);

/** Ends this process with an explanation when the rehearsal cannot run here. */
function requireNamespaces() {
  const refuse = (why) => {
    console.error(`npm run rehearse:hosts cannot run here: ${why}`);
    process.exit(1);
  };
  if (process.platform !== 'linux') refuse('it needs the network namespaces of Linux.');
  const attempt = 'ip link add name rehearsal type bridge && ip link add name a type veth peer name b';
  const { status, error, stderr } = spawnSync('unshare', [...namespaces, 'sh', '-c', attempt], { encoding: 'utf8' });
  if (error !== undefined) refuse('the program `unshare` (util-linux) is missing.');
  if (status === 0) return;
  const rights = isRoot
    ? 'this root may not make a network namespace; a container needs the capabilities NET_ADMIN and SYS_ADMIN.'
    : 'this user may not make a network namespace. Run it as root, or allow user namespaces.';
  refuse(/ip: (command )?not found/.test(stderr) ? 'the program `ip` (iproute2) is missing.' : `${rights} ${stderr}`);
}
