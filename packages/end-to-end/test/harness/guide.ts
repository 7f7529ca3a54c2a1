import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const guide = fileURLToPath(new URL('../../../../../docs/client-guide.md', import.meta.url));

/** The sections of the client guide whose blocks, in order, form one program. */
export type GuideProgram = 'JavaScript' | 'Python' | 'curl' | 'Terminals' | 'Connect your AI';

/** The language that the fences of a program’s blocks name. */
const languages: Readonly<Record<GuideProgram, string>> = {
  JavaScript: 'js',
  Python: 'python',
  curl: 'sh',
  Terminals: 'js',
  'Connect your AI': 'html',
};

interface GuideBlock {
  /** The second-level heading above the block. */
  readonly section: string;
  /** The language that the fence names. Empty if it names none, as for a drawing. */
  readonly language: string;
  readonly text: string;
}

/** Every fenced block of the guide, in order. */
export function readGuideBlocks(): readonly GuideBlock[] {
  return readFileSync(guide, 'utf8')
    .split(/^## /m)
    .flatMap((part) => {
      const section = part.split('\n', 1)[0] ?? '';
      return [...part.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
        section,
        language,
        text,
      }));
    });
}

/** @throws if the page has no such program */
export function readGuideProgram(name: GuideProgram): string {
  const blocks = readGuideBlocks().filter(({ section, language }) => section === name && language === languages[name]);
  if (blocks.length === 0) throw new Error(`the client guide has no program in ${name}`);
  return blocks.map(({ text }) => text).join('\n');
}

/** The packages that the guide tells readers to install for a program, with npm or pip. */
export function readGuidePackages(name: GuideProgram): readonly string[] {
  const install = readGuideBlocks().find(({ section, text }) => section === name && /^(npm|pip) install /.test(text));
  return install?.text.trim().split(' ').slice(2) ?? [];
}

/**
 * Whether a block is part of a program, is an install command, or names no language, as a drawing does. The page may
 * have no other blocks, so that no code on it is left untested.
 */
export function isTried({ section, language, text }: GuideBlock): boolean {
  const isProgram = Object.entries(languages).some((each) => each.join() === [section, language].join());
  return isProgram || language === '' || /^(npm|pip) install \S.*\n$/.test(text);
}
