import { expect, it } from '@jest/globals';
import { estimateCall, estimateUpload, type Upload } from '../../src/index.js';
import { estimateOf, priceOf, refusalOf, termsOf } from './terms.js';

const usd = (nanoUsd: bigint): number => Number(nanoUsd) / 1e9;

it.each([
  ['gpt-image-1', { prompt: '' }, 6_656 * 40e-6],
  ['gpt-image-1', { prompt: '', quality: 'low', size: '1024x1024' }, 640 * 40e-6],
  ['gpt-image-1', { prompt: '', quality: 'medium', size: '1536x1024', n: 3 }, 3 * 1_920 * 40e-6],
  ['gpt-image-1', { prompt: '', quality: 'auto', size: '1024x1024', partial_images: 2 }, (4_608 + 200) * 40e-6],
  ['gpt-image-1.5', { prompt: '', quality: 'hd' }, 6_656 * 32e-6],
  ['gpt-image-2', { prompt: '', quality: 'high', size: '1024x1024' }, 7_025 * 30e-6],
  ['gpt-image-2', { prompt: '', quality: 'low', size: '4096x4096' }, 659 * 30e-6],
  ['gpt-image-2', { prompt: '' }, 23_720 * 30e-6],
])('bounds the cost of the pictures that %s draws for %j', (model, body, expected) => {
  const { worstCaseNanoUsd } = estimateOf('openai.images/generations', model, body);
  expect(usd(worstCaseNanoUsd)).toBeGreaterThanOrEqual(expected - 1e-4);
  expect(usd(worstCaseNanoUsd)).toBeLessThan(expected + 2e-3);
});

it('counts the prompt for each picture that is drawn', () => {
  const body = { prompt: 'a '.repeat(1_000), quality: 'low', size: '1024x1024' };
  const { worstCaseNanoUsd: one } = estimateOf('openai.images/generations', 'gpt-image-1', body);
  const { worstCaseNanoUsd: five } = estimateOf('openai.images/generations', 'gpt-image-1', { ...body, n: 5 });
  expect(five).toBeGreaterThanOrEqual(5n * one);
});

/** Expected costs in US dollars: the tokens of the pictures that are read, then of those that are drawn. */
it.each([
  ['gpt-image-1', { image: 1 }, 768 * 10e-6 + 640 * 40e-6],
  ['gpt-image-1', { image: 16, mask: 1 }, 17 * 768 * 10e-6 + 640 * 40e-6],
  ['gpt-image-1', { image: 1, input_fidelity: 'high' }, 7_008 * 10e-6 + 640 * 40e-6],
  ['gpt-image-1', { image: 2, n: 3, partial_images: 1 }, 3 * (2 * 768 * 10e-6 + 740 * 40e-6)],
  ['gpt-image-1', { image: 16, input_fidelity: 'high' }, 16 * 7_008 * 10e-6 + 640 * 40e-6],
  ['gpt-image-2', { image: 1 }, 7_008 * 8e-6 + 132 * 30e-6],
])(
  'bounds the cost of an edit by %s of %j: for each result, the pictures that it reads and draws',
  (model, form, expected) => {
    const body = { prompt: '', quality: 'low', size: '1024x1024', ...form };
    const estimate = usd(estimateOf('openai.images/edits', model, body).worstCaseNanoUsd);
    expect(estimate).toBeGreaterThanOrEqual(expected);
    expect(estimate).toBeLessThan(expected + 0.01);
  },
);

it('refuses an invalid number of pictures', () => {
  expect(refusalOf('openai.images/generations', 'gpt-image-1', { prompt: '', n: 'many' })).toBe('n: malformed');
  expect(refusalOf('openai.images/generations', 'gpt-image-1', { prompt: '', n: 0 })).toBe('n: malformed');
});

it.each([
  ['text-embedding-3-small', { input: 'Hello' }, 5],
  ['text-embedding-3-small', { input: [1, 2, 3] }, 3],
  ['text-embedding-3-small', { input: [[1, 2], [3]] }, 3],
  ['text-embedding-3-small', { input: 'x'.repeat(1_000_000) }, 300_000],
])('bounds the input tokens of embeddings: %s, case %#', (model, body, tokens) => {
  const { inputTokens } = estimateOf('openai.embeddings', model, body);
  expect(inputTokens).toBeGreaterThanOrEqual(tokens);
  expect(inputTokens).toBeLessThan(tokens + 100);
});

it('bounds each content of a batch by the model’s input limit', () => {
  const request = { content: { parts: [{ text: 'x'.repeat(10_000) }] } };
  expect(
    estimateOf('google.batchEmbedContents', 'gemini-embedding-001', { requests: [request, request] }).inputTokens,
  ).toBe(4_096);
  const film = { content: { parts: [{ inlineData: { mimeType: 'video/mp4', data: '' } }] } };
  expect(usd(estimateOf('google.embedContent', 'gemini-embedding-2', film).worstCaseNanoUsd)).toBeCloseTo(
    8_192 * 12e-6,
    9,
  );
  expect(refusalOf('google.batchEmbedContents', 'gemini-embedding-001', { requests: [1] })).toBe('requests: malformed');
});

it('prices speech by characters if the vendor does', () => {
  expect(usd(estimateOf('openai.audio/speech', 'tts-1', { input: 'x'.repeat(4_096) }).worstCaseNanoUsd)).toBeCloseTo(
    0.06144,
    9,
  );
  expect(usd(estimateOf('openai.audio/speech', 'tts-1-hd', { input: 'été' }).worstCaseNanoUsd)).toBeCloseTo(
    3 * 30e-6,
    9,
  );
});

it.each([
  ['English', 'The quick brown fox jumps over the lazy dog, and nobody minds. '.repeat(60), 15],
  ['Chinese', '今天天气很好我们去公园散步吧'.repeat(50), 4.5],
])(
  'bounds the cost of speech by the longest time that it can take, at most 2.4 times the real cost: %s',
  (_language, input, perSecond) => {
    const { worstCaseNanoUsd } = estimateOf('openai.audio/speech', 'gpt-4o-mini-tts', { input });
    const real = (input.length / perSecond) * 20.84 * 12e-6;
    expect(usd(worstCaseNanoUsd)).toBeGreaterThan(real);
    expect(usd(worstCaseNanoUsd)).toBeLessThan(2.4 * real);
  },
);

it('counts digits and single letters as longer speech, and instructions as input', () => {
  const bound = (body: Record<string, unknown>) =>
    usd(estimateOf('openai.audio/speech', 'gpt-4o-mini-tts', body).worstCaseNanoUsd);
  expect(bound({ input: '7'.repeat(100) })).toBeCloseTo(100 * 21 * 12e-6 + 100 * 0.6e-6, 9);
  // A letter takes 0.12 s as a part of a word, and 0.75 s more when it is spoken by its name.
  expect(bound({ input: 'x '.repeat(100) })).toBeCloseTo(87 * 21 * 12e-6 + 200 * 0.6e-6, 4);
  // Each letter that is spelled out takes more than 0.6 s.
  for (const spelled of ['W'.repeat(100), 'HTTPS '.repeat(20), 'w.w.w.'.repeat(34), 'xkcd '.repeat(25)])
    expect(bound({ input: spelled })).toBeGreaterThan(100 * 0.6 * 21 * 12e-6);
  expect(bound({ input: '7', instructions: 'slowly', speed: 0.5 })).toBeCloseTo(2 * 21 * 12e-6 + 7 * 0.6e-6, 9);
  expect(refusalOf('openai.audio/speech', 'tts-1', { input: 7 })).toBe('input: malformed');
});

/** A WAV file with this format, up to the beginning of its data. */
const wavOf = (format: number, data: readonly number[] = []) => {
  const head = Buffer.from('RIFF....WAVEfmt \x10\0\0\0................data....', 'latin1');
  head.writeUInt16LE(format, 20);
  return Buffer.concat([head, Buffer.from(data)]);
};
const wav = wavOf(1);
/** A WAV file with 8-bit samples of one channel. */
const wavAt = (samplesPerSecond: number) => {
  const head = wavOf(1);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(samplesPerSecond, 24);
  head.writeUInt16LE(8, 34);
  return head;
};
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const id3 = bytes(0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 2, 0, 0, 0xff, 0xf3);

it.each([
  ['WAV, whose samples a decoder may take for MP3', wav, 320],
  ['WAV with fewer bytes a second than MP3', wavAt(100), 3_200],
  ['WAV without samples', wavAt(0), undefined],
  ['MP3', bytes(0xff, 0xfb, 0x90), 320],
  ['AAC', bytes(0xff, 0xf1), 26_667],
  ['WAV with MP3', wavOf(0x55), 320],
  ['WAV with AAC', wavOf(0xff), undefined],
  ['WAV with AC-3', wavOf(0x2000), undefined],
  ['WAV with AAC, whose header says uncompressed samples', wavOf(1, [0xff, 0xf1]), undefined],
  ['WAV without a format', Buffer.from('RIFF....WAVEdata....'), undefined],
  ['MP3 with a tag', id3, 320],
  ['FLAC with a tag', bytes(...id3.slice(0, 12), 0x66, 0x4c), undefined],
  ['Ogg', Buffer.from('OggS'), undefined],
  ['an unknown format', bytes(), undefined],
])('bounds the length of a recording by its format and size, or refuses it: %s', (_name, head, seconds) => {
  const result = estimateUpload(
    'openai.audio/transcriptions',
    { bytes: 320_000, head, isChunked: false },
    priceOf('whisper-1'),
  );
  if (seconds === undefined) expect(result).toEqual({ ok: false, refusal: { driver: 'file', problem: 'not_bounded' } });
  else expect(result.ok && usd(result.estimate.worstCaseNanoUsd)).toBeCloseTo(seconds * 0.0001, 9);
});

it('if a recording is billed by tokens, bounds its cost by the number of tokens that the model can read and write', () => {
  const terms = priceOf('gpt-4o-transcribe');
  const estimate = (upload: Partial<Upload>) => {
    const result = estimateUpload(
      'openai.audio/transcriptions',
      { bytes: 1_000, head: bytes(), isChunked: false, ...upload },
      terms,
    );
    return result.ok ? usd(result.estimate.worstCaseNanoUsd) : Number.NaN;
  };
  expect(estimate({})).toBeCloseTo(16_000 * 6e-6 + 2_000 * 10e-6, 9);
  expect(estimate({ isChunked: true })).toBeCloseTo(16_000 * 6e-6 + 15_000 * 10e-6, 9);
});

it('prices a recording by its length, or by the model’s input limit if the length is unknown', () => {
  const listen = (data: Uint8Array) => {
    const part = { inlineData: { mimeType: 'audio/wav', data: Buffer.from(data).toString('base64') } };
    return estimateOf('google.generateContent', 'gemini-2.5-flash', {
      contents: [{ parts: [part] }],
      generationConfig: { maxOutputTokens: 0 },
    });
  };
  const recording = Buffer.concat([wav, Buffer.alloc(60_000)]);
  expect(usd(listen(recording).worstCaseNanoUsd)).toBeCloseTo(60 * 32 * 1e-6, 3);
  expect(usd(listen(Buffer.alloc(1_000_000, 'OggS')).worstCaseNanoUsd)).toBeCloseTo(1.048576, 3);
});

it('prices the output of a picture model as pictures, unless the request asks for text', () => {
  const terms = termsOf('google.generateContent', 'gemini-2.5-flash-image');
  const estimate = (generationConfig: Record<string, unknown>) =>
    estimateCall({ contents: [], generationConfig }, terms);
  const painted = { ok: true, estimate: { output: { kind: 'outputImageTokens', tokens: 32_768 } } };
  expect(estimate({})).toMatchObject(painted);
  expect(estimate({ responseModalities: ['TEXT', 'image'], imageConfig: { imageSize: '4K' } })).toMatchObject(painted);
  expect(estimate({ maxOutputTokens: 10 })).toMatchObject({ ok: true, estimate: { output: { tokens: 2_520 } } });
  expect(estimate({ responseModalities: ['TEXT'] })).toMatchObject({
    ok: true,
    estimate: { output: { kind: 'outputTokens' } },
  });
  expect(estimate({ responseModalities: ['AUDIO'] })).toMatchObject({ ok: false });
  expect(estimate({ responseModalities: ['TEXT'], imageConfig: {} })).toMatchObject({ ok: false });
});

it('reserves the billed tokens of many pictures, even above the model’s context window', () => {
  const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
  const messages = [{ role: 'user', content: Array.from({ length: 60 }, () => picture) }];
  const estimate = (model: string) =>
    usd(estimateOf('openai.chat/completions', model, { messages, max_tokens: 16 }).worstCaseNanoUsd);
  // 1024 x 1024 at high detail: 2,833 + 4 x 5,667 tokens each.
  expect(estimate('gpt-4o-mini')).toBeGreaterThanOrEqual(60 * 25_501 * 0.15e-6);
  expect(estimate('gpt-5-nano')).toBeGreaterThanOrEqual(60 * 1_536 * 2.46 * 0.05e-6);
});

it('adds the billed tokens of pictures to those of a document if pictures are billed even above the context window', () => {
  const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  const file = { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } };
  const content = [...Array.from({ length: 60 }, () => picture), file];
  const { inputTokens } = estimateOf('openai.chat/completions', 'gpt-4o-mini', {
    messages: [{ role: 'user', content }],
  });
  expect(inputTokens).toBeGreaterThanOrEqual(128_000 + 60 * 48_169);
});
