/** Seconds for each character: twice those of a calm voice (15 letters or 4 syllables a second). */
const paces: readonly (readonly [pattern: RegExp, seconds: number])[] = [
  // In these scripts, a character is one syllable or more.
  [/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u, 0.5],
  [/[\p{L}\p{M}]/u, 0.12],
  // Punctuation makes a pause.
  [/[.,;:!?'’"“”()[\]–—…-]/u, 0.3],
];
/** A digit, currency sign or pictogram is spoken as one or two words. */
const secondsPerSign = 1;
/** For a short word, such as a single letter. */
const leastWordSeconds = 0.45;

/**
 * The longest that the speech of a text can be, in seconds. The vendor bills the seconds of the speech, whatever its
 * format: https://platform.openai.com/docs/pricing gives a price for each minute.
 */
export function boundSpeechSeconds(text: string): number {
  let seconds = 0;
  for (const word of text.split(/\s+/u)) {
    if (word === '') continue;
    let ofWord = 0;
    for (const character of word) ofWord += paces.find(([pattern]) => pattern.test(character))?.[1] ?? secondsPerSign;
    seconds += Math.max(leastWordSeconds, ofWord);
  }
  return seconds;
}
