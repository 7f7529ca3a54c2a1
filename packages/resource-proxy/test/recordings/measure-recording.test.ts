import { expect, it } from '@jest/globals';
import { measureFlac } from '../../src/recordings/measure-flac.js';
import { measureRecording } from '../../src/recordings/measure-recording.js';
import { samples } from './samples.js';

const sample = (name: keyof typeof samples): Buffer => Buffer.from(samples[name], 'base64');

/** Puts the head of a WAV file in front of any content. */
function wav(content: Buffer, { format = 1, channels = 1, sampleRate = 16_000, bits = 16 } = {}): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF....WAVEfmt ');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(4_000_000_000, 28);
  head.writeUInt16LE(bits, 34);
  head.write('data', 36);
  head.writeUInt32LE(content.length, 40);
  return Buffer.concat([head, content]);
}

it.each(Object.keys(samples) as (keyof typeof samples)[])('measures two seconds of %s by its packets', (name) => {
  const seconds = measureRecording(sample(name));
  expect(seconds).toBeGreaterThanOrEqual(2);
  expect(seconds).toBeLessThanOrEqual(4);
});

it.each([
  ['16 bits', wav(Buffer.alloc(64_000)), 3],
  ['8 bits at 8 kHz', wav(Buffer.alloc(16_000), { sampleRate: 8_000, bits: 8 }), 3],
  ['24 bits, two channels', wav(Buffer.alloc(576_000), { channels: 2, sampleRate: 48_000, bits: 24 }), 3],
  ['compressed sound', wav(Buffer.alloc(64_000), { format: 85 }), undefined],
  ['a sample rate of 0', wav(Buffer.alloc(64_000), { sampleRate: 0 }), undefined],
])('measures WAV with plain samples and a sample rate, and no other WAV: %s', (_name, bytes, seconds) => {
  expect(measureRecording(bytes)).toBe(seconds);
});

/** The CRC-8 of a FLAC frame's head: RFC 9639, section 9.1.8. */
function crc8(bytes: readonly number[]): number {
  return bytes.reduce((start, byte) => {
    let crc = start ^ byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ 7) & 0xff : (crc << 1) & 0xff;
    return crc;
  }, 0);
}

/** A FLAC file of 16 kHz whose header states no length, with one frame of 4,096 samples. */
function flac({ rateCode, rate = [] }: { rateCode: number; rate?: number[] }): Buffer {
  const start = Buffer.alloc(42);
  start.write('fLaC');
  start.writeUIntBE(16_000 << 4, 18, 3);
  const head = [0xff, 0xf8, 0xc0 | rateCode, 0x08, 0, ...rate];
  return Buffer.concat([start, Buffer.from([...head, crc8(head)]), Buffer.alloc(100)]);
}

it.each([
  ['no rate', { rateCode: 0 }, 4_096 / 16_000],
  ['a lower rate, by its code', { rateCode: 4 }, 4_096 / 8_000],
  ['a higher rate, by its code', { rateCode: 10 }, 4_096 / 16_000],
  ['4 kHz', { rateCode: 12, rate: [4] }, 4_096 / 4_000],
  ['100 Hz', { rateCode: 13, rate: [0, 100] }, 40.96],
  ['4,000 Hz, in tens', { rateCode: 14, rate: [1, 144] }, 4_096 / 4_000],
  ['0 Hz', { rateCode: 13, rate: [0, 0] }, 4_096],
])('measures FLAC whose frame states %s', (_name, frame, seconds) => {
  expect(measureFlac(flac(frame))?.seconds).toBeCloseTo(seconds, 6);
});

it('finds an MP3 behind a WAV header that claims a much shorter length', () => {
  const hidden = wav(Buffer.concat(Array.from({ length: 60 }, () => sample('mp3'))), {
    channels: 2,
    sampleRate: 48_000,
  });
  expect(hidden.length / 192_000).toBeLessThan(2);
  expect(measureRecording(hidden)).toBeGreaterThanOrEqual(120);
});

it('finds AAC behind a WAV header', () => {
  const hidden = wav(Buffer.concat(Array.from({ length: 60 }, adtsSecond)), { channels: 8, sampleRate: 384_000 });
  expect(measureRecording(hidden)).toBeGreaterThanOrEqual(60);
});

/** A frame of AAC with this index of a sample rate, and this content. */
function adtsFrame(rateIndex: number, content: Buffer): Buffer {
  const length = 7 + content.length;
  const head = [
    0xff,
    0xf1,
    0x40 | (rateIndex << 2),
    length >> 11,
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  ];
  return Buffer.concat([Buffer.from(head), content]);
}

it('measures AAC with its lowest sample rate for all frames, because a decoder may use one rate for all', () => {
  const fast = adtsFrame(0, Buffer.alloc(4));
  const crafted = Buffer.concat([adtsFrame(12, Buffer.alloc(4)), ...Array.from({ length: 999 }, () => fast)]);
  expect(measureRecording(crafted)).toBeGreaterThanOrEqual(Math.floor((1_000 * 1_024) / 7_350));
});

it('counts frames of AAC that are nested in other frames', () => {
  const inner = Buffer.concat(Array.from({ length: 700 }, () => adtsFrame(8, Buffer.alloc(4))));
  const outer = adtsFrame(8, inner);
  expect(measureRecording(Buffer.concat([outer, outer]))).toBeGreaterThanOrEqual(Math.floor((1_398 * 1_024) / 16_000));
});

/** A second of AAC: 16 frames of 1,024 samples at 16 kHz, of 11 bytes each. */
function adtsSecond(): Buffer {
  const frame = Buffer.from([0xff, 0xf1, 0x60, 0x40, 11 >> 3, ((11 & 7) << 5) | 0x1f, 0xfc, 1, 2, 3, 4]);
  return Buffer.concat(Array.from({ length: 16 }, () => frame));
}

/** A box of MP4. If `isLong` is true, its size is written in 64 bits. */
function box(type: string, body: Buffer, isLong = false): Buffer {
  const head = Buffer.alloc(isLong ? 16 : 8);
  head.writeUInt32BE(isLong ? 1 : 8 + body.length);
  head.write(type, 4, 'latin1');
  if (isLong) head.writeBigUInt64BE(BigInt(16 + body.length), 8);
  return Buffer.concat([head, body]);
}

it('continues reading after an MP4 `mdat` box with a 64-bit size, and does not measure a file with another such box', () => {
  const run = Buffer.alloc(8);
  run.writeUInt32BE(16_000, 4);
  const fragment = box('moof', box('traf', box('trun', run)));
  const behind = (type: string) => Buffer.concat([sample('m4a'), box(type, Buffer.alloc(100), true), fragment]);
  expect(measureRecording(behind('mdat'))).toBeGreaterThanOrEqual(1_000);
  expect(measureRecording(behind('moov'))).toBeUndefined();
});

it('does not measure an MP4 whose boxes are nested too deeply', () => {
  const boxes = Buffer.alloc(800_000);
  for (let at = 0; at < boxes.length; at += 8) {
    boxes.writeUInt32BE(boxes.length - at, at);
    boxes.write('moov', at + 4, 'latin1');
  }
  expect(measureRecording(Buffer.concat([box('ftyp', Buffer.alloc(4)), boxes]))).toBeUndefined();
});

it('does not measure Ogg with a second stream, which may have another codec', () => {
  const vorbis = Buffer.alloc(30);
  vorbis.write('\u0001vorbis', 'latin1');
  vorbis.writeUInt32LE(0xffff_ffff, 12);
  const page = Buffer.alloc(28);
  page.write('OggS');
  page[5] = 2;
  page[26] = 1;
  page[27] = vorbis.length;
  expect(measureRecording(Buffer.concat([page, vorbis, sample('ogg')]))).toBeUndefined();
});

it('does not measure WebM whose packets are compressed', () => {
  const webm = sample('webm');
  // This element says how the packets of a track are compressed. Together with an element of padding, it replaces the
  // element with the track's language.
  const encodings = Buffer.from([0x6d, 0x80, 0x80]);
  const track = webm.indexOf(Buffer.from([0x22, 0xb5, 0x9c]));
  encodings.copy(webm, track);
  webm.writeUInt8(0xec, track + 3);
  webm.writeUInt8(0x82, track + 4);
  expect(measureRecording(webm)).toBeUndefined();
});

it('counts the bytes of unknown WebM elements as sound if there are many of them', () => {
  const hiding = Buffer.concat([Buffer.from([0x53, 0x78, 0x44, 0x00]), Buffer.alloc(1_024)]);
  const bytes = Buffer.concat([sample('webm'), ...Array.from({ length: 100 }, () => hiding)]);
  expect(measureRecording(bytes)).toBeGreaterThanOrEqual(1_000);
});

/** A sample with a false length in its header: `value` is written at `offset` from the start of `member`. */
function lie(name: keyof typeof samples, member: Buffer | string, offset: number, value: Buffer): Buffer {
  const bytes = sample(name);
  const at = bytes.indexOf(member);
  if (at === -1) throw new Error('it is not there');
  value.copy(bytes, at + offset);
  return bytes;
}

it.each([
  ['MP4, in its media header', () => lie('m4a', 'mdhd', 20, Buffer.from([0, 0, 0, 1]))],
  ['FLAC, in its first block', () => lie('flac', 'fLaC', 22, Buffer.from([0, 0, 0, 1]))],
  ['WebM, in its segment', () => lie('webm', Buffer.from([0x44, 0x89, 0x88]), 3, Buffer.alloc(8))],
])('does not believe the length that a header claims: %s', (_name, lieOf) => {
  expect(measureRecording(lieOf())).toBeGreaterThanOrEqual(2);
});

it.each(['ogg', 'webm', 'mp3'] as const)('counts zeros at the end of %s as sound', (name) => {
  expect(measureRecording(Buffer.concat([sample(name), Buffer.alloc(16_000)]))).toBeGreaterThanOrEqual(1_000);
});

it.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('Hello, world. This is no recording at all.')],
  ['a part of a WAV head', Buffer.from('RIFF....WAVEfm')],
  ['Ogg of another codec', Buffer.from(`OggS${'\0'.repeat(22)}\u0001\u0008Speex   `)],
])('does not measure %s', (_name, bytes) => {
  expect(measureRecording(bytes)).toBeUndefined();
});

it('does not read beyond the end of a recording, wherever it is cut off', () => {
  for (const name of Object.keys(samples) as (keyof typeof samples)[]) {
    const whole = sample(name);
    for (let end = 0; end < whole.length; end += 7) measureRecording(whole.subarray(0, end));
  }
});

it('counts bytes between the pages of Ogg as the longest sound that they could be, by the codec', () => {
  const vorbis = Buffer.alloc(30);
  vorbis.write('\u0001vorbis', 'latin1');
  vorbis.writeUInt32LE(8_000, 12);
  vorbis[28] = 0xd6; // a long block has 8,192 samples
  const page = Buffer.alloc(28);
  page.write('OggS');
  page[26] = 1;
  page[27] = vorbis.length;
  // A packet adds half of a long block, which is 0.512 seconds, and has at least one byte.
  expect(measureRecording(Buffer.concat([page, vorbis]))).toBe(1);
  expect(measureRecording(Buffer.concat([page, vorbis, Buffer.alloc(1_000)]))).toBe(Math.ceil(0.512 + 512));
});
