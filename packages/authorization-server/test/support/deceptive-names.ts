/** Each name has invisible or reordering characters, has marks that cover other text, or is too long. */
export const deceptiveNames = [
  ['Bank\u202eknaB', 'Go\u200bogle', 'Line\nbreak', '\u0000', 'x\u2066y'],
  // fillers of Hangul and Braille
  ['\u3164', 'Bank\u3164', 'Ba\u115fnk', 'Ba\u1160nk', 'Ba\uffa0nk', '\u2800', 'Bank\u2800\u2800by us'],
  // soft hyphen, joiners, Mongolian and other variation selectors, tags, annotations
  ['Ba\u00adnk', 'Ba\u034fnk', 'Ba\u200dnk', 'Ba\u200cnk', 'Ba\u180bnk', 'Ba\u180enk', 'Ba\ufff9nk'],
  ['\ufe0f', 'Bank\ufe00', 'Bank\ufe0f', '1\ufe0f', 'Bank\u{e0100}', 'Bank\u{e0001}', 'Bank\u{e0042}\u{e007f}'],
  ['🏴\u{e0062}\u{e0061}\u{e007f}', '❤\ufe0f\ufe0f', '👩\u200d', '\u200d👩', '👩\u200d\u200d👩', 'می\u200c\u200cشود'],
  // a name that is too long, and names with combining marks
  ['x'.repeat(10_240), '\u0338Bank', 'My \u0338Bank', `B${'\u0301'.repeat(5)}ank`],
].flat();
