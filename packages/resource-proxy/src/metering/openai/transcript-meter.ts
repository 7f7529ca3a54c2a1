import { isJsonObject } from '@aipassport/policy';
import { Denied } from '../../denials/denial.js';
import { joinBytes } from '../../join-bytes.js';
import type { AnswerMeter } from '../meter.js';
import { readAnswerUsage } from '../read-answer.js';
import type { TextFormat } from '../text-format.js';
import type { UsageReading } from '../usage-reading.js';
import { readTranscriptUsage } from './read-audio-usage.js';
import { readTier } from './read-usage.js';
import { renderTranscript } from './render-transcript.js';

/** The size of a transcript of the longest accepted recording. A larger answer would block the event loop. */
const maxTranscriptBytes = 4_194_304;
const nothing = Buffer.alloc(0);

/**
 * Meters a transcript that was requested in a format that states the length of the recording, and passes it on in the
 * format that the client asked for. An answer that is not a transcript is passed on unchanged.
 */
export class TranscriptMeter implements AnswerMeter {
  readonly #format: TextFormat;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #reading: UsageReading = { trusted: false, problem: 'answer_cut_off' };

  constructor(format: TextFormat) {
    this.#format = format;
  }

  readonly feed = (chunk: Buffer): Buffer => {
    this.#bytes += chunk.length;
    if (this.#bytes > maxTranscriptBytes)
      throw new Denied({ reason: 'upstream_failed', detail: 'transcript too large' });
    this.#pieces.push(chunk);
    return nothing;
  };

  readonly end = (): Buffer => {
    const bytes = joinBytes(this.#pieces);
    this.#pieces = [];
    const transcript = parse(bytes);
    const text = transcript && renderTranscript(transcript, this.#format);
    this.#reading = readAnswerUsage({ readUsage: readTranscriptUsage, readProcessing: readTier }, transcript);
    return text === undefined ? bytes : Buffer.from(text);
  };

  readonly readUsage = (): UsageReading => this.#reading;
}

function parse(bytes: Buffer) {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
