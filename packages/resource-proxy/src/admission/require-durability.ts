import { ConfigurationError } from '@aipassport/contracts';
import { type Database, readDurability } from '@aipassport/store';

/**
 * Requires a database that keeps every transaction that it has acknowledged. Otherwise a crash could undo spending and
 * revocations.
 * @throws ConfigurationError that names the setting, unless the operator has accepted it by name
 */
export async function requireDurability(db: Database, accepted: readonly string[]): Promise<void> {
  const { fsync, fullPageWrites, synchronousCommit } = await readDurability(db);
  const settings = [
    ['fsync', fsync],
    ['full_page_writes', fullPageWrites],
    ['synchronous_commit', synchronousCommit !== 'off'],
  ] as const;
  const unsafe = settings.flatMap(([name, isOn]) => (isOn || accepted.includes(name) ? [] : [name]));
  if (unsafe.length === 0) return;
  throw new ConfigurationError(
    `the database runs with ${unsafe.join(', ')} off: if it crashes, it could lose revocations and spending. Turn this on, or accept the risk with ACCEPT_UNSAFE_DATABASE=${unsafe.join(',')}`,
  );
}
