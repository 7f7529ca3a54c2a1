import { type DatabaseUrl, isLoopbackHost, isUnverified, parseDatabaseUrl } from '@aipassport/contracts';
import { type Database, listMissingSettings, readClock } from '@aipassport/store';
import type { CommandContext } from './context.js';
import type { Finding } from './finding.js';

/** Tokens are accepted with a leeway of 15 seconds, so a difference of some seconds is not a fault yet. */
const mostClockSeconds = 5;

/** Checks the connection to the database: its encryption, its settings, and the clocks at both ends. */
export async function examineConnection(db: Database, context: CommandContext): Promise<readonly Finding[]> {
  return [
    ...examineEncryption(context.environment.DATABASE_URL),
    describeSettings(await listMissingSettings(db)),
    await examineClock(db, context.now),
  ];
}

/** @param url undefined: the database is on this machine */
export function examineEncryption(url: string | undefined): readonly Finding[] {
  if (url === undefined) return [];
  const parsed = parseDatabaseUrl(url);
  const isPlain = parsed.sslMode === undefined || parsed.sslMode === 'disable';
  const [host] = isPlain ? listOtherHosts(parsed) : [];
  if (host !== undefined) return [describePlain(host)];
  if (isUnverified(parsed))
    return [
      {
        ok: false,
        text: 'database: its certificate is not verified, so another machine could pose as the database: set sslmode=verify-full in DATABASE_URL',
      },
    ];
  const text = isPlain
    ? 'it is on this machine, and not encrypted'
    : 'it is encrypted, and its certificate is verified';
  return [{ ok: true, text: `database: the connection: ${text}` }];
}

/** The hosts of a database that are not this machine. A path is that of a socket, which is on this machine. */
function listOtherHosts({ urls }: DatabaseUrl): readonly string[] {
  return urls
    .map((each) => new URL(each))
    .map(({ hostname, searchParams }) => searchParams.get('host') ?? hostname)
    .filter((host) => host !== '' && !host.startsWith('/') && !host.startsWith('%2F') && !isLoopbackHost(host));
}

/** A name without a dot is that of a container, as in the compose file, whose network may be within one machine. */
function describePlain(host: string): Finding {
  const isContainer = !/[.:]/.test(host);
  const risk = 'is not encrypted, so others in the network can read and change everything';
  return {
    ok: isContainer,
    isWarning: isContainer,
    text: `database: the connection to ${host} ${risk}: set sslmode=verify-full in DATABASE_URL${isContainer ? ', unless both are on one machine' : ''}`,
  };
}

function describeSettings(missing: readonly string[]): Finding {
  if (missing.length === 0) return { ok: true, text: 'database: the connection has the settings that it needs' };
  return {
    ok: false,
    text: `database: the connection lacks ${missing.join(', ')}: configure them in the pooler, and remove \`options\` from DATABASE_URL; see docs/operations.md, Behind a pooler`,
  };
}

/** The moment at which the database answered lies between the two readings of this machine's clock. */
async function examineClock(db: Database, now: () => Date): Promise<Finding> {
  const before = now().getTime();
  const there = (await readClock(db)).getTime();
  const after = now().getTime();
  const seconds = Math.round((there < before ? there - before : Math.max(0, there - after)) / 1_000);
  if (Math.abs(seconds) <= mostClockSeconds)
    return { ok: true, text: 'clock: this machine and the database have the same time' };
  return {
    ok: false,
    text: `clock: the database is ${Math.abs(seconds)} seconds ${seconds > 0 ? 'ahead of' : 'behind'} this machine: synchronize both with NTP, such as chrony, since tokens and limits depend on the time`,
  };
}
