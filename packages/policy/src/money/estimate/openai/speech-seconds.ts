/**
 * Seconds for each character. A calm voice needs about half of this time: it speaks 15 letters or 4 syllables a second.
 */
const paces: readonly (readonly [pattern: RegExp, seconds: number])[] = [
  // In these scripts, a character is one syllable or more.
  [/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u, 0.5],
  [/[\p{L}\p{M}]/u, 0.12],
  // Punctuation makes a pause.
  [/[.,;:!?'’"“”()[\]–—…-]/u, 0.3],
];
/** A digit, currency sign or pictogram is spoken as one or two words. */
const secondsPerSign = 1;
/** The minimum for a word. */
const leastWordSeconds = 0.45;
/** Added for a letter that is spoken by its name, such as W. */
const namedLetterSeconds = 0.75;

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
    const named = namedLetterSeconds * countNamedLetters(word);
    seconds += Math.max(leastWordSeconds, ofWord + named);
  }
  return seconds;
}

/**
 * Counts the letters that may be spoken by their names: single letters, several capitals in one word, and all letters
 * of a Latin word without a vowel.
 */
function countNamedLetters(word: string): number {
  let count = 0;
  for (const [run] of word.matchAll(/[\p{L}\p{M}]+/gu)) {
    const capitals = run.match(/\p{Lu}/gu)?.length ?? 0;
    const isSpelled =
      run.length === 1 || (/^[\p{Script=Latin}\p{M}]+$/u.test(run) && !/[aeiouy]/i.test(run.normalize('NFD')));
    if (isSpelled) count += run.length;
    else if (capitals > 1) count += capitals;
  }
  return count;
}
