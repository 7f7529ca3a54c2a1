/** The languages of the pages. The first one is used when a person's languages are not among them. */
export const languages = ['en', 'de'] as const;

export type Language = (typeof languages)[number];

/** Each language's name in that language, so that people find their language. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

export function isLanguage(text: string): text is Language {
  return languages.some((language) => language === text);
}

/**
 * The first of these languages that the pages have; undefined when there is none. A regional variant counts as its
 * language: `de-AT` is German.
 * @param tags BCP 47 language tags, the preferred one first
 */
export function findLanguage(tags: readonly string[]): Language | undefined {
  return tags.map((tag) => tag.split('-')[0]?.toLowerCase() ?? '').find(isLanguage);
}

/** The tags of an `Accept-Language` header (RFC 9110 section 12.5.4), the preferred one first. */
export function readAcceptLanguage(header: string): readonly string[] {
  return header
    .split(',', maxTags)
    .map((item) => {
      const [tag = '', quality = ''] = item.split(';').map((part) => part.trim());
      return { tag, weight: Number(/^q=([\d.]+)$/.exec(quality)?.[1] ?? 1) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag);
}

/** Browsers send fewer tags than this. */
const maxTags = 20;
