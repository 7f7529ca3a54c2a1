import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { meter } from './metering.js';

/**
 * A frame of MPEG 2, layer III, at 24 kHz and 64 kbit/s in mono: 24 ms in 192 bytes. OpenAI sends speech in this
 * format.
 */
function frame(rates = 0x84, version = 0xf3, length = 192): Buffer {
  const bytes = Buffer.alloc(length, 0xff);
  bytes.set([0xff, version, rates, 0xc4]);
  return bytes;
}

const tag = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5]);
const second = Buffer.concat([tag, ...Array.from({ length: 42 }, () => frame())]); // 1.008 s
const speech = 'openai.audio/speech';

it('speech is as long as its frames, wherever they are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 }), (sizes) => {
      const chunks: Buffer[] = [];
      let start = 0;
      for (const size of [...sizes, second.length]) {
        chunks.push(second.subarray(start, start + size));
        start += size;
      }
      expect(meter(speech, chunks, { contentType: 'audio/mpeg' }).reading).toEqual({
        trusted: true,
        usage: { outputTokens: 22 },
      });
    }),
  );
});

it.each([
  ['MPEG 1 at 44.1 kHz, 128 kbit/s', frame(0x90, 0xfb, 417), 1_152 / 44_100],
  ['MPEG 1 at 44.1 kHz, 128 kbit/s, padded', frame(0x92, 0xfb, 418), 1_152 / 44_100],
  ['MPEG 2.5 at 8 kHz, 8 kbit/s', frame(0x18, 0xe3, 72), 576 / 8_000],
])('reads the length of frames of %s', (_name, bytes, seconds) => {
  const { reading } = meter(
    speech,
    Array.from({ length: 500 }, () => bytes),
    { contentType: 'audio/mpeg' },
  );
  expect(reading).toEqual({ trusted: true, usage: { outputTokens: Math.ceil(500 * seconds * 21 - 1e-6) } });
});

it.each(['audio/wav', 'audio/pcm'])('speech as %s is as long as its samples', (contentType) => {
  expect(meter(speech, [Buffer.alloc(96_000)], { contentType }).reading).toEqual({
    trusted: true,
    usage: { outputTokens: 42 },
  });
});

it.each([
  ['audio/mpeg', Buffer.from('no frame at all')],
  ['audio/mpeg', Buffer.concat([second, Buffer.from('a page of errors')])],
  ['audio/mpeg', frame(0x04)],
  ['audio/mpeg', Buffer.alloc(0)],
  ['audio/opus', Buffer.from('OggS')],
  ['audio/flac', Buffer.from('fLaC')],
])('speech as %s has no known length if its frames are missing or broken', (contentType, bytes) => {
  expect(meter(speech, [bytes], { contentType }).reading).toEqual({ trusted: false, problem: 'usage_missing' });
});

/** A frame of AAC at 24 kHz: 1,024 samples in 100 bytes. */
function aacFrame(): Buffer {
  const bytes = Buffer.alloc(100, 7);
  bytes.set([0xff, 0xf1, 0x58, 0x80, 100 >> 3, ((100 & 7) << 5) | 0x1f, 0xfc]);
  return bytes;
}

/** A page of Ogg with these packets, each shorter than 255 bytes. */
function page(position: number, ...packets: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(27);
  head.write('OggS');
  head.writeBigInt64LE(BigInt(position), 6);
  head[26] = packets.length;
  return Buffer.concat([head, Buffer.from(packets.map(({ length }) => length)), ...packets]);
}

it.each([
  ['audio/aac', Buffer.concat(Array.from({ length: 94 }, aacFrame)), 5],
  [
    'audio/opus',
    Buffer.concat([
      page(0, Buffer.from('OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00', 'latin1')),
      page(0, Buffer.from('OpusTags')),
      // packets of 20 ms
      ...Array.from({ length: 99 }, (_, index) =>
        page((index + 1) * 1_920, ...[1, 2].map(() => Buffer.from([0x78, 1]))),
      ),
    ]),
    4,
  ],
])('speech in %s is as long as its packets', (contentType, bytes, seconds) => {
  const chunks = [bytes.subarray(0, 1_000), bytes.subarray(1_000)];
  expect(meter(speech, chunks, { contentType }).reading).toEqual({
    trusted: true,
    usage: { outputTokens: seconds * 21 },
  });
});

it('the length is unknown if the container is larger than the buffer', () => {
  const minute = Buffer.concat(Array.from({ length: 1_400 }, aacFrame));
  const chunks = Array.from({ length: 40 }, () => minute);
  expect(meter(speech, chunks, { contentType: 'audio/aac' }).reading.trusted).toBe(false);
});

it('the length is unknown until the answer is complete', () => {
  expect(meter(speech, [second], { contentType: 'audio/mpeg', ends: false }).reading).toEqual({
    trusted: false,
    problem: 'answer_cut_off',
  });
});

/** The CRC-8 of a FLAC frame's head. */
function crc8(bytes: Uint8Array): number {
  return bytes.reduce((start, byte) => {
    let crc = start ^ byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ 7) & 0xff : (crc << 1) & 0xff;
    return crc;
  }, 0);
}

/** FLAC at 24 kHz, with frames of 4,096 samples in 3,000 bytes. */
function flac(frames: number): Buffer {
  const start = Buffer.alloc(42);
  start.write('fLaC');
  start.writeUIntBE((24_000 << 4) >>> 0, 18, 3);
  const each = Array.from({ length: frames }, (_, index) => {
    const bytes = Buffer.alloc(3_000, index);
    bytes.set([0xff, 0xf8, 0xc7, 0x08, index & 0x7f]);
    bytes[5] = crc8(bytes.subarray(0, 5));
    return bytes;
  });
  return Buffer.concat([start, ...each]);
}

it('FLAC of any length is as long as its frames, wherever they are cut', () => {
  // five minutes in 5.3 MB
  const bytes = flac(1_758);
  for (const size of [1, 7, 1_000, 65_536]) {
    const part = size === 1 ? bytes.subarray(0, 42 + 30 * 3_000) : bytes;
    const chunks = Array.from({ length: Math.ceil(part.length / size) }, (_, index) =>
      part.subarray(index * size, (index + 1) * size),
    );
    const seconds = ((size === 1 ? 30 : 1_758) * 4_096) / 24_000;
    expect(meter(speech, chunks, { contentType: 'audio/flac' }).reading).toEqual({
      trusted: true,
      usage: { outputTokens: Math.ceil(seconds * 21) },
    });
  }
});
