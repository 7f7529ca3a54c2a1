/**
 * Characters that show nothing, or change the order of other characters: control characters, line separators, the
 * characters that a font may leave out according to Unicode (fillers, joiners, tags, variation selectors, bidirectional
 * controls), the blank Braille pattern, and interlinear annotations.
 */
const hidden = String.raw`[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb]`;

/** The second alternative matches emoji that are newer than the Unicode version of Node. */
const emoji = String.raw`(?:\p{RGI_Emoji}|\p{Extended_Pictographic}[\ufe0e\ufe0f\p{Emoji_Modifier}]?)`;

/** Scripts whose spelling uses U+200C and U+200D between two letters, as RFC 5892 appendix A allows. */
const joiningScripts =
  'Arabic Syriac Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar';
const joined = `[${joiningScripts.replaceAll(/\w+/g, String.raw`\p{Script=$&}`)}]`;

/** Sequences in which hidden characters change what is shown: emoji, and joiners in the scripts above. */
const shown = String.raw`${emoji}(?:\u200d${emoji})*|(?<=${joined})[\u200c\u200d](?=${joined})`;

const hiddenOrShown = new RegExp(`(${shown})|${hidden}+`, 'gv');
const shownSequences = new RegExp(shown, 'gv');
const hiddenCharacter = new RegExp(hidden, 'v');

/**
 * Combining marks that cover the text around them: more than four in a row, which no ordinary spelling has, or marks at
 * the start of the text or after white space, where no letter carries them.
 */
const stackedMarks = /(?<=[\p{Mn}\p{Me}]{4})[\p{Mn}\p{Me}]+|(?<=^|\s)\p{M}+/gv;
const stackedMark = new RegExp(stackedMarks.source, 'v');

/**
 * Makes a foreign text harmless: replaces each run of hidden characters with a space, except in the sequences above,
 * removes stacked marks, and trims the text.
 */
export function visibleText(text: string): string {
  return text
    .replace(hiddenOrShown, (_, kept?: string) => kept ?? ' ')
    .replace(stackedMarks, '')
    .trim();
}

/**
 * Whether a text has visible characters, no hidden ones and no stacked marks. A text with hidden characters could look
 * like another text or like an empty one.
 */
export function isVisibleText(text: string): boolean {
  const rest = text.replace(shownSequences, '-');
  return text.trim() !== '' && !hiddenCharacter.test(rest) && !stackedMark.test(rest);
}
