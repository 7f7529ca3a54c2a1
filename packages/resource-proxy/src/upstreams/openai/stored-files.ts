import { Denied } from '../../denials/denial.js';
import type { Member } from '../../json/inspect-body.js';
import { isStateName } from '../../state/state-facts.js';
import { refuseStored } from '../remote-input.js';
import type { BodyFacts } from '../upstream-api.js';

/** The place of a file in a chat. In Responses, the type of the part that holds the `file_id` says that it is a file. */
const placeInChat = /^messages\[\d+\]\.content\[\d+\]\.file\.file_id$/;

/**
 * Notes a file that a message names. Everyone who uses the same provider key can name all of its files, so the file
 * must be stored for the grant. It is looked up after the body has been read: see `requireOwnFiles`.
 *
 * @throws Denied for a name at another place, and if nothing may be stored for the grant
 */
export function noteFile({ value, holder, place }: Member, { state: { files, terms } }: BodyFacts): void {
  if (value === null) return;
  const isPart = holder.type === 'input_file' || holder.type === 'input_image' || placeInChat.test(place());
  if (files === undefined || !isPart) return refuseStored(place, value);
  if (!terms.isKept) throw new Denied({ reason: 'state_not_kept', field: place() });
  if (!isStateName(value)) throw new Denied({ reason: 'state_unknown', field: place() });
  if (!files.has(value)) files.set(value, place());
}

/**
 * Requires the files that a body names to be stored for the grant. Call it only when the names have been looked up.
 * @throws Denied `state_unknown`
 */
export function requireOwnFiles({ files = new Map(), terms }: BodyFacts['state']): void {
  const own = new Set(terms.found?.flatMap(({ kind, id }) => (kind === 'file' ? [id] : [])));
  for (const [name, field] of files) if (!own.has(name)) throw new Denied({ reason: 'state_unknown', field });
}
