import { walkAdts } from './walk-adts.js';
import { walkFlac } from './walk-flac.js';
import { walkMp3 } from './walk-mp3.js';
import { walkMp4 } from './walk-mp4.js';
import { walkOgg } from './walk-ogg.js';
import { walkWav } from './walk-wav.js';
import { walkWebm } from './walk-webm.js';

const walkers = [walkWav, walkFlac, walkOgg, walkWebm, walkMp4, walkAdts, walkMp3];
/**
 * Bytes that belong neither to known packets nor to their container may be audio. They count as audio at this rate,
 * which is the lowest of all formats: see `boundAudioSeconds`.
 */
const leastBytesPerSecond = 16;

/**
 * Returns the maximum length of a complete recording. It is measured from the packets, not from the header, because a
 * decoder plays all packets.
 * @returns whole seconds; undefined when the length cannot be determined reliably
 */
export function measureRecording(bytes: Buffer): number | undefined {
  for (const walk of walkers) {
    const found = walk(bytes);
    if (found === undefined) continue;
    const unexplained = Math.max(0, bytes.length - found.explainedBytes);
    return Math.ceil(found.seconds + unexplained / leastBytesPerSecond);
  }
  return undefined;
}
