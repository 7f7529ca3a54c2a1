import type { RecordingReader } from './recording.js';

/** Boxes that contain other boxes. */
const containers = new Set(['moov', 'trak', 'edts', 'mdia', 'minf', 'stbl', 'moof', 'traf']);
/**
 * An edit list (`elst`) says which parts are played. Usually its entries skip the silence at the beginning, or add a
 * pause before it. With more entries, a decoder could play the same part again and again.
 */
const maxEdits = 2;
const maxDepth = 16;

/**
 * Measures AAC in MP4 (ISO 14496-12, 14496-14): adds up the numbers of samples that its tables state. A sample in MP4
 * is one AAC frame: 1,024 values of each channel at the sample rate. If a media header (`mdhd`) states a longer
 * duration, that duration is used.
 *
 * The file consists of boxes. Each begins with its size and with a type of four letters, such as `mdhd`.
 */
export const measureMp4: RecordingReader = (bytes) => {
  if (bytes.toString('latin1', 4, 8) !== 'ftyp') return undefined;
  const found = { samples: 0, seconds: 0, frameSeconds: 0, isKnown: true };
  const visit = (from: number, to: number, depth: number): void => {
    for (let at = from; at + 8 <= to; ) {
      const type = bytes.toString('latin1', at + 4, at + 8);
      const size = readSize(bytes, at, type) || to - at;
      const end = Math.min(at + size, to);
      const body = bytes.subarray(at + 8, end);
      // If this code cannot read a box, the length is unknown, because a decoder may be able to read the box.
      found.isKnown &&= size >= 8 && depth < maxDepth;
      if (!found.isKnown) return;
      if (containers.has(type)) visit(at + 8, end, depth + 1);
      else if (type === 'stsz' && body.length >= 12) found.samples += body.readUInt32BE(8);
      else if (type === 'trun' && body.length >= 8) found.samples += body.readUInt32BE(4);
      else if (type === 'mdhd') found.seconds = Math.max(found.seconds, readDuration(body));
      else if (type === 'elst') found.isKnown &&= body.length >= 8 && body.readUInt32BE(4) <= maxEdits;
      else if (type === 'stsd') {
        const seconds = readFrameSeconds(body);
        found.isKnown &&= seconds !== undefined;
        found.frameSeconds = Math.max(found.frameSeconds, seconds ?? 0);
      }
      at += size;
    }
  };
  visit(0, bytes.length, 0);
  if (!found.isKnown || found.samples === 0) return undefined;
  return { seconds: Math.max(found.seconds, found.samples * found.frameSeconds), explainedBytes: bytes.length };
};

/**
 * Reads the size of a box. A size of 64 bits is read only for `mdat`, which contains the sound and no tables.
 * @returns 0 when the box extends to the end of the file
 */
function readSize(bytes: Buffer, at: number, type: string): number {
  const size = bytes.readUInt32BE(at);
  return size === 1 && type === 'mdat' && at + 16 <= bytes.length ? Number(bytes.readBigUInt64BE(at + 8)) : size;
}

function readDuration(mdhd: Buffer): number {
  const isLong = mdhd[0] === 1;
  if (mdhd.length < (isLong ? 32 : 20)) return 0;
  const scale = mdhd.readUInt32BE(isLong ? 20 : 12);
  return scale === 0 ? 0 : (isLong ? Number(mdhd.readBigUInt64BE(24)) : mdhd.readUInt32BE(16)) / scale;
}

/**
 * The sample rates of AAC. The decoder's configuration contains the index of one. It is used instead of the rate in the
 * sample entry, because decoders play at the rate of their configuration.
 */
const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/**
 * Reads the length of an AAC frame.
 * @param stsd the box with the sample entries, which describe the codecs
 * @returns undefined for any codec other than AAC, and for several sample entries
 */
function readFrameSeconds(stsd: Buffer): number | undefined {
  if (stsd.length < 52 || stsd.readUInt32BE(4) !== 1 || stsd.toString('latin1', 12, 16) !== 'mp4a') return undefined;
  // The box `esds` in the sample entry has three nested descriptors: the stream descriptor, the decoder descriptor with
  // the object type (0x40: AAC), and the configuration of the decoder.
  if (stsd.toString('latin1', 48, 52) !== 'esds' || stsd[56] !== 0x03) return undefined;
  const stream = skipSize(stsd, 57);
  const decoder = skipSize(stsd, stream + 4);
  if (stsd[stream + 2] !== 0 || stsd[stream + 3] !== 0x04 || stsd[decoder] !== 0x40) return undefined;
  const own = skipSize(stsd, decoder + 14);
  if (stsd[decoder + 13] !== 0x05 || own + 2 > stsd.length) return undefined;
  const rate = rates[(stsd.readUInt16BE(own) >> 7) & 15];
  return rate === undefined ? undefined : 1_024 / rate;
}

/** Skips a descriptor's size: its last byte is the first one below 0x80. */
function skipSize(bytes: Buffer, at: number): number {
  let end = at;
  while (((bytes[end] ?? 0) & 0x80) !== 0) end += 1;
  return end + 1;
}
