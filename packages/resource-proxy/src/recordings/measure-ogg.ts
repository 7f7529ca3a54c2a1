import { readOpusSeconds } from './opus-seconds.js';
import type { PacketSeconds, RecordingLength, RecordingReader } from './recording.js';

const headBytes = 27;

/**
 * Measures Opus and Vorbis in Ogg (RFC 3533): sums the seconds of all packets of a single stream, or takes the
 * largest position that a page states if that is longer.
 *
 * An Ogg file consists of pages. The head of a page states the stream to which the page belongs (`serial`), the number
 * of samples up to the end of the page (its position), and a table of lengths (`lace`), one for each piece of a packet.
 * A piece of 255 bytes is not the last one of its packet.
 */
export const measureOgg: RecordingReader = (bytes) => {
  if (bytes.toString('latin1', 0, 4) !== 'OggS') return undefined;
  const first = bytes.subarray(headBytes + (bytes[26] ?? 0));
  const codec = readCodec(first);
  if (codec === undefined) return undefined;
  let packets = 0;
  let lastPosition = 0;
  let explainedBytes = 0;
  let serial: number | undefined;
  for (let at = 0; bytes.toString('latin1', at, at + 4) === 'OggS' && at + headBytes <= bytes.length; ) {
    const table = bytes.subarray(at + headBytes, at + headBytes + (bytes[at + 26] ?? 0));
    serial ??= bytes.readUInt32LE(at + 14);
    // A recording with another stream is not measured, because that stream has its own codec.
    if (bytes.readUInt32LE(at + 14) !== serial || (at > 0 && ((bytes[at + 5] ?? 0) & 2) !== 0)) return undefined;
    const position = bytes.readBigInt64LE(at + 6);
    if (position > 0n) lastPosition = Math.max(lastPosition, Number(position));
    let body = at + headBytes + table.length;
    let isStart = ((bytes[at + 5] ?? 0) & 1) === 0;
    for (const lace of table) {
      if (isStart) packets += codec.packetSeconds(bytes.subarray(body, body + 8));
      body += lace;
      isStart = lace < 255;
    }
    explainedBytes += body - at;
    at = body;
  }
  const { leastBytesPerSecond } = codec;
  return {
    seconds: Math.max(packets, lastPosition / codec.rate),
    explainedBytes,
    ...(leastBytesPerSecond !== undefined && { leastBytesPerSecond }),
  };
};

interface Codec extends Pick<RecordingLength, 'leastBytesPerSecond'> {
  readonly packetSeconds: PacketSeconds;
  readonly rate: number;
}

function readCodec(head: Buffer): Codec | undefined {
  if (head.toString('latin1', 0, 8) === 'OpusHead') return { packetSeconds: readOpusPacket, rate: 48_000 };
  if (head.toString('latin1', 1, 7) !== 'vorbis' || head.length < 29) return undefined;
  const rate = head.readUInt32LE(12);
  // A Vorbis packet contains one block, which is long or short. Blocks overlap, so no packet adds more samples than
  // half of a long block.
  const longest = 2 ** ((head[28] ?? 0) >> 4) / 2;
  if (rate === 0) return undefined;
  // a packet has at least one byte
  return { packetSeconds: () => longest / rate, rate, leastBytesPerSecond: rate / longest };
}

/** Returns the seconds of an Opus packet. The first two packets are headers and contain no sound. */
function readOpusPacket(packet: Buffer): number {
  return /^Opus(Head|Tags)/.test(packet.toString('latin1')) ? 0 : readOpusSeconds(packet);
}
