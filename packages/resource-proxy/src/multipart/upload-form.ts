import { randomBytes } from 'node:crypto';
import { Denied, type FormProblem } from '../denials/denial.js';
import { MultipartScanner } from './multipart-scanner.js';
import type { PartHead } from './part-head.js';
import type { Occurrence } from './transcription-fields.js';

export interface UploadFormOptions {
  /** The client's. */
  readonly boundary: string;
  readonly fields: ReadonlyMap<string, Occurrence>;
  /** Told the `model` field once, as soon as it is whole. */
  readonly onModel: (model: string) => void;
  /** Given the form as it is written anew, piece by piece. */
  readonly onBytes: (bytes: Buffer) => void;
}

/** A speaker's reference is a recording of some seconds, as a data URL. */
const maxFieldBytes = 1024 * 1024;
const maxModelBytes = 128;

/**
 * Checks a form while it streams through, and writes it anew: with a boundary of our own and headers that we have
 * written, so that what the upstream reads is what was checked here. The file goes through untouched.
 */
export class UploadForm {
  readonly #options: UploadFormOptions;
  readonly #scanner: MultipartScanner;
  readonly #boundary = `aipassport-${randomBytes(24).toString('base64url')}`;
  readonly #seen = new Set<string>();
  #part: PartHead | undefined;
  #partBytes = 0;
  #model = '';

  constructor(options: UploadFormOptions) {
    this.#options = options;
    this.#scanner = new MultipartScanner(options.boundary, {
      onPart: (head) => this.#openPart(head),
      onData: (bytes) => this.#passData(bytes),
      onPartEnd: () => this.#closePart(),
    });
  }

  get contentType(): string {
    return `multipart/form-data; boundary=${this.#boundary}`;
  }

  /** @throws Denied `form_malformed`: nothing of this form may be brought to its end */
  write(chunk: Buffer): void {
    this.#scanner.write(chunk);
  }

  /** The client's form has ended. @throws Denied when it was not whole */
  end(): void {
    this.#scanner.end();
    if (!this.#seen.has('model')) throw new Denied({ reason: 'model_missing' });
    if (!this.#seen.has('file')) refuse('file_missing');
    this.#emit(`--${this.#boundary}--\r\n`);
  }

  #openPart(head: PartHead): void {
    const { name, filename, contentType } = head;
    const occurrence = this.#options.fields.get(name);
    if (occurrence === undefined) refuse('unknown_field');
    if (occurrence === 'once' && this.#seen.has(name)) refuse('repeated_field');
    // A model with a file name is a file to some readers, and a file without one is a field.
    if ((name === 'file') !== (filename !== undefined)) refuse('malformed');
    this.#seen.add(name);
    this.#part = head;
    this.#partBytes = 0;
    const fileHead =
      filename === undefined
        ? ''
        : `; filename="${filename}"\r\ncontent-type: ${contentType ?? 'application/octet-stream'}`;
    this.#emit(`--${this.#boundary}\r\ncontent-disposition: form-data; name="${name}"${fileHead}\r\n\r\n`);
  }

  #passData(bytes: Buffer): void {
    const name = this.#part?.name;
    this.#partBytes += bytes.length;
    if (name !== 'file' && this.#partBytes > (name === 'model' ? maxModelBytes : maxFieldBytes))
      refuse('field_too_long');
    if (name === 'model') this.#model += bytes.toString('latin1');
    this.#options.onBytes(bytes);
  }

  #closePart(): void {
    this.#emit('\r\n');
    if (this.#part?.name === 'model') this.#options.onModel(this.#model);
    this.#part = undefined;
  }

  #emit(text: string): void {
    this.#options.onBytes(Buffer.from(text, 'latin1'));
  }
}

function refuse(problem: FormProblem): never {
  throw new Denied({ reason: 'form_malformed', problem });
}
