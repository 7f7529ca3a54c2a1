import { speechTokensPerSecond } from '@aipassport/policy';
import type { AnswerMeter } from './meter.js';
import { Mp3Seconds } from './mp3-seconds.js';
import type { UsageReading } from './usage-reading.js';

/** 24,000 samples a second of 16 bits: https://platform.openai.com/docs/guides/text-to-speech */
const pcmBytesPerSecond = 48_000;
const nothing = Buffer.alloc(0);

/**
 * Meters speech by how long it is: MP3, WAV and raw samples, which is all that can be told in passing. What went in is
 * not known here, and charged as estimated.
 */
export class SpeechMeter implements AnswerMeter {
  readonly #contentType: string;
  readonly #mp3 = new Mp3Seconds();
  #bytes = 0;

  constructor(contentType: string) {
    this.#contentType = contentType;
  }

  readonly feed = (chunk: Buffer): Buffer => {
    this.#bytes += chunk.length;
    if (this.#contentType.startsWith('audio/mp')) this.#mp3.add(chunk);
    return chunk;
  };

  readonly end = (): Buffer => nothing;

  readonly readUsage = (): UsageReading => {
    const seconds = this.#measure();
    if (seconds === undefined || seconds === 0) return { trusted: false, problem: 'usage_missing' };
    return { trusted: true, usage: { outputTokens: Math.ceil(seconds * speechTokensPerSecond) } };
  };

  #measure(): number | undefined {
    if (this.#contentType.startsWith('audio/mp')) return this.#mp3.seconds;
    const isSamples = this.#contentType.startsWith('audio/wav') || this.#contentType.startsWith('audio/pcm');
    return isSamples ? this.#bytes / pcmBytesPerSecond : undefined;
  }
}
