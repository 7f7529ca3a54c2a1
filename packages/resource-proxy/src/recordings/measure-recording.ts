import { measureAdts } from './measure-adts.js';
import { measureFlac } from './measure-flac.js';
import { measureMp3 } from './measure-mp3.js';
import { measureMp4 } from './measure-mp4.js';
import { measureOgg } from './measure-ogg.js';
import { measureWav } from './measure-wav.js';
import { measureWebm } from './measure-webm.js';

const formats = [measureWav, measureFlac, measureOgg, measureWebm, measureMp4, measureAdts, measureMp3];
/** Opus with discontinuous transmission needs at least 17 bytes for each second of silence. */
const leastOpusBytesPerSecond = 16;

/**
 * Returns the maximum length of a complete recording. It is measured from the packets, not from the header, because a
 * decoder plays all packets.
 * @returns whole seconds; undefined when the length cannot be determined reliably
 */
export function measureRecording(bytes: Buffer): number | undefined {
  for (const measure of formats) {
    const found = measure(bytes);
    if (found === undefined) continue;
    // bytes that belong neither to known packets nor to their container may be audio
    const unexplained = Math.max(0, bytes.length - found.explainedBytes);
    return Math.ceil(found.seconds + unexplained / (found.leastBytesPerSecond ?? leastOpusBytesPerSecond));
  }
  return undefined;
}
