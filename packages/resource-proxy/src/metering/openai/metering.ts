import { isJsonObject } from '@aipassport/policy';
import { free, type MeteringOf, type OperationMetering } from '../operation-metering.js';
import { keys } from '../output-counter.js';
import { sizeOf, sumOf } from '../text-size.js';
import { readSpeechUsage, readTranscriptUsage } from './read-audio-usage.js';
import {
  readChatUsage,
  readCompletionUsage,
  readEmbeddingsUsage,
  readImagesUsage,
  readResponse,
  readTier,
} from './read-usage.js';
import { requestUsage } from './request-usage.js';
import { SpeechMeter } from './speech-meter.js';
import { tapImages, tapLastUsage, tapResponse } from './tap-usage.js';
import { TranscriptMeter } from './transcript-meter.js';
import { UsageHider } from './usage-hider.js';

const noText = (): number => 0;
const delta = Buffer.from('delta":');

const requestedUsage: OperationMetering['requestedUsage'] = {
  request: requestUsage,
  hide: (tap, counter) => new UsageHider(tap, counter),
};

/** Whisper is billed by the length of the recording. Only answers in the format `verbose_json` state it. */
const report: OperationMetering['report'] = {
  isNeededFor: (modelId) => /whisper/i.test(modelId),
  format: 'verbose_json',
  createMeter: (format) => new TranscriptMeter(format),
};

const images: OperationMetering = {
  readUsage: readImagesUsage,
  tap: () => tapImages(readImagesUsage),
  output: undefined,
  countText: noText,
  readProcessing: readTier,
  showsPictures: true,
};

export const openaiMetering: MeteringOf<'openai'> = {
  'openai.chat/completions': {
    readUsage: readChatUsage,
    tap: () => tapLastUsage(readChatUsage),
    output: { member: delta, media: keys('audio'), framing: keys('type', 'role', 'id') },
    countText: ({ choices }) =>
      sumOf(choices, ({ message }) => (isJsonObject(message) ? sizeOf(message.content) + sizeOf(message.refusal) : 0)),
    readProcessing: readTier,
    requestedUsage,
  },
  'openai.completions': {
    readUsage: readCompletionUsage,
    tap: () => tapLastUsage(readCompletionUsage),
    output: { member: Buffer.from('text":'), media: [], framing: [] },
    countText: ({ choices }) => sumOf(choices, ({ text }) => sizeOf(text)),
    readProcessing: readTier,
    requestedUsage,
  },
  'openai.responses': {
    readUsage: readResponse,
    tap: tapResponse,
    output: {
      member: delta,
      begins: {
        event: Buffer.from('"response.output_item.added"'),
        shown: keys('message', 'function_call', 'custom_tool_call'),
        thinking: Buffer.from('"reasoning"'),
      },
      media: [],
      framing: [],
    },
    countText: ({ output }) =>
      sumOf(output, ({ content, arguments: input }) => sumOf(content, ({ text }) => sizeOf(text)) + sizeOf(input)),
    readProcessing: readTier,
  },
  'openai.responses/input_tokens': free,
  'openai.moderations': free,
  'openai.embeddings': {
    readUsage: readEmbeddingsUsage,
    tap: undefined,
    output: undefined,
    countText: noText,
    readProcessing: readTier,
  },
  'openai.images/generations': images,
  'openai.images/edits': images,
  'openai.images/edits.json': images,
  // Variations are not streamed.
  'openai.images/variations': { ...images, tap: undefined },
  'openai.audio/speech': {
    readUsage: undefined,
    tap: () => tapLastUsage(readSpeechUsage),
    output: undefined,
    countText: noText,
    meterFile: (contentType) => new SpeechMeter(contentType),
  },
  'openai.audio/transcriptions': {
    readUsage: readTranscriptUsage,
    tap: () => tapLastUsage(readTranscriptUsage),
    output: {
      member: delta,
      // A segment may repeat text that earlier events have shown. So with segments the size of the output is unknown.
      begins: { event: Buffer.from('"transcript.text.segment"'), shown: [], thinking: Buffer.from('"reasoning"') },
      media: [],
      framing: [],
    },
    countText: ({ text }) => sizeOf(text),
    readProcessing: readTier,
    report,
  },
  'openai.audio/translations': {
    readUsage: readTranscriptUsage,
    tap: undefined,
    output: undefined,
    countText: ({ text }) => sizeOf(text),
    readProcessing: readTier,
    report,
  },
};
