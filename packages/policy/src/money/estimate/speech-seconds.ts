/** Seconds for each character, twice what a calm voice takes (15 letters or 4 syllables a second). */
const paces: readonly (readonly [pattern: RegExp, seconds: number])[] = [
  // One sign is a syllable or more.
  [/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u, 0.5],
  [/[\p{L}\p{M}]/u, 0.12],
  // A pause.
  [/[.,;:!?'’"“”()[\]–—…-]/u, 0.3],
];
/** A digit, a currency, a pictogram: each is spoken as a word or two. */
const secondsPerSign = 1;
/** Of a word that is short, such as a letter on its own. */
const leastWordSeconds = 0.45;

/**
 * How long a text is at most when it is spoken. The vendor bills the seconds of the speech, in whatever format it is
 * sent: https://platform.openai.com/docs/pricing gives a price for each minute.
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
