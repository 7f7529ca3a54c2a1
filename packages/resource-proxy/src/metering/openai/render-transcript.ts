import { isJsonObject, type JsonObject } from '@aipassport/policy';
import type { TextFormat } from '../text-format.js';

/**
 * Writes a transcript in the requested format, in the same way as the vendor.
 * @param transcript in the format `verbose_json`
 * @returns undefined when it is not a transcript
 */
export function renderTranscript(transcript: JsonObject, format: TextFormat): string | undefined {
  const { text, segments } = transcript;
  if (format === 'text') return typeof text === 'string' ? `${text}\n` : undefined;
  if (!Array.isArray(segments)) return undefined;
  const cues = segments.map((segment, index) => renderCue(segment, index, format));
  if (cues.includes(undefined)) return undefined;
  return `${format === 'vtt' ? 'WEBVTT\n\n' : ''}${cues.join('')}`;
}

/** Writes a segment as a cue of the format: the times between which the text is shown, and the text. */
function renderCue(segment: unknown, index: number, format: 'srt' | 'vtt'): string | undefined {
  if (!isJsonObject(segment)) return undefined;
  const { start, end, text } = segment;
  if (typeof start !== 'number' || typeof end !== 'number' || typeof text !== 'string') return undefined;
  const mark = format === 'srt' ? ',' : '.';
  const number = format === 'srt' ? `${index + 1}\n` : '';
  // `-->` within the text would end the text, because it separates the two times of a cue.
  return `${number}${formatTime(start, mark)} --> ${formatTime(end, mark)}\n${text.trim().replaceAll('-->', '->')}\n\n`;
}

function formatTime(seconds: number, mark: ',' | '.'): string {
  const milliseconds = Math.max(0, Math.round(seconds * 1_000));
  const part = (unit: number, most: number, digits: number) =>
    String(Math.floor(milliseconds / unit) % most).padStart(digits, '0');
  const hours = String(Math.floor(milliseconds / 3_600_000)).padStart(2, '0');
  return `${hours}:${part(60_000, 60, 2)}:${part(1_000, 60, 2)}${mark}${part(1, 1_000, 3)}`;
}
