import { Denied } from '../denials/denial.js';
import type { KeyFinder } from './key-finder.js';

/** One text that comes piece by piece: the same member of one event after the other. */
interface Channel {
  /** The end of what has come, as far as it stands in the secret: it may go on. */
  open: string;
  last: string;
  readonly members: Map<string, Channel>;
}

interface Secret {
  readonly text: string;
  readonly secretFrom: number;
  readonly minRun: number;
}

/** Vendors' events have some twenty; more are forgotten, and begun anew. */
const maxChannels = 2_000;
/** So long, and the same as in the event before: no text, but the name of the model or of the answer. */
const minRepeated = 8;

/**
 * Notices a key that an answer spells out over several events, none of which holds enough of it to be found alone.
 * What has been passed on by then is less than a run that would be blotted out.
 */
export class KeyInPieces {
  readonly #secrets: readonly Secret[];
  readonly #characters: ReadonlySet<string>;
  #root = createChannel();
  #channels = 1;

  constructor({ spellings }: KeyFinder) {
    this.#secrets = spellings.map(({ bytes, ...spelling }) => ({ ...spelling, text: bytes.toString('latin1') }));
    this.#characters = new Set(this.#secrets.flatMap(({ text }) => [...text]));
  }

  /**
   * @param event what one event says, parsed
   * @throws Denied `upstream_failed`: the event must not be passed on
   */
  read(event: unknown): void {
    if (this.#secrets.length > 0) this.#walk(event, this.#channelOf(this.#root, nameItem(event, '')));
  }

  #walk(value: unknown, channel: Channel): void {
    if (typeof value === 'string') this.#join(value, channel);
    else if (Array.isArray(value))
      for (const [index, item] of value.entries()) this.#walk(item, this.#channelOf(channel, nameItem(item, index)));
    else if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value))
        if (typeof member === 'string' || typeof member === 'object')
          this.#walk(member, this.#channelOf(channel, name));
  }

  #channelOf(holder: Channel, name: string): Channel {
    const known = holder.members.get(name);
    if (known !== undefined) return known;
    if (this.#channels >= maxChannels) {
      this.#root = createChannel();
      this.#channels = 0;
    }
    const channel = createChannel();
    holder.members.set(name, channel);
    this.#channels += 1;
    return channel;
  }

  #join(piece: string, channel: Channel): void {
    if (piece === '' || (piece === channel.last && piece.length >= minRepeated)) return;
    channel.last = piece;
    const { open } = channel;
    if (open === '' && !this.#characters.has(piece.at(-1) ?? '')) return;
    if (open !== '' && this.#secrets.some((secret) => completesRun(secret, open, piece)))
      throw new Denied({ reason: 'upstream_failed', detail: 'provider key in pieces' });
    channel.open = this.#findOpenEnd(open + piece);
  }

  #findOpenEnd(text: string): string {
    let longest = 0;
    for (const secret of this.#secrets) {
      let length = longest;
      while (length < text.length && secret.text.includes(text.slice(text.length - length - 1))) length += 1;
      longest = length;
    }
    return longest === 0 ? '' : text.slice(text.length - longest);
  }
}

/** Any end of what is open may be what goes on. */
function completesRun({ text, secretFrom, minRun }: Secret, open: string, piece: string): boolean {
  for (let from = 0; from < open.length; from += 1) {
    let run = open.slice(from) + piece.charAt(0);
    let at = text.indexOf(run);
    if (at === -1) continue;
    for (let next = 1; next < piece.length; next += 1) {
      const longer = run + piece.charAt(next);
      const longerAt = text.indexOf(longer);
      if (longerAt === -1) break;
      run = longer;
      at = longerAt;
    }
    if (at + run.length - Math.max(at, secretFrom) >= minRun) return true;
  }
  return false;
}

/** Answers that come side by side say which one a piece belongs to. */
function nameItem(item: unknown, position: number | string): string {
  if (typeof item !== 'object' || item === null) return String(position);
  const { type, index, output_index: output, content_index: content } = item as Readonly<Record<string, unknown>>; // read as unknown
  const number = index ?? (typeof position === 'number' && output === undefined ? position : '');
  return `${typeof type === 'string' ? type : ''} ${String(number)} ${String(output ?? '')} ${String(content ?? '')}`;
}

function createChannel(): Channel {
  return { open: '', last: '', members: new Map() };
}
