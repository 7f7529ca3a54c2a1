import { fieldTables } from '@aipassport/policy';
import { expect, it } from '@jest/globals';
import { Denied } from '../src/denials/denial.js';
import { findMetering } from '../src/metering/metering-table.js';
import { listOccurrences } from '../src/multipart/list-occurrences.js';
import { UploadForm } from '../src/multipart/upload-form.js';

const fields = listOccurrences(fieldTables['openai.audio/transcriptions']);
const report = findMetering('openai.audio/transcriptions')?.report;

const boundary = 'b';
const form = [
  '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n',
  '--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n\r\n',
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n',
  'one\r\n--two\r\n-\r\n--\r\n--a\r\nthree\r\n',
  '--b--\r\n',
].join('');

function readForm(pieces: readonly string[]): { models: string[]; text: string; own: string } {
  const models: string[] = [];
  const bytes: Buffer[] = [];
  const upload = new UploadForm({
    boundary,
    fields,
    report,
    onUnknown: () => undefined,
    onReady: ({ model }) => models.push(model),
    onBytes: (piece) => bytes.push(Buffer.from(piece)),
  });
  for (const piece of pieces) upload.write(Buffer.from(piece, 'latin1'));
  upload.end();
  const own = upload.contentType.split('boundary=')[1] ?? '';
  return { models, text: Buffer.concat(bytes).toString('latin1'), own };
}

it('rewrites a form in the same way, wherever it is cut into three chunks', () => {
  for (let first = 0; first <= form.length; first += 1)
    for (let second = first; second <= form.length; second += 7) {
      const { models, text, own } = readForm([form.slice(0, first), form.slice(first, second), form.slice(second)]);
      expect(models).toEqual(['whisper-1']);
      expect(text.replaceAll(own, 'X')).toBe(
        [
          '--X\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n',
          '--X\r\ncontent-disposition: form-data; name="prompt"\r\n\r\n\r\n',
          '--X\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n',
          'one\r\n--two\r\n-\r\n--\r\n--a\r\nthree\r\n',
          '--X--\r\n',
        ].join(''),
      );
    }
});

it('reports the model as soon as the model and the beginning of the recording have arrived', () => {
  const models: string[] = [];
  const upload = new UploadForm({
    boundary,
    fields,
    report,
    onUnknown: () => undefined,
    onReady: ({ model }) => models.push(model),
    onBytes: () => undefined,
  });
  const beforeFile = form.indexOf('one\r\n--two');
  upload.write(Buffer.from(form.slice(0, beforeFile)));
  expect(models).toEqual([]);
  upload.write(Buffer.alloc(4_000, 'x'));
  expect(models).toEqual([]);
  upload.write(Buffer.alloc(1_000, 'x'));
  expect(models).toEqual(['whisper-1']);
});

it('refuses a form that ends early, at any place', () => {
  // the line ending after the last boundary is optional
  for (let length = 0; length < form.length - 2; length += 1)
    expect(() => readForm([form.slice(0, length)])).toThrow(Denied);
  expect(() => readForm([form.slice(0, -2)])).not.toThrow();
});

it('holds back only the last bytes of each chunk of a file, because they could begin a boundary', () => {
  let largest = 0;
  const upload = new UploadForm({
    boundary,
    fields,
    report,
    onUnknown: () => undefined,
    onReady: () => undefined,
    onBytes: (bytes) => (largest = Math.max(largest, bytes.length)),
  });
  upload.write(Buffer.from(form.slice(0, form.indexOf('one'))));
  for (let round = 0; round < 1_000; round += 1) upload.write(Buffer.alloc(1_000, '\r\n--'));
  expect(largest).toBeLessThanOrEqual(1_010);
});
