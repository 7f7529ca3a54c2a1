import { expect, it } from '@jest/globals';
import { measureRecording } from '../../src/recordings/measure-recording.js';
import { samples } from './samples.js';

const sample = (name: keyof typeof samples): Buffer => Buffer.from(samples[name], 'base64');

/** A WAV file's head in front of anything. */
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
  ['a coded content', wav(Buffer.alloc(64_000), { format: 85 }), undefined],
  ['no rate', wav(Buffer.alloc(64_000), { sampleRate: 0 }), undefined],
])('measures WAV of %s', (_name, bytes, seconds) => {
  expect(measureRecording(bytes)).toBe(seconds);
});

it('finds the MP3 behind the head of a WAV file, which says that it is a hundred times shorter', () => {
  const hidden = wav(Buffer.concat(Array.from({ length: 60 }, () => sample('mp3'))), {
    channels: 2,
    sampleRate: 48_000,
  });
  expect(hidden.length / 192_000).toBeLessThan(2);
  expect(measureRecording(hidden)).toBeGreaterThanOrEqual(120);
});

/** Changes what a recording says of its length, where it says so. */
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
])('believes no length that is said: %s', (_name, lieOf) => {
  expect(measureRecording(lieOf())).toBeGreaterThanOrEqual(2);
});

it.each(['ogg', 'webm', 'mp3'] as const)(
  'takes %s with zeros behind it for as long as something in them could be',
  (name) => {
    expect(measureRecording(Buffer.concat([sample(name), Buffer.alloc(16_000)]))).toBeGreaterThanOrEqual(1_000);
  },
);

it.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('Hello, world. This is no recording at all.')],
  ['a part of a head', Buffer.from('RIFF....WAVEfm')],
  ['Ogg of another codec', Buffer.from(`OggS${'\0'.repeat(22)}\u0001\u0008Speex   `)],
])('does not measure %s', (_name, bytes) => {
  expect(measureRecording(bytes)).toBeUndefined();
});

it('reads no further than a recording goes, wherever it is cut off', () => {
  for (const name of Object.keys(samples) as (keyof typeof samples)[]) {
    const whole = sample(name);
    for (let end = 0; end < whole.length; end += 7) measureRecording(whole.subarray(0, end));
  }
});
