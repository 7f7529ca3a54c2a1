import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject } from '@aipassport/policy';
import { type Denial, Denied } from '../denials/denial.js';
import type { AnswerSink, AnswerSource } from '../forwarding/relay-options.js';
import { joinBytes } from '../join-bytes.js';
import { maxPartBytes, SseLines } from '../metering/sse-lines.js';
import { noStateChanges, type StateChanges, type StateReader } from './stored-state.js';

export interface RecordingOptions {
  /** Receives the answer after the objects that it names were recorded. */
  readonly relay: AnswerSink;
  readonly read: StateReader;
  /** Resolves when the record is committed. */
  readonly record: (changes: StateChanges) => Promise<void>;
  /**
   * Called before an error answer of the vendor is passed on. A vendor that answers with an error has stored nothing.
   */
  readonly onRefused: () => Promise<void>;
  /**
   * Called before a successful answer is passed on, if the answer is kept until it is complete. It is not called for a
   * stream, or for an answer that is larger than `maxAnswerBytes`.
   */
  readonly onSucceeded?: () => Promise<void>;
  /**
   * Whether the vendor continues when the connection ends. If so, the answer is read until the name of the response is
   * known.
   */
  readonly isBackground: boolean;
}

interface Step {
  readonly changes: StateChanges;
  readonly work?: () => Promise<void>;
  readonly pass: () => void;
}

const lineFeed = 0x0a;
/**
 * An answer that is not a stream is kept until it is complete. Only answers with token probabilities are larger than
 * this size. Larger answers are passed on without being recorded, so the objects that they name stay unknown.
 */
const maxAnswerBytes = 8_388_608;
const responseKey = Buffer.from('"response"');
const itemKey = Buffer.from('"item"');

/**
 * Records the objects that an answer names, and passes the answer on to its relay. The names are recorded before the
 * client can see the first byte of them. So an event stream is passed on line by line, and any other answer when it is
 * complete. If the names cannot be recorded, the answer ends before them.
 */
export class RecordedAnswer implements AnswerSink {
  readonly #options: RecordingOptions;
  readonly #steps: Step[] = [];
  readonly #ended = Promise.withResolvers<void>();
  readonly #lines = new SseLines({
    readPart: (json) => this.#readEvent(json),
    readLarge: (skeleton) => skeleton && this.#readEvent(skeleton),
  });
  #mode: 'plain' | 'events' | 'whole' = 'plain';
  #begin: () => void = () => undefined;
  #changes: StateChanges[] = [];
  /** The beginning of a line, or the answer so far. */
  #buffered: Buffer[] = [];
  #bufferedBytes = 0;
  #source: AnswerSource | undefined;
  #isReached = false;
  #isNamed = false;
  #isAbandoned = false;
  #isWorking = false;
  #isRelayPaused = false;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#options.relay.isDone;
  }

  /** Resolves when nothing more will be recorded. */
  get ended(): Promise<void> {
    return this.#isReached ? this.#ended.promise : Promise.resolve();
  }

  attach(source: AnswerSource): void {
    this.#source = source;
    this.#options.relay.attach({
      outlivesClient: source.outlivesClient,
      abort: () => this.#abandon(),
      pause: () => {
        this.#isRelayPaused = true;
        source.pause();
      },
      resume: () => {
        this.#isRelayPaused = false;
        if (!this.#isWorking) source.resume();
      },
    });
  }

  markReached(): void {
    this.#isReached = true;
    this.#options.relay.markReached();
  }

  start(status: number, headers: IncomingHttpHeaders): void {
    const begin = () => this.#options.relay.start(status, headers);
    if (status >= 300) return this.#add({ changes: noStateChanges, work: this.#options.onRefused, pass: begin });
    this.#mode = headers['content-type']?.toLowerCase().startsWith('text/event-stream') === true ? 'events' : 'whole';
    if (this.#mode === 'events') this.#add({ changes: noStateChanges, pass: begin });
    else this.#begin = begin;
  }

  data(chunk: Buffer): void {
    if (this.#mode === 'plain') return this.#passOn([chunk]);
    if (this.#mode === 'events') this.#lines.write(chunk);
    const end = this.#mode === 'events' ? chunk.lastIndexOf(lineFeed) + 1 : 0;
    if (end > 0) {
      this.#hold(chunk.subarray(0, end));
      this.#passOn(this.#takeBuffered());
    }
    if (end < chunk.length) this.#hold(chunk.subarray(end));
    if (this.#mode === 'whole' && this.#bufferedBytes > maxAnswerBytes) {
      this.#mode = 'plain';
      this.#begin();
      this.#begin = () => undefined;
      this.#passOn(this.#takeBuffered());
    }
    // This line is too long to be kept. A shorter line before it has already named its objects.
    if (this.#mode === 'events' && this.#bufferedBytes > maxPartBytes) this.#passOn(this.#takeBuffered());
  }

  end(): void {
    const { relay, onSucceeded } = this.#options;
    const buffered = this.#takeBuffered();
    if (this.#mode === 'whole') this.#readWhole(joinBytes(buffered));
    this.#add({
      changes: this.#takeChanges(),
      ...(this.#mode === 'whole' && onSucceeded && { work: onSucceeded }),
      pass: () => {
        this.#begin();
        for (const bytes of buffered) relay.data(bytes);
        relay.end();
        this.#ended.resolve();
      },
    });
  }

  fail(denial: Denial): void {
    this.#add({ changes: noStateChanges, pass: () => this.#give(denial) });
  }

  #give(denial: Denial): void {
    this.#steps.length = 0;
    this.#options.relay.fail(denial);
    this.#source?.abort();
    this.#ended.resolve();
  }

  #hold(bytes: Buffer): void {
    this.#buffered.push(bytes);
    this.#bufferedBytes += bytes.length;
  }

  #takeBuffered(): Buffer[] {
    this.#bufferedBytes = 0;
    return this.#buffered.splice(0);
  }

  #takeChanges(): StateChanges {
    const changes = this.#changes.splice(0);
    if (changes.length === 0) return noStateChanges;
    const response = changes.findLast((each) => each.response !== undefined)?.response;
    return { objects: changes.flatMap(({ objects }) => objects), ...(response && { response }) };
  }

  #passOn(pieces: readonly Buffer[]): void {
    const { relay } = this.#options;
    this.#add({
      changes: this.#takeChanges(),
      pass: () => {
        for (const bytes of pieces) relay.data(bytes);
      },
    });
  }

  #readEvent(json: Buffer): void {
    if (json.includes(responseKey) || json.includes(itemKey)) this.#readWhole(json);
  }

  #readWhole(json: Buffer): void {
    try {
      const value: unknown = JSON.parse(json.toString('utf8'));
      if (!isJsonObject(value)) return;
      const changes = this.#options.read(value);
      if (changes.objects.length > 0 || changes.response !== undefined) this.#changes.push(changes);
    } catch {
      // A text that is not JSON names no objects.
    }
  }

  #add(step: Step): void {
    if (!this.#isWorking && !needsWork(step)) return step.pass();
    this.#steps.push(step);
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    this.#source?.pause();
    try {
      for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
        await step.work?.();
        if (needsWork(step)) await this.#options.record(step.changes);
        if (step.changes.response !== undefined) this.#isNamed = true;
        step.pass();
        if (this.#isNamed && this.#isAbandoned) this.#leave();
      }
    } catch (error) {
      this.#give(error instanceof Denied ? error.denial : { reason: 'database_unavailable' });
    }
    this.#isWorking = false;
    if (!this.#isRelayPaused) this.#source?.resume();
  }

  /** Called when the relay needs no more of the answer. A background response is read until its name is known. */
  #abandon(): void {
    this.#isAbandoned = true;
    if (!this.#options.isBackground || !this.#isReached || this.#isNamed) return this.#leave();
    this.#isRelayPaused = false;
    if (!this.#isWorking) this.#source?.resume();
  }

  #leave(): void {
    this.#source?.abort();
    this.#ended.resolve();
  }
}

function needsWork({ changes, work }: Step): boolean {
  return work !== undefined || changes.objects.length > 0 || changes.response !== undefined;
}
