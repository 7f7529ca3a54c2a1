import { FlacSeconds } from '../metering/flac-seconds.js';
import type { RecordingReader } from './recording.js';

/** FLAC: the sum of everything that looks like a frame, or the length in the recording's header if that is longer. */
export const measureFlac: RecordingReader = (bytes) => {
  const flac = new FlacSeconds();
  flac.add(bytes);
  return flac.seconds === undefined ? undefined : { seconds: flac.seconds, explainedBytes: bytes.length };
};
