import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folders = ['bench', 'deploy', 'docs', 'examples', 'openapi', 'packages', 'scripts'];
const files = listFiles();
/** The changelog is left out: it names files of earlier releases. */
const pages = files.filter((file) => file.endsWith('.md') && file !== 'CHANGELOG.md');

/** The files of the repository, without what is installed or compiled. */
function listFiles(): readonly string[] {
  const inside = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  );
  return [...readdirSync(root), ...inside].filter((file) => !/(?:^|\/)(?:node_modules|dist)(?:\/|$)/.test(file));
}

function readPage(page: string): string {
  return readFileSync(path.join(root, page), 'utf8');
}

it('every file and heading to which a page links exists', () => {
  const links = /\]\((?!https?:|mailto:)([^)\s]+)\)/g;
  expect(listIn(links, (link, page) => !leadsSomewhere(page, link))).toEqual([]);
});

it('every file of the repository that a page names exists', () => {
  // a name in brackets is the label of a link, which the test above follows
  const names = /(?<!\[)`(\w[\w./-]*\/[\w.-]+\.(?:tsx?|m?js|sql|ya?ml|md|css))`/g;
  expect(listIn(names, (name) => !name.includes('dist/') && !isFile(name))).toEqual([]);
});

it('every script of npm that a page names exists, and docs/development.md names every script', () => {
  const { scripts } = JSON.parse(readPage('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const named = /\bnpm (?:run (?:-s )?|(?=(?:start|test)\b))([a-z][\w:]*)/g;
  expect(listIn(named, (script) => scripts[script] === undefined)).toEqual([]);
  const inDevelopment = [...readPage('docs/development.md').matchAll(named)].map(([, script]) => script);
  expect(Object.keys(scripts).filter((script) => !inDevelopment.includes(script))).toEqual([]);
});

/** The matches that are wrong, each with its page. */
function listIn(pattern: RegExp, isWrong: (found: string, page: string) => boolean): readonly string[] {
  return pages.flatMap((page) =>
    [...readPage(page).matchAll(pattern)]
      .filter(([, found = '']) => isWrong(found, page))
      .map(([, found = '']) => `${page}: ${found}`),
  );
}

function leadsSomewhere(page: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(root, target))) return false;
  return heading === undefined || !target.endsWith('.md') || listHeadings(target).includes(heading);
}

/** The headings as GitHub writes them in links. */
function listHeadings(page: string): readonly string[] {
  return [...readPage(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/**
 * Whether a file has this name. The name may leave out the first folders of the path. If it begins with the name of a
 * package, it may also leave out the folders after that: `store/open-database.ts` means
 * `packages/store/src/database/open-database.ts`.
 */
function isFile(name: string): boolean {
  const [first = '', ...rest] = name.split('/');
  return files.some(
    (file) =>
      file === name ||
      file.endsWith(`/${name}`) ||
      (file.startsWith(`packages/${first}/`) && file.endsWith(`/${rest.join('/')}`)),
  );
}
