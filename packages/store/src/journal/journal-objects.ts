import { createHash, randomUUID } from 'node:crypto';
import type { Batch, BatchFiles } from './batch.js';
import type { Bucket } from './bucket.js';

/** A larger batch is in several objects, so that the writer needs little memory and each request ends in time. */
const maxObjectBytes = 4_194_304;

/**
 * The objects of one writer. A bucket cannot append to an object. So in a bucket, each file of the journal is a
 * sequence of objects, its numbered parts: `<name of the file>/00000001` and so on. Each object is created once and
 * never changed. After a failure it is unknown whether the bucket has the object, and it may still arrive later; so the
 * same changes are written again, to a new sequence. Replaying them twice changes nothing.
 */
export class JournalObjects implements BatchFiles {
  readonly #bucket: Bucket;
  readonly #writer = randomUUID();
  #open: { readonly day: string; readonly name: string; parts: number } | undefined;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async append(
    day: string,
    entries: AsyncIterable<readonly string[]>,
    finish: (written: Pick<Batch, 'entries' | 'digest'>) => string,
  ): Promise<number> {
    try {
      const digest = createHash('sha256');
      let count = 0;
      let waiting: Buffer[] = [];
      let [bytes, added] = [0, 0];
      const put = async () => {
        const body = Buffer.concat(waiting);
        await this.#put(day, body);
        added += body.length;
        waiting = [];
        bytes = 0;
      };
      for await (const lines of entries)
        for (const line of lines) {
          const text = Buffer.from(`${line}\n`);
          digest.update(text);
          count += 1;
          waiting.push(text);
          bytes += text.length;
          if (bytes >= maxObjectBytes) await put();
        }
      waiting.push(Buffer.from(`${finish({ entries: count, digest: digest.digest('hex') })}\n`));
      await put();
      return added;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#open = undefined;
    return Promise.resolve();
  }

  async #put(day: string, body: Buffer): Promise<void> {
    if (this.#open?.day !== day) {
      const name = `journal-${day}-${this.#writer}-${randomUUID().slice(0, 8)}.jsonl`;
      this.#open = { day, name, parts: 0 };
    }
    this.#open.parts += 1;
    await this.#bucket.create(`${this.#open.name}/${String(this.#open.parts).padStart(8, '0')}`, body);
  }
}
