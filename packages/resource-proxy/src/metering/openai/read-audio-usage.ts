import { isJsonObject, type JsonObject, type Usage } from '@aipassport/policy';
import { readDetails, readUsageCount, requireUsage, subtractParts } from '../read-counts.js';
import { refuseUsage } from '../usage-reading.js';
import { readTokens } from './read-tokens.js';

/** Reads the usage in the last event of streamed speech. Speech that is sent as a file reports no usage. */
export function readSpeechUsage(event: JsonObject): Usage {
  const { input, output } = readTokens(requireUsage(event.usage));
  return { inputTokens: input, outputTokens: output };
}

/**
 * Reads the usage of a transcript, which is billed by tokens or by the length of the recording. The older form of
 * the answer has only a `duration`.
 */
export function readTranscriptUsage(answer: JsonObject): Usage {
  if (!isJsonObject(answer.usage)) return { audioSeconds: readSeconds(answer.duration) };
  const { usage } = answer;
  if (usage.type === 'duration') return { audioSeconds: readSeconds(usage.seconds) };
  const { input, output } = readTokens(usage);
  const audio = readUsageCount(readDetails(usage, 'input_token_details'), 'audio_tokens') ?? input;
  return { inputTokens: subtractParts(input, audio), inputAudioTokens: audio, outputTokens: output };
}

/** One day, far longer than any accepted recording. */
const maxSeconds = 86_400;

/** A started second counts as a whole second. */
function readSeconds(value: unknown): number {
  if (value === undefined || value === null) return refuseUsage('usage_missing');
  const seconds = typeof value === 'string' && /^\d{1,5}(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= maxSeconds)) return refuseUsage('usage_malformed');
  return seconds === 0 ? refuseUsage('usage_contradictory') : Math.ceil(seconds);
}
