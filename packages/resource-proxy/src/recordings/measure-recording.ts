import { walkAdts } from './walk-adts.js';
import { walkFlac } from './walk-flac.js';
import { walkMp3 } from './walk-mp3.js';
import { walkMp4 } from './walk-mp4.js';
import { walkOgg } from './walk-ogg.js';
import { walkWav } from './walk-wav.js';
import { walkWebm } from './walk-webm.js';

const walkers = [walkWav, walkFlac, walkOgg, walkWebm, walkMp4, walkAdts, walkMp3];
/** Of what is not known to be anything: see `boundAudioSeconds`. */
const leastBytesPerSecond = 16;

/**
 * How long a whole recording is at most, by its packets and not by what its head says: a decoder plays what is there.
 * @returns whole seconds; undefined for what is not known well enough
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
