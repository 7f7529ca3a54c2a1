import type { Database } from '@aipassport/store';
import { findAccountByEmail } from '@aipassport/store/authorization';
import type { BillSource } from './bill.js';

/** The keys on our side and on the vendor's that are compared with each other, as sums. */
export interface KeyPair {
  readonly ours: readonly OurKey[];
  /** The vendor's identifiers: several if a key was replaced within the days. */
  readonly theirs: readonly string[];
}

export interface OurKey {
  /** As the operator wrote it: an email address, the identifier of an account, or `operator`. */
  readonly name: string;
  /** undefined: the operator's key. */
  readonly accountId: string | undefined;
}

/**
 * Reads `<our key>=<vendor's key>`. Each side may be a list with commas.
 * @throws Error when a text has another form, when a key is named twice, or when there is no such account
 */
export async function readKeyPairs(
  db: Database,
  source: BillSource,
  texts: readonly string[],
): Promise<readonly KeyPair[]> {
  const pairs: KeyPair[] = [];
  for (const text of texts) {
    const at = text.lastIndexOf('=');
    const [names, theirs] = [splitList(text.slice(0, Math.max(at, 0))), splitList(text.slice(at + 1))];
    if (names.length === 0 || theirs.length === 0)
      throw new Error(`--key ${text}: write <our key>=<${source.label}’s key>, such as ada@example.com=<id>.`);
    const wrong = theirs.find((id) => !source.keyIdPattern.test(id));
    if (wrong !== undefined)
      throw new Error(`--key ${text}: ${source.label} names keys in this form: ${source.keyIdForm}.`);
    const ours: OurKey[] = [];
    for (const name of names) ours.push({ name, accountId: await findAccount(db, name) });
    pairs.push({ ours, theirs });
  }
  refuseRepetition(pairs.flatMap(({ ours }) => ours.map(({ accountId = 'operator' }) => accountId)));
  refuseRepetition(pairs.flatMap(({ theirs }) => theirs));
  return pairs;
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}

/** The account of an email address; the text itself for an identifier, because the account may have been deleted. */
async function findAccount(db: Database, name: string): Promise<string | undefined> {
  if (name === 'operator') return undefined;
  if (!name.includes('@')) return name;
  const account = await findAccountByEmail(db, name);
  if (account === undefined) throw new Error(`There is no account for ${name}.`);
  return account.id;
}

/** A key that was in two pairs would be counted twice. */
function refuseRepetition(keys: readonly string[]): void {
  const again = keys.find((key, index) => keys.indexOf(key) !== index);
  if (again !== undefined)
    throw new Error(`The key ${again} is named twice. Write keys that belong together in one --key, with commas.`);
}
