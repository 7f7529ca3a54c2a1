import { expect, it } from '@jest/globals';
import { createModelCatalogue, isVisibleText, parseAiAccess, visibleText } from '../../src/index.js';

const mark = '\u0336';

// The ids at the beginning of titles are rows of docs/security.md.
it.each([
  ['stacked marks', `B${mark.repeat(300)}ank`, `B${mark.repeat(4)}ank`],
  ['marks without a letter', `${mark}Bank ${mark.repeat(9)}of Trust`, 'Bank of Trust'],
  ['marks after a hidden character', `Ba\u200b${mark}nk`, 'Ba nk'],
  ['a reversed order', 'Bank\u202eknaB', 'Bank knaB'],
  ['ordinary text', 'Tiếng Việt ❤️ 1️⃣'.normalize('NFD'), 'Tiếng Việt ❤️ 1️⃣'.normalize('NFD')],
])('C2: a text with %s is shown without what hides or covers text', (_, text, shown) => {
  expect(visibleText(text)).toBe(shown);
  expect(isVisibleText(visibleText(text))).toBe(true);
});

it('C2: the reason of a client is one line, without hidden characters and stacked marks', () => {
  const read = (reason: string) => {
    const parsed = parseAiAccess({ type: 'ai_access', reason }, createModelCatalogue());
    return parsed.ok ? parsed.request.reason : undefined;
  };
  expect(read(`To\n\n plan${mark.repeat(200)} \u202edinner`)).toBe(`To plan${mark.repeat(4)} dinner`);
  expect(read(` \u2800${mark}`)).toBeUndefined();
});
