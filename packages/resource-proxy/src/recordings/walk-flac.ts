import { FlacSeconds } from '../metering/flac-seconds.js';
import type { Walker } from './recording.js';

/** FLAC: all that looks like the head of a frame, and no less than its own head says. */
export const walkFlac: Walker = (bytes) => {
  const flac = new FlacSeconds();
  flac.add(bytes);
  return flac.seconds === undefined ? undefined : { seconds: flac.seconds, explainedBytes: bytes.length };
};
