import { Denied } from '../denials/denial.js';
import type { KeyFinder } from './key-finder.js';
import type { Spelling } from './key-spellings.js';

/** One text that arrives in pieces: the same member of successive events. */
interface Channel {
  /** The longest end of the received text that occurs in the secret. */
  open: string;
  last: string;
  readonly members: Map<string, Channel>;
}

/** The events of a vendor have some twenty channels. If there are more channels than this number, all are discarded. */
const maxChannels = 2_000;
/**
 * A value that has at least this length and equals the value in the previous event is not treated as a piece of text.
 * It is a value that events repeat, such as the name of the model or the identifier of the answer.
 */
const minRepeated = 8;
/** Longer values are not compared, because each would be kept until the next event. */
const maxRepeated = 256;

/**
 * Detects a provider key that an answer spreads over several events. Each event alone contains too little of the
 * provider key to be masked. The part that was passed on before the detection is shorter than a run that would be
 * masked.
 */
export class KeyInPieces {
  readonly #finder: KeyFinder;
  #root = createChannel();
  #channels = 1;

  constructor(finder: KeyFinder) {
    this.#finder = finder;
  }

  /**
   * Reads every string of an event. An AI provider can repeat the provider key in any of them.
   * @param event the parsed data of one event
   * @throws Denied `upstream_failed`: the event must not be passed on
   */
  read(event: unknown): void {
    if (this.#finder.spellings.length > 0) this.#walk(event, this.#channelOf(this.#root, nameItem(event, '')));
  }

  #walk(value: unknown, channel: Channel): void {
    if (typeof value === 'string') this.#join(value, channel);
    else if (Array.isArray(value)) {
      let position = 0;
      for (const item of value as readonly unknown[]) {
        this.#walk(item, this.#channelOf(channel, nameItem(item, position)));
        position += 1;
      }
    } else if (typeof value === 'object' && value !== null) {
      const holder = value as Readonly<Record<string, unknown>>; // read as unknown
      for (const name of Object.keys(holder)) {
        const member = holder[name];
        if (typeof member === 'string' || (typeof member === 'object' && member !== null))
          this.#walk(member, this.#channelOf(channel, name));
      }
    }
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
    channel.last = piece.length <= maxRepeated ? piece : '';
    const { open } = channel;
    const isContinued = open !== '' && this.#finder.hasPair(open.charCodeAt(open.length - 1), piece.charCodeAt(0));
    if (isContinued && this.#finder.spellings.some((spelling) => completesRun(spelling, open, piece)))
      throw new Denied({ reason: 'upstream_failed', detail: 'provider key in pieces' });
    channel.open = this.#findOpenEnd(isContinued ? open + piece : piece);
  }

  #findOpenEnd(text: string): string {
    const last = text.charCodeAt(text.length - 1);
    if (!this.#finder.hasCharacter(last)) return '';
    if (text.length === 1 || !this.#finder.hasPair(text.charCodeAt(text.length - 2), last)) return text.slice(-1);
    let length = 1;
    for (const spelling of this.#finder.spellings)
      while (length < text.length && spelling.text.includes(text.slice(text.length - length - 1))) length += 1;
    return text.slice(text.length - length);
  }
}

/**
 * Whether a suffix of `open`, continued by the beginning of `piece`, is a run of the secret that must not be passed on.
 */
function completesRun({ text, secretFrom, minRun }: Spelling, open: string, piece: string): boolean {
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

/**
 * Returns a name for the channel of an item. When several answers or parts of an answer are streamed side by side, each
 * event contains the number of its answer or part.
 */
function nameItem(item: unknown, position: string | number): string {
  if (typeof item !== 'object' || item === null) return `${position}`;
  const { type, index, output_index: output, content_index: content } = item as Readonly<Record<string, unknown>>; // read as unknown
  const place = index ?? output ?? position;
  return `${nameMember(type)} ${nameMember(place)} ${nameMember(output)} ${nameMember(content)}`;
}

function nameMember(member: unknown): string {
  return typeof member === 'string' || typeof member === 'number' ? `${member}` : '';
}

function createChannel(): Channel {
  return { open: '', last: '', members: new Map() };
}
