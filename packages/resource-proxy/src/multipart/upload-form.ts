import { randomBytes } from 'node:crypto';
import { Denied, type FormProblem } from '../denials/denial.js';
import type { TranscriptReport } from '../metering/operation-metering.js';
import { parseTextFormat, type TextFormat } from '../metering/text-format.js';
import type { Occurrence } from './list-occurrences.js';
import { MultipartScanner } from './multipart-scanner.js';
import type { PartHead } from './part-head.js';

export interface UploadFormOptions {
  /** The client's boundary. */
  readonly boundary: string;
  readonly fields: ReadonlyMap<string, Occurrence>;
  /** Undefined if the answers of this operation report their usage in every format. */
  readonly report: Pick<TranscriptReport, 'isNeededFor' | 'format'> | undefined;
  /**
   * Called for an unknown field, which is then left out. Throws Denied if the operator's settings refuse unknown
   * fields.
   */
  readonly onUnknown: (name: string) => void;
  /**
   * Called once, as soon as the `model` field is complete and the beginning of the recording, or all of it, has
   * arrived.
   */
  readonly onReady: (ready: ReadyForm) => void;
  /** Receives the rewritten form, piece by piece. */
  readonly onBytes: (bytes: Buffer) => void;
  /** Receives each piece of the recording, before `onBytes` receives the same piece. */
  readonly onFile?: (bytes: Buffer) => void;
}

export interface ReadyForm {
  readonly model: string;
  /** The recording's first bytes. They show the recording's format, from which the estimate bounds its length. */
  readonly head: Buffer;
}

/** A WAV file states its bytes per second within this head. */
const headBytes = 4_096;

/** The longest field is a speaker's reference: a recording of some seconds, as a data URL. */
const maxFieldBytes = 1024 * 1024;
const maxWordBytes = 128;
const formatField = 'response_format';

/**
 * Checks a form while it streams through, and rewrites it with our own boundary and headers, so that the upstream reads
 * exactly what was checked here. The file itself is not changed.
 */
export class UploadForm {
  readonly #options: UploadFormOptions;
  readonly #scanner: MultipartScanner;
  readonly #boundary = `aipassport-${randomBytes(24).toString('base64url')}`;
  readonly #seen = new Set<string>();
  /** undefined between parts, and while a part is left out. */
  #part: PartHead | undefined;
  #partBytes = 0;
  #fieldBytes = 0;
  #modelText = '';
  #model: string | undefined;
  #formatText: string | undefined;
  #head = Buffer.alloc(0);
  #isHeadWhole = false;
  #isReady = false;

  constructor(options: UploadFormOptions) {
    this.#options = options;
    this.#scanner = new MultipartScanner(options.boundary, {
      onPart: (head) => this.#openPart(head),
      onData: (bytes) => this.#passData(bytes),
      onPartEnd: () => this.#closePart(),
    });
  }

  /**
   * The text format that the client asked for, if the rewritten form asks for another format, which reports the usage.
   */
  get textFormat(): TextFormat | undefined {
    const isNeeded = this.#options.report?.isNeededFor(this.#model ?? '') === true;
    return isNeeded ? parseTextFormat(this.#formatText ?? '') : undefined;
  }

  get contentType(): string {
    return `multipart/form-data; boundary=${this.#boundary}`;
  }

  /** The number of bytes of all values so far, without the file and `response_format`. */
  get fieldBytes(): number {
    return this.#fieldBytes;
  }

  /** @throws Denied `form_malformed`: then the rewritten form must not be completed */
  write(chunk: Buffer): void {
    this.#scanner.write(chunk);
  }

  /** Called when the client's form has ended. @throws Denied when it was incomplete */
  end(): void {
    this.#scanner.end();
    if (!this.#seen.has('model')) throw new Denied({ reason: 'model_missing' });
    if (!this.#seen.has('file')) refuse('file_missing');
    if (this.#formatText !== undefined) this.#emitFormat(this.#formatText);
    this.#emit(`--${this.#boundary}--\r\n`);
  }

  /** Writes the field `response_format` at the end of the form, because it depends on the model. */
  #emitFormat(text: string): void {
    this.#emitHead(formatField);
    const format = this.textFormat === undefined ? undefined : this.#options.report?.format;
    this.#emit(`${format ?? text}\r\n`);
  }

  #openPart(head: PartHead): void {
    const { name, filename, contentType } = head;
    const occurrence = this.#options.fields.get(name);
    if (occurrence === undefined) return this.#options.onUnknown(name);
    if (occurrence === 'once' && this.#seen.has(name)) refuse('repeated_field', name);
    // Form parsers disagree about a `model` that has a file name, and about a `file` that has none.
    if ((name === 'file') !== (filename !== undefined)) refuse('malformed');
    this.#seen.add(name);
    this.#part = head;
    this.#partBytes = 0;
    const fileHead =
      filename === undefined
        ? ''
        : `; filename="${filename}"\r\ncontent-type: ${contentType ?? 'application/octet-stream'}`;
    if (name === formatField) this.#formatText = '';
    else this.#emitHead(name, fileHead);
  }

  #emitHead(name: string, fileHead = ''): void {
    this.#emit(`--${this.#boundary}\r\ncontent-disposition: form-data; name="${name}"${fileHead}\r\n\r\n`);
  }

  #passData(bytes: Buffer): void {
    if (this.#part === undefined) return;
    const { name } = this.#part;
    this.#partBytes += bytes.length;
    const isWord = name === 'model' || name === formatField;
    if (name !== 'file' && this.#partBytes > (isWord ? maxWordBytes : maxFieldBytes)) refuse('field_too_long', name);
    if (name === 'model') this.#modelText += bytes.toString('latin1');
    if (name === formatField) {
      this.#formatText += bytes.toString('latin1');
      return;
    }
    if (name === 'file') this.#options.onFile?.(bytes);
    else this.#fieldBytes += bytes.length;
    this.#options.onBytes(bytes);
    if (name !== 'file' || this.#isHeadWhole) return;
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, headBytes - this.#head.length)]);
    this.#isHeadWhole = this.#head.length === headBytes;
    this.#reportReady();
  }

  #closePart(): void {
    if (this.#part === undefined) return;
    if (this.#part.name !== formatField) this.#emit('\r\n');
    if (this.#part.name === 'model') this.#model = this.#modelText;
    if (this.#part.name === 'file') this.#isHeadWhole = true;
    this.#part = undefined;
    this.#reportReady();
  }

  #reportReady(): void {
    if (this.#isReady || !this.#isHeadWhole || this.#model === undefined) return;
    this.#isReady = true;
    this.#options.onReady({ model: this.#model, head: this.#head });
  }

  #emit(text: string): void {
    this.#options.onBytes(Buffer.from(text, 'latin1'));
  }
}

function refuse(problem: FormProblem, field?: string): never {
  throw new Denied({ reason: 'form_malformed', problem, ...(field !== undefined && { field }) });
}
