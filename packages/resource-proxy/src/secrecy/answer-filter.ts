import type { IncomingHttpHeaders } from 'node:http';
import { type OperationId, streamsList } from '@aipassport/policy';
import { buildAnswerHeaders, isEventStream } from '../headers/build-answer-headers.js';
import { joinBytes } from '../join-bytes.js';
import { JsonElements } from '../metering/json-elements.js';
import { parseJsonObject } from '../metering/parse-json.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import { scrubText } from '../upstreams/scrub-text.js';
import { listAccountNames } from './account-names.js';
import { EventLines } from './event-lines.js';
import { KeyFinder } from './key-finder.js';
import { KeyInPieces } from './key-in-pieces.js';
import { KeyScrubber } from './key-scrubber.js';
import { createNameSpelling, listKeySpellings, type Spelling } from './key-spellings.js';
import { NamedValues } from './named-values.js';
import { viewPlain } from './plain-view.js';

interface Stage {
  readonly feed: (bytes: Buffer) => Buffer;
  readonly end: () => Buffer;
}

/**
 * Filters everything that an upstream sends: headers, bodies, streams and errors. It removes or masks the provider key
 * of the request, and the names of the owner's account with the vendor.
 */
export class AnswerFilter {
  readonly #spellings: readonly Spelling[];
  /** Whether a JSON answer is a stream of list elements. */
  readonly #isList: boolean;
  #finder = new KeyFinder([]);
  #stages: readonly Stage[] = [];

  constructor({ key, kind }: Pick<ProviderKey, 'key' | 'kind'>, operationId: OperationId) {
    // The placeholder key of the simulated upstream is not a secret.
    this.#spellings = listKeySpellings(kind === 'simulated' ? '' : key.reveal());
    this.#isList = streamsList(operationId);
  }

  /** Called when an answer begins. @returns the headers for the client */
  begin(headers: IncomingHttpHeaders): Record<string, string> {
    this.#finder = new KeyFinder([...this.#spellings, ...listAccountNames(headers).map(createNameSpelling)]);
    const answer = buildAnswerHeaders(headers, (value) => this.#isSecret(value));
    this.#stages = this.#listStages(answer);
    return answer;
  }

  /**
   * @returns the bytes of a body that may be passed on now
   * @throws Denied `upstream_failed` when the answer must end here
   */
  feed(bytes: Buffer): Buffer {
    return this.#stages.reduce((passed, stage) => (passed.length === 0 ? passed : stage.feed(passed)), bytes);
  }

  /** Called when the body has ended. @returns the rest of it */
  end(): Buffer {
    return this.#stages.reduce<Buffer>(
      (passed, stage) => joinBytes([passed.length === 0 ? passed : stage.feed(passed), stage.end()]),
      Buffer.alloc(0),
    );
  }

  /** Filters a complete text: an error that the proxy has rewritten. */
  filterWhole(text: Buffer): Buffer {
    return new KeyScrubber(this.#finder).scrubWhole(text);
  }

  #isSecret(value: string): boolean {
    return this.#finder.find(viewPlain(Buffer.from(value)).bytes).length > 0 || scrubText(value) !== value;
  }

  #listStages(answer: Readonly<Record<string, string>>): readonly Stage[] {
    const scrubber = new KeyScrubber(this.#finder);
    const last = { feed: (bytes: Buffer) => scrubber.scrub(bytes), end: () => scrubber.flush() };
    if (isEventStream(answer)) return [new EventLines(new KeyInPieces(this.#finder)), last];
    if (answer['content-type']?.startsWith('application/json') !== true) return [last];
    return this.#isList
      ? [watchElements(new KeyInPieces(this.#finder)), new NamedValues(), last]
      : [new NamedValues(), last];
  }
}

function watchElements(pieces: KeyInPieces): Stage {
  const elements = new JsonElements({
    readPart: (json) => pieces.read(parseJsonObject(json)),
    readLarge: () => undefined,
  });
  return {
    feed: (bytes) => {
      elements.write(bytes);
      return bytes;
    },
    end: () => Buffer.alloc(0),
  };
}
