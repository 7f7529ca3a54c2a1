import { speechTokensPerSecond } from '@aipassport/policy';
import { joinBytes } from '../../join-bytes.js';
import { measureRecording } from '../../recordings/measure-recording.js';
import { FlacSeconds } from '../flac-seconds.js';
import type { AnswerMeter } from '../meter.js';
import { Mp3Seconds } from '../mp3-seconds.js';
import type { UsageReading } from '../usage-reading.js';

/** 24,000 samples a second of 16 bits: https://platform.openai.com/docs/guides/text-to-speech */
const pcmBytesPerSecond = 48_000;
const nothing = Buffer.alloc(0);

/** The size of ten minutes of Opus or AAC. The vendor refuses a text whose speech would be longer. */
const maxKeptBytes = 4_194_304;

/**
 * Meters speech by its length. MP3, FLAC, WAV and raw samples are measured as they stream, and other containers when
 * they are complete. The answer does not report the usage of the input, so the input is charged as estimated.
 */
export class SpeechMeter implements AnswerMeter {
  readonly #contentType: string;
  readonly #inPassing: Mp3Seconds | FlacSeconds | undefined;
  #bytes = 0;
  /** The chunks of a container whose length cannot be measured as it streams. */
  #pieces: Buffer[] = [];

  constructor(contentType: string) {
    this.#contentType = contentType;
    if (contentType.startsWith('audio/mp')) this.#inPassing = new Mp3Seconds();
    if (/^audio\/(x-)?flac/.test(contentType)) this.#inPassing = new FlacSeconds();
  }

  readonly feed = (chunk: Buffer): Buffer => {
    this.#bytes += chunk.length;
    if (this.#inPassing !== undefined) this.#inPassing.add(chunk);
    else if (!this.#isSamples) this.#keep(chunk);
    return chunk;
  };

  readonly end = (): Buffer => nothing;

  readonly readUsage = (): UsageReading => {
    const seconds = this.#measure();
    if (seconds === undefined || seconds === 0) return { trusted: false, problem: 'usage_missing' };
    return { trusted: true, usage: { outputTokens: Math.ceil(seconds * speechTokensPerSecond) } };
  };

  #measure(): number | undefined {
    if (this.#inPassing !== undefined) return this.#inPassing.seconds;
    return this.#isSamples ? this.#bytes / pcmBytesPerSecond : measureRecording(joinBytes(this.#pieces));
  }

  get #isSamples(): boolean {
    return this.#contentType.startsWith('audio/wav') || this.#contentType.startsWith('audio/pcm');
  }

  #keep(chunk: Buffer): void {
    if (this.#bytes <= maxKeptBytes) this.#pieces.push(chunk);
    else this.#pieces = [];
  }
}
