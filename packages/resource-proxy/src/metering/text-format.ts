/** Formats of a transcript that do not state the length of the recording. */
export type TextFormat = 'text' | 'srt' | 'vtt';

export function parseTextFormat(value: string): TextFormat | undefined {
  return value === 'text' || value === 'srt' || value === 'vtt' ? value : undefined;
}
