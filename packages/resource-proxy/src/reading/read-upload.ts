import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Upload as UploadFacts } from '@aipassport/policy';
import { type Denial, Denied } from '../denials/denial.js';
import { freeBytes, type UnsharedBytes } from '../free-bytes.js';
import type { TextFormat } from '../metering/text-format.js';
import { type ReadyForm, UploadForm, type UploadFormOptions } from '../multipart/upload-form.js';
import { BodyBytes } from './body-bytes.js';
import type { GrantGate } from './grant-gate.js';
import { type BodyReading, copiesOfBody, openGate } from './read-body.js';
import { requireForm } from './require-content.js';
import { SmallChunkCount } from './small-chunk-count.js';
import { watchBodyRate } from './watch-body-rate.js';

/** A form whose model is known. The rest of it may still be arriving. */
export interface Upload extends Pick<UploadFacts, 'measured'> {
  readonly model: string;
  readonly contentType: string;
  /** The maximum size of the whole form. */
  readonly bytes: number;
  /** The recording's first bytes. */
  readonly head: Buffer;
  /**
   * Always true, which means that the vendor may cut the recording into pieces and bill them separately. The fields on
   * which this depends may arrive last, so they are not known yet.
   */
  readonly isChunked: true;
  /**
   * Returns the text format that the client asked for, if the rewritten form asks for another format. Called only after
   * the form has been sent, because the fields that decide this may arrive last.
   */
  readonly readTextFormat: () => TextFormat | undefined;
  /** The rewritten form. Fails with Denied when a later part of the form is refused. */
  readonly body: Readable;
  /**
   * Reads the rest of the form into memory and returns the recording. Called before `body` is read.
   * @throws Denied when the form is refused or takes too much memory
   */
  readonly takeFile: () => Promise<WholeFile>;
}

export interface WholeFile {
  /** The recording, in pieces that can be moved to another thread. */
  readonly pieces: readonly UnsharedBytes[];
  /** The bytes of the values of the other fields. */
  readonly fieldBytes: number;
}

/** The rules for a form. */
export type FormRules = Pick<UploadFormOptions, 'fields' | 'report' | 'onUnknown'>;

/**
 * Reads a form until its model and the beginning of its file are known. If the model comes first, as it usually does,
 * the file is then passed on as it arrives. If the file comes first, it is kept in memory until the model has arrived.
 *
 * @throws Denied
 */
export async function readUpload(reading: BodyReading, rules: FormRules): Promise<Upload> {
  const boundary = requireForm(reading.request.headers);
  const gate = await openGate(reading);
  return new Promise((resolve, reject) => {
    const intake = new UploadIntake({ ...reading, gate, boundary, rules }, resolve, reject);
    intake.start();
  });
}

interface FormReading extends BodyReading {
  readonly gate: GrantGate;
  readonly boundary: string;
  readonly rules: FormRules;
}

class UploadIntake {
  readonly #reading: FormReading;
  readonly #request: IncomingMessage;
  readonly #form: UploadForm;
  readonly #body: Readable;
  readonly #stopWatch: () => void;
  readonly #reject: (error: unknown) => void;
  readonly #smallChunks = new SmallChunkCount();
  /** The beginning of the rewritten form, until the upload is ready to be sent. */
  #early: BodyBytes | undefined = new BodyBytes();
  /** The pieces of `#early` that are in `#body` and were not read yet. They are freed if `#body` is never read. */
  #unread: readonly UnsharedBytes[] = [];
  /** The recording, as long as `takeFile` may be called. */
  #file = new BodyBytes();
  #onWhole: ((error?: unknown) => void) | undefined;
  #isWhole = false;
  #received = 0;
  #ready: ReadyForm | undefined;
  readonly #resolve: (upload: Upload) => void;

  constructor(reading: FormReading, resolve: (upload: Upload) => void, reject: (error: unknown) => void) {
    this.#reading = reading;
    this.#request = reading.request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#body = new Readable({
      read: () => {
        this.#unread = [];
        if (!reading.gate.isWaiting) this.#request.resume();
      },
      destroy: (error, callback) => {
        this.#stop();
        // If the body was never read, the form will not be sent. Its memory is freed now, because otherwise up to 25 MB
        // would stay occupied until the next garbage collection.
        if (!this.#body.readableDidRead) for (const bytes of this.#unread) freeBytes(bytes);
        callback(error);
      },
    });
    // While the forwarder has no listener of its own, this listener receives the errors. Otherwise they would be
    // uncaught.
    this.#body.on('error', () => undefined);
    this.#form = new UploadForm({
      ...reading.rules,
      boundary: reading.boundary,
      onReady: (ready) => {
        this.#ready = ready;
      },
      onBytes: (bytes) => this.#pass(bytes),
      onFile: (bytes) => this.#keepFile(bytes),
    });
    this.#stopWatch = watchBodyRate(this.#request, reading.limits, () =>
      this.#fail(new Denied({ reason: 'body_too_slow' })),
    );
  }

  start(): void {
    this.#request.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onClose).on('close', this.#onClose);
  }

  readonly #onData = (chunk: Buffer): void => {
    const { maxBytes, bodyReservation, gate } = this.#reading;
    try {
      if (this.#smallChunks.isTooMany(chunk)) throw new Denied({ reason: 'body_in_small_chunks' });
      this.#received += chunk.length;
      if (this.#received > maxBytes) throw new Denied({ reason: 'body_too_large', maxBytes });
      if (this.#ready === undefined || this.#onWhole !== undefined) bodyReservation.take(copiesOfBody * chunk.length);
      this.#form.write(chunk);
      // Once the form is ready, the request is admitted, and the admission checks the grant too.
      if (this.#ready === undefined) gate.pass(this.#received, (error) => this.#fail(error));
      // Continue only after the whole chunk was checked: a fault in any part of it must be reported before the request
      // is counted.
      if (this.#ready === undefined) return;
      this.#passEarly();
      this.#resolve(this.#describe(this.#ready));
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #onEnd = (): void => {
    try {
      this.#form.end();
      this.#stopWatch();
      this.#body.push(null);
      this.#isWhole = true;
      this.#onWhole?.();
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #onClose = (): void => {
    const denial: Denial = { reason: 'client_left' };
    if (!this.#request.complete) this.#fail(new Denied(denial));
  };

  #describe(ready: ReadyForm): Upload {
    const bytes = Number(this.#request.headers['content-length'] ?? this.#reading.maxBytes);
    const { contentType } = this.#form;
    const readTextFormat = () => this.#form.textFormat;
    const takeFile = this.#takeFile;
    return { ...ready, bytes, isChunked: true, contentType, readTextFormat, body: this.#body, takeFile };
  }

  #keepFile(bytes: Buffer): void {
    // While the form is being sent, the recording is not kept.
    if (this.#body.readableFlowing === true) this.#file.discard();
    else this.#file.add(Buffer.from(bytes));
  }

  readonly #takeFile = async (): Promise<WholeFile> => {
    if (this.#body.errored !== null) throw this.#body.errored;
    if (!this.#isWhole) {
      await new Promise<void>((resolve, reject) => {
        this.#onWhole = (error) => (error === undefined ? resolve() : reject(error));
        this.#request.resume();
      });
    }
    const file = this.#file;
    this.#file = new BodyBytes();
    return { pieces: file.takePieces(), fieldBytes: this.#form.fieldBytes };
  };

  #pass(bytes: Buffer): void {
    if (this.#ready === undefined) {
      this.#early?.add(bytes);
      return;
    }
    this.#passEarly();
    if (!this.#body.push(bytes) && this.#onWhole === undefined) this.#request.pause();
  }

  #passEarly(): void {
    if (this.#early === undefined) return;
    const pieces = this.#early.takePieces();
    this.#early = undefined;
    this.#unread = pieces;
    for (const piece of pieces) if (!this.#body.push(piece)) this.#request.pause();
  }

  /** Destroys the body, so that its reader gets an error and not an incomplete form. */
  #fail(error: unknown): void {
    this.#stop();
    // The rest of the body is discarded later, once the refusal has been written.
    this.#request.pause();
    this.#body.destroy(error instanceof Error ? error : new Error('the upload failed'));
    this.#onWhole?.(error);
    this.#reject(error);
  }

  #stop(): void {
    this.#stopWatch();
    this.#request
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onClose)
      .off('close', this.#onClose);
    // The kept bytes are not needed any more: the form has been sent, or it will not be sent completely.
    this.#early?.discard();
    this.#early = undefined;
    this.#file.discard();
    this.#reading.bodyReservation.close();
  }
}
